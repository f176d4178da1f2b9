/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tests of the claims: from the groups of a comparison to its verdict. */
#ifndef BENCH_RESULTS_CLAIMS_TEST_H
#define BENCH_RESULTS_CLAIMS_TEST_H

#include "results/claims.h"

/* Is it a test by bootstrap intervals, which the number of comparisons makes wider? */
bool claim_test_has_interval(enum claim_test test);

/* Of the group's launches, of which there is one at least. */
double claim_smallest(const struct summary_group *g);
double claim_largest(const struct summary_group *g);

/*
 * Fill value and intervals of @c, whatever it is; and its verdict, where it is not untestable
 * already. @n is the number of comparisons for which the wider interval is corrected. 0 or -errno.
 */
int claim_test(const struct claim_part *p, struct claim_comparison *c, size_t n, struct err *e);

#endif
