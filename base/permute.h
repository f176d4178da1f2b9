/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Is there a difference at all? A permutation test of two groups of launches, and what is owed for
 * asking it many times (docs/statistics.md).
 */
#ifndef BENCH_BASE_PERMUTE_H
#define BENCH_BASE_PERMUTE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/*
 * Up to so many values in both groups every way to divide them is counted; of more, so many ways
 * are drawn. 60 values cost some 8 ms; and no p below 1 / (drawn + 1) comes out of drawing.
 */
#define PERMUTE_EXACT_MAX 60
#define PERMUTE_DRAWN 19999

/*
 * The two-sided p of the hypothesis that the @na values @a and the @nb values @b come from one
 * distribution: the part of all ways to divide the pooled values into groups of these sizes whose
 * rank sum is at least as far from its mean as the one that was observed. Equal values share the
 * mean of their ranks. Ranks, since launches have outliers, and since a sum of ranks has hardly any
 * ties: the test of F. Wilcoxon (1945), and of H. B. Mann and D. R. Whitney (1947), made exact by
 * counting. The values must be finite; @seed matters where ways are drawn. *@p is 1 where a group
 * is empty. -ENOMEM with @e, or 0.
 */
int permute_test(const double *a, size_t na, const double *b, size_t nb, unsigned long seed,
	double *p, struct err *e);

/* The smallest p that groups of these sizes can give, when all of one lie above all of the other:
 * 2 / C(na + nb, na), or that of one way drawn. 0.1 for three against three. */
double permute_smallest(size_t na, size_t nb);

/*
 * How many values a group needs, both alike, before one of @comparisons can be significant at
 * @level after Holm's correction: the smallest n with comparisons * permute_smallest(n, n) <=
 * level. 0 where no n is enough.
 */
size_t permute_needed(size_t comparisons, double level);

/*
 * Correct @n p's in place for their number (S. Holm, A simple sequentially rejective multiple test
 * procedure, 1979): whoever then calls those at most @level differences is wrong about any of them
 * with probability @level at most. -ENOMEM or 0.
 */
int permute_holm(double *p, size_t n);

#endif
