/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/exits_table.h"

/* Exits, their interval, those that came to the VMM; then the kinds. */
enum { AT_ALL, AT_INTERVAL, AT_USER, AT_KINDS };
#define FIRST_KIND (COUNT_USER + 1)

static const char per_operation[] = "per operation", of_kind[] = "by kind";

static void make_columns(struct grid_column columns[EXITS_COLUMNS])
{
	columns[AT_ALL] = (struct grid_column){ per_operation, "exits", false, false };
	columns[AT_INTERVAL] = (struct grid_column){ per_operation, "[95%]", true, true };
	columns[AT_USER] = (struct grid_column){ per_operation, "to the VMM", false, false };
	for (unsigned k = FIRST_KIND; k < COUNT_COUNT; k++)
		columns[AT_KINDS + k - FIRST_KIND] = (struct grid_column){ of_kind,
			exits_kind((enum exit_count)k), false, false };
}

/* false: the way counted nothing of the benchmark. */
static bool fill_row(const struct summary *s, const struct exits_bench *b, size_t column,
	struct grid *g, size_t row)
{
	const struct summary_group *all = exits_group(s, b, COUNT_ALL, column);
	const struct summary_group *user = exits_group(s, b, COUNT_USER, column);

	if (!all && !user)
		return false;
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
	return true;
}

int exits_grid(struct grid *g, struct grid_column columns[EXITS_COLUMNS], const struct summary *s,
	const struct exits *x, size_t column, struct err *e)
{
	int r;

	make_columns(columns);
	r = grid_make(g, "benchmark", columns, EXITS_COLUMNS, x->n, e);
	g->n_rows = 0;
	for (size_t i = 0; !r && i < x->n; i++)
		g->n_rows += fill_row(s, &x->benches[i], column, g, g->n_rows);
	return r;
}

static int print_way(struct term *t, const struct summary *s, const struct exits *x, size_t column,
	struct err *e)
{
	struct grid_column columns[EXITS_COLUMNS];
	char name[LABEL_SIZE], label[LABEL_SIZE];
	struct grid g;
	int r = exits_grid(&g, columns, s, x, column, e);

	if (!r && g.n_rows) {
		term_label(t, text_column(&s->columns[column], name), label, sizeof(label));
		term_put(t, "Exits per operation, ", 0, true, BOLD);
		term_put(t, label, 0, true, BOLD);
		term_end_line(t);
		r = grid_print(&g, t, e);
	}
	grid_free(&g);
	return r;
}

int exits_table_print(struct term *t, const struct summary *s, struct err *e)
{
	struct exits x;
	int r = exits_make(s, &x, e);

	for (size_t col = 0; !r && x.n && col < s->n_columns; col++)
		r = print_way(t, s, &x, col, e);
	if (!r && x.n) {
		term_wrapped(t, "", EXITS_LEGEND);
		term_end_line(t);
	}
	exits_free(&x);
	return r;
}
