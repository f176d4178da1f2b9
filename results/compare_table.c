/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/compare_table.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/permute.h"
#include "base/util.h"
#include "results/compare_rows.h"
#include "results/grid.h"
#include "results/term.h"
#include "results/text.h"

#define MAX_LISTED 20 /* of what differs, and of what only one has */

enum field { FIELD_A, FIELD_B, FIELD_RATIO, FIELD_INTERVAL, FIELD_P, FIELD_VERDICT, FIELD_COUNT };

static const struct {
	const char *heading;
	bool left;
} fields[FIELD_COUNT] = {
	[FIELD_A] = { "A", false },
	[FIELD_B] = { "B", false },
	[FIELD_RATIO] = { "B/A", false },
	[FIELD_INTERVAL] = { "[95%]", true },
	[FIELD_P] = { "p", false },
	[FIELD_VERDICT] = { "verdict", true },
};

struct printing {
	struct term *t;
	const struct comparison *c;
	struct err *e;
};

static void p_text(double p, char out[TEXT_SIZE])
{
	out[0] = '\0';
	if (p < 0.001)
		snprintf(out, TEXT_SIZE, "<0.001");
	else if (!isnan(p))
		snprintf(out, TEXT_SIZE, "%.3f", p);
}

static void verdict_text(const struct printing *p, const struct compared *x, char out[TEXT_SIZE])
{
	double margin = p->c->options.equivalence;

	if (x->equal && x->verdict == VERDICT_NONE)
		snprintf(out, TEXT_SIZE, "equal within %g%%", margin);
	else if (x->equal)
		snprintf(out, TEXT_SIZE, "%.8s, by <%g%%", compare_verdict(x), margin);
	else
		snprintf(out, TEXT_SIZE, "%s%s", compare_verdict(x), x->fails ? ": FAILS" : "");
}

static const char *color_of(const struct compared *x)
{
	if (x->fails)
		return RED;
	if (x->verdict == VERDICT_TOO_FEW)
		return DIM;
	if (x->verdict == VERDICT_NONE)
		return NULL;
	return compare_is_worse(x) ? YELLOW : GREEN;
}

static void fill_cell(const struct printing *p, const struct compared *x, struct grid_cell *cells)
{
	bool utf8 = p->t->utf8;

	text_value(x->a->median, x->row->unit, utf8, cells[FIELD_A].text);
	text_value(x->b->median, x->row->unit, utf8, cells[FIELD_B].text);
	text_ratio(x->ratio, cells[FIELD_RATIO].text);
	text_interval(x->ratio_ci, cells[FIELD_INTERVAL].text);
	p_text(x->p_corrected, cells[FIELD_P].text);
	verdict_text(p, x, cells[FIELD_VERDICT].text);
	for (int i = FIELD_RATIO; i < FIELD_COUNT; i++)
		cells[i].color = color_of(x);
}

/* Which of A's rows have a cell, one after the other: *@line of row @row. */
static size_t number_rows(const struct comparison *c, size_t *line)
{
	const struct summary *s = c->summary[0];
	size_t n = 0;

	for (size_t row = 0; row < s->n_rows; row++) {
		bool any = false;

		for (size_t i = 0; i < c->n_cells; i++)
			any |= c->cells[i].a->row == row;
		line[row] = n;
		n += any;
	}
	return n;
}

static int print_grid(const struct printing *p)
{
	const struct summary *s = p->c->summary[0];
	size_t n = s->n_columns * FIELD_COUNT, n_lines;
	cleanup_free struct grid_column *columns = calloc(n, sizeof(*columns));
	cleanup_free char(*names)[LABEL_SIZE] = calloc(s->n_columns, sizeof(*names));
	cleanup_free size_t *line = calloc(s->n_rows, sizeof(*line));
	struct grid g;
	int r;

	if (!columns || !names || !line)
		return err_set(p->e, -ENOMEM, "malloc", "no memory for the table");
	for (size_t i = 0; i < n; i++) {
		text_column(&s->columns[i / FIELD_COUNT], names[i / FIELD_COUNT]);
		columns[i] = (struct grid_column){ names[i / FIELD_COUNT],
			fields[i % FIELD_COUNT].heading, fields[i % FIELD_COUNT].left,
			i % FIELD_COUNT > 0 };
	}
	n_lines = number_rows(p->c, line);
	r = grid_make(&g, "benchmark", columns, n, n_lines, p->e);
	for (size_t i = 0; !r && i < p->c->n_cells; i++) {
		const struct compared *x = &p->c->cells[i];

		text_row(x->row, g.labels[line[x->a->row]]);
		fill_cell(p, x, grid_cell(&g, line[x->a->row], x->a->column * FIELD_COUNT));
	}
	if (!r)
		r = grid_print(&g, p->t, p->e);
	grid_free(&g);
	return r;
}

/* --- sentences --- */

static void say(const struct printing *p, char *text)
{
	if (text)
		term_wrapped(p->t, "", text);
	free(text);
}

static void print_names(const struct printing *p, const char *a, const char *b)
{
	say(p, format_text("A: %s (%s)", a, manifest_get(p->c->manifest[0], "run.utc")));
	say(p, format_text("B: %s (%s)", b, manifest_get(p->c->manifest[1], "run.utc")));
	if (manifest_emulated(p->c->manifest[0]) || manifest_emulated(p->c->manifest[1]))
		say(p, strdup(EMULATED_MARK));
	term_end_line(p->t);
}

static void print_facts(const struct printing *p)
{
	const struct facts_differences *d = &p->c->facts;
	size_t listed = 0;

	/* The grave ones first. */
	for (unsigned pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < d->n; i++) {
			const struct fact_difference *x = &d->list[i];

			if (x->grave == (pass == 1) || listed++ >= MAX_LISTED)
				continue;
			say(p, format_text("%s %s: A has '%.80s', B has '%.80s'.",
				       x->grave ? "UNLIKE:" : "Also different:", x->key, x->a,
				       x->b));
		}
	}
	if (listed > MAX_LISTED)
		say(p, format_text("... and %zu more.", listed - MAX_LISTED));
	if (listed)
		term_end_line(p->t);
}

static void print_others(const struct printing *p)
{
	const struct comparison *c = p->c;
	char row[LABEL_SIZE], column[LABEL_SIZE];

	for (size_t i = 0; i < c->n_others && i < MAX_LISTED; i++) {
		const struct uncompared *o = &c->others[i];
		const char *why = o->other ? sample_status_names[o->other->status] : "not measured";

		say(p, format_text("Only in %s: %s, %s; in %s it was %s%s%s%s.",
			       o->in_a ? "A" : "B", text_row(o->row, row),
			       text_column(o->column, column), o->in_a ? "B" : "A", why,
			       o->other && *o->other->reason ? ": " : "",
			       o->other ? o->other->reason : "", o->fails ? ": FAILS" : ""));
	}
	if (c->n_others > MAX_LISTED)
		say(p, format_text("... and %zu more that only one of them has.",
			       c->n_others - MAX_LISTED));
}

/* Launches of either side, the fewest of any cell. */
static size_t fewest(const struct comparison *c)
{
	size_t n = SIZE_MAX;

	for (size_t i = 0; i < c->n_cells; i++) {
		size_t a = c->cells[i].a->n_replicates, b = c->cells[i].b->n_replicates;

		n = a < n ? a : n;
		n = b < n ? b : n;
	}
	return n;
}

static void print_too_few(const struct printing *p)
{
	const struct comparison *c = p->c;
	size_t n = fewest(c);

	if (c->blind)
		say(p, format_text(
			       "TOO FEW LAUNCHES: with %zu on one side no difference could be "
			       "found, however large: the smallest p of %zu against %zu is %.2g, "
			       "times %zu comparisons%s. Measure with --launches %zu or more on "
			       "both sides.",
			       n, n, n, permute_smallest(n, n), c->n_cells,
			       permute_smallest(n, n) <= COMPARE_LEVEL ? ", which is above 0.05"
								       : "",
			       c->needed));
	else if (c->count[VERDICT_TOO_FEW])
		say(p, format_text("%zu cells have too few launches for any difference to be "
				   "found; %zu on both sides are enough.",
			       c->count[VERDICT_TOO_FEW], c->needed));
}

static size_t count_worse(const struct comparison *c, bool worse)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n_cells; i++) {
		const struct compared *x = &c->cells[i];

		n += (x->verdict == VERDICT_MORE || x->verdict == VERDICT_LESS) &&
		     compare_is_worse(x) == worse;
	}
	return n;
}

static void print_verdict(const struct printing *p)
{
	const struct comparison *c = p->c;

	say(p, format_text(
		       "%zu cells compared: %zu slower or more, %zu faster or less, %zu without "
		       "a difference found, %zu with too few launches.",
		       c->n_cells, count_worse(c, true), count_worse(c, false),
		       c->count[VERDICT_NONE], c->count[VERDICT_TOO_FEW]));
	if (!isnan(c->options.equivalence))
		say(p, format_text("%zu are equal within %g%%: the whole 95%% interval of their "
				   "ratio lies inside.",
			       c->equal, c->options.equivalence));
	if (c->tested)
		say(p, format_text("p: permutation test of the launches (rank sums), corrected for "
				   "%zu comparisons by Holm; different at p <= %g where the 95%% "
				   "interval agrees. \"No difference found\" is not \"equal\".",
			       c->tested, COMPARE_LEVEL));
	if (!isnan(c->options.fail_above))
		say(p, format_text("--fail-above %g: %zu cells fail.", c->options.fail_above,
			       c->failing));
}

static int print_text(const struct printing *p, const char *a, const char *b)
{
	int r;

	print_names(p, a, b);
	print_facts(p);
	r = print_grid(p);
	if (r < 0)
		return r;
	print_others(p);
	print_too_few(p);
	print_verdict(p);
	return 0;
}

int compare_print(FILE *f, const struct comparison *c, const char *a, const char *b,
	const struct table_options *opt, struct err *e)
{
	struct term t = { .f = f, .color = opt->color, .utf8 = text_utf8(), .width = opt->width };
	struct printing p = { &t, c, e };
	int r;

	if (opt->format == TABLE_TEXT)
		return print_text(&p, a, b);
	r = opt->format == TABLE_CSV ? compare_print_csv(f, c) : compare_print_json(f, c);
	return r < 0 ? err_set(e, r, "write", "the comparison could not be written: %s",
			       strerror(-r))
		     : 0;
}
