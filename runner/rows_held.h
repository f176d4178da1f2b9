/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of suites that hold instances: docs/memory.md has the list. */
#ifndef BENCH_RUNNER_ROWS_HELD_H
#define BENCH_RUNNER_ROWS_HELD_H

#include "runner/amount.h"
#include "runner/rows.h"

/* Whose rows, and where they go. */
struct held_rows {
	struct sample base; /* benchmark and status are filled */
	row_fn put;
	void *ctx;
};

/* One number. @index is the column "sample". 0 or what put returned. */
int rows_held(const struct held_rows *h, const char *metric, const char *unit, unsigned index,
	uint64_t iterations, double value, struct err *e);

/* The same with a reason beside the value; "" for none. */
int rows_held_noted(const struct held_rows *h, const char *metric, const char *unit, unsigned index,
	uint64_t iterations, double value, const char *reason, struct err *e);

/* Bytes that are known, or a skipped row that says why they are not. */
int rows_held_amount(const struct held_rows *h, const char *metric, unsigned index,
	const struct amount *a, struct err *e);

/* A row without a value: @status with @reason. */
int rows_held_missing(const struct held_rows *h, const char *metric, const char *unit,
	unsigned index, enum sample_status status, const char *reason, struct err *e);

#endif
