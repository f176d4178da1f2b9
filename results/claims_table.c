/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ledger on a terminal. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/util.h"
#include "results/claims_book.h"
#include "results/grid.h"
#include "results/null.h"
#include "results/term.h"
#include "results/text.h"

#define INDENT "     "
#define MAX_SHOWN 4 /* comparisons of a part; the others are counted */

static const char *const colors[CLAIM_VERDICTS] = {
	[CLAIM_CONFIRMED] = GREEN,
	[CLAIM_REFUTED] = RED,
	[CLAIM_UNDECIDED] = YELLOW,
	[CLAIM_UNTESTABLE] = DIM,
	[CLAIM_PARTLY] = GREEN,
};

/* What decides first. */
static const enum claim_verdict order[] = { CLAIM_REFUTED, CLAIM_UNDECIDED, CLAIM_CONFIRMED,
	CLAIM_UNTESTABLE };

static void print_comparisons(struct term *t, const struct part_result *r)
{
	char text[SENTENCE_SIZE];
	size_t shown = 0;

	for (size_t k = 0; k < ARRAY_SIZE(order); k++) {
		for (size_t i = 0; i < r->n; i++) {
			if (r->list[i].verdict != order[k] || shown == MAX_SHOWN)
				continue;
			term_wrapped(t, INDENT "  - ",
				claim_sentence(r->part, &r->list[i], t->utf8, text));
			shown++;
		}
	}
	if (shown == r->n)
		return;
	snprintf(text, sizeof(text), "and %zu more: --format csv has all", r->n - shown);
	term_wrapped(t, INDENT "  - ", text);
}

static void print_part(struct term *t, const struct part_result *r)
{
	char text[SENTENCE_SIZE], line[2 * SENTENCE_SIZE];

	term_put(t, INDENT, 0, true, NULL);
	snprintf(line, sizeof(line), "%s: %s", r->part->name, claim_verdict_names[r->verdict]);
	term_put(t, line, 0, true, colors[r->verdict]);
	snprintf(line, sizeof(line), " (%s)", r->part->says);
	term_put(t, line, 0, true, NULL);
	term_end_line(t);
	if (claim_part_tells(r))
		term_wrapped(t, INDENT "  ", r->reason);
	if (!r->n)
		return;
	print_comparisons(t, r);
	snprintf(line, sizeof(line), "test: %s", claim_test_text(r->part, text));
	term_wrapped(t, INDENT "  ", line);
	claim_checked(
		r->list[0].run, r->list[0].of, r->list[0].to, r->part->needs, text, sizeof(text));
	if (!*text)
		return;
	snprintf(line, sizeof(line), "checked: %s", text);
	term_wrapped(t, INDENT "  ", line);
}

static void print_claim(struct term *t, const struct claim *claim, const struct claim_result *r)
{
	term_put(t, claim->id, 5, true, BOLD);
	term_put(t, claim_verdict_names[r->verdict], 0, true, colors[r->verdict]);
	term_end_line(t);
	term_wrapped(t, INDENT, claim->says);
	for (size_t i = 0; i < CLAIMS_MAX_PARTS && r->parts[i].part; i++)
		print_part(t, &r->parts[i]);
	term_end_line(t);
}

/* All claims in a line each: what to look for below. */
static void print_overview(struct term *t, const struct ledger *l)
{
	for (size_t i = 0; i < n_claims; i++) {
		const struct claim_result *r = &l->results[i];
		char text[SENTENCE_SIZE];

		term_put(t, claims[i].id, 5, true, BOLD);
		term_put(t, claim_verdict_names[r->verdict], 19, true, colors[r->verdict]);
		if (claim_parts_differ(r))
			term_put(t, claim_parts_text(r, text), 0, true, NULL);
		term_end_line(t);
	}
	term_end_line(t);
}

/* What nothing was measured for takes a line, not ten. */
static void print_missing(struct term *t, const struct ledger *l)
{
	for (size_t i = 0; i < n_claims; i++) {
		char label[16], text[SENTENCE_SIZE];

		if (claim_has_data(&l->results[i]))
			continue;
		snprintf(label, sizeof(label), "%-5s", claims[i].id);
		snprintf(text, sizeof(text), "%s (%s)", claims[i].says,
			l->results[i].parts[0].reason);
		term_wrapped(t, label, text);
	}
}

/* --- figures --- */

static const char published[] = "published", here[] = "here";

static const struct grid_column figure_columns[] = {
	{ published, "as", true, false },
	{ published, "", true, true },
	{ here, "median", false, false },
	{ here, "in", true, true },
	{ here, "ratio", false, true },
};

/* The number of the figure's set-up among those that are told of; equal ones are told once. */
static unsigned note_of(const struct figure **notes, unsigned *n, const struct figure *f)
{
	for (unsigned i = 0; i < *n; i++) {
		if (!strcmp(notes[i]->set_up, f->set_up))
			return i + 1;
	}
	notes[(*n)++] = f;
	return *n;
}

static void fill_figure(
	struct grid *g, size_t row, const struct figure_result *r, bool utf8, unsigned note)
{
	char text[96];

	snprintf(g->labels[row], LABEL_SIZE, "%s", r->figure->what);
	snprintf(grid_cell(g, row, 0)->text, TEXT_SIZE, "%.31s",
		figure_published(r->figure, utf8, text));
	snprintf(grid_cell(g, row, 1)->text, TEXT_SIZE, "(%u)", note);
	figure_ours(r, utf8, grid_cell(g, row, 2)->text);
	snprintf(grid_cell(g, row, 3)->text, TEXT_SIZE, "%.31s", r->way);
	figure_ratio(r, grid_cell(g, row, 4)->text);
}

static int print_figures(struct term *t, const struct claims_host *h, struct err *e)
{
	const struct figure_results *f = &h->figures;
	const struct figure *notes[FIGURES_MAX];
	unsigned n_notes = 0;
	struct grid g;
	int r;

	if (!f->n)
		return 0;
	r = grid_make(&g, "figure", figure_columns, ARRAY_SIZE(figure_columns), f->n, e);
	for (size_t i = 0; !r && i < f->n; i++)
		fill_figure(
			&g, i, &f->list[i], t->utf8, note_of(notes, &n_notes, f->list[i].figure));
	if (!r)
		r = grid_print(&g, t, e);
	grid_free(&g);
	if (r < 0)
		return r;
	for (unsigned i = 0; i < n_notes; i++) {
		char label[16];

		snprintf(label, sizeof(label), "(%u) ", i + 1);
		term_wrapped(t, label, notes[i]->set_up);
	}
	term_wrapped(t, "", FIGURES_REMARK);
	return 0;
}

/* --- hosts --- */

/* What the run's differences are worth; where it failed, which show that. */
static int print_null(struct term *t, const struct claims_run *run, struct err *e)
{
	struct null_comparison null;
	char text[NULL_TEXT_SIZE];
	int r = null_make(run->s, &null, e);

	if (!r && null.way)
		term_wrapped(t, "      ", null_text(&null, text));
	for (size_t i = 0; !r && i < null.n_differs; i++)
		term_wrapped(t, "      - ", null_difference_text(run->s, &null.differs[i], text));
	null_free(&null);
	return r;
}

static int print_host(struct term *t, const struct claims_host *h, struct err *e)
{
	int r = 0;

	term_put(t, "Host: ", 0, true, BOLD);
	term_wrapped(t, "", h->name);
	for (size_t i = 0; !r && i < h->n_runs; i++) {
		term_wrapped(t, "  run ", h->runs[i].dir);
		r = print_null(t, &h->runs[i], e);
	}
	if (r < 0)
		return r;
	if (h->n_runs && manifest_emulated(h->runs[0].m))
		term_wrapped(t, "  ", EMULATED_MARK);
	term_end_line(t);
	print_overview(t, &h->ledger);
	for (size_t i = 0; i < n_claims; i++) {
		if (claim_has_data(&h->ledger.results[i]))
			print_claim(t, &claims[i], &h->ledger.results[i]);
	}
	print_missing(t, &h->ledger);
	term_end_line(t);
	return print_figures(t, h, e);
}

static int print_text(
	FILE *f, const struct claims_book *book, const struct table_options *opt, struct err *e)
{
	struct term t = { .f = f, .color = opt->color, .utf8 = text_utf8(), .width = opt->width };
	int r = 0;

	for (size_t i = 0; !r && i < book->n_hosts; i++) {
		if (i)
			term_end_line(&t);
		r = print_host(&t, &book->hosts[i], e);
	}
	return r;
}

int claims_print(
	FILE *f, const struct claims_book *book, const struct table_options *opt, struct err *e)
{
	int r;

	if (opt->format == TABLE_TEXT)
		return print_text(f, book, opt, e);
	r = opt->format == TABLE_CSV ? claims_print_csv(f, book) : claims_print_json(f, book);
	return r < 0 ? err_set(e, r, "write", "the claims could not be written: %s", strerror(-r))
		     : 0;
}
