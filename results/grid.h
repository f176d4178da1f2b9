/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A table on a terminal whose columns wrap: what does not fit beside the names of the rows goes
 * into a further block below, with the names again.
 */
#ifndef BENCH_RESULTS_GRID_H
#define BENCH_RESULTS_GRID_H

#include <stddef.h>

#include "base/err.h"
#include "results/term.h"
#include "results/text.h"

struct grid_column {
	const char
		*group; /* heading above its first column; the same pointer on all of its columns */
	const char *heading;
	bool left;      /* aligned */
	bool with_last; /* stays in the block of the column before */
};

struct grid_cell {
	char text[TEXT_SIZE];
	const char *color;
	unsigned note; /* of grid_html alone: the number of a note to link to; 0: none */
};

struct grid {
	const char *corner; /* heading of the rows' names */
	const struct grid_column *columns;
	size_t n_columns, n_rows;
	struct grid_cell *cells;    /* n_rows * n_columns; a column without any text is left out */
	char (*labels)[LABEL_SIZE]; /* of the rows, untrusted */
	struct grid_cell
		*instead; /* of each row: where it has text, printed instead of the cells */
};

/* Make room for cells; the caller ends @g with grid_free either way. */
int grid_make(struct grid *g, const char *corner, const struct grid_column *columns,
	size_t n_columns, size_t n_rows, struct err *e);
void grid_free(struct grid *g);

static inline struct grid_cell *grid_cell(const struct grid *g, size_t row, size_t column)
{
	return &g->cells[row * g->n_columns + column];
}

int grid_print(const struct grid *g, struct term *t, struct err *e);

/* The same as tables of report.html, with notes as links; a group stays in one of them. */
void grid_html(const struct grid *g, FILE *f);

#endif
