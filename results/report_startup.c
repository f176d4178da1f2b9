/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The section "Start-up" of the report: plots, phases side by side, what the events are. */
#include <math.h>
#include <string.h>

#include "base/util.h"
#include "results/html.h"
#include "results/report_parts.h"
#include "results/text.h"

/* Columns of a table that are there for at least one way. */
struct shown {
	bool phase[PHASE_COUNT], since[PHASE_COUNT], cpu;
	unsigned n_phases, n_since;
};

/* The phases and the CPU time, or the times since the request: side by side they are too wide. */
enum part { PART_PHASES, PART_SINCE, PARTS };

static struct shown shown_of(const struct startup_set *set, enum part part)
{
	struct shown sh = { 0 };

	for (size_t i = 0; i < set->n_ways; i++) {
		const struct startup_way *w = &set->ways[i];

		for (enum phase p = PHASE_PROCESS; p < PHASE_COUNT; p++) {
			sh.phase[p] |= part == PART_PHASES && w->phase[p];
			sh.since[p] |= part == PART_SINCE && w->since[p];
		}
		sh.cpu |= part == PART_PHASES && w->cpu;
	}
	sh.since[PHASE_EXIT] = part == PART_SINCE; /* as a heading, if nothing else */
	for (enum phase p = PHASE_PROCESS; p < PHASE_COUNT; p++) {
		sh.n_phases += sh.phase[p];
		sh.n_since += sh.since[p];
	}
	return sh;
}

static void put_value(const struct report *r, const struct summary_group *g, double v)
{
	char text[TEXT_SIZE];

	html_print(r->f, "<td>%s</td>", text_value(v, r->s->rows[g->row].unit, true, text));
}

/* A skip is an event that is not told apart: its note alone. What failed says so. */
static void put_median(const struct report *r, const struct summary_group *g)
{
	bool failed = g && summary_has_failures(g) && !g->count[SAMPLE_SKIPPED];

	if (g && g->n_samples) {
		put_value(r, g, g->median);
		return;
	}
	fprintf(r->f, "<td%s>", failed ? " class=\"bad\"" : "");
	if (failed)
		html_text(r->f, sample_status_names[g->status]);
	if (g)
		report_note_link(r, g);
	fputs("</td>", r->f);
}

static void put_interval(const struct report *r, const struct summary_group *g)
{
	double factor = text_scale(g->median, r->s->rows[g->row].unit).factor;
	struct interval ci = { g->ci.low / factor, g->ci.high / factor };
	char text[TEXT_SIZE];

	html_print(r->f, "<td>%s</td>", text_interval(ci, text));
}

/* Median to exit with what belongs to it: interval, ratio, tail. */
static void put_total(const struct report *r, const struct summary_group *g)
{
	char text[TEXT_SIZE];

	if (!g || !g->n_samples) {
		put_median(r, g);
		fputs("<td></td><td></td><td></td>", r->f);
		return;
	}
	html_print(r->f, "<td>%s", text_value(g->median, r->s->rows[g->row].unit, true, text));
	report_note_link(r, g);
	fputs("</td>", r->f);
	put_interval(r, g);
	html_print(r->f, "<td>%s</td>", text_ratio(g->ratio, text));
	put_value(r, g, g->p99);
}

/* Median to exit, interval, ratio and tail make four columns of one. */
static unsigned columns_of(const struct shown *sh)
{
	return sh->n_phases + sh->cpu + sh->n_since + (sh->n_since ? 3 : 0);
}

static void put_headings(const struct report *r, const struct shown *sh)
{
	char baseline[LABEL_SIZE];

	text_baseline(r->s, baseline);
	fputs("<div class=\"wide\"><table>\n<thead>\n<tr><th rowspan=\"2\" scope=\"col\">way</th>",
		r->f);
	if (sh->n_phases)
		fprintf(r->f,
			"<th class=\"first\" colspan=\"%u\" scope=\"colgroup\">phases, "
			"medians</th>",
			sh->n_phases);
	if (sh->cpu)
		fputs("<th class=\"first\" scope=\"col\">CPU</th>", r->f);
	if (sh->n_since)
		fprintf(r->f,
			"<th class=\"first\" colspan=\"%u\" scope=\"colgroup\">from the request to "
			"..., medians</th>",
			columns_of(sh));
	fputs("</tr>\n<tr>", r->f);
	for (enum phase p = PHASE_PROCESS; p < PHASE_COUNT; p++) {
		if (sh->phase[p] || sh->since[p])
			fprintf(r->f, "<th scope=\"col\">%s</th>", phase_names[p]);
		if (p == PHASE_EXIT && sh->since[p])
			html_print(r->f,
				"<th scope=\"col\">95%</th><th scope=\"col\">ratio to %s</th><th "
				"scope=\"col\">p99</th>",
				baseline);
	}
	fputs(sh->cpu ? "<th class=\"first\" scope=\"col\">user+sys</th>" : "", r->f);
	fputs("</tr>\n</thead>\n<tbody>\n", r->f);
}

static void put_way(const struct report *r, const struct startup_way *w, const struct shown *sh)
{
	char name[LABEL_SIZE];

	html_print(r->f, "<tr><th scope=\"row\">%s</th>",
		text_column(&r->s->columns[w->column], name));
	for (enum phase p = PHASE_PROCESS; p < PHASE_COUNT; p++) {
		if (sh->phase[p])
			put_median(r, w->phase[p]);
	}
	for (enum phase p = PHASE_PROCESS; p < PHASE_COUNT; p++) {
		if (p == PHASE_EXIT && sh->since[p])
			put_total(r, w->since[p]);
		else if (sh->since[p])
			put_median(r, w->since[p]);
	}
	if (sh->cpu)
		put_median(r, w->cpu);
	fputs("</tr>\n", r->f);
}

/* Nothing of a way has a value: one cell for all, with the reason's note. */
static const struct summary_group *lost_as_a_whole(const struct startup_way *w)
{
	const struct summary_group *lost = w->cpu;

	for (enum phase p = PHASE_PROCESS; p < PHASE_COUNT; p++) {
		lost = w->phase[p] ? w->phase[p] : lost;
		lost = w->since[p] ? w->since[p] : lost;
		if (summary_median(w->phase[p]) >= 0 || summary_median(w->since[p]) >= 0)
			return NULL;
	}
	return lost && !lost->n_samples ? lost : NULL;
}

static void put_lost(const struct report *r, const struct startup_way *w,
	const struct summary_group *g, unsigned columns)
{
	char name[LABEL_SIZE];

	html_print(r->f, "<tr><th scope=\"row\">%s</th>",
		text_column(&r->s->columns[w->column], name));
	fprintf(r->f, "<td class=\"first %s\" colspan=\"%u\">",
		summary_has_failures(g) ? "bad" : "none", columns);
	html_text(r->f, sample_status_names[g->status]);
	report_note_link(r, g);
	fputs("</td></tr>\n", r->f);
}

static void put_table(const struct report *r, const struct startup_set *set, enum part part)
{
	struct shown sh = shown_of(set, part);

	if (*set->params)
		html_print(r->f, "<h3>%s</h3>\n", set->params);
	put_headings(r, &sh);
	for (size_t i = 0; i < set->n_ways; i++) {
		const struct startup_way *w = &set->ways[i];
		const struct summary_group *lost = lost_as_a_whole(w);

		if (lost)
			put_lost(r, w, lost, columns_of(&sh));
		else
			put_way(r, w, &sh);
	}
	fputs("</tbody>\n</table></div>\n", r->f);
}

static void put_tables(const struct report *r, enum part part)
{
	for (size_t i = 0; i < r->st.n_sets; i++) {
		if (r->st.sets[i].n_ways)
			put_table(r, &r->st.sets[i], part);
	}
}

static void put_step(
	const struct report *r, const struct startup_set *set, const struct startup_step *step)
{
	char name[LABEL_SIZE], text[TEXT_SIZE];

	html_print(r->f, "<tr><th scope=\"row\">%s</th>",
		text_column(&r->s->columns[step->way.column], name));
	put_median(r, step->way.since[PHASE_EXIT]);
	html_print(r->f, "<td>%s</td>", text_value(step->added, set->unit, true, text));
	if (stats_has_interval(step->added_ci)) {
		html_print(
			r->f, "<td>[%s, ", text_value(step->added_ci.low, set->unit, true, text));
		html_print(
			r->f, "%s]</td>", text_value(step->added_ci.high, set->unit, true, text));
	} else {
		fputs("<td></td>", r->f);
	}
	fputs("</tr>\n", r->f);
}

static void put_steps(const struct report *r, const struct startup_set *set)
{
	if (!set->n_steps)
		return;
	fputs("<h3>What each step of a container adds</h3>\n<p>Each step is a way of its own that "
	      "does one thing more than the one before. What it adds is the difference of the "
	      "medians from request to exit; an interval that holds 0 says that no difference was "
	      "found.</p>\n<div class=\"wide\"><table>\n<thead>\n<tr><th scope=\"col\">step</th>"
	      "<th scope=\"col\">to exit</th><th scope=\"col\">adds</th><th "
	      "scope=\"col\">95%</th></tr>\n</thead>\n<tbody>\n",
		r->f);
	for (size_t i = 0; i < set->n_steps; i++)
		put_step(r, set, &set->steps[i]);
	fputs("</tbody>\n</table></div>\n", r->f);
}

static void put_rates_of(const struct report *r, size_t column)
{
	char name[LABEL_SIZE];
	bool any = false;

	for (size_t i = 0; i < r->st.n_rates; i++)
		any |= summary_cell(r->s, r->st.rates[i], column) != NULL;
	if (!any)
		return;
	html_print(
		r->f, "<tr><th scope=\"row\">%s</th>", text_column(&r->s->columns[column], name));
	for (size_t i = 0; i < r->st.n_rates; i++) {
		const struct summary_group *g = summary_cell(r->s, r->st.rates[i], column);

		put_median(r, g);
		if (g && g->n_samples)
			put_interval(r, g);
		else
			fputs("<td></td>", r->f);
	}
	fputs("</tr>\n", r->f);
}

static void put_rates(const struct report *r)
{
	char name[LABEL_SIZE];

	if (!r->st.n_rates)
		return;
	fputs("<h3>Launches per second</h3>\n<p>Sustained: one after the other, clean-up "
	      "included, which a kernel may put off; with a concurrency: so many started at "
	      "once.</p>\n<div class=\"wide\"><table>\n<thead>\n<tr><th scope=\"col\">way</th>",
		r->f);
	for (size_t i = 0; i < r->st.n_rates; i++) {
		struct summary_row row = r->s->rows[r->st.rates[i]];

		row.metric = "latency"; /* the heading says already that it is a rate */
		html_print(r->f, "<th scope=\"col\">%s</th><th scope=\"col\">95%</th>",
			text_row(&row, name));
	}
	fputs("</tr>\n</thead>\n<tbody>\n", r->f);
	for (size_t column = 0; column < r->s->n_columns; column++)
		put_rates_of(r, column);
	fputs("</tbody>\n</table></div>\n", r->f);
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

int report_startup(struct report *r, struct err *e)
{
	static const enum plot_kind rest[] = { PLOT_STARTUP_TIMELINE, PLOT_STARTUP_DISTRIBUTION,
		PLOT_STARTUP_CPU };
	int ret;

	if (!r->st.n_sets && !r->st.n_rates)
		return 0;
	fputs("<h2>Start-up</h2>\n", r->f);
	put_remarks(r);
	put_tables(r, PART_SINCE);
	ret = report_pictures(r, PLOT_STARTUP_PHASES, e);
	put_tables(r, PART_PHASES);
	put_events(r);
	for (size_t i = 0; !ret && i < ARRAY_SIZE(rest); i++)
		ret = report_pictures(r, rest[i], e);
	for (size_t i = 0; i < r->st.n_sets; i++)
		put_steps(r, &r->st.sets[i]);
	if (!ret)
		ret = report_pictures(r, PLOT_STARTUP_STEPS, e);
	put_rates(r);
	return ret;
}
