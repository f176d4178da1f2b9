/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Start to exit of one static program, interleaved: vfork+exec, our container, bubblewrap. By hand,
 * for docs/containers.md: no test asserts a time.
 *
 *   ctr_compare PROGRAM [NAMESPACE-TO-LEAVE-OUT...]     PROGRAM is run as "PROGRAM exit 0"
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "base/proc.h"
#include "base/spawn.h"
#include "base/util.h"
#include "ctr/ctr.h"
#include "ctr/ns.h"

#define ROUNDS 200
#define WARMUP 5
#define BWRAP "/usr/bin/bwrap"

enum row { SPAWN, CTR, CTR_PROCESS, CTR_SANDBOX, CTR_EXIT, OTHER, ROWS };

static const char *const names[ROWS] = { "vfork+exec", "ctr", "  to its process", "  to its exec",
	"  to its exit", "bwrap --unshare-all" };
static uint64_t times[ROWS][WARMUP + ROUNDS];
static char *program;
static int null_fd, report_fd;

static void check(int r, const struct err *e, const struct outcome *out)
{
	if (!r && out->kind == OUTCOME_EXITED && !out->code)
		return;
	fprintf(stderr, "%s: %s\n", r ? e->step : "ended", r ? e->message : out->reason);
	exit(1);
}

static uint64_t spawn(char *const *argv)
{
	int fds[] = { -1, null_fd, null_fd };
	struct spawn sp = { .path = argv[0], .argv = argv, .fds = fds, .n_fds = ARRAY_SIZE(fds) };
	uint64_t start = now_ns();
	struct outcome out = { 0 };
	struct spawned child;
	struct err e;
	int r = spawn_program(&sp, &child, &e);

	if (!r)
		r = proc_wait(child.pidfd, start + 10 * NSEC_PER_SEC, -1, &out, &e);
	check(r, &e, &out);
	close(child.pidfd);
	return out.at[PHASE_EXIT] - start;
}

static void contain(struct runtime *rt, unsigned i)
{
	char *argv[] = { program, (char *)"exit", (char *)"0", NULL };
	struct job job = { .argv = argv, .report_fd = report_fd, .output_fd = null_fd };
	struct outcome out = { 0 };
	struct instance *in;
	struct err e;
	int r;

	job.deadline_ns = now_ns() + 10 * NSEC_PER_SEC;
	r = ctr_runtime.launch(rt, &job, &in, &e);
	if (!r)
		r = ctr_runtime.wait(in, &out, &e);
	check(r, &e, &out);
	ctr_runtime.reap(in);
	times[CTR][i] = out.at[PHASE_EXIT] - out.at[PHASE_REQUESTED];
	times[CTR_PROCESS][i] = out.at[PHASE_PROCESS] - out.at[PHASE_REQUESTED];
	times[CTR_SANDBOX][i] = out.at[PHASE_SANDBOX] - out.at[PHASE_PROCESS];
	times[CTR_EXIT][i] = out.at[PHASE_EXIT] - out.at[PHASE_SANDBOX];
}

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void print_row(enum row row)
{
	uint64_t *t = times[row] + WARMUP;

	qsort(t, ROUNDS, sizeof(*t), by_value);
	printf("%-20s min %6.0f  q1 %6.0f  median %6.0f  q3 %6.0f us\n", names[row], t[0] / 1e3,
		t[ROUNDS / 4] / 1e3, t[ROUNDS / 2] / 1e3, t[ROUNDS * 3 / 4] / 1e3);
}

int main(int argc, char **argv)
{
	struct rt_config cfg = { .cancel_fd = -1, .ctr_namespaces = ns_all(), .ctr_seccomp = true };
	char *plain[] = { argv[1], (char *)"exit", (char *)"0", NULL };
	char *bwrap[] = { (char *)BWRAP, (char *)"--unshare-all", (char *)"--proc", (char *)"/proc",
		(char *)"--dev", (char *)"/dev", (char *)"--ro-bind", argv[1], (char *)"/workload",
		(char *)"/workload", (char *)"exit", (char *)"0", NULL };
	bool other = !access(BWRAP, X_OK);
	struct runtime *rt;
	struct err e;

	if (argc < 2)
		return 2;
	cfg.workload = program = argv[1];
	for (int i = 2; i < argc; i++)
		cfg.ctr_namespaces &= ~ns_flag(argv[i]);
	sched_getaffinity(0, sizeof(cfg.cpus), &cfg.cpus);
	null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	report_fd = memfd_create("report", MFD_CLOEXEC);
	check(ctr_runtime.open(&cfg, &rt, &e), &e, &(struct outcome){ 0 });
	for (unsigned i = 0; i < WARMUP + ROUNDS; i++) {
		times[SPAWN][i] = spawn(plain);
		contain(rt, i);
		if (other)
			times[OTHER][i] = spawn(bwrap);
	}
	ctr_runtime.close(rt);
	for (enum row row = 0; row < (other ? ROWS : OTHER); row++)
		print_row(row);
	return 0;
}
