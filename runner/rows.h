/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From one launch to rows: every planned benchmark gets its samples, or one row that says why not.
 */
#ifndef BENCH_RUNNER_ROWS_H
#define BENCH_RUNNER_ROWS_H

#include "base/runtime.h"
#include "base/sample.h"
#include "runner/plan.h"
#include "runner/report.h"

/* Receives each row; a negative return ends the launch's rows and is passed on. */
typedef int (*row_fn)(void *ctx, const struct sample *s, struct err *e);

struct launch_result {
	const struct plan *plan;
	const struct launch *launch;
	const char *run_id;
	const struct report *report;   /* what was understood of it */
	const struct outcome *outcome; /* NULL when the launch itself failed */
	const char *failure;           /* why the launch or the report is bad; NULL: all is well */
};

/* What all rows of a launch share; metric and unit are the suite's own, or those of a latency.
 * Strings are borrowed. */
struct sample rows_template(const struct plan *p, const struct launch *l, const char *run_id);

/*
 * Hand the rows of a launch to @put, in the order of the benchmarks' table. *@failed is set when
 * one of them says failed or timeout. 0 or what @put returned.
 */
int rows_of_launch(
	const struct launch_result *lr, row_fn put, void *ctx, bool *failed, struct err *e);

/* A way that cannot run here: one skipped row for each of its benchmarks, with @reason. */
int rows_of_unusable(const struct plan *p, unsigned way, const char *run_id, row_fn put, void *ctx,
	struct err *e);

#endif
