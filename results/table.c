/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/table.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <wchar.h>

#include "base/util.h"
#include "results/notes.h"
#include "results/summary_csv.h"
#include "results/table_json.h"
#include "results/text.h"

#define MAX_LABEL 40 /* display width of a row's name; longer ones are cut */

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
	FILE *f;
	const struct summary *s;
	const struct table_options *opt;
	struct notes notes;
	struct cell *cells; /* like summary.cells, plus a row of headings in front */
	char (*labels)[LABEL_SIZE];
	int label_width;
	int (*widths)[FIELD_COUNT]; /* of each column */
	int *totals;                /* of each column, all fields and gaps */
	bool utf8;
};

#define RED "\033[31m"
#define GREEN "\033[32m"
#define YELLOW "\033[33m"
#define DIM "\033[2m"
#define BOLD "\033[1m"
#define PLAIN "\033[0m"

/* Display width of the character at *@s, which is passed over; text here is clean. */
static int next_width(const char **s)
{
	unsigned code;
	size_t n = text_utf8_char(*s, &code);
	int w = n > 1 ? wcwidth((wchar_t)code) : 1;

	*s += n ? n : 1;
	return w < 0 ? 1 : w;
}

static int width_of(const char *s)
{
	int width = 0;

	while (*s)
		width += next_width(&s);
	return width;
}

static void pad(FILE *f, int n)
{
	if (n > 0)
		fprintf(f, "%*s", n, "");
}

static void put_colored(const struct layout *l, const char *color, const char *s)
{
	if (l->opt->color && color)
		fprintf(l->f, "%s%s" PLAIN, color, s);
	else
		fputs(s, l->f);
}

/* Cut @s to @width columns. */
static void cut(char *s, int width)
{
	const char *at = s, *end = s;
	int used = 0;

	while (*at && used <= width) {
		end = at;
		used += next_width(&at);
	}
	if (used > width)
		s[end - s] = '\0';
}

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
	note = notes_number(&l->notes, l->s, g);
	if (!g->n_samples) {
		const char *name = sample_status_names[g->status];

		if (note)
			snprintf(c->instead, sizeof(c->instead), "%s (%u)", name, note);
		else
			snprintf(c->instead, sizeof(c->instead), "%s", name);
		c->color = summary_has_failures(g) ? RED : DIM;
		return;
	}
	text_value(g->median, l->s->rows[g->row].unit, l->utf8, c->text[FIELD_VALUE]);
	text_ratio(g->ratio, c->text[FIELD_RATIO]);
	text_interval(g->ratio_ci, c->text[FIELD_INTERVAL]);
	if (note)
		snprintf(c->text[FIELD_MARK], TEXT_SIZE, "(%u)", note);
	c->color = color_of(g);
}

static struct cell *cell_at(const struct layout *l, size_t line, size_t column)
{
	return &l->cells[line * l->s->n_columns + column];
}

/* Line 0 is the second line of the heading: what the fields are. */
static void fill_cells(struct layout *l)
{
	const struct summary *s = l->s;

	for (size_t col = 0; col < s->n_columns; col++) {
		struct cell *head = cell_at(l, 0, col);

		for (int k = 0; k < FIELD_COUNT; k++) {
			if (k == FIELD_VALUE || col)
				snprintf(head->text[k], TEXT_SIZE, "%s", fields[k].heading);
		}
		for (size_t row = 0; row < s->n_rows; row++)
			fill_cell(l, summary_cell(s, row, col), cell_at(l, row + 1, col));
	}
}

static void measure_column(struct layout *l, size_t col)
{
	char name[LABEL_SIZE], clean[LABEL_SIZE];
	int *width = l->widths[col], total = 0, least = 0;

	for (size_t line = 0; line <= l->s->n_rows; line++) {
		const struct cell *c = cell_at(l, line, col);

		for (int k = 0; k < FIELD_COUNT; k++) {
			int w = width_of(c->text[k]);

			width[k] = w > width[k] ? w : width[k];
		}
		least = width_of(c->instead) > least ? width_of(c->instead) : least;
	}
	text_clean(text_column(&l->s->columns[col], name), l->utf8, clean, sizeof(clean));
	cut(clean, MAX_LABEL);
	least = width_of(clean) > least ? width_of(clean) : least;
	for (int k = 0; k < FIELD_COUNT; k++)
		total += width[k] ? width[k] + (k ? fields[k].gap : 0) : 0;
	if (total < least) {
		width[FIELD_VALUE] += least - total;
		total = least;
	}
	l->totals[col] = total;
}

static int lay_out(struct layout *l, struct err *e)
{
	const struct summary *s = l->s;
	int r = notes_make(s, &l->notes, e);

	if (r < 0)
		return r;
	l->cells = calloc((s->n_rows + 1) * s->n_columns, sizeof(*l->cells));
	l->labels = calloc(s->n_rows, sizeof(*l->labels));
	l->widths = calloc(s->n_columns, sizeof(*l->widths));
	l->totals = calloc(s->n_columns, sizeof(*l->totals));
	if (!l->cells || !l->labels || !l->widths || !l->totals)
		return err_set(e, -ENOMEM, "malloc", "no memory for the table");
	l->label_width = width_of("benchmark");
	for (size_t i = 0; i < s->n_rows; i++) {
		char label[LABEL_SIZE];
		int w;

		text_clean(text_row(&s->rows[i], label), l->utf8, l->labels[i], LABEL_SIZE);
		cut(l->labels[i], MAX_LABEL);
		w = width_of(l->labels[i]);
		l->label_width = w > l->label_width ? w : l->label_width;
	}
	fill_cells(l);
	for (size_t col = 0; col < s->n_columns; col++)
		measure_column(l, col);
	return 0;
}

static void layout_free(struct layout *l)
{
	notes_free(&l->notes);
	free(l->cells);
	free(l->labels);
	free(l->widths);
	free(l->totals);
}

/* Blanks are held back until something follows them: no line ends in blanks. */
struct line {
	const struct layout *l;
	int blanks;
};

static void put(struct line *ln, const char *s, int width, bool left, const char *color)
{
	int fill = width - width_of(s);

	if (!left)
		ln->blanks += fill > 0 ? fill : 0;
	if (*s) {
		pad(ln->l->f, ln->blanks);
		ln->blanks = 0;
		put_colored(ln->l, color, s);
	}
	if (left)
		ln->blanks += fill > 0 ? fill : 0;
}

static void put_cell(
	struct line *ln, const struct cell *c, const int *width, int total, const char *color)
{
	if (*c->instead) {
		put(ln, c->instead, total, true, color);
		return;
	}
	for (int k = 0; k < FIELD_COUNT; k++) {
		if (!width[k])
			continue;
		ln->blanks += k ? fields[k].gap : 0;
		put(ln, c->text[k], width[k], fields[k].left, color);
	}
}

static const char *separator(const struct layout *l)
{
	return l->utf8 ? " │ " : " | ";
}

/* One table with the baseline and the columns from @from up to @to. */
static void print_part(const struct layout *l, size_t from, size_t to)
{
	struct line ln = { .l = l };

	put(&ln, "benchmark", l->label_width, true, BOLD);
	for (size_t col = 0; col < to; col = col ? col + 1 : from) {
		char name[LABEL_SIZE], clean[LABEL_SIZE];

		text_clean(text_column(&l->s->columns[col], name), l->utf8, clean, sizeof(clean));
		cut(clean, MAX_LABEL);
		put(&ln, separator(l), 3, true, DIM);
		put(&ln, clean, l->totals[col], true, BOLD);
	}
	fputc('\n', l->f);
	for (size_t line = 0; line <= l->s->n_rows; line++) {
		ln.blanks = 0;
		put(&ln, line ? l->labels[line - 1] : "", l->label_width, true, NULL);
		for (size_t col = 0; col < to; col = col ? col + 1 : from) {
			const struct cell *c = cell_at(l, line, col);

			put(&ln, separator(l), 3, true, DIM);
			put_cell(&ln, c, l->widths[col], l->totals[col], line ? c->color : DIM);
		}
		fputc('\n', l->f);
	}
}

/* As many columns side by side as fit, the others in further tables, each with the baseline. */
static void print_parts(const struct layout *l)
{
	size_t n = l->s->n_columns, from = 1, to;

	do {
		int used = l->label_width + 3 + l->totals[0];

		for (to = from; to < n; to++) {
			used += 3 + l->totals[to];
			if (to > from && l->opt->width && used > (int)l->opt->width)
				break;
		}
		if (from > 1)
			fputc('\n', l->f);
		print_part(l, from, to);
		from = to;
	} while (from < n);
}

/* Words of @text in lines of at most the terminal's width, the first after @label. */
static void print_wrapped(const struct layout *l, const char *label, const char *text)
{
	int indent = width_of(label), used = indent;
	int limit = l->opt->width ? (int)l->opt->width : 100;
	size_t size = strlen(text) + 1;
	cleanup_free char *clean = malloc(size);
	char *rest = clean, *word;

	if (!clean)
		return;
	text_clean(text, l->utf8, clean, size);
	fputs(label, l->f);
	while ((word = strsep(&rest, " "))) {
		if (used > indent && used + 1 + width_of(word) > limit) {
			fputc('\n', l->f);
			pad(l->f, indent);
			used = indent;
		}
		used += fprintf(l->f, "%s", used > indent ? " " : "");
		fputs(word, l->f);
		used += width_of(word);
	}
	fputc('\n', l->f);
}

static void print_notes(const struct layout *l)
{
	char caveat[CAVEAT_SIZE];

	fputc('\n', l->f);
	for (size_t i = 0; i < l->notes.n; i++) {
		char label[TEXT_SIZE];

		snprintf(label, sizeof(label), "(%zu) ", i + 1);
		print_wrapped(l, label, l->notes.texts[i]);
	}
	print_wrapped(l, "", text_caveat(l->s, caveat));
}

static int print_text(FILE *f, const struct summary *s, const struct manifest *m,
	const struct table_options *opt, struct err *e)
{
	struct layout l = { .f = f, .s = s, .opt = opt, .utf8 = text_utf8() };
	int r = lay_out(&l, e);

	if (!r) {
		if (manifest_emulated(m)) {
			put_colored(&l, BOLD, EMULATED_MARK);
			fputs("\n\n", f);
		}
		print_parts(&l);
		print_notes(&l);
	}
	layout_free(&l);
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
