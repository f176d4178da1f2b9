/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Exits that benchmarks cause, where this is a guest of our VMM (base/report_abi.h, COUNTS_PORT).
 * A tally sums what lies between pairs of readings, less what a reading itself counts. The workload
 * and the hello kernel's program compile the same file: no library.
 */
#ifndef BENCH_WORKLOADS_COUNTS_H
#define BENCH_WORKLOADS_COUNTS_H

#include <stdint.h>

#include "base/report_abi.h"

/* In one page, so that a reading is one exit. */
struct counts {
	_Alignas(128) uint64_t n[COUNT_COUNT];
};

/* Take a reading; tests have one of their own. */
typedef void counts_read_fn(struct counts *c);

struct tally {
	counts_read_fn *read; /* NULL: nobody counts here, and the rest means nothing */
	struct counts before, after;
	uint64_t own[COUNT_COUNT]; /* of one reading */
	uint64_t sum[COUNT_COUNT]; /* COUNT_UNKNOWN: not available */
};

/* Reads COUNTS_PORT. Only in a guest of our VMM (guest_id). */
counts_read_fn counts_read;

/* Empty, with the cost of a reading measured. @read may be NULL. */
void tally_begin(struct tally *t, counts_read_fn *read);

/* On both sides of what is counted. */
void tally_before(struct tally *t);
void tally_after(struct tally *t);

/* "exits", "exits-halt", ...: the metric of each number. */
extern const char *const counts_metrics[COUNT_COUNT];

#endif
