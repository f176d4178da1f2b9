/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/table.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/util.h"
#include "results/covered.h"
#include "results/exits_table.h"
#include "results/held_table.h"
#include "results/notes.h"
#include "results/null.h"
#include "results/startup_table.h"
#include "results/summary_csv.h"
#include "results/table_json.h"
#include "results/term.h"
#include "results/text.h"

/* A cell has four fields side by side, or one text over all of them. */
enum field { FIELD_VALUE, FIELD_RATIO, FIELD_INTERVAL, FIELD_MARK, FIELD_COUNT };

/* The order of fields with their gaps, alignment and heading. */
static const struct {
	int gap; /* blanks before it */
	bool left;
	const char *heading;
} fields[FIELD_COUNT] = {
	[FIELD_VALUE] = { 0, false, "median" },
	[FIELD_RATIO] = { 2, false, "ratio" },
	[FIELD_INTERVAL] = { 1, true, "[95%]" },
	[FIELD_MARK] = { 1, true, "" },
};

struct cell {
	char text[FIELD_COUNT][TEXT_SIZE];
	char instead[TEXT_SIZE]; /* "skipped (1)"; the fields are then empty */
	const char *color;
};

struct layout {
	struct term *t;
	const struct summary *s;
	const struct notes *notes;
	size_t *rows, *columns; /* of the summary, that are shown */
	size_t n_rows, n_columns;
	struct cell *cells; /* rows by columns, a row of headings in front */
	char (*labels)[LABEL_SIZE];
	int label_width;
	int (*widths)[FIELD_COUNT]; /* of each column */
	int *totals;                /* of each column, all fields and gaps */
};

/* Where the whole interval lies on one side of 1, the colour says on which. */
static const char *color_of(const struct summary_group *g)
{
	if (!stats_has_interval(g->ratio_ci))
		return NULL;
	return g->ratio_ci.low > 1 ? YELLOW : g->ratio_ci.high < 1 ? GREEN : NULL;
}

static void fill_cell(const struct layout *l, const struct summary_group *g, struct cell *c)
{
	unsigned note;

	if (!g) {
		snprintf(c->instead, sizeof(c->instead), "-");
		return;
	}
	note = notes_number(l->notes, l->s, g);
	if (!g->n_samples) {
		const char *name = sample_status_names[g->status];

		if (note)
			snprintf(c->instead, sizeof(c->instead), "%s (%u)", name, note);
		else
			snprintf(c->instead, sizeof(c->instead), "%s", name);
		c->color = summary_has_failures(g) ? RED : DIM;
		return;
	}
	text_value(g->median, l->s->rows[g->row].unit, l->t->utf8, c->text[FIELD_VALUE]);
	text_ratio(g->ratio, c->text[FIELD_RATIO]);
	text_interval(g->ratio_ci, c->text[FIELD_INTERVAL]);
	if (note)
		snprintf(c->text[FIELD_MARK], TEXT_SIZE, "(%u)", note);
	c->color = color_of(g);
}

static struct cell *cell_at(const struct layout *l, size_t line, size_t column)
{
	return &l->cells[line * l->n_columns + column];
}

/* One of each host. */
static bool is_baseline(const struct layout *l, size_t col)
{
	return summary_is_baseline(l->s, l->columns[col]);
}

/* Line 0 is the second line of the heading: what the fields are. */
static void fill_cells(struct layout *l)
{
	for (size_t col = 0; col < l->n_columns; col++) {
		struct cell *head = cell_at(l, 0, col);

		for (int k = 0; k < FIELD_COUNT; k++) {
			if (k == FIELD_VALUE || !is_baseline(l, col))
				snprintf(head->text[k], TEXT_SIZE, "%s", fields[k].heading);
		}
		for (size_t row = 0; row < l->n_rows; row++)
			fill_cell(l, summary_cell(l->s, l->rows[row], l->columns[col]),
				cell_at(l, row + 1, col));
	}
}

static const char *column_label(const struct layout *l, size_t col, char out[LABEL_SIZE])
{
	char name[LABEL_SIZE];

	term_label(l->t, text_column(&l->s->columns[l->columns[col]], name), out, LABEL_SIZE);
	return out;
}

static void measure_column(struct layout *l, size_t col)
{
	char label[LABEL_SIZE];
	int *width = l->widths[col], total = 0, least = 0, w;

	for (size_t line = 0; line <= l->n_rows; line++) {
		const struct cell *c = cell_at(l, line, col);

		for (int k = 0; k < FIELD_COUNT; k++) {
			w = term_width(c->text[k]);
			width[k] = w > width[k] ? w : width[k];
		}
		w = term_width(c->instead);
		least = w > least ? w : least;
	}
	w = term_width(column_label(l, col, label));
	least = w > least ? w : least;
	for (int k = 0; k < FIELD_COUNT; k++)
		total += width[k] ? width[k] + (k ? fields[k].gap : 0) : 0;
	if (total < least) {
		width[FIELD_VALUE] += least - total;
		total = least;
	}
	l->totals[col] = total;
}

/* What no other table tells of. */
static void choose(struct layout *l)
{
	const struct summary *s = l->s;

	for (size_t row = 0; row < s->n_rows; row++) {
		if (!covered(&s->rows[row]))
			l->rows[l->n_rows++] = row;
	}
	for (size_t col = 0; col < s->n_columns; col++) {
		if (covered_leaves_column(s, col))
			l->columns[l->n_columns++] = col;
	}
}

static int lay_out(struct layout *l, struct err *e)
{
	const struct summary *s = l->s;

	l->rows = calloc(s->n_rows, sizeof(*l->rows));
	l->columns = calloc(s->n_columns, sizeof(*l->columns));
	if (!l->rows || !l->columns)
		return err_set(e, -ENOMEM, "malloc", "no memory for the table");
	choose(l);
	l->cells = calloc((l->n_rows + 1) * l->n_columns, sizeof(*l->cells));
	l->labels = calloc(l->n_rows + 1, sizeof(*l->labels));
	l->widths = calloc(l->n_columns, sizeof(*l->widths));
	l->totals = calloc(l->n_columns, sizeof(*l->totals));
	if (!l->cells || !l->labels || !l->widths || !l->totals)
		return err_set(e, -ENOMEM, "malloc", "no memory for the table");
	l->label_width = term_width("benchmark");
	for (size_t i = 0; i < l->n_rows; i++) {
		char label[LABEL_SIZE];
		int w;

		term_label(l->t, text_row(&s->rows[l->rows[i]], label), l->labels[i], LABEL_SIZE);
		w = term_width(l->labels[i]);
		l->label_width = w > l->label_width ? w : l->label_width;
	}
	fill_cells(l);
	for (size_t col = 0; col < l->n_columns; col++)
		measure_column(l, col);
	return 0;
}

static void layout_free(struct layout *l)
{
	free(l->rows);
	free(l->columns);
	free(l->cells);
	free(l->labels);
	free(l->widths);
	free(l->totals);
}

static void put_cell(
	struct term *t, const struct cell *c, const int *width, int total, const char *color)
{
	if (*c->instead) {
		term_put(t, c->instead, total, true, color);
		return;
	}
	for (int k = 0; k < FIELD_COUNT; k++) {
		if (!width[k])
			continue;
		term_gap(t, k ? fields[k].gap : 0);
		term_put(t, c->text[k], width[k], fields[k].left, color);
	}
}

/* One table with the baseline @base and the columns from @from up to @to. */
static void print_part(const struct layout *l, size_t base, size_t from, size_t to)
{
	struct term *t = l->t;

	term_put(t, "benchmark", l->label_width, true, BOLD);
	for (size_t col = base; col < to; col = col == base ? from : col + 1) {
		char label[LABEL_SIZE];

		term_separator(t);
		term_put(t, column_label(l, col, label), l->totals[col], true, BOLD);
	}
	term_end_line(t);
	for (size_t line = 0; line <= l->n_rows; line++) {
		term_put(t, line ? l->labels[line - 1] : "", l->label_width, true, NULL);
		for (size_t col = base; col < to; col = col == base ? from : col + 1) {
			const struct cell *c = cell_at(l, line, col);

			term_separator(t);
			put_cell(t, c, l->widths[col], l->totals[col], line ? c->color : DIM);
		}
		term_end_line(t);
	}
}

/*
 * As many columns side by side as fit, the others in further tables, each with its baseline; the
 * columns of a host follow its baseline.
 */
static void print_parts(const struct layout *l)
{
	size_t n = l->n_columns, from, to;

	for (size_t base = 0; base < n; base = from) {
		from = base + 1;
		do {
			int used = l->label_width + 3 + l->totals[base];

			for (to = from; to < n && !is_baseline(l, to); to++) {
				used += 3 + l->totals[to];
				if (to > from && l->t->width && used > (int)l->t->width)
					break;
			}
			if (from > 1)
				term_end_line(l->t);
			print_part(l, base, from, to);
			from = to;
		} while (from < n && !is_baseline(l, from));
	}
	term_end_line(l->t);
}

static int print_grid(
	struct term *t, const struct summary *s, const struct notes *notes, struct err *e)
{
	struct layout l = { .t = t, .s = s, .notes = notes };
	int r = lay_out(&l, e);

	if (!r && l.n_rows)
		print_parts(&l);
	layout_free(&l);
	return r;
}

static void print_notes(struct term *t, const struct summary *s, const struct notes *notes)
{
	char caveat[CAVEAT_SIZE];

	for (size_t i = 0; i < notes->n; i++) {
		char label[TEXT_SIZE];

		snprintf(label, sizeof(label), "(%zu) ", i + 1);
		term_wrapped(t, label, notes->texts[i]);
	}
	term_wrapped(t, "", text_caveat(s, caveat));
}

/* A null comparison that failed stands before all else: nobody is to read a table without it. */
static void print_null(
	struct term *t, const struct summary *s, const struct null_comparison *null, bool failed)
{
	char text[NULL_TEXT_SIZE];

	if (!null->way || failed != (null->n_differs > 0))
		return;
	term_wrapped(t, "", null_text(null, text));
	for (size_t i = 0; i < null->n_differs; i++)
		term_wrapped(t, "  ", null_difference_text(s, &null->differs[i], text));
	if (failed)
		term_end_line(t);
}

static int print_text(FILE *f, const struct summary *s, const struct manifest *m,
	const struct table_options *opt, struct err *e)
{
	struct term t = { .f = f, .color = opt->color, .utf8 = text_utf8(), .width = opt->width };
	struct null_comparison null = { 0 };
	struct notes notes;
	int r = notes_make(s, &notes, e);

	if (!r)
		r = null_make(s, &null, e);
	if (!r && manifest_emulated(m)) {
		term_put(&t, EMULATED_MARK, 0, true, BOLD);
		fputs("\n\n", f);
	}
	if (!r)
		print_null(&t, s, &null, true);
	if (!r)
		r = startup_table_print(&t, s, &notes, e);
	if (!r)
		r = held_table_print(&t, s, &notes, e);
	if (!r)
		r = print_grid(&t, s, &notes, e);
	if (!r)
		r = exits_table_print(&t, s, e);
	if (!r)
		print_notes(&t, s, &notes);
	if (!r)
		print_null(&t, s, &null, false);
	null_free(&null);
	notes_free(&notes);
	return r;
}

int table_print(FILE *f, const struct summary *s, const struct manifest *m,
	const struct table_options *opt, struct err *e)
{
	int r = 0;

	if (opt->format == TABLE_TEXT)
		return print_text(f, s, m, opt, e);
	r = opt->format == TABLE_CSV ? summary_print_csv(f, s) : table_print_json(f, s, m);
	return r < 0 ? err_set(e, r, "write", "the table could not be written: %s", strerror(-r))
		     : 0;
}
