/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/held.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int by_launch(const void *a, const void *b)
{
	const struct held_point *x = a, *y = b;

	if (x->run != y->run)
		return strcmp(x->run, y->run);
	if (x->replicate != y->replicate)
		return x->replicate < y->replicate ? -1 : 1;
	if (x->held < y->held || x->held > y->held)
		return x->held < y->held ? -1 : 1;
	return (x->value > y->value) - (x->value < y->value);
}

void held_sort(struct held_point *p, size_t n)
{
	if (n)
		qsort(p, n, sizeof(*p), by_launch);
}

size_t held_launch_end(const struct held_point *p, size_t n, size_t from)
{
	size_t to = from;

	while (to < n && p[to].run == p[from].run && p[to].replicate == p[from].replicate)
		to++;
	return to;
}

void held_taken(struct held_point *p, size_t n)
{
	for (size_t from = 0, to; from < n; from = to) {
		double there = p[from].value;

		to = held_launch_end(p, n, from);
		for (size_t i = from; i < to; i++)
			p[i].value = there - p[i].value;
	}
}

struct held_line held_fit(const struct held_point *p, size_t n)
{
	double x = 0, y = 0, xx = 0, xy = 0, slope;

	for (size_t i = 0; i < n; i++) {
		x += p[i].held / (double)n;
		y += p[i].value / (double)n;
	}
	for (size_t i = 0; i < n; i++) {
		xx += (p[i].held - x) * (p[i].held - x);
		xy += (p[i].held - x) * (p[i].value - y);
	}
	slope = xx > 0 ? xy / xx : NAN;
	return (struct held_line){ slope, y - slope * x };
}
