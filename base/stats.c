/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/stats.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

#include "base/util.h"

static const struct interval no_interval = { NAN, NAN };

#define ALPHA 0.05 /* what a 95 % interval leaves out */

void stats_sort(double *values, size_t n)
{
	gsl_sort(values, 1, n);
}

double stats_quantile(const double *sorted, size_t n, double p)
{
	return n ? gsl_stats_quantile_from_sorted_data(sorted, 1, n, p) : NAN;
}

double stats_median(const double *sorted, size_t n)
{
	return n ? gsl_stats_median_from_sorted_data(sorted, 1, n) : NAN;
}

int stats_mad(const double *values, size_t n, double *mad)
{
	cleanup_free double *work = NULL;

	*mad = NAN;
	if (!n)
		return 0;
	work = calloc(n, sizeof(*work));
	if (!work)
		return -ENOMEM;
	*mad = gsl_stats_mad0(values, 1, n, work);
	return 0;
}

struct outliers stats_outliers(const double *sorted, size_t n)
{
	double q1 = stats_quantile(sorted, n, 0.25), q3 = stats_quantile(sorted, n, 0.75);
	double range = q3 - q1;
	struct outliers o = { 0 };

	for (size_t i = 0; i < n; i++) {
		double beyond = fmax(q1 - sorted[i], sorted[i] - q3);

		if (beyond > 3 * range)
			o.extreme++;
		else if (beyond > 1.5 * range)
			o.mild++;
	}
	return o;
}

/* What a bootstrap needs: the generator, the groups in order, and a statistic for each resample. */
struct bootstrap {
	gsl_rng *rng;
	double *statistic;            /* STATS_RESAMPLES */
	double *sorted[STATS_GROUPS]; /* copies of the groups, ascending */
};

static void bootstrap_end(struct bootstrap *b)
{
	if (b->rng)
		gsl_rng_free(b->rng);
	free(b->statistic);
	for (unsigned i = 0; i < STATS_GROUPS; i++)
		free(b->sorted[i]);
}
#define cleanup_bootstrap __attribute__((cleanup(bootstrap_end)))

static int no_memory(struct err *e)
{
	return err_set(e, -ENOMEM, "bootstrap", "no memory for the bootstrap");
}

/* Named generator, not gsl_rng_default: the environment must not change the answer. */
static int bootstrap_begin(struct bootstrap *b, unsigned long seed, struct err *e)
{
	b->rng = gsl_rng_alloc(gsl_rng_mt19937);
	b->statistic = calloc(STATS_RESAMPLES, sizeof(double));
	if (!b->rng || !b->statistic)
		return no_memory(e);
	gsl_rng_set(b->rng, seed);
	return 0;
}

static int bootstrap_take(
	struct bootstrap *b, unsigned group, const double *values, size_t n, struct err *e)
{
	b->sorted[group] = calloc(n, sizeof(double));
	if (!b->sorted[group])
		return no_memory(e);
	memcpy(b->sorted[group], values, n * sizeof(double));
	stats_sort(b->sorted[group], n);
	return 0;
}

/* The value at floor(n u); u may round up to 1. */
static double value_at(const double *sorted, size_t n, double u)
{
	size_t i = (size_t)((double)n * u);

	return sorted[i < n ? i : n - 1];
}

/*
 * The median of n values drawn with replacement, without drawing them. A draw from sorted values is
 * the value at floor(n U) for a uniform U, so the k-th smallest of n draws lies at the k-th
 * smallest of n uniforms, which is distributed as Beta(k, n + 1 - k) (David and Nagaraja, Order
 * Statistics, 2.3); and the next larger one, given that, as the least of the n - k that are left.
 */
static double resampled_median(const struct bootstrap *b, unsigned group, size_t n)
{
	size_t k = (n + 1) / 2;
	double u = gsl_ran_beta(b->rng, (double)k, (double)(n + 1 - k));
	double low = value_at(b->sorted[group], n, u);

	if (n % 2)
		return low;
	u += (1 - u) * gsl_ran_beta(b->rng, 1, (double)(n - k));
	return (low + value_at(b->sorted[group], n, u)) / 2;
}

/* The part @alpha is left out, half of it on either side. */
static struct interval middle(double *values, size_t n, double alpha)
{
	stats_sort(values, n);
	return (struct interval){ stats_quantile(values, n, alpha / 2),
		stats_quantile(values, n, 1 - alpha / 2) };
}

/* Of the groups' resampled medians; false: there is no such statistic. */
typedef bool (*statistic_fn)(const double *medians, double *statistic);

/* The interval of a statistic of @n groups, each resampled independently of the others. */
static int bootstrap(const struct stats_group *groups, size_t n, statistic_fn statistic,
	double alpha, unsigned long seed, struct interval *ci, struct err *e)
{
	cleanup_bootstrap struct bootstrap b = { 0 };
	int r;

	*ci = no_interval;
	for (unsigned i = 0; i < n; i++) {
		if (groups[i].n < 2)
			return 0;
	}
	r = bootstrap_begin(&b, seed, e);
	for (unsigned i = 0; !r && i < n; i++)
		r = bootstrap_take(&b, i, groups[i].values, groups[i].n, e);
	if (r)
		return r;
	for (size_t i = 0; i < STATS_RESAMPLES; i++) {
		double medians[STATS_GROUPS] = { 0 };

		for (unsigned k = 0; k < n; k++)
			medians[k] = resampled_median(&b, k, groups[k].n);
		if (!statistic(medians, &b.statistic[i]))
			return 0;
	}
	*ci = middle(b.statistic, STATS_RESAMPLES, alpha);
	return 0;
}

static bool median_itself(const double *m, double *statistic)
{
	*statistic = m[0];
	return true;
}

static bool ratio_of(const double *m, double *statistic)
{
	if (m[1] <= 0)
		return false;
	*statistic = m[0] / m[1];
	return true;
}

static bool difference_of(const double *m, double *statistic)
{
	*statistic = m[0] - m[1];
	return true;
}

static bool quotient_of_ratios(const double *m, double *statistic)
{
	if (m[1] <= 0 || m[2] <= 0 || m[3] <= 0)
		return false;
	*statistic = m[0] / m[1] / (m[2] / m[3]);
	return true;
}

int stats_bootstrap_median(
	const double *values, size_t n, unsigned long seed, struct interval *ci, struct err *e)
{
	const struct stats_group group = { values, n };

	return bootstrap(&group, 1, median_itself, ALPHA, seed, ci, e);
}

int stats_bootstrap_ratio(const double *a, size_t na, const double *b, size_t nb,
	unsigned long seed, struct interval *ci, struct err *e)
{
	const struct stats_group groups[] = { { a, na }, { b, nb } };

	return bootstrap(groups, 2, ratio_of, ALPHA, seed, ci, e);
}

int stats_bootstrap_difference(const double *a, size_t na, const double *b, size_t nb,
	unsigned long seed, struct interval *ci, struct err *e)
{
	const struct stats_group groups[] = { { a, na }, { b, nb } };

	return bootstrap(groups, 2, difference_of, ALPHA, seed, ci, e);
}

int stats_bootstrap_ratios(const struct stats_group *groups, size_t n, double alpha,
	unsigned long seed, struct interval *ci, struct err *e)
{
	return bootstrap(
		groups, n, n == STATS_GROUPS ? quotient_of_ratios : ratio_of, alpha, seed, ci, e);
}

int stats_slope(const double *x, const double *y, size_t n, double *slope)
{
	size_t step = n / STATS_SLOPE_POINTS + 1, points = (n + step - 1) / step, pairs = 0;
	cleanup_free double *slopes = NULL;

	*slope = NAN;
	if (n < 2)
		return 0;
	slopes = calloc(points * (points - 1) / 2 + 1, sizeof(*slopes));
	if (!slopes)
		return -ENOMEM;
	for (size_t i = 0; i < n; i += step) {
		for (size_t k = i + step; k < n; k += step) {
			if (x[k] != x[i])
				slopes[pairs++] = (y[k] - y[i]) / (x[k] - x[i]);
		}
	}
	stats_sort(slopes, pairs);
	*slope = stats_median(slopes, pairs);
	return 0;
}

double stats_interval_coverage(size_t n)
{
	return n ? 1 - ldexp(1, 1 - (int)(n < 1000 ? n : 1000)) : 0;
}

bool stats_has_interval(struct interval ci)
{
	return !isnan(ci.low) && !isnan(ci.high);
}
