/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One side of a demonstration: a program run once in one of our runtimes, and what it said. */
#ifndef BENCH_RUNNER_DEMO_SIDE_H
#define BENCH_RUNNER_DEMO_SIDE_H

#include <stdbool.h>

#include "base/runtime.h"
#include "results/demo_facts.h"
#include "runner/demo/demo.h"
#include "runner/report.h"

/* What is to be run. All is borrowed. */
struct side_job {
	const char *runtime; /* "host", "ctr", "vm" */
	const char *kernel;  /* of a guest; NULL: side_kernel() */
	char *const *argv;   /* of build/demo-probe, or of @program; argv[0] is its name */
	const struct rt_program *program; /* instead of demo-probe; NULL */
	bool no_seccomp; /* the container without its filter: to see the kernel, not the filter */
	uint64_t mem_bytes; /* of a guest; 0: default */
	int report_fd;      /* report_file() of the caller, who may look at it meanwhile; 0: none */

	/*
	 * Where not NULL, the program stays (probe_stay() in workloads/demo/), and this is called
	 * when it has said that it is ready; then it is ended. 0 or -errno, which side_run returns.
	 * @report_fd: where its report grows.
	 */
	int (*look)(void *ctx, const struct rt_view *view, int report_fd, struct err *e);
	void *ctx;
};

struct side_result {
	char missing[1200];     /* why this host cannot run it; "": it ran */
	char kernel[64];        /* of a guest: its name */
	pid_t pid;              /* of the program or its VMM, as it was: it has ended */
	struct outcome outcome; /* not of one that stayed */
	struct report report;
	char *output; /* stdout and stderr, of a guest the console; of @program stdout alone */
};

/*
 * Run it to its end. 0, also where it ended badly (outcome) or cannot be run here (missing);
 * -ECANCELED; another negative errno where the harness failed. side_free is due in every case.
 */
int side_run(
	struct demo_run *run, const struct side_job *job, struct side_result *out, struct err *e);

void side_free(struct side_result *r);

/*
 * The usual case: run demo-probe with @argv on @side ("host", "ctr", "vm") and put the info records
 * of its report into @f; or why there are none. Errors as of side_run.
 */
int side_collect(struct demo_run *run, const char *side, char *const *argv, struct demo_facts *f,
	struct err *e);

/* The same for any job, whose facts are to be @side's. */
int side_collect_job(struct demo_run *run, const char *side, const struct side_job *job,
	struct demo_facts *f, struct err *e);

/* Put the info records of a report into @f under @side; how it ended where that was badly. */
void side_put(struct demo_facts *f, const char *side, const struct side_result *r);

/* Say in @f that @side cannot be shown here: what is in the way, and what helps. */
void side_put_missing(struct demo_facts *f, const char *side, const struct err *why);

/*
 * Can Linux guests run on this /dev/kvm? Asked once for a @run, by running a guest of our own
 * kernel. 0; a negative errno with what is in the way and what helps.
 */
int side_linux(struct demo_run *run, struct err *why);

/*
 * Name of a guest kernel that is not the one that runs here: one of demo_kernels[] that is here or
 * can be fetched, with another release, else the first.
 */
const char *side_kernel(struct demo_run *run);

#endif
