/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Carrying out a plan: launch, wait, read the report, write the rows; the next. */
#ifndef BENCH_RUNNER_SCHEDULE_H
#define BENCH_RUNNER_SCHEDULE_H

#include "runner/plan.h"
#include "runner/rows.h"
#include "runner/trial.h"

struct schedule {
	struct plan *plan;
	const char *run_id;
	struct trial_context trial;
	const char *dir; /* folder of the results, for what programs print; NULL: no program */
	bool quick;
	/* The first launch to carry out, where an earlier run has done those before it; its warm-up
	 * launches are repeated without rows, since what they warmed may be cold. */
	size_t from;
	row_fn put; /* receives the rows, as soon as they exist */
	/* Receives what the workload of a way's first good launch told of where it runs. */
	void (*inside)(void *ctx, unsigned way, const char *key, const char *value);
	/* Called after each launch, while nothing is measured; NULL: nothing to do. A negative
	 * return ends the run. */
	int (*between)(void *ctx, struct err *e);
	void *ctx; /* of all three */

	struct peak *peak; /* the ends of processes, for programs; NULL: not listened to */

	/* Filled by schedule_run. */
	size_t done; /* launches carried out, those of an earlier run included */
	bool failed; /* a measurement failed */
	bool cancelled;
};

/*
 * Carry out the plan. The ways that are usable must be open. 0 when it went to its end, with or
 * without failed measurements; -ECANCELED when interrupted; other negative errno when rows could
 * not be written.
 */
int schedule_run(struct schedule *s, struct err *e);

#endif
