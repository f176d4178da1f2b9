/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exits per operation: a table for each way of running that counts them. */
#ifndef BENCH_RESULTS_EXITS_TABLE_H
#define BENCH_RESULTS_EXITS_TABLE_H

#include "results/exits.h"
#include "results/grid.h"

/* All exits, their interval, those to the VMM, and a column a kind. */
#define EXITS_COLUMNS (COUNT_COUNT + 1)

/*
 * What a way of running counted, a row a benchmark; no row: it counted nothing. The grid keeps
 * pointing to @columns, which is filled here; the caller ends it with grid_free either way. 0 or
 * -ENOMEM.
 */
int exits_grid(struct grid *g, struct grid_column columns[EXITS_COLUMNS], const struct summary *s,
	const struct exits *x, size_t column, struct err *e);

/* All of them on a terminal. Nothing where nobody counted. */
int exits_table_print(struct term *t, const struct summary *s, struct err *e);

#endif
