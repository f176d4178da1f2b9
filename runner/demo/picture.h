/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measurements as pictures of characters: stacked bars, and ratios with their intervals. Nothing is
 * told by colour alone. The numbers may be anybody's: what is not finite or negative is not drawn.
 */
#ifndef BENCH_RUNNER_DEMO_PICTURE_H
#define BENCH_RUNNER_DEMO_PICTURE_H

#include <stddef.h>

#include "base/stats.h"
#include "results/term.h"

#define PICTURE_PARTS 6  /* of a bar, each filled in another way */
#define PICTURE_LABEL 22 /* columns for what stands before a picture: "VM (distro-6.12)" */

struct picture_bar {
	const char *label;           /* clean (text_clean); here and below */
	double parts[PICTURE_PARTS]; /* one after the other, in the unit */
	const char *text;            /* at the bar's end */
};

/* The length of the bar. */
double picture_length(const struct picture_bar *b);

/*
 * Bars on a common scale, which ends at the longest; a bar that is too short for a column is shown
 * as a thin line. Below them the scale, in the form in which @unit ("ns") is best read. At most
 * t->width columns. Without a bar of any length nothing is printed.
 */
void picture_bars(struct term *t, const struct picture_bar *bars, size_t n, const char *unit);

/* Which part is filled how; a name that is NULL has none. */
void picture_legend(struct term *t, const char *const names[PICTURE_PARTS]);

struct picture_dot {
	const char *label;
	double value;
	struct interval ci; /* both NAN: none */
	const char *text;
};

/*
 * Ratios on a common logarithmic axis that has 1/2, 1 and 2 at least, with 1 marked all the way: a
 * dot with its interval each.
 */
void picture_dots(struct term *t, const struct picture_dot *dots, size_t n);

#endif
