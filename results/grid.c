/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/grid.h"

#include <errno.h>
#include <string.h>

#include "base/util.h"

#define GAP 2 /* blanks between columns of a group */
#define SEPARATOR 3

struct layout {
	const struct grid *g;
	struct term *t;
	int label_width;
	int *widths; /* of each column, 0: left out */
};

int grid_make(struct grid *g, const char *corner, const struct grid_column *columns,
	size_t n_columns, size_t n_rows, struct err *e)
{
	*g = (struct grid){ .corner = corner,
		.columns = columns,
		.n_columns = n_columns,
		.n_rows = n_rows,
		.cells = calloc(n_rows * n_columns + 1, sizeof(*g->cells)),
		.labels = calloc(n_rows + 1, sizeof(*g->labels)),
		.instead = calloc(n_rows + 1, sizeof(*g->instead)) };
	return g->cells && g->labels && g->instead
		       ? 0
		       : err_set(e, -ENOMEM, "malloc", "no memory for the table");
}

void grid_free(struct grid *g)
{
	free(g->cells);
	free(g->labels);
	free(g->instead);
}

/* The group that column @col begins in the block: how wide its columns are, and where it ends. */
static int group_width(const struct layout *l, size_t col, size_t to, size_t *end)
{
	const char *group = l->g->columns[col].group;
	int width = 0;

	for (*end = col; *end < to && l->g->columns[*end].group == group; (*end)++) {
		if (l->widths[*end])
			width += l->widths[*end] + (width ? GAP : 0);
	}
	return width;
}

/* The last column of a group takes what the group's heading needs beyond its columns. */
static void widen_groups(struct layout *l)
{
	size_t end;

	for (size_t col = 0; col < l->g->n_columns; col = end) {
		int width = group_width(l, col, l->g->n_columns, &end), more;
		size_t last = end;
		char label[LABEL_SIZE];

		if (!width)
			continue;
		while (!l->widths[--last])
			;
		term_label(l->t, l->g->columns[col].group, label, sizeof(label));
		more = term_width(label) - width;
		l->widths[last] += more > 0 ? more : 0;
	}
}

static void measure(struct layout *l)
{
	const struct grid *g = l->g;

	l->label_width = term_width(g->corner);
	for (size_t row = 0; row < g->n_rows; row++) {
		char label[LABEL_SIZE];
		int w;

		term_label(l->t, g->labels[row], label, sizeof(label));
		w = term_width(label);
		l->label_width = w > l->label_width ? w : l->label_width;
		for (size_t col = 0; col < g->n_columns; col++) {
			w = term_width(grid_cell(g, row, col)->text);
			l->widths[col] = w > l->widths[col] ? w : l->widths[col];
		}
	}
	for (size_t col = 0; col < g->n_columns; col++) {
		int w = term_width(g->columns[col].heading);

		if (l->widths[col] && w > l->widths[col])
			l->widths[col] = w;
	}
	widen_groups(l);
}

/* Is no column of the same group before it in the block that begins with @from? */
static bool starts_group(const struct layout *l, size_t from, size_t col)
{
	const char *group = l->g->columns[col].group;

	while (col-- > from) {
		if (l->widths[col])
			return l->g->columns[col].group != group;
	}
	return true;
}

/* Before a column's text, in every line of the block. */
static void lead_in(const struct layout *l, size_t from, size_t col)
{
	if (starts_group(l, from, col))
		term_separator(l->t);
	else
		term_gap(l->t, GAP);
}

static void print_groups(const struct layout *l, size_t from, size_t to)
{
	size_t end;

	term_put(l->t, "", l->label_width, true, NULL);
	for (size_t col = from; col < to; col = end) {
		int width = group_width(l, col, to, &end);
		char label[LABEL_SIZE];

		if (!width)
			continue;
		term_label(l->t, l->g->columns[col].group, label, sizeof(label));
		term_cut(label, width);
		term_separator(l->t);
		term_put(l->t, label, width, true, BOLD);
	}
	term_end_line(l->t);
}

static void print_headings(const struct layout *l, size_t from, size_t to)
{
	term_put(l->t, l->g->corner, l->label_width, true, BOLD);
	for (size_t col = from; col < to; col++) {
		if (!l->widths[col])
			continue;
		lead_in(l, from, col);
		term_put(l->t, l->g->columns[col].heading, l->widths[col], l->g->columns[col].left,
			BOLD);
	}
	term_end_line(l->t);
}

static void print_row(const struct layout *l, size_t row, size_t from, size_t to)
{
	const struct grid_cell *instead = &l->g->instead[row];
	char label[LABEL_SIZE];

	term_label(l->t, l->g->labels[row], label, sizeof(label));
	term_put(l->t, label, l->label_width, true, NULL);
	if (*instead->text) {
		term_separator(l->t);
		term_put(l->t, instead->text, 0, true, instead->color);
		to = from;
	}
	for (size_t col = from; col < to; col++) {
		const struct grid_cell *c = grid_cell(l->g, row, col);

		if (!l->widths[col])
			continue;
		lead_in(l, from, col);
		term_put(l->t, c->text, l->widths[col], l->g->columns[col].left, c->color);
	}
	term_end_line(l->t);
}

static bool fits(const struct layout *l, int used)
{
	return !l->t->width || used <= (int)l->t->width;
}

/* A group is taken apart only where it would not fit a block of its own either. */
static bool better_below(const struct layout *l, int used, size_t from, size_t col)
{
	size_t end;
	int width;

	if (col == from || !starts_group(l, from, col))
		return false;
	width = SEPARATOR + group_width(l, col, l->g->n_columns, &end);
	return !fits(l, used + width) && fits(l, l->label_width + width);
}

/* Where the block that begins with @from ends: at least one column and those bound to it. */
static size_t block_end(const struct layout *l, size_t from)
{
	int used = l->label_width;
	size_t end = from;

	for (size_t col = from; col < l->g->n_columns && !better_below(l, used, from, col);) {
		do {
			if (l->widths[col])
				used += l->widths[col] +
					(starts_group(l, from, col) ? SEPARATOR : GAP);
			col++;
		} while (col < l->g->n_columns && l->g->columns[col].with_last);
		if (end > from && !fits(l, used))
			break;
		end = col;
	}
	return end;
}

static bool is_empty(const struct layout *l, size_t from, size_t to)
{
	while (from < to && !l->widths[from])
		from++;
	return from == to;
}

int grid_print(const struct grid *g, struct term *t, struct err *e)
{
	cleanup_free int *widths = calloc(g->n_columns + 1, sizeof(int));
	struct layout l = { .g = g, .t = t, .widths = widths };
	size_t from = 0;

	if (!widths)
		return err_set(e, -ENOMEM, "malloc", "no memory for the table");
	measure(&l);
	do {
		size_t to = block_end(&l, from);

		if (from && is_empty(&l, from, to))
			break;
		print_groups(&l, from, to);
		print_headings(&l, from, to);
		for (size_t row = 0; row < g->n_rows; row++)
			print_row(&l, row, from, to);
		term_end_line(t);
		from = to;
	} while (from < g->n_columns);
	return 0;
}
