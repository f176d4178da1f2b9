/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of "bench exec": what a program cost in one launch. */
#ifndef BENCH_RUNNER_ROWS_EXEC_H
#define BENCH_RUNNER_ROWS_EXEC_H

#include "runner/rows.h"

/*
 * One row a metric (wall, user, system, cpu, peak-memory) on top of @base, which says whose they
 * are and with which status. With a status other than ok and warmup @out and @rep are not looked
 * at. What a way cannot tell is a skipped row that says why. @rep holds what a guest's init saw of
 * the program; @peak_bytes is its memory where it was our own child, 0 where that is not known.
 */
int rows_exec(const struct way *w, struct sample base, const struct outcome *out,
	const struct report *rep, uint64_t peak_bytes, row_fn put, void *ctx, struct err *e);

#endif
