/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Exits per operation (EXIT_COUNTS of base/report_abi.h), which guests of our VMM report beside the
 * times: they are counts, so they have a table, a plot and a section of their own. What it points
 * to lives as long as the summary.
 */
#ifndef BENCH_RESULTS_EXITS_H
#define BENCH_RESULTS_EXITS_H

#include "base/report_abi.h"
#include "results/summary.h"
#include "results/text.h"

/* One benchmark and the rows of the summary that are about its exits. */
struct exits_bench {
	struct summary_row name;  /* with no metric: for text_row */
	size_t rows[COUNT_COUNT]; /* EXITS_NO_ROW where there is none */
};
#define EXITS_NO_ROW ((size_t)-1)

struct exits {
	struct exits_bench *benches; /* in the order of the summary */
	size_t n;
};

/* Is the row a count of exits? */
bool exits_covers(const struct summary_row *row);

/* The caller ends @x with exits_free either way. */
int exits_make(const struct summary *s, struct exits *x, struct err *e);
void exits_free(struct exits *x);

/* The group with a count of a benchmark under a way of running, or NULL where it has no value. */
const struct summary_group *exits_group(
	const struct summary *s, const struct exits_bench *b, enum exit_count count, size_t column);

/* Does the way have any count? */
bool exits_has_column(const struct summary *s, const struct exits *x, size_t column);

/* "io" of "exits-io": what the exits were for. */
const char *exits_kind(enum exit_count count);

/* "0" only where there was none at all, "<0.01" where it would be rounded to that. Returns @out. */
const char *exits_text(double v, char out[TEXT_SIZE]);

/* Is it worth a place in a table of kinds, or no more than a stray tick of a clock? */
bool exits_shows(double v);

/* What must be known to read such a table; whole sentences. */
#define EXITS_LEGEND                                                                               \
	"Exits are counted around the timed batches (of a launch: from its first instruction to "  \
	"its end), for all vCPUs, without those of the counting. Kinds overlap (a port's exit "    \
	"may also be an emulated instruction), and what is less than 0.01 an operation is left "   \
	"out of them: mostly the host's timer tick."

#endif
