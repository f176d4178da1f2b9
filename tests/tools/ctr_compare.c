/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Start to exit of one static program, interleaved: vfork+exec, our container without and with a
 * cgroup, bubblewrap, crun. By hand, for docs/containers.md: no test asserts a time.
 *
 *   ctr_compare PROGRAM [ROUNDS [NAMESPACE-TO-LEAVE-OUT...]]     PROGRAM is run as "PROGRAM exit 0"
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/proc.h"
#include "base/spawn.h"
#include "base/util.h"
#include "ctr/ctr.h"
#include "ctr/ns.h"

#define ROUNDS_MAX 10000
#define WARMUP 5
#define BWRAP "/usr/bin/bwrap"
#define CRUN "/usr/bin/crun"
#define CGROUPS "/sys/fs/cgroup"

enum row {
	SPAWN,
	CTR,
	CTR_PROCESS,
	CTR_SANDBOX,
	CTR_EXIT,
	CTR_CGROUP,
	WITH_BWRAP,
	WITH_CRUN,
	ROWS
};

static const char *const names[ROWS] = { "vfork+exec", "ctr, no cgroup", "  to its process",
	"  to its exec", "  to its exit", "ctr, cgroup v2", "bwrap --unshare-all",
	"crun, no cgroup" };
static uint64_t times[ROWS][WARMUP + ROUNDS_MAX];
static bool measured[ROWS];
static char *program;
static uint64_t rounds = 200;
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

static struct outcome contain(struct runtime *rt)
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
	return out;
}

static void note_phases(const struct outcome *out, uint64_t i)
{
	const uint64_t *at = out->at;

	times[CTR][i] = at[PHASE_EXIT] - at[PHASE_REQUESTED];
	times[CTR_PROCESS][i] = at[PHASE_PROCESS] - at[PHASE_REQUESTED];
	times[CTR_SANDBOX][i] = at[PHASE_SANDBOX] - at[PHASE_PROCESS];
	times[CTR_EXIT][i] = at[PHASE_EXIT] - at[PHASE_SANDBOX];
}

/* --- other people's --- */

static uint64_t run_bwrap(void)
{
	char *argv[] = { (char *)BWRAP, (char *)"--unshare-all", (char *)"--proc", (char *)"/proc",
		(char *)"--dev", (char *)"/dev", (char *)"--ro-bind", program, (char *)"/workload",
		(char *)"/workload", (char *)"exit", (char *)"0", NULL };

	return spawn(argv);
}

/* No cgroup, no seccomp, no user namespace: less than any other row here has. */
static const char bundle_text[] =
	"{ \"ociVersion\": \"1.0.2\", \"root\": { \"path\": \"rootfs\", \"readonly\": true },\n"
	"  \"process\": { \"user\": { \"uid\": 0, \"gid\": 0 }, \"cwd\": \"/\",\n"
	"    \"args\": [ \"/workload\", \"exit\", \"0\" ], \"noNewPrivileges\": true,\n"
	"    \"capabilities\": {} },\n"
	"  \"mounts\": [ { \"destination\": \"/proc\", \"type\": \"proc\", \"source\": \"proc\" "
	"},\n"
	"    { \"destination\": \"/dev\", \"type\": \"tmpfs\", \"source\": \"tmpfs\" } ],\n"
	"  \"linux\": { \"namespaces\": [ { \"type\": \"pid\" }, { \"type\": \"network\" },\n"
	"    { \"type\": \"ipc\" }, { \"type\": \"uts\" }, { \"type\": \"mount\" },\n"
	"    { \"type\": \"cgroup\" } ] } }\n";

static char bundle[64] = "/tmp/ctr-compare-XXXXXX";

static void write_file(const char *name, const void *data, size_t size, unsigned mode)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", bundle, name);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, mode);
	if (fd < 0 || write_all(fd, data, size) < 0) {
		perror(path);
		exit(1);
	}
	close(fd);
}

/*
 * crun refuses hosts where v1 and v2 are mixed, even when it is to leave cgroups alone: a mount
 * namespace for all rows, with a plain v2 over the mixture.
 */
static bool make_bundle(void)
{
	cleanup_free char *data = NULL;
	char path[128];
	size_t size;

	if (access(CRUN, X_OK) < 0 || geteuid())
		return false;
	if (access(CGROUPS "/cgroup.procs", F_OK) < 0 &&
		(unshare(CLONE_NEWNS) < 0 ||
			mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
			mount("none", CGROUPS, "cgroup2", 0, NULL) < 0))
		return false;
	if (read_file(program, 64 << 20, &data, &size) < 0 || !mkdtemp(bundle))
		return false;
	for (const char *const *dir = (const char *const[]){ "rootfs", "rootfs/proc", "rootfs/dev",
		     "state", NULL };
		*dir; dir++) {
		snprintf(path, sizeof(path), "%s/%s", bundle, *dir);
		mkdir(path, 0755);
	}
	write_file("rootfs/workload", data, size, 0755);
	write_file("config.json", bundle_text, sizeof(bundle_text) - 1, 0644);
	return true;
}

static uint64_t run_crun(uint64_t i)
{
	char id[32], root[96];
	char *argv[] = { (char *)CRUN, (char *)"--root", root, (char *)"--cgroup-manager=disabled",
		(char *)"run", (char *)"--bundle", bundle, id, NULL };

	snprintf(root, sizeof(root), "%s/state", bundle);
	snprintf(id, sizeof(id), "compare-%llu", (unsigned long long)i);
	return spawn(argv);
}

/* --- all of them --- */

static void fact(void *ctx, const char *key, const char *value)
{
	if (!strcmp(key, "ctr.cgroup"))
		*(bool *)ctx = !strncmp(value, "v2", 2);
	if (!strcmp(key, "ctr.prepared"))
		printf("%s: %s\n", key, value);
}

static struct runtime *open_ctr(unsigned namespaces, bool no_cgroup, bool *v2)
{
	struct rt_config cfg = { .workload = program,
		.cancel_fd = -1,
		.ctr_namespaces = namespaces,
		.ctr_seccomp = true,
		.ctr_no_cgroup = no_cgroup };
	struct runtime *rt = NULL;
	struct err e;

	sched_getaffinity(0, sizeof(cfg.cpus), &cfg.cpus);
	check(ctr_runtime.open(&cfg, &rt, &e), &e, &(struct outcome){ 0 });
	ctr_runtime.describe(rt, fact, v2);
	return rt;
}

static void run_round(struct runtime *plain, struct runtime *limited, uint64_t i)
{
	char *argv[] = { program, (char *)"exit", (char *)"0", NULL };
	struct outcome out;

	times[SPAWN][i] = spawn(argv);
	out = contain(plain);
	note_phases(&out, i);
	if (measured[CTR_CGROUP]) {
		out = contain(limited);
		times[CTR_CGROUP][i] = out.at[PHASE_EXIT] - out.at[PHASE_REQUESTED];
	}
	if (measured[WITH_BWRAP])
		times[WITH_BWRAP][i] = run_bwrap();
	if (measured[WITH_CRUN])
		times[WITH_CRUN][i] = run_crun(i);
}

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void print_row(enum row row)
{
	uint64_t *t = times[row] + WARMUP;

	qsort(t, rounds, sizeof(*t), by_value);
	printf("%-20s min %6.0f  q1 %6.0f  median %6.0f  q3 %6.0f us\n", names[row], t[0] / 1e3,
		t[rounds / 4] / 1e3, t[rounds / 2] / 1e3, t[rounds * 3 / 4] / 1e3);
}

static void print_ratio(enum row a, enum row b)
{
	const uint64_t *x = times[a] + WARMUP, *y = times[b] + WARMUP;
	const size_t at[] = { 0, rounds / 4, rounds / 2, rounds * 3 / 4 };

	if (!measured[a] || !measured[b])
		return;
	printf("%s / %s:", names[a], names[b]);
	for (size_t i = 0; i < ARRAY_SIZE(at); i++)
		printf(" %s %.2f", (const char *const[]){ "min", "q1", "median", "q3" }[i],
			(double)x[at[i]] / (double)y[at[i]]);
	printf("\n");
}

int main(int argc, char **argv)
{
	unsigned namespaces = ns_all();
	struct runtime *plain, *limited;
	bool v2 = false;

	if (argc < 2 || (argc > 2 && parse_u64(argv[2], 1, ROUNDS_MAX, &rounds)))
		return 2;
	program = argv[1];
	for (int i = 3; i < argc; i++)
		namespaces &= ~ns_flag(argv[i]);
	null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	report_fd = memfd_create("report", MFD_CLOEXEC);
	measured[WITH_CRUN] = make_bundle();
	measured[WITH_BWRAP] = !access(BWRAP, X_OK);
	plain = open_ctr(namespaces, true, &v2);
	limited = open_ctr(namespaces, false, &v2);
	measured[CTR_CGROUP] = v2;
	for (enum row row = SPAWN; row <= CTR_EXIT; row++)
		measured[row] = true;
	for (uint64_t i = 0; i < WARMUP + rounds; i++)
		run_round(plain, limited, i);
	ctr_runtime.close(plain);
	ctr_runtime.close(limited);
	if (measured[WITH_CRUN])
		remove_tree(bundle);
	for (enum row row = 0; row < ROWS; row++) {
		if (measured[row])
			print_row(row);
	}
	print_ratio(CTR, SPAWN);
	print_ratio(CTR_CGROUP, CTR);
	print_ratio(CTR, WITH_BWRAP);
	print_ratio(CTR, WITH_CRUN);
	return 0;
}
