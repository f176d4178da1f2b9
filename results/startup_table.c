/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/startup_table.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/util.h"
#include "results/grid.h"

struct printing {
	struct term *t;
	const struct summary *s;
	const struct notes *notes;
	struct startup st;
	struct err *e;
};

static const char phases[] = "phases, medians", since[] = "since the request", cpu[] = "CPU",
		  to_exit[] = "to exit", adds[] = "adds";

/* What a column of the table of phases shows of a way. */
enum what { OF_PHASE, OF_SINCE, OF_CPU, OF_TOTAL_CI, OF_TOTAL_RATIO, OF_TOTAL_P99, OF_TOTAL_NOTE };

static const struct {
	enum what what;
	enum phase phase;
} of[] = {
	{ OF_PHASE, PHASE_PROCESS },
	{ OF_PHASE, PHASE_SANDBOX },
	{ OF_PHASE, PHASE_INIT },
	{ OF_PHASE, PHASE_MAIN },
	{ OF_PHASE, PHASE_WORK },
	{ OF_PHASE, PHASE_EXIT },
	{ OF_PHASE, PHASE_RELEASED },
	{ OF_CPU, 0 },
	{ OF_SINCE, PHASE_MAIN },
	{ OF_SINCE, PHASE_WORK },
	{ OF_SINCE, PHASE_EXIT },
	{ OF_TOTAL_CI, PHASE_EXIT },
	{ OF_TOTAL_RATIO, PHASE_EXIT },
	{ OF_TOTAL_P99, PHASE_EXIT },
	{ OF_TOTAL_NOTE, PHASE_EXIT },
	{ OF_SINCE, PHASE_RELEASED },
};

static const struct grid_column columns[ARRAY_SIZE(of)] = {
	{ phases, "process", false, false },
	{ phases, "sandbox", false, false },
	{ phases, "init", false, false },
	{ phases, "main", false, false },
	{ phases, "work", false, false },
	{ phases, "exit", false, false },
	{ phases, "released", false, false },
	{ cpu, "user+sys", false, false },
	{ since, "main", false, false },
	{ since, "work", false, false },
	{ since, "exit", false, false },
	{ since, "[95%]", true, true },
	{ since, "ratio", false, true },
	{ since, "p99", false, false },
	{ since, "", true, true },
	{ since, "released", false, false },
};

/* The interval in the scale of its median. */
static void interval_text(const struct printing *p, const struct summary_group *g, char *out)
{
	double factor = text_scale(g->median, p->s->rows[g->row].unit).factor;

	text_interval((struct interval){ g->ci.low / factor, g->ci.high / factor }, out);
}

static void note_text(
	const struct printing *p, const struct summary_group *g, const char *before, char *out)
{
	unsigned note = notes_number(p->notes, p->s, g);

	if (note)
		snprintf(out, TEXT_SIZE, "%s%s(%u)", before, *before ? " " : "", note);
	else
		snprintf(out, TEXT_SIZE, "%s", before);
}

/* A skip is an event that is not told apart, failed launches or not: its note. */
static void fill_without_value(
	const struct printing *p, const struct summary_group *g, struct grid_cell *c)
{
	bool failed = summary_has_failures(g), both = failed && g->count[SAMPLE_SKIPPED];

	note_text(p, g, both ? "-" : failed ? sample_status_names[g->status] : "", c->text);
	c->color = failed && !both ? RED : DIM;
}

static void fill_value(
	const struct printing *p, const struct summary_group *g, double v, struct grid_cell *c)
{
	text_value(v, p->s->rows[g->row].unit, p->t->utf8, c->text);
}

static void fill_cell(
	const struct printing *p, const struct startup_way *w, size_t column, struct grid_cell *c)
{
	enum what what = of[column].what;
	enum phase phase = of[column].phase;
	const struct summary_group *g = what == OF_PHASE ? w->phase[phase]
					: what == OF_CPU ? w->cpu
							 : w->since[phase];

	if (!g)
		return;
	if (!g->n_samples) {
		if (what == OF_PHASE || what == OF_SINCE || what == OF_CPU)
			fill_without_value(p, g, c);
		return;
	}
	switch (what) {
	case OF_TOTAL_CI:
		interval_text(p, g, c->text);
		break;
	case OF_TOTAL_RATIO:
		text_ratio(g->ratio, c->text);
		break;
	case OF_TOTAL_P99:
		fill_value(p, g, g->p99, c);
		break;
	case OF_TOTAL_NOTE:
		note_text(p, g, "", c->text);
		break;
	default:
		fill_value(p, g, g->median, c);
	}
}

/* Where nothing of a way has a value, one word and its note say so for the whole row. */
static void fill_instead(
	const struct printing *p, const struct startup_way *w, struct grid_cell *instead)
{
	const struct summary_group *lost = w->cpu;

	for (enum phase i = PHASE_PROCESS; i < PHASE_COUNT; i++) {
		const struct summary_group *both[] = { w->phase[i], w->since[i] };

		for (size_t k = 0; k < ARRAY_SIZE(both); k++) {
			if (both[k] && both[k]->n_samples)
				return;
			lost = both[k] ? both[k] : lost;
		}
	}
	if (!lost || lost->n_samples)
		return;
	note_text(p, lost, sample_status_names[lost->status], instead->text);
	instead->color = summary_has_failures(lost) ? RED : DIM;
}

static void put_heading(const struct printing *p, const char *what, const struct startup_set *set)
{
	char name[LABEL_SIZE];
	cleanup_free char *text = format_text("%s%s%s%s%s", what, *set->params ? ", " : "",
		set->params, strcmp(set->unit, "ns") ? ", in " : "",
		strcmp(set->unit, "ns") ? set->unit : "");

	if (!text)
		return;
	text_clean(text, p->t->utf8, name, sizeof(name));
	term_put(p->t, name, 0, true, BOLD);
	term_end_line(p->t);
}

static int print_ways(struct printing *p, const struct startup_set *set)
{
	struct grid g;
	int r = grid_make(&g, "way", columns, ARRAY_SIZE(columns), set->n_ways, p->e);

	for (size_t i = 0; !r && i < set->n_ways; i++) {
		const struct startup_way *w = &set->ways[i];

		text_column(&p->s->columns[w->column], g.labels[i]);
		fill_instead(p, w, &g.instead[i]);
		for (size_t k = 0; k < ARRAY_SIZE(columns) && !*g.instead[i].text; k++)
			fill_cell(p, w, k, grid_cell(&g, i, k));
	}
	if (!r) {
		put_heading(p, "Start-up", set);
		r = grid_print(&g, p->t, p->e);
	}
	grid_free(&g);
	return r;
}

static const struct grid_column step_columns[] = {
	{ to_exit, "median", false, false },
	{ to_exit, "", true, true },
	{ adds, "median", false, true },
	{ adds, "[95%]", true, true },
};

static void fill_step(const struct printing *p, const struct startup_set *set,
	const struct startup_step *step, struct grid_cell *c)
{
	const struct summary_group *g = step->way.since[PHASE_EXIT];
	char low[TEXT_SIZE], high[TEXT_SIZE];

	fill_value(p, g, g->median, &c[0]);
	note_text(p, g, "", c[1].text);
	if (isnan(step->added))
		return;
	text_value(step->added, set->unit, p->t->utf8, c[2].text);
	if (!stats_has_interval(step->added_ci))
		return;
	snprintf(c[3].text, TEXT_SIZE, "[%.13s, %.13s]",
		text_value(step->added_ci.low, set->unit, p->t->utf8, low),
		text_value(step->added_ci.high, set->unit, p->t->utf8, high));
	c[3].color = c[2].color = step->added_ci.low > 0    ? YELLOW
				  : step->added_ci.high < 0 ? GREEN
							    : NULL;
}

static int print_steps(struct printing *p, const struct startup_set *set)
{
	struct grid g;
	int r = grid_make(&g, "step", step_columns, ARRAY_SIZE(step_columns), set->n_steps, p->e);

	for (size_t i = 0; !r && i < set->n_steps; i++) {
		const struct startup_step *step = &set->steps[i];

		text_column(&p->s->columns[step->way.column], g.labels[i]);
		fill_instead(p, &step->way, &g.instead[i]);
		if (!isnan(startup_total(&step->way)))
			fill_step(p, set, step, grid_cell(&g, i, 0));
	}
	if (!r) {
		put_heading(p, "What each step adds to the one before", set);
		r = grid_print(&g, p->t, p->e);
	}
	grid_free(&g);
	return r;
}

/* Columns of a summary that have something in a row of rates. */
static size_t ways_with_rates(const struct printing *p, size_t *ways)
{
	size_t n = 0;

	for (size_t col = 0; col < p->s->n_columns; col++) {
		size_t i = 0;

		while (i < p->st.n_rates && !summary_cell(p->s, p->st.rates[i], col))
			i++;
		if (i < p->st.n_rates)
			ways[n++] = col;
	}
	return n;
}

static void fill_rate(const struct printing *p, const struct summary_group *g, struct grid_cell *c)
{
	if (!g) {
		snprintf(c[0].text, TEXT_SIZE, "-");
		return;
	}
	if (!g->n_samples) {
		note_text(p, g, sample_status_names[g->status], c[0].text);
		c[0].color = summary_has_failures(g) ? RED : DIM;
		return;
	}
	fill_value(p, g, g->median, &c[0]);
	interval_text(p, g, c[1].text);
	note_text(p, g, "", c[2].text);
}

static const char *const rate_fields[] = { "rate", "[95%]", "" };
#define RATE_FIELDS ARRAY_SIZE(rate_fields)

static int print_rates_of(struct printing *p, const size_t *ways, size_t n_ways,
	struct grid_column *rate_columns, char (*names)[LABEL_SIZE])
{
	struct grid g;
	int r;

	for (size_t i = 0; i < p->st.n_rates; i++) {
		struct summary_row row = p->s->rows[p->st.rates[i]];

		row.metric =
			"latency"; /* the heading of the table says already that it is a rate */
		text_row(&row, names[i]);
		for (size_t k = 0; k < RATE_FIELDS; k++)
			rate_columns[i * RATE_FIELDS + k] =
				(struct grid_column){ names[i], rate_fields[k], k > 0, k > 0 };
	}
	r = grid_make(&g, "way", rate_columns, p->st.n_rates * RATE_FIELDS, n_ways, p->e);
	for (size_t row = 0; !r && row < n_ways; row++) {
		text_column(&p->s->columns[ways[row]], g.labels[row]);
		for (size_t i = 0; i < p->st.n_rates; i++)
			fill_rate(p, summary_cell(p->s, p->st.rates[i], ways[row]),
				grid_cell(&g, row, i * RATE_FIELDS));
	}
	if (!r) {
		term_put(p->t, "Launches per second", 0, true, BOLD);
		term_end_line(p->t);
		r = grid_print(&g, p->t, p->e);
	}
	grid_free(&g);
	return r;
}

static int print_rates(struct printing *p)
{
	cleanup_free size_t *ways = calloc(p->s->n_columns, sizeof(*ways));
	cleanup_free struct grid_column *rate_columns =
		calloc(p->st.n_rates * RATE_FIELDS, sizeof(*rate_columns));
	cleanup_free char(*names)[LABEL_SIZE] = calloc(p->st.n_rates, sizeof(*names));

	if (!ways || !rate_columns || !names)
		return err_set(p->e, -ENOMEM, "malloc", "no memory for the table");
	return print_rates_of(p, ways, ways_with_rates(p, ways), rate_columns, names);
}

static int print_set(struct printing *p, const struct startup_set *set)
{
	int r = set->n_ways ? print_ways(p, set) : 0;

	if (!r && !strcmp(set->unit, STARTUP_UNIT_INSTRUCTIONS) && set->n_ways) {
		term_wrapped(p->t, "", INSTRUCTIONS_MARK);
		term_end_line(p->t);
	}
	if (!r && set->n_steps)
		r = print_steps(p, set);
	return r;
}

int startup_table_print(
	struct term *t, const struct summary *s, const struct notes *notes, struct err *e)
{
	struct printing p = { .t = t, .s = s, .notes = notes, .e = e };
	int r = startup_make(s, &p.st, e);

	for (size_t i = 0; !r && i < p.st.n_sets; i++)
		r = print_set(&p, &p.st.sets[i]);
	if (!r && p.st.n_rates)
		r = print_rates(&p);
	startup_free(&p.st);
	return r;
}
