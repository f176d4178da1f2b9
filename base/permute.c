/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/permute.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include <gsl/gsl_rng.h>

#include "base/util.h"

static int no_memory(struct err *e)
{
	return err_set(e, -ENOMEM, "permutation", "no memory for the permutation test");
}

struct value {
	double value;
	bool first; /* of the group that is smaller, or the first one */
};

static int by_value(const void *a, const void *b)
{
	const struct value *x = a, *y = b;

	return (x->value > y->value) - (x->value < y->value);
}

/*
 * The pooled values' ranks, doubled so that the mean of two is whole; ascending. *@sum is that of
 * the first group.
 */
static void rank(struct value *pool, size_t n, uint32_t *ranks, uint64_t *sum)
{
	size_t end;

	qsort(pool, n, sizeof(*pool), by_value);
	*sum = 0;
	for (size_t i = 0; i < n; i = end) {
		for (end = i + 1; end < n && pool[end].value == pool[i].value;)
			end++;
		for (size_t k = i; k < end; k++) {
			ranks[k] = (uint32_t)(i + 1 + end); /* twice the mean of i + 1 to end */
			*sum += pool[k].first ? ranks[k] : 0;
		}
	}
}

/* Twice the rank sum's distance from its mean k (n + 1) / 2, all sums being doubled. */
static uint64_t distance(uint64_t sum, size_t k, size_t n)
{
	uint64_t mean = (uint64_t)k * (n + 1);

	return sum > mean ? sum - mean : mean - sum;
}

/*
 * In how many ways do k of the n ranks add up to each sum? One rank after the other: ways[j][s] are
 * those of j of the ranks so far, whose sum is s. A double holds C(60, 30) to 15 digits.
 */
static int count_all(
	const uint32_t *ranks, size_t n, size_t k, uint64_t far, double *p, struct err *e)
{
	size_t sums = 2 * n * k + 1;
	cleanup_free double *ways = calloc((k + 1) * sums, sizeof(double));
	double all = 0, extreme = 0;

	if (!ways)
		return no_memory(e);
	ways[0] = 1;
	for (size_t i = 0; i < n; i++) {
		for (size_t j = i + 1 < k ? i + 1 : k; j > 0; j--) {
			double *to = ways + j * sums, *from = to - sums;

			for (size_t s = ranks[i]; s < sums; s++)
				to[s] += from[s - ranks[i]];
		}
	}
	for (size_t s = 0; s < sums; s++) {
		all += ways[k * sums + s];
		extreme += distance(s, k, n) >= far ? ways[k * sums + s] : 0;
	}
	*p = extreme / all;
	return 0;
}

/* The observed division is one of those counted, so that p is never 0 (Davison and Hinkley, 4.3).
 */
static int draw_some(uint32_t *ranks, size_t n, size_t k, uint64_t far, unsigned long seed,
	double *p, struct err *e)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	unsigned extreme = 1;

	if (!rng)
		return no_memory(e);
	gsl_rng_set(rng, seed);
	for (unsigned i = 0; i < PERMUTE_DRAWN; i++) {
		uint64_t sum = 0;

		for (size_t j = 0; j < k; j++) {
			size_t other = j + gsl_rng_uniform_int(rng, n - j);
			uint32_t taken = ranks[other];

			ranks[other] = ranks[j];
			ranks[j] = taken;
			sum += taken;
		}
		extreme += distance(sum, k, n) >= far;
	}
	gsl_rng_free(rng);
	*p = (double)extreme / (PERMUTE_DRAWN + 1);
	return 0;
}

int permute_test(const double *a, size_t na, const double *b, size_t nb, unsigned long seed,
	double *p, struct err *e)
{
	const double *small = na <= nb ? a : b, *large = na <= nb ? b : a;
	size_t n = na + nb, k = na <= nb ? na : nb;
	cleanup_free struct value *pool = calloc(n + 1, sizeof(*pool));
	cleanup_free uint32_t *ranks = calloc(n + 1, sizeof(*ranks));
	uint64_t sum;

	*p = 1;
	if (!k)
		return 0;
	if (!pool || !ranks)
		return no_memory(e);
	for (size_t i = 0; i < n; i++)
		pool[i] = (struct value){ i < k ? small[i] : large[i - k], i < k };
	rank(pool, n, ranks, &sum);
	if (n <= PERMUTE_EXACT_MAX)
		return count_all(ranks, n, k, distance(sum, k, n), p, e);
	return draw_some(ranks, n, k, distance(sum, k, n), seed, p, e);
}

double permute_smallest(size_t na, size_t nb)
{
	size_t k = na < nb ? na : nb;
	double divisions = 1, p;

	if (!k)
		return 1;
	/* C(n, k), one factor at a time; infinite is fine. */
	for (size_t i = 1; i <= k && isfinite(divisions); i++)
		divisions *= (double)(na + nb - k + i) / (double)i;
	p = fmin(1, 2 / divisions);
	return na + nb <= PERMUTE_EXACT_MAX ? p : fmax(p, 1.0 / (PERMUTE_DRAWN + 1));
}

size_t permute_needed(size_t comparisons, double level)
{
	for (size_t n = 1; 2 * n <= PERMUTE_EXACT_MAX; n++) {
		if ((double)comparisons * permute_smallest(n, n) <= level)
			return n;
	}
	return 0;
}

struct place {
	double p;
	size_t at;
};

static int by_p(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return (x->p > y->p) - (x->p < y->p);
}

int permute_holm(double *p, size_t n)
{
	cleanup_free struct place *order = calloc(n + 1, sizeof(*order));
	double least = 0;

	if (!order)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		order[i] = (struct place){ p[i], i };
	qsort(order, n, sizeof(*order), by_p);
	for (size_t i = 0; i < n; i++) {
		least = fmax(least, fmin(1, (double)(n - i) * order[i].p));
		p[order[i].at] = least;
	}
	return 0;
}
