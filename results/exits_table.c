/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/exits_table.h"

#include <errno.h>
#include <stdlib.h>

#include "base/util.h"
#include "results/exits.h"
#include "results/grid.h"

/* Exits, their interval, those that came to the VMM; then the kinds. */
enum { AT_ALL, AT_INTERVAL, AT_USER, AT_KINDS };
#define FIRST_KIND (COUNT_USER + 1)
#define COLUMNS (AT_KINDS + COUNT_COUNT - FIRST_KIND)

static const char per_operation[] = "per operation", of_kind[] = "by kind";

static void make_columns(struct grid_column columns[COLUMNS])
{
	columns[AT_ALL] = (struct grid_column){ per_operation, "exits", false, false };
	columns[AT_INTERVAL] = (struct grid_column){ per_operation, "[95%]", true, true };
	columns[AT_USER] = (struct grid_column){ per_operation, "to the VMM", false, false };
	for (unsigned k = FIRST_KIND; k < COUNT_COUNT; k++)
		columns[AT_KINDS + k - FIRST_KIND] = (struct grid_column){ of_kind,
			exits_kind((enum exit_count)k), false, false };
}

static void fill_row(const struct summary *s, const struct exits_bench *b, size_t column,
	struct grid *g, size_t row)
{
	const struct summary_group *all = exits_group(s, b, COUNT_ALL, column);
	const struct summary_group *user = exits_group(s, b, COUNT_USER, column);

	text_row(&b->name, g->labels[row]);
	if (all) {
		exits_text(all->median, grid_cell(g, row, AT_ALL)->text);
		if (exits_shows(all->median))
			text_interval(all->ci, grid_cell(g, row, AT_INTERVAL)->text);
	}
	if (user)
		exits_text(user->median, grid_cell(g, row, AT_USER)->text);
	for (unsigned k = FIRST_KIND; k < COUNT_COUNT; k++) {
		const struct summary_group *kind = exits_group(s, b, (enum exit_count)k, column);

		if (kind && exits_shows(kind->median))
			exits_text(
				kind->median, grid_cell(g, row, AT_KINDS + k - FIRST_KIND)->text);
	}
}

static size_t rows_of(const struct summary *s, const struct exits *x, size_t column, size_t *rows)
{
	size_t n = 0;

	for (size_t i = 0; i < x->n; i++) {
		if (exits_group(s, &x->benches[i], COUNT_ALL, column) ||
			exits_group(s, &x->benches[i], COUNT_USER, column))
			rows[n++] = i;
	}
	return n;
}

static int print_way(struct term *t, const struct summary *s, const struct exits *x, size_t column,
	size_t *rows, struct err *e)
{
	size_t n = rows_of(s, x, column, rows);
	struct grid_column columns[COLUMNS];
	char name[LABEL_SIZE], label[LABEL_SIZE];
	struct grid g;
	int r;

	make_columns(columns);
	r = grid_make(&g, "benchmark", columns, COLUMNS, n, e);
	for (size_t i = 0; !r && i < n; i++)
		fill_row(s, &x->benches[rows[i]], column, &g, i);
	if (!r && n) {
		term_label(t, text_column(&s->columns[column], name), label, sizeof(label));
		term_put(t, "Exits per operation, ", 0, true, BOLD);
		term_put(t, label, 0, true, BOLD);
		term_end_line(t);
		r = grid_print(&g, t, e);
	}
	grid_free(&g);
	return r;
}

static int print_ways(struct term *t, const struct summary *s, const struct exits *x, struct err *e)
{
	cleanup_free size_t *rows = calloc(x->n + 1, sizeof(*rows));
	int r = 0;

	if (!rows)
		return err_set(e, -ENOMEM, "exits", "no memory for the table");
	for (size_t col = 0; !r && col < s->n_columns; col++)
		r = print_way(t, s, x, col, rows, e);
	if (!r && x->n) {
		term_wrapped(t, "", EXITS_LEGEND);
		term_end_line(t);
	}
	return r;
}

int exits_table_print(struct term *t, const struct summary *s, struct err *e)
{
	struct exits x;
	int r = exits_make(s, &x, e);

	if (!r)
		r = print_ways(t, s, &x, e);
	exits_free(&x);
	return r;
}
