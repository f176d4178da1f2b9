/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The permutation test against published tables, against counting one by one, and its own level. */
#include "tests/unit/check.h"

#include <math.h>
#include <string.h>

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include "base/permute.h"
#include "base/util.h"

#define GROUP(...) { __VA_ARGS__ }, ARRAY_SIZE(((double[]){ __VA_ARGS__ }))

/*
 * R: wilcox.test(a, b, exact = TRUE)$p.value; with ties, which R does not count, by hand:
 * {1, 1, 2} against {2, 3, 3} has the doubled ranks 3, 3, 7, 7, 11, 11, and of the 20 sums of three
 * only 3 + 3 + 7 (twice) and 7 + 11 + 11 (twice) are 8 from the mean 21: 4 / 20.
 */
static const struct {
	double a[10];
	size_t na;
	double b[10];
	size_t nb;
	double p;
} known[] = {
	{ GROUP(1, 2, 3), GROUP(4, 5, 6), 0.1 },
	{ GROUP(6, 5, 4), GROUP(3, 2, 1), 0.1 },
	{ GROUP(1), GROUP(2), 1 },
	{ GROUP(1), GROUP(2, 3, 4), 0.5 },
	{ GROUP(1, 2, 3, 4), GROUP(5, 6, 7, 8), 2.0 / 70 },
	{ GROUP(1, 2, 3, 4, 5), GROUP(6, 7, 8, 9, 10), 2.0 / 252 },
	/* W = 11 or less of 4 against 4 (tables of Mann and Whitney: P(U <= 1) = 2/70) */
	{ GROUP(1, 2, 3, 5), GROUP(4, 6, 7, 8), 4.0 / 70 },
	/* the sum of ranks is 10; 22 of the 35 sums are at least 2 from the mean 12 */
	{ GROUP(1, 2, 7), GROUP(3, 4, 5, 6), 22.0 / 35 },
	{ GROUP(1, 1, 2), GROUP(2, 3, 3), 4.0 / 20 },
	{ GROUP(7, 7, 7), GROUP(7, 7, 7), 1 },
	{ GROUP(-2, -1, 0), GROUP(1e9, 1e10, 1e300), 0.1 },
};

static void exact(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		double p, q;

		assert_int_equal(
			permute_test(known[i].a, known[i].na, known[i].b, known[i].nb, 1, &p, NULL),
			0);
		assert_int_equal(
			permute_test(known[i].b, known[i].nb, known[i].a, known[i].na, 2, &q, NULL),
			0);
		assert_near(p, known[i].p, 1e-12);
		assert_near(q, p, 1e-12); /* two-sided: the order of the groups has no say */
	}
}

static void empty_groups(void **state)
{
	double x = 1, p = 0;

	(void)state;
	assert_int_equal(permute_test(&x, 0, &x, 0, 1, &p, NULL), 0);
	assert_near(p, 1, 0);
	assert_int_equal(permute_test(&x, 1, &x, 0, 1, &p, NULL), 0);
	assert_near(p, 1, 0);
}

/* Every subset in turn, for what the counting by sums must agree with. */
static double by_subsets(const double *x, unsigned n, unsigned k)
{
	unsigned all = 0, extreme = 0;
	double mean = 0, observed = 0;

	for (unsigned i = 0; i < n; i++) {
		double r = 0.5;

		for (unsigned j = 0; j < n; j++)
			r += x[j] < x[i] ? 1 : x[j] == x[i] ? 0.5 : 0;
		mean += r * k / n;
		observed += i < k ? r : 0;
	}
	for (unsigned mask = 0; mask < 1u << n; mask++) {
		double sum = 0;

		if (__builtin_popcount(mask) != (int)k)
			continue;
		for (unsigned i = 0; i < n; i++) {
			double r = 0.5;

			for (unsigned j = 0; j < n; j++)
				r += x[j] < x[i] ? 1 : x[j] == x[i] ? 0.5 : 0;
			sum += mask >> i & 1 ? r : 0;
		}
		all++;
		extreme += fabs(sum - mean) >= fabs(observed - mean) - 1e-9;
	}
	return (double)extreme / all;
}

static void agrees_with_subsets(void **state)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

	(void)state;
	gsl_rng_set(rng, 1);
	for (unsigned i = 0; i < 60; i++) {
		unsigned n = 2 + (unsigned)gsl_rng_uniform_int(rng, 9);
		unsigned k = 1 + (unsigned)gsl_rng_uniform_int(rng, n - 1);
		double x[10], p;

		for (unsigned j = 0; j < n; j++)
			x[j] = (double)gsl_rng_uniform_int(rng, i % 2 ? 5 : 1000); /* 5: ties */
		assert_int_equal(permute_test(x, k, x + k, n - k, 1, &p, NULL), 0);
		assert_near(p, by_subsets(x, n, k), 1e-12);
	}
	gsl_rng_free(rng);
}

/* Drawn and counted must agree where both can be had: 60 are counted, 62 drawn. */
static void drawing_agrees(void **state)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	double a[31], b[31], counted, drawn, again;

	(void)state;
	gsl_rng_set(rng, 3);
	for (unsigned i = 0; i < 30; i++) {
		a[i] = gsl_ran_gaussian(rng, 1);
		b[i] = gsl_ran_gaussian(rng, 1) + 0.5;
	}
	a[30] = b[30] = 0.25; /* one more on either side, in the middle: hardly any news */
	assert_int_equal(permute_test(a, 30, b, 30, 1, &counted, NULL), 0);
	assert_int_equal(permute_test(a, 31, b, 31, 1, &drawn, NULL), 0);
	assert_int_equal(permute_test(a, 31, b, 31, 1, &again, NULL), 0);
	assert_near(drawn, again, 0);
	assert_true(counted > 0 && counted < 1);
	assert_near(drawn / counted, 1, 0.25);
	for (unsigned i = 0; i < 31; i++)
		b[i] += 100;
	assert_int_equal(permute_test(a, 31, b, 31, 1, &drawn, NULL), 0);
	assert_near(drawn, 1.0 / (PERMUTE_DRAWN + 1), 1e-15);
	gsl_rng_free(rng);
}

static const struct {
	size_t na, nb;
	double p;
} smallest[] = { { 0, 5, 1 }, { 1, 1, 1 }, { 2, 2, 2.0 / 6 }, { 3, 3, 0.1 }, { 4, 4, 2.0 / 70 },
	{ 2, 10, 2.0 / 66 }, { 10, 10, 2.0 / 184756 }, { 3000, 3000, 1.0 / (PERMUTE_DRAWN + 1) } };

static const struct {
	size_t comparisons, launches;
} needed[] = { { 1, 4 }, { 2, 5 }, { 6, 5 }, { 7, 6 }, { 23, 6 }, { 60, 7 }, { 1000, 9 },
	{ 4000, 10 } };

static void how_few_are_too_few(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(smallest); i++)
		assert_near(permute_smallest(smallest[i].na, smallest[i].nb), smallest[i].p, 1e-12);
	for (size_t i = 0; i < ARRAY_SIZE(needed); i++)
		assert_int_equal(permute_needed(needed[i].comparisons, 0.05), needed[i].launches);
	assert_int_equal(permute_needed(1, 0), 0);
}

/* R: p.adjust(p, "holm") */
static const struct {
	size_t n;
	double p[5], corrected[5];
} corrections[] = {
	{ 0, { 0 }, { 0 } },
	{ 1, { 0.03 }, { 0.03 } },
	{ 3, { 0.01, 0.04, 0.03 }, { 0.03, 0.06, 0.06 } },
	{ 5, { 0.5, 0.001, 0.5, 0.012, 0.9 }, { 1, 0.005, 1, 0.048, 1 } },
	{ 4, { 0.02, 0.02, 0.02, 0.02 }, { 0.08, 0.08, 0.08, 0.08 } },
};

static void correction(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(corrections); i++) {
		double p[5];

		memcpy(p, corrections[i].p, sizeof(p));
		assert_int_equal(permute_holm(p, corrections[i].n), 0);
		for (size_t k = 0; k < corrections[i].n; k++)
			assert_near(p[k], corrections[i].corrected[k], 1e-12);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exact),
		cmocka_unit_test(empty_groups),
		cmocka_unit_test(agrees_with_subsets),
		cmocka_unit_test(drawing_agrees),
		cmocka_unit_test(how_few_are_too_few),
		cmocka_unit_test(correction),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
