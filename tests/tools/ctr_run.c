/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One container, its facts, its report and its end on stdout; for tests/e2e/ctr.sh, which runs it
 * where there is nothing else: static.
 *
 *   ctr_run MEMORY-LIMIT-BYTES PROGRAM [ARG...]      0: no limit
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "base/util.h"
#include "ctr/ctr.h"
#include "ctr/ns.h"

static void put(void *ctx, const char *key, const char *value)
{
	(void)ctx;
	printf("fact %s=%s\n", key, value);
}

static int run(struct runtime *rt, char **argv, struct outcome *out, struct err *e)
{
	int report = memfd_create("report", MFD_CLOEXEC);
	struct job job = { .argv = argv, .report_fd = report, .output_fd = STDERR_FILENO };
	struct instance *in = NULL;
	char text[16384];
	ssize_t n;
	int r;

	job.deadline_ns = now_ns() + 60 * NSEC_PER_SEC;
	r = ctr_runtime.launch(rt, &job, &in, e);
	if (!r)
		r = ctr_runtime.wait(in, out, e);
	ctr_runtime.reap(in);
	n = pread(report, text, sizeof(text), 0);
	if (n > 0)
		fwrite(text, 1, (size_t)n, stdout);
	close(report);
	return r;
}

int main(int argc, char **argv)
{
	struct rt_config cfg = { .cancel_fd = -1, .ctr_namespaces = ns_all(), .ctr_seccomp = true };
	struct outcome out = { 0 };
	struct runtime *rt = NULL;
	struct err e;
	int r;

	if (argc < 3 || parse_u64(argv[1], 0, UINT64_MAX, &cfg.mem_bytes))
		return 2;
	cfg.ctr_mem_limit = cfg.mem_bytes;
	cfg.workload = argv[2];
	sched_getaffinity(0, sizeof(cfg.cpus), &cfg.cpus);
	r = ctr_runtime.open(&cfg, &rt, &e);
	if (!r) {
		ctr_runtime.describe(rt, put, NULL);
		r = run(rt, argv + 2, &out, &e);
	}
	ctr_runtime.close(rt);
	if (r)
		printf("error %s: %s\n", e.step, e.message);
	else
		printf("ended kind=%d code=%d %s\n", out.kind, out.code, out.reason);
	return r ? 1 : 0;
}
