/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Robust statistics of small samples (docs/method.md), on top of GSL. Nothing here prints, keeps
 * state or depends on the order in which it is called: the same numbers and the same seed give the
 * same answer on every machine.
 */
#ifndef BENCH_BASE_STATS_H
#define BENCH_BASE_STATS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* Resamples of a bootstrap: the end points of a 95 % interval then wander by well under 1 %. */
#define STATS_RESAMPLES 4000

struct interval {
	double low, high; /* both NAN where there is none */
};

/* How many values lie outside Tukey's fences; an extreme one is not also counted as mild. */
struct outliers {
	size_t mild;    /* beyond 1.5 interquartile ranges from the nearer quartile */
	size_t extreme; /* beyond 3 */
};

/* Sort @n values in place, ascending. They must be finite, here and everywhere below. */
void stats_sort(double *values, size_t n);

/*
 * The quantile @p in [0, 1] of @n sorted values by linear interpolation between the order
 * statistics (Hyndman and Fan's type 7: what GSL, R and NumPy do by default). NAN when @n is 0.
 */
double stats_quantile(const double *sorted, size_t n, double p);

/* The quantile 0.5. NAN when @n is 0. */
double stats_median(const double *sorted, size_t n);

/*
 * Median absolute deviation from the median, as it is: not multiplied by 1.4826 to look like a
 * standard deviation. -ENOMEM, or 0 and *@mad (NAN when @n is 0).
 */
int stats_mad(const double *values, size_t n, double *mad);

/* Tukey's classes of outliers, quartiles of type 7 (J. W. Tukey, Exploratory Data Analysis, 1977).
 */
struct outliers stats_outliers(const double *sorted, size_t n);

/*
 * 95 % interval of the median by the percentile bootstrap: @n values, one for each independent
 * replicate, are drawn with replacement STATS_RESAMPLES times. With fewer than two values there is
 * no interval (both ends NAN). What it is worth for few replicates: stats_interval_coverage().
 */
int stats_bootstrap_median(
	const double *values, size_t n, unsigned long seed, struct interval *ci, struct err *e);

/*
 * 95 % interval of median(@a) / median(@b), both groups resampled independently. None (both ends
 * NAN) where a group has fewer than two values, or where a resampled median of @b is not positive:
 * a ratio to nothing means nothing.
 */
int stats_bootstrap_ratio(const double *a, size_t na, const double *b, size_t nb,
	unsigned long seed, struct interval *ci, struct err *e);

/* The same of median(@a) - median(@b), which always exists from two values each on. */
int stats_bootstrap_difference(const double *a, size_t na, const double *b, size_t nb,
	unsigned long seed, struct interval *ci, struct err *e);

/* A group of values, one for each independent replicate. Borrowed. */
struct stats_group {
	const double *values;
	size_t n;
};
#define STATS_GROUPS 4

/*
 * Interval at the level 1 - @alpha of median(@groups[0]) / median(@groups[1]) for @n 2, and for @n
 * STATS_GROUPS of that ratio over median(@groups[2]) / median(@groups[3]); all groups are resampled
 * independently. None as for stats_bootstrap_ratio. With STATS_RESAMPLES an @alpha below 0.001 is
 * decided by a resample or two on each side.
 */
int stats_bootstrap_ratios(const struct stats_group *groups, size_t n, double alpha,
	unsigned long seed, struct interval *ci, struct err *e);

/*
 * The slope of @y over @x by Theil and Sen: the median of the slopes between all pairs of points
 * with different @x (P. K. Sen, J. Am. Stat. Assoc. 63, 1968). Up to 29 % of the points may be
 * anything without moving it far. Beyond STATS_SLOPE_POINTS it takes every second point, or every
 * third, and so on. NAN where there is no such pair. 0 or -ENOMEM.
 */
#define STATS_SLOPE_POINTS 1500
int stats_slope(const double *x, const double *y, size_t n, double *slope);

/*
 * The best that any interval between two of @n values can do: the widest, from the smallest to the
 * largest, misses the true median when all lie on one side of it, with probability 2^(1-n). 0.75
 * for n = 3, 0.998 for n = 10.
 */
double stats_interval_coverage(size_t n);

/* Does the interval exist? */
bool stats_has_interval(struct interval ci);

#endif
