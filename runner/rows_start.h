/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of a suite about starting: a launch cut into phases (docs/method.md, "Phases"). */
#ifndef BENCH_RUNNER_ROWS_START_H
#define BENCH_RUNNER_ROWS_START_H

#include "runner/rows.h"

/*
 * Rows for one launch with the outcome @out, on top of @base, which says whose it is and with which
 * status: every phase, the time from the request to the events that matter, and the CPU time. With
 * a status other than ok and warmup @out is not looked at, and each row says @base.reason.
 */
int rows_start(const struct way *w, struct sample base, const struct outcome *out, row_fn put,
	void *ctx, struct err *e);

/* One row with a rate, launches a second: @launches in @ns. */
int rows_start_rate(
	struct sample base, uint64_t launches, uint64_t ns, row_fn put, void *ctx, struct err *e);

#endif
