/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a group of samples stands in a cell of a grid, on a terminal and in the report alike. */
#ifndef BENCH_RESULTS_GROUP_CELL_H
#define BENCH_RESULTS_GROUP_CELL_H

#include "results/grid.h"
#include "results/notes.h"

struct cell_context {
	const struct summary *s;
	const struct notes *notes;
	bool utf8;
	bool links; /* notes by number, for grid_html; else as text */
};

/* @v in the unit of @g, NULL or without values included: "n/a" where it was skipped. */
void group_cell_value(const struct cell_context *c, const struct summary_group *g, double v,
	struct grid_cell *cell);

/* The interval of @g in the scale of its median. */
void group_cell_interval(
	const struct cell_context *c, const struct summary_group *g, struct grid_cell *cell);

/* A word in @color, and the note of @g (may be NULL). */
void group_cell_word(const struct cell_context *c, const struct summary_group *g, const char *word,
	const char *color, struct grid_cell *cell);

/*
 * Where none of @n groups has a value, the status and the note of the first that is there, for a
 * row's "instead".
 */
void group_cell_instead(const struct cell_context *c, const struct summary_group *const *groups,
	size_t n, struct grid_cell *cell);

#endif
