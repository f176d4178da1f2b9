/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers that were read while ever more instances were held: a series of each launch. */
#ifndef BENCH_RESULTS_HELD_H
#define BENCH_RESULTS_HELD_H

#include <stdbool.h>
#include <stddef.h>

struct held_point {
	double held, value;
	/* The launch. Runs of a sample set: equal ids are the same pointer. */
	const char *run;
	unsigned replicate;
};

/* Sort by launch, then by number held. */
void held_sort(struct held_point *p, size_t n);

/* The end of the launch that begins at @from, of @n sorted points. */
size_t held_launch_end(const struct held_point *p, size_t n, size_t from);

/*
 * Turn what was there (MemAvailable) into what was taken since the launch's first point, at which
 * the fewest were held: in place, of sorted points.
 */
void held_taken(struct held_point *p, size_t n);

/* The line of least squares. slope is NAN where all points have the same number held. */
struct held_line {
	double slope, at_zero;
};
struct held_line held_fit(const struct held_point *p, size_t n);

/* Is given one whole sentence a call; @bad: somebody should look at it. */
typedef void (*held_remark_fn)(void *ctx, const char *text, bool bad);

#endif
