/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The null comparison: a way of running against itself, launched twice as often among all others
 * (docs/method.md). What differs between the two means nothing, so it says what the other ratios of
 * the run are worth.
 */
#ifndef BENCH_RESULTS_NULL_H
#define BENCH_RESULTS_NULL_H

#include "results/summary.h"

/* So often does the comparison of a run find differences where there are none, at most. */
#define NULL_LEVEL 0.05

struct null_difference {
	const struct summary_group *group; /* of the second launches; its ratio is to the first's */
	double p;                          /* corrected for the number of comparisons */
};

struct null_comparison {
	const char *way;  /* "host"; NULL: there was none in this run */
	size_t compared;  /* rows with a ratio */
	size_t launches;  /* the fewest of a side of any of them */
	size_t needed;    /* so many could tell; 0: no number could */
	double half, all; /* so far from 1 are half of the ratios, and all, at most */
	struct null_difference *differs; /* the furthest from 1 first */
	size_t n_differs;
};

/*
 * Test each row that is compared elsewhere too: a permutation test of the launches, by Holm's
 * correction at NULL_LEVEL. -ENOMEM or 0; the caller ends it with null_free either way.
 */
int null_make(const struct summary *s, struct null_comparison *n, struct err *e);
void null_free(struct null_comparison *n);

/* Could it have found a difference at all, with so few launches in so many comparisons? */
bool null_could_tell(const struct null_comparison *n);

#define NULL_TEXT_SIZE 512
/* What came of it, in one sentence or two. Returns @out. */
const char *null_text(const struct null_comparison *n, char out[NULL_TEXT_SIZE]);

/* "pipe cross-cpu: +4.1% [+2.2%, +6%]", untrusted. Returns @out. */
const char *null_difference_text(
	const struct summary *s, const struct null_difference *d, char out[NULL_TEXT_SIZE]);

/*
 * For summary.c. Take the columns that repeat another out of the grid, and their groups: behind the
 * others, in the same order. -ENOMEM or 0.
 */
int null_columns_last(struct summary *s);
int null_groups_last(struct summary *s);

/* The group that the null group @g repeats; NULL where its row has none. */
const struct summary_group *null_repeated(const struct summary *s, const struct summary_group *g);

#endif
