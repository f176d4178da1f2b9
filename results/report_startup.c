/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The section "Start-up" of the report: plots with their tables, what the events are. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "results/html.h"
#include "results/report_parts.h"
#include "results/text.h"

static const char phases[] = "phases, medians", cpu[] = "CPU",
		  since[] = "from the request to ..., medians", one[] = "the median launch: at",
		  wall[] = "request to exit", step[] = "request to exit";

/* The tables of a set, each below the plots that show the same. */
static const struct grid_column phase_columns[] = {
	{ phases, "process", false, false },
	{ phases, "sandbox", false, false },
	{ phases, "init", false, false },
	{ phases, "main", false, false },
	{ phases, "work", false, false },
	{ phases, "exit", false, false },
	{ phases, "released", false, false },
};
static const struct grid_column launch_columns[] = {
	{ one, "process", false, false },
	{ one, "sandbox", false, false },
	{ one, "init", false, false },
	{ one, "main", false, false },
	{ one, "work", false, false },
	{ one, "exit", false, false },
	{ one, "released", false, false },
};
static const struct grid_column since_columns[] = {
	{ since, "main", false, false },
	{ since, "work", false, false },
	{ since, "exit", false, false },
	{ since, "[95%]", true, true },
	{ since, "ratio", false, false },
	{ since, "p99", false, false },
	{ since, "released", false, false },
};
static const struct grid_column cpu_columns[] = {
	{ wall, "wall", false, false },
	{ wall, "[95%]", true, true },
	{ cpu, "user+sys", false, false },
	{ cpu, "[95%]", true, true },
	{ cpu, "of wall", false, false },
};
static const struct grid_column step_columns[] = {
	{ step, "median", false, false },
	{ step, "adds", false, false },
	{ step, "[95%]", true, true },
};

/* A skip is an event that is not told apart: its note alone. What failed says so. */
static void fill_median(
	const struct cell_context *c, const struct summary_group *g, struct grid_cell *cell)
{
	if (g && !g->n_samples && g->count[SAMPLE_SKIPPED])
		group_cell_word(c, g, "", NULL, cell);
	else
		group_cell_value(c, g, summary_median(g), cell);
}

typedef void (*fill_fn)(const struct report *, const struct startup_set *,
	const struct startup_way *, struct grid_cell *);

static void fill_phases(const struct report *r, const struct startup_set *set,
	const struct startup_way *w, struct grid_cell *cells)
{
	struct cell_context c = report_cells(r);

	(void)set;
	for (enum phase p = PHASE_PROCESS; p < PHASE_COUNT; p++)
		fill_median(&c, w->phase[p], &cells[p - PHASE_PROCESS]);
}

static void fill_launch(const struct report *r, const struct startup_set *set,
	const struct startup_way *w, struct grid_cell *cells)
{
	double at[PHASE_COUNT];

	startup_median_launch(r->s, set, w, at);
	for (enum phase p = PHASE_PROCESS; p < PHASE_COUNT; p++)
		text_value(at[p], set->unit, true, cells[p - PHASE_PROCESS].text);
}

/* The time to exit with what belongs to it. */
static void fill_since(const struct report *r, const struct startup_set *set,
	const struct startup_way *w, struct grid_cell *cells)
{
	const struct summary_group *g = w->since[PHASE_EXIT];
	struct cell_context c = report_cells(r);

	fill_median(&c, w->since[PHASE_MAIN], &cells[0]);
	fill_median(&c, w->since[PHASE_WORK], &cells[1]);
	fill_median(&c, g, &cells[2]);
	fill_median(&c, w->since[PHASE_RELEASED], &cells[6]);
	if (!g || !g->n_samples)
		return;
	group_cell_interval(&c, g, &cells[3]);
	text_ratio(g->ratio, cells[4].text);
	text_value(g->p99, set->unit, true, cells[5].text);
}

static void fill_cpu(const struct report *r, const struct startup_set *set,
	const struct startup_way *w, struct grid_cell *cells)
{
	struct cell_context c = report_cells(r);
	double total = startup_total(w);

	(void)set;
	fill_median(&c, w->since[PHASE_EXIT], &cells[0]);
	group_cell_interval(&c, w->since[PHASE_EXIT], &cells[1]);
	fill_median(&c, w->cpu, &cells[2]);
	group_cell_interval(&c, w->cpu, &cells[3]);
	if (total > 0 && w->cpu)
		text_ratio(w->cpu->median / total, cells[4].text);
}

/* What is there of a way, for its "instead" where nothing has a value. */
static void fill_instead(
	const struct report *r, const struct startup_way *w, struct grid_cell *instead)
{
	const struct summary_group *groups[2 * PHASE_COUNT + 1];
	struct cell_context c = report_cells(r);
	size_t n = 0;

	for (enum phase p = PHASE_PROCESS; p < PHASE_COUNT; p++) {
		groups[n++] = w->phase[p];
		groups[n++] = w->since[p];
	}
	groups[n++] = w->cpu;
	group_cell_instead(&c, groups, n, instead);
}

static int put_table(const struct report *r, const struct startup_set *set,
	const struct grid_column *columns, size_t n, fill_fn fill, struct err *e)
{
	struct grid g;
	int ret = grid_make(&g, "way", columns, n, set->n_ways, e);

	if (!ret && set->n_ways && (*set->params || r->st.n_sets > 1))
		html_print(
			r->f, "<h3>%s</h3>\n", *set->params ? set->params : "one after the other");
	for (size_t i = 0; !ret && i < set->n_ways; i++) {
		text_column(&r->s->columns[set->ways[i].column], g.labels[i]);
		fill_instead(r, &set->ways[i], &g.instead[i]);
		fill(r, set, &set->ways[i], grid_cell(&g, i, 0));
	}
	return report_grid(r, &g, ret);
}

static void fill_step(
	const struct report *r, const struct startup_set *set, size_t i, struct grid *g)
{
	const struct startup_step *s = &set->steps[i];
	struct cell_context c = report_cells(r);
	char low[TEXT_SIZE], high[TEXT_SIZE];

	text_column(&r->s->columns[s->way.column], g->labels[i]);
	fill_median(&c, s->way.since[PHASE_EXIT], grid_cell(g, i, 0));
	text_value(s->added, set->unit, true, grid_cell(g, i, 1)->text);
	if (stats_has_interval(s->added_ci))
		snprintf(grid_cell(g, i, 2)->text, TEXT_SIZE, "[%.12s, %.12s]",
			text_value(s->added_ci.low, set->unit, true, low),
			text_value(s->added_ci.high, set->unit, true, high));
}

static int put_steps(const struct report *r, const struct startup_set *set, struct err *e)
{
	struct grid g;
	int ret = grid_make(&g, "step", step_columns, ARRAY_SIZE(step_columns), set->n_steps, e);

	for (size_t i = 0; !ret && i < set->n_steps; i++)
		fill_step(r, set, i, &g);
	return report_grid(r, &g, ret);
}

static int put_all_steps(struct report *r, struct err *e)
{
	size_t n = 0;
	int ret = 0;

	for (size_t i = 0; i < r->st.n_sets; i++)
		n += r->st.sets[i].n_steps;
	if (!n)
		return 0;
	fputs("<h3>What each step of a container adds</h3>\n<p>Each step is a way of its own that "
	      "does one thing more than the one before. What it adds is the difference of the "
	      "medians from request to exit; an interval that holds 0 says that no difference was "
	      "found.</p>\n",
		r->f);
	ret = report_pictures(r, PLOT_STARTUP_STEPS, e);
	for (size_t i = 0; !ret && i < r->st.n_sets; i++)
		ret = put_steps(r, &r->st.sets[i], e);
	return ret;
}

struct rates {
	struct grid g;
	struct grid_column *columns;
	char (*names)[LABEL_SIZE];
};

/* A way a row, of those that have one; a kind of rate two columns. */
static void fill_rates(const struct report *r, struct rates *t)
{
	struct cell_context c = report_cells(r);
	const size_t *rows = r->st.rates;

	for (size_t i = 0; i < r->st.n_rates; i++) {
		struct summary_row row = r->s->rows[rows[i]];

		row.metric = "latency"; /* the heading says already that it is a rate */
		text_row(&row, t->names[i]);
		t->columns[2 * i] = (struct grid_column){ t->names[i], "median", false, false };
		t->columns[2 * i + 1] = (struct grid_column){ t->names[i], "[95%]", true, true };
	}
	t->g.n_rows = 0;
	for (size_t col = 0; col < r->s->n_columns; col++) {
		size_t at = t->g.n_rows;
		bool any = false;

		for (size_t i = 0; i < r->st.n_rates; i++) {
			const struct summary_group *g = summary_cell(r->s, rows[i], col);

			any |= g != NULL;
			fill_median(&c, g, grid_cell(&t->g, at, 2 * i));
			group_cell_interval(&c, g, grid_cell(&t->g, at, 2 * i + 1));
		}
		text_column(&r->s->columns[col], t->g.labels[at]);
		t->g.n_rows += any;
	}
}

static int put_rates(const struct report *r, struct err *e)
{
	size_t n = r->st.n_rates;
	struct rates t = { .columns = calloc(2 * n + 1, sizeof(*t.columns)),
		.names = calloc(n + 1, sizeof(*t.names)) };
	int ret = 0;

	if (!t.columns || !t.names)
		ret = err_set(e, -ENOMEM, "malloc", "no memory for the table");
	if (!ret && n) {
		fputs("<h3>Launches per second</h3>\n<p>Sustained: one after the other, clean-up "
		      "included, which a kernel may put off; with a concurrency: so many started "
		      "at once.</p>\n",
			r->f);
		ret = grid_make(&t.g, "way", t.columns, 2 * n, r->s->n_columns, e);
		if (!ret)
			fill_rates(r, &t);
		ret = report_grid(r, &t.g, ret);
	}
	free(t.columns);
	free(t.names);
	return ret;
}

static void put_events(const struct report *r)
{
	fputs("<h3>What the events are</h3>\n<p>All are moments on the host's one clock. A phase "
	      "lasts from the event before it to the one that it is named after; where a runtime "
	      "does not tell an event apart, its time is in the next phase. The phases of one "
	      "launch add up to its whole; medians of phases need not.</p>\n<dl>\n",
		r->f);
	for (enum phase p = PHASE_REQUESTED; p < PHASE_COUNT; p++)
		fprintf(r->f, "<dt>%s</dt><dd>%s.</dd>\n", phase_names[p], startup_events[p]);
	fputs("</dl>\n", r->f);
}

static bool has_restore(const struct report *r)
{
	for (size_t i = 0; i < r->st.n_sets; i++) {
		for (size_t k = 0; k < r->st.sets[i].n_ways; k++) {
			size_t column = r->st.sets[i].ways[k].column;

			if (strstr(r->s->columns[column].runtime, ":restore"))
				return true;
		}
	}
	return false;
}

static void put_remarks(const struct report *r)
{
	bool counted = false;

	for (size_t i = 0; i < r->st.n_sets; i++)
		counted |= !strcmp(r->st.sets[i].unit, STARTUP_UNIT_INSTRUCTIONS);
	if (counted)
		html_print(r->f,
			"<p class=\"mark\">%s</p>\n<p>Where the unit is instructions (k, M, G: "
			"thousands, millions, thousand millions), the run was made in an emulated "
			"machine with one CPU whose clocks advance with each instruction that it "
			"executes. The counts repeat within a fraction of a percent, whatever else "
			"the real machine does; they know nothing of caches, of devices' speed or "
			"of what a real CPU does at once.</p>\n",
			INSTRUCTIONS_MARK);
	if (has_restore(r))
		fputs("<p>VMs restored from one snapshot share the state of its random pool, and "
		      "with it the numbers to come, unless it is reseeded: here each is reseeded "
		      "before it goes on.</p>\n",
			r->f);
}

/* A plot and the table that has its numbers. */
static const struct {
	enum plot_kind kind;
	const struct grid_column *columns;
	size_t n;
	fill_fn fill;
} parts[] = {
	{ PLOT_STARTUP_DISTRIBUTION, since_columns, ARRAY_SIZE(since_columns), fill_since },
	{ PLOT_STARTUP_PHASES, phase_columns, ARRAY_SIZE(phase_columns), fill_phases },
	{ PLOT_STARTUP_TIMELINE, launch_columns, ARRAY_SIZE(launch_columns), fill_launch },
	{ PLOT_STARTUP_CPU, cpu_columns, ARRAY_SIZE(cpu_columns), fill_cpu },
};

int report_startup(struct report *r, struct err *e)
{
	int ret = 0;

	if (!r->st.n_sets && !r->st.n_rates)
		return 0;
	fputs("<h2>Start-up</h2>\n", r->f);
	put_remarks(r);
	for (size_t i = 0; !ret && i < ARRAY_SIZE(parts); i++) {
		ret = report_pictures(r, parts[i].kind, e);
		for (size_t k = 0; !ret && k < r->st.n_sets; k++)
			ret = put_table(
				r, &r->st.sets[k], parts[i].columns, parts[i].n, parts[i].fill, e);
	}
	if (ret < 0)
		return ret;
	put_events(r);
	ret = put_all_steps(r, e);
	return ret ? ret : put_rates(r, e);
}
