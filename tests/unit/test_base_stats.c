/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Statistics against answers that can be worked out by hand or by R. */
#include "tests/unit/check.h"

#include <math.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include "base/stats.h"
#include "base/util.h"

/* R: quantile(x, p, type = 7), mad(x, constant = 1) */
static const struct {
	size_t n;
	double x[12];
	double q1, median, q3, mad;
	size_t mild, extreme;
} known[] = {
	{ 1, { 7 }, 7, 7, 7, 0, 0, 0 },
	{ 2, { 3, 1 }, 1.5, 2, 2.5, 1, 0, 0 },
	{ 10, { 10, 9, 8, 7, 6, 5, 4, 3, 2, 1 }, 3.25, 5.5, 7.75, 2.5, 0, 0 },
	/* fences: 11.75 + 11.25 = 23, 11.75 + 22.5 = 34.25 */
	{ 10, { 80, 4, 2, 4, 5, 25, 7, 9, 11, 12 }, 4.25, 8, 11.75, 4, 1, 1 },
	/* fences below: 8.75 - 3.5625 = 5.1875, 8.75 - 7.125 = 1.625 */
	{ 8, { 10, 11, 10, 11, 12, 11.5, 5, 3 }, 8.75, 10.5, 11.125, 0.75, 2, 0 },
	{ 4, { -2, -2, -2, -2 }, -2, -2, -2, 0, 0, 0 },
	{ 5, { 1, 1, 1, 1, 2 }, 1, 1, 1, 0, 0, 1 },
};

static void quantiles_and_outliers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		double x[12], mad;
		struct outliers o;

		memcpy(x, known[i].x, sizeof(x));
		assert_int_equal(stats_mad(x, known[i].n, &mad), 0);
		stats_sort(x, known[i].n);
		o = stats_outliers(x, known[i].n);
		assert_near(stats_quantile(x, known[i].n, 0.25), known[i].q1, 1e-12);
		assert_near(stats_median(x, known[i].n), known[i].median, 1e-12);
		assert_near(stats_quantile(x, known[i].n, 0.75), known[i].q3, 1e-12);
		assert_near(mad, known[i].mad, 1e-12);
		assert_int_equal(o.mild, known[i].mild);
		assert_int_equal(o.extreme, known[i].extreme);
	}
}

static void percentile_99(void **state)
{
	double x[101];

	(void)state;
	for (int i = 0; i < 101; i++)
		x[i] = i + 1;
	assert_near(stats_quantile(x, 101, 0.99), 100, 1e-12);
	assert_near(stats_quantile(x, 101, 0), 1, 0);
	assert_near(stats_quantile(x, 101, 1), 101, 0);
}

static void nothing_from_nothing(void **state)
{
	double mad = 0, x = 1;
	struct interval ci = { 0, 0 };

	(void)state;
	assert_true(isnan(stats_median(&x, 0)));
	assert_int_equal(stats_mad(&x, 0, &mad), 0);
	assert_true(isnan(mad));
	assert_int_equal(stats_outliers(&x, 0).extreme, 0);
	assert_int_equal(stats_bootstrap_median(&x, 0, 1, &ci, NULL), 0);
	assert_false(stats_has_interval(ci));
	assert_int_equal(stats_bootstrap_median(&x, 1, 1, &ci, NULL), 0);
	assert_false(stats_has_interval(ci));
}

/*
 * The resampled median of an odd number n of values is at most the k-th smallest with probability
 * P(Binomial(n, k/n) > n/2). The first k for which that exceeds 0.025 is the interval's lower end:
 *   n = 3: P(B(3, 1/3) >= 2) = 0.259         -> the smallest
 *   n = 5: P(B(5, 1/5) >= 3) = 0.058         -> the smallest
 *   n = 7: P(B(7, 1/7) >= 4) = 0.010, P(B(7, 2/7) >= 4) = 0.108 -> the second
 *   n = 11: P(B(11, 2/11) >= 6) = 0.007, P(B(11, 3/11) >= 6) = 0.051 -> the third
 */
static const struct {
	size_t n;
	double low, high;
} intervals[] = { { 3, 1, 3 }, { 5, 1, 5 }, { 7, 2, 6 }, { 11, 3, 9 } };

static void bootstrap_of_few(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(intervals); i++) {
		double x[11];
		struct interval ci;

		for (size_t k = 0; k < intervals[i].n; k++)
			x[k] = (double)(intervals[i].n - k);
		for (unsigned long seed = 1; seed < 6; seed++) {
			assert_int_equal(
				stats_bootstrap_median(x, intervals[i].n, seed, &ci, NULL), 0);
			assert_near(ci.low, intervals[i].low, 0);
			assert_near(ci.high, intervals[i].high, 0);
		}
	}
}

static void bootstrap_repeats(void **state)
{
	const double x[] = { 5.5, 1.25, 3, 9, 4, 4.5, 2, 8 }, y[] = { 2, 2.5, 3, 2.25 };
	struct interval a, b;

	(void)state;
	assert_int_equal(stats_bootstrap_median(x, 8, 7, &a, NULL), 0);
	setenv("GSL_RNG_TYPE", "taus", 1); /* the environment has no say */
	setenv("GSL_RNG_SEED", "99", 1);
	assert_int_equal(stats_bootstrap_median(x, 8, 7, &b, NULL), 0);
	assert_memory_equal(&a, &b, sizeof(a));
	assert_int_equal(stats_bootstrap_ratio(x, 8, y, 4, 7, &a, NULL), 0);
	assert_int_equal(stats_bootstrap_ratio(x, 8, y, 4, 7, &b, NULL), 0);
	assert_memory_equal(&a, &b, sizeof(a));
	assert_true(a.low < 4.25 / 2.375 && 4.25 / 2.375 < a.high);
}

static void ratios(void **state)
{
	const double six[] = { 6, 6, 6 }, two[] = { 2, 2 }, none[] = { 0, 0, 1 },
		     three[] = { 3, 6, 9 };
	struct interval ci;

	(void)state;
	assert_int_equal(stats_bootstrap_ratio(six, 3, two, 2, 1, &ci, NULL), 0);
	assert_near(ci.low, 3, 0);
	assert_near(ci.high, 3, 0);
	assert_int_equal(stats_bootstrap_ratio(three, 3, two, 2, 1, &ci, NULL), 0);
	assert_near(ci.low, 1.5, 0);
	assert_near(ci.high, 4.5, 0);
	assert_int_equal(stats_bootstrap_ratio(six, 3, none, 3, 1, &ci, NULL), 0);
	assert_false(stats_has_interval(ci));
	assert_int_equal(stats_bootstrap_ratio(six, 3, two, 1, 1, &ci, NULL), 0);
	assert_false(stats_has_interval(ci));
}

static void differences(void **state)
{
	const double six[] = { 6, 6, 6 }, two[] = { 2, 2 }, three[] = { 3, 6, 9 };
	struct interval ci;

	(void)state;
	assert_int_equal(stats_bootstrap_difference(six, 3, two, 2, 1, &ci, NULL), 0);
	assert_near(ci.low, 4, 0);
	assert_near(ci.high, 4, 0);
	assert_int_equal(stats_bootstrap_difference(two, 2, three, 3, 1, &ci, NULL), 0);
	assert_near(ci.low, -7, 0);
	assert_near(ci.high, -1, 0);
	assert_int_equal(stats_bootstrap_difference(six, 1, two, 2, 1, &ci, NULL), 0);
	assert_false(stats_has_interval(ci));
}

/*
 * A resample's median is at most the k-th smallest of n values when at least (n + 1) / 2 draws are
 * among the k smallest: the binomial distribution says exactly where the interval's ends must be.
 */
static void bootstrap_is_exact(void **state)
{
	static const size_t sizes[] = { 5, 9, 25, 101 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		size_t n = sizes[i], low = 1, high = 1;
		double values[101];
		struct interval ci;

		for (size_t k = 0; k < n; k++)
			values[k] =
				(double)(k * 7 % n + 1); /* 1 to n: 7 divides none of the sizes */
		while (gsl_cdf_binomial_Q((unsigned)n / 2, (double)low / (double)n, (unsigned)n) <
			0.025)
			low++;
		while (gsl_cdf_binomial_Q((unsigned)n / 2, (double)high / (double)n, (unsigned)n) <
			0.975)
			high++;
		assert_int_equal(stats_bootstrap_median(values, n, 1, &ci, NULL), 0);
		assert_near(ci.low, (double)low, n > 50 ? 1 : 0);
		assert_near(ci.high, (double)high, n > 50 ? 1 : 0);
	}
}

/* The generator's seed is fixed, so this is arithmetic and not chance. */
static double coverage(size_t n, unsigned rounds)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	unsigned hits = 0;

	gsl_rng_set(rng, 4711);
	for (unsigned i = 0; i < rounds; i++) {
		struct interval ci;
		double x[20];

		for (size_t k = 0; k < n; k++)
			x[k] = gsl_ran_lognormal(rng, 0, 0.5); /* median 1 */
		assert_int_equal(stats_bootstrap_median(x, n, i, &ci, NULL), 0);
		hits += ci.low <= 1 && 1 <= ci.high;
	}
	gsl_rng_free(rng);
	return (double)hits / rounds;
}

static void bootstrap_covers(void **state)
{
	double three = coverage(3, 300), ten = coverage(10, 300), twenty = coverage(20, 300);

	(void)state;
	assert_true(three > 0.68 && three < 0.82); /* 0.75: as stats_interval_coverage says */
	assert_true(ten > 0.90 && ten < 0.99);
	assert_true(twenty > 0.90 && twenty < 0.99);
}

/* Quotients of two ratios, and intervals at other levels. */
static void quotients_of_ratios(void **state)
{
	const double six[] = { 6, 6, 6 }, two[] = { 2, 2 }, three[] = { 3, 6, 9 },
		     none[] = { 0, 0, 1 };
	const struct stats_group fixed[] = { { six, 3 }, { two, 2 }, { two, 2 }, { six, 3 } },
				 varied[] = { { three, 3 }, { two, 2 }, { six, 3 }, { two, 2 } },
				 nothing[] = { { six, 3 }, { two, 2 }, { none, 3 }, { two, 2 } },
				 few[] = { { six, 3 }, { two, 2 }, { two, 1 }, { two, 2 } };
	struct interval ci, two_sides, narrow;

	(void)state;
	assert_int_equal(stats_bootstrap_ratios(fixed, STATS_GROUPS, 0.05, 1, &ci, NULL), 0);
	assert_near(ci.low, 9, 1e-12);
	assert_near(ci.high, 9, 1e-12);
	assert_int_equal(stats_bootstrap_ratios(varied, STATS_GROUPS, 0.05, 1, &ci, NULL), 0);
	assert_near(ci.low, 0.5, 1e-12);
	assert_near(ci.high, 1.5, 1e-12);
	assert_int_equal(stats_bootstrap_ratios(nothing, STATS_GROUPS, 0.05, 1, &ci, NULL), 0);
	assert_false(stats_has_interval(ci));
	assert_int_equal(stats_bootstrap_ratios(few, STATS_GROUPS, 0.05, 1, &ci, NULL), 0);
	assert_false(stats_has_interval(ci));
	/* Of two groups and at 95 % it is the ratio; at a lower level it is narrower. */
	assert_int_equal(stats_bootstrap_ratio(three, 3, two, 2, 1, &two_sides, NULL), 0);
	assert_int_equal(stats_bootstrap_ratios(varied, 2, 0.05, 1, &ci, NULL), 0);
	assert_int_equal(stats_bootstrap_ratios(varied, 2, 0.9, 1, &narrow, NULL), 0);
	assert_near(ci.low, two_sides.low, 0);
	assert_near(ci.high, two_sides.high, 0);
	assert_true(narrow.low > ci.low && narrow.high < ci.high);
}

static void best_coverage(void **state)
{
	(void)state;
	assert_near(stats_interval_coverage(0), 0, 0);
	assert_near(stats_interval_coverage(1), 0, 0);
	assert_near(stats_interval_coverage(3), 0.75, 0);
	assert_near(stats_interval_coverage(6), 0.96875, 0);
	assert_near(stats_interval_coverage(100000), 1, 1e-12);
}

static void slopes(void **state)
{
	static const struct {
		const char *name;
		size_t n;
		double x[8], y[8], slope;
	} cases[] = {
		{ "nothing", 0, { 0 }, { 0 }, NAN },
		{ "one point", 1, { 1 }, { 5 }, NAN },
		{ "all at one place", 3, { 2, 2, 2 }, { 1, 5, 9 }, NAN },
		{ "flat", 3, { 0, 1, 2 }, { 4, 4, 4 }, 0 },
		{ "falling", 4, { 0, 1, 2, 3 }, { 9, 7, 5, 3 }, -2 },
		{ "not in order", 3, { 2, 0, 1 }, { 6, 0, 3 }, 3 },
		{ "one of seven is far off", 7, { 0, 1, 2, 3, 4, 5, 6 },
			{ 0, 2, 4, 1e9, 8, 10, 12 }, 2 },
		{ "unequal steps", 4, { 0, 1, 10, 100 }, { 1, 3, 21, 201 }, 2 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		double slope;

		assert_int_equal(stats_slope(cases[i].x, cases[i].y, cases[i].n, &slope), 0);
		if (isnan(cases[i].slope) ? !isnan(slope) : fabs(slope - cases[i].slope) > 1e-12)
			fail_msg("%s: %g", cases[i].name, slope);
	}
}

/* More points than are taken in pairs: every third. */
static void slope_of_many(void **state)
{
	static double x[3 * STATS_SLOPE_POINTS - 1], y[ARRAY_SIZE(x)];
	double slope;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(x); i++) {
		x[i] = (double)i;
		y[i] = 7 - 5 * (double)i;
	}
	assert_int_equal(stats_slope(x, y, ARRAY_SIZE(x), &slope), 0);
	assert_near(slope, -5, 1e-12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quantiles_and_outliers),
		cmocka_unit_test(percentile_99),
		cmocka_unit_test(nothing_from_nothing),
		cmocka_unit_test(bootstrap_of_few),
		cmocka_unit_test(bootstrap_repeats),
		cmocka_unit_test(ratios),
		cmocka_unit_test(differences),
		cmocka_unit_test(bootstrap_is_exact),
		cmocka_unit_test(bootstrap_covers),
		cmocka_unit_test(quotients_of_ratios),
		cmocka_unit_test(best_coverage),
		cmocka_unit_test(slopes),
		cmocka_unit_test(slope_of_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
