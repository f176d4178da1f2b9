/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Density, a row a way of running; and the terminal's tables of both suites that hold instances. */
#include <math.h>
#include <stdio.h>

#include "base/util.h"
#include "results/held_table.h"

enum show {
	SHOW_COUNT,
	SHOW_MEDIAN,
	SHOW_RATE_FIRST,
	SHOW_RATE_LAST,
	SHOW_FIRST,
	SHOW_LAST,
	SHOW_RATIO,
	SHOW_INTERVAL,
	SHOW_VERDICT,
	SHOW_P99_FIRST,
	SHOW_P99_LAST,
};

struct field {
	enum show show;
	enum density_metric metric;
};

static const struct field of[] = {
	{ SHOW_COUNT, DENSITY_HELD },
	{ SHOW_MEDIAN, DENSITY_RELEASE },
	{ SHOW_COUNT, DENSITY_LEFT },
	{ SHOW_RATE_FIRST, DENSITY_START },
	{ SHOW_RATE_LAST, DENSITY_START },
	{ SHOW_FIRST, DENSITY_START },
	{ SHOW_LAST, DENSITY_START },
	{ SHOW_RATIO, DENSITY_START },
	{ SHOW_INTERVAL, DENSITY_START },
	{ SHOW_VERDICT, DENSITY_START },
	{ SHOW_FIRST, DENSITY_MEMORY },
	{ SHOW_LAST, DENSITY_MEMORY },
	{ SHOW_RATIO, DENSITY_MEMORY },
	{ SHOW_INTERVAL, DENSITY_MEMORY },
	{ SHOW_VERDICT, DENSITY_MEMORY },
	{ SHOW_FIRST, DENSITY_LATE },
	{ SHOW_LAST, DENSITY_LATE },
	{ SHOW_RATIO, DENSITY_LATE },
	{ SHOW_INTERVAL, DENSITY_LATE },
	{ SHOW_VERDICT, DENSITY_LATE },
	{ SHOW_P99_FIRST, DENSITY_LATE },
	{ SHOW_P99_LAST, DENSITY_LATE },
};

static const char held[] = "held", rate[] = "starts a second", start[] = "time to start, medians",
		  memory[] = "memory an instance", late[] = "wake-up lateness, medians";

static const struct grid_column columns[ARRAY_SIZE(of)] = {
	{ held, "at most", false, false },
	{ held, "release", false, false },
	{ held, "left", false, false },
	{ rate, "first", false, false },
	{ rate, "last", false, true },
	{ start, "first", false, false },
	{ start, "last", false, true },
	{ start, "ratio", false, true },
	{ start, "[95%]", true, true },
	{ start, "", true, true },
	{ memory, "first", false, false },
	{ memory, "last", false, true },
	{ memory, "ratio", false, true },
	{ memory, "[95%]", true, true },
	{ memory, "", true, true },
	{ late, "first", false, false },
	{ late, "last", false, true },
	{ late, "ratio", false, true },
	{ late, "[95%]", true, true },
	{ late, "", true, true },
	{ late, "p99 first", false, false },
	{ late, "p99 last", false, true },
};

static void fill_count(const struct cell_context *c, const struct density_way *w,
	const struct field *f, struct grid_cell *cell)
{
	const struct summary_group *g = w->g[f->metric];
	bool left = f->metric == DENSITY_LEFT;
	char text[TEXT_SIZE];

	if (!g || !g->n_samples) {
		group_cell_value(c, g, NAN, cell);
		return;
	}
	snprintf(text, sizeof(text), "%.10g", left ? g->max : g->median);
	group_cell_word(c, g, text, left && g->max > 0 ? RED : NULL, cell);
}

/* A verdict is red where something grows, and yellow where it may. What free objects in slabs
 * explain is no cost of an instance. */
static void fill_verdict(const struct density_way *w, enum density_metric m, struct grid_cell *cell)
{
	static const char *const colors[] = { [GROWTH_UNKNOWN] = DIM,
		[GROWTH_NONE] = GREEN,
		[GROWTH_LESS] = GREEN,
		[GROWTH_UNCLEAR] = YELLOW,
		[GROWTH_MORE] = RED };

	bool explained = m == DENSITY_MEMORY && density_slabs_explain(w);

	snprintf(cell->text, TEXT_SIZE, "%s", density_verdict_on(w, m));
	cell->color = explained ? GREEN : colors[w->tenths[m].growth];
}

static void fill_value(
	const struct cell_context *c, enum density_metric metric, double v, struct grid_cell *cell)
{
	text_value(v, density_units[metric], c->utf8, cell->text);
}

static void fill_rate(const struct cell_context *c, double ns, struct grid_cell *cell)
{
	text_value(ns > 0 ? 1e9 / ns : NAN, "1/s", c->utf8, cell->text);
}

/* Of a series; @t is what its tenths came to. */
static void fill_tenths(const struct cell_context *c, const struct density_way *w,
	const struct field *f, struct grid_cell *cell)
{
	const struct density_tenths *t = &w->tenths[f->metric];

	if (!w->g[f->metric])
		return;
	if (!w->series[f->metric].n) {
		if (f->show == SHOW_FIRST)
			group_cell_value(c, w->g[f->metric], NAN, cell);
		return;
	}
	switch (f->show) {
	case SHOW_FIRST:
		fill_value(c, f->metric, t->first, cell);
		break;
	case SHOW_LAST:
		fill_value(c, f->metric, t->last, cell);
		break;
	case SHOW_RATIO:
		text_ratio(t->ratio, cell->text);
		break;
	case SHOW_INTERVAL:
		text_interval(t->ci, cell->text);
		break;
	case SHOW_RATE_FIRST:
		fill_rate(c, t->first, cell);
		break;
	case SHOW_RATE_LAST:
		fill_rate(c, t->last, cell);
		break;
	case SHOW_P99_FIRST:
		fill_value(c, f->metric, w->late_p99_first, cell);
		break;
	case SHOW_P99_LAST:
		fill_value(c, f->metric, w->late_p99_last, cell);
		break;
	default:
		fill_verdict(w, f->metric, cell);
	}
}

static void fill_cell(const struct cell_context *c, const struct density_way *w,
	const struct field *f, struct grid_cell *cell)
{
	switch (f->show) {
	case SHOW_COUNT:
		fill_count(c, w, f, cell);
		break;
	case SHOW_MEDIAN:
		group_cell_value(c, w->g[f->metric], density_median(w, f->metric), cell);
		break;
	default:
		fill_tenths(c, w, f, cell);
	}
}

int density_grid(
	struct grid *g, const struct cell_context *c, const struct density *d, struct err *e)
{
	int r = grid_make(g, "way", columns, ARRAY_SIZE(columns), d->n_ways, e);

	for (size_t i = 0; !r && i < d->n_ways; i++) {
		const struct density_way *w = &d->ways[i];

		text_column(&c->s->columns[w->column], g->labels[i]);
		group_cell_instead(c, w->g, DENSITY_SLABS, &g->instead[i]);
		for (size_t k = 0; k < ARRAY_SIZE(of) && !*g->instead[i].text; k++)
			fill_cell(c, w, &of[k], grid_cell(g, i, k));
	}
	return r;
}

static void put_heading(struct term *t, const char *what, const struct memory_set *set)
{
	char name[LABEL_SIZE];
	cleanup_free char *text = set ? format_text("%s, %s%s%s", what, set->state,
						*set->params ? " " : "", set->params)
				      : NULL;

	text_clean(text ? text : what, t->utf8, name, sizeof(name));
	term_put(t, name, 0, true, BOLD);
	term_end_line(t);
}

static void put_remark(void *ctx, const char *text, bool bad)
{
	(void)bad;
	term_wrapped(ctx, "", text);
}

static int print_memory(
	struct term *t, const struct cell_context *c, const struct memory *m, struct err *e)
{
	static const char *const names[MEMORY_VIEWS] = { "Memory of an instance",
		"What it consists of" };
	int r = 0;

	for (size_t i = 0; !r && i < m->n_sets; i++) {
		for (int view = 0; !r && view < MEMORY_VIEWS; view++) {
			struct grid g;

			if (view && !memory_has_view(&m->sets[i], (enum memory_view)view))
				continue;
			r = memory_grid(&g, c, &m->sets[i], (enum memory_view)view, e);
			if (!r) {
				put_heading(t, names[view], &m->sets[i]);
				r = grid_print(&g, t, e);
			}
			grid_free(&g);
		}
		if (!r && memory_remarks(c->s, &m->sets[i], put_remark, t))
			term_end_line(t);
	}
	return r;
}

static int print_density(
	struct term *t, const struct cell_context *c, const struct density *d, struct err *e)
{
	struct grid g;
	int r;

	if (!d->n_ways)
		return 0;
	r = density_grid(&g, c, d, e);
	if (!r) {
		put_heading(t, "Density: the first tenth of what was held, and the last", NULL);
		r = grid_print(&g, t, e);
	}
	if (!r) {
		density_remarks(c->s, d, t->utf8, put_remark, t);
		term_end_line(t);
	}
	grid_free(&g);
	return r;
}

int held_table_print(
	struct term *t, const struct summary *s, const struct notes *notes, struct err *e)
{
	struct cell_context c = { .s = s, .notes = notes, .utf8 = t->utf8 };
	struct memory m;
	struct density d = { 0 };
	int r = memory_make(s, &m, e);

	if (!r)
		r = print_memory(t, &c, &m, e);
	if (!r)
		r = density_make(s, &d, e);
	if (!r)
		r = print_density(t, &c, &d, e);
	memory_free(&m);
	density_free(&d);
	return r;
}
