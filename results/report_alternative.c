/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The alternative texts of the plots: what somebody who does not see one is told. All of the kind,
 * whatever the page; the tables have the rest.
 */
#include <math.h>
#include <string.h>

#include "base/util.h"
#include "results/covered.h"
#include "results/report_parts.h"
#include "results/text.h"

#define MOST 12 /* ways or benchmarks that one text names */

static void put_name(const struct report *r, size_t column, FILE *f)
{
	char name[LABEL_SIZE];

	fprintf(f, "%s: ", text_column(&r->s->columns[column], name));
}

static void put_value(FILE *f, const char *before, double v, const char *unit)
{
	char text[TEXT_SIZE];

	fprintf(f, "%s%s", before, text_value(v, unit, true, text));
}

/* The least and the most of a column's general rows: of the medians, or of the ratios. */
static void put_extremes(const struct report *r, size_t column, bool ratios, FILE *f)
{
	const struct summary_group *low = NULL, *high = NULL;
	char name[LABEL_SIZE], text[TEXT_SIZE];

	for (size_t row = 0; row < r->s->n_rows; row++) {
		const struct summary_group *g = summary_cell(r->s, row, column);
		double v;

		if (!g)
			continue;
		v = ratios ? g->ratio : g->median;
		/* values compare where they have one unit: that of the first */
		if (isnan(v) || covered(&r->s->rows[row]) ||
			(!ratios && low && r->s->rows[row].unit != r->s->rows[low->row].unit))
			continue;
		low = !low || v < (ratios ? low->ratio : low->median) ? g : low;
		high = !high || v > (ratios ? high->ratio : high->median) ? g : high;
	}
	if (!low)
		return;
	put_name(r, column, f);
	for (int end = 0; end < 2; end++) {
		const struct summary_group *g = end ? high : low;

		fputs(end ? " to " : "from ", f);
		if (ratios)
			fputs(text_ratio(g->ratio, text), f);
		else
			put_value(f, "", g->median, r->s->rows[g->row].unit);
		fprintf(f, " (%s)", text_row(&r->s->rows[g->row], name));
	}
	fputs(". ", f);
}

static void overview(const struct report *r, FILE *f)
{
	for (size_t col = 0; col < r->s->n_columns && col < MOST; col++)
		put_extremes(r, col, false, f);
}

static void ratios(const struct report *r, FILE *f)
{
	for (size_t col = 0; col < r->s->n_columns && col < MOST; col++)
		put_extremes(r, col, true, f);
}

static void distribution(const struct report *r, FILE *f)
{
	for (size_t col = 0; col < r->s->n_columns && col < MOST; col++) {
		size_t samples = 0, far = 0, rows = 0;

		for (size_t row = 0; row < r->s->n_rows; row++) {
			const struct summary_group *g = summary_cell(r->s, row, col);

			if (!g || !g->n_samples || covered(&r->s->rows[row]))
				continue;
			rows++;
			samples += g->n_samples;
			far += g->outliers.extreme;
		}
		if (!rows)
			continue;
		put_name(r, col, f);
		fprintf(f, "%zu samples of %zu benchmark%s, %zu of them far out. ", samples, rows,
			rows == 1 ? "" : "s", far);
	}
}

typedef void (*way_fn)(
	const struct report *, const struct startup_set *, const struct startup_way *, FILE *);

static void each_way(const struct report *r, way_fn put, FILE *f)
{
	for (size_t i = 0; i < r->st.n_sets; i++) {
		const struct startup_set *set = &r->st.sets[i];

		if (*set->params && set->n_ways)
			fprintf(f, "%s: ", set->params);
		for (size_t k = 0; k < set->n_ways && k < MOST; k++) {
			if (!(startup_total(&set->ways[k]) >= 0))
				continue;
			put_name(r, set->ways[k].column, f);
			put(r, set, &set->ways[k], f);
			fputs(". ", f);
		}
	}
}

static void way_phases(
	const struct report *r, const struct startup_set *set, const struct startup_way *w, FILE *f)
{
	(void)r;
	for (enum phase p = PHASE_PROCESS; p < PHASE_COUNT; p++) {
		if (w->phase[p] && w->phase[p]->n_samples) {
			fputs(phase_names[p], f);
			put_value(f, " ", w->phase[p]->median, set->unit);
			fputs(", ", f);
		}
	}
	put_value(f, "to exit ", startup_total(w), set->unit);
}

static void way_events(
	const struct report *r, const struct startup_set *set, const struct startup_way *w, FILE *f)
{
	double at[PHASE_COUNT];
	const char *before = "";

	startup_median_launch(r->s, set, w, at);
	for (enum phase p = PHASE_PROCESS; p < PHASE_COUNT; p++) {
		if (isnan(at[p]))
			continue;
		fprintf(f, "%s%s", before, phase_names[p]);
		put_value(f, " at ", at[p], set->unit);
		before = ", ";
	}
}

static void way_spread(
	const struct report *r, const struct startup_set *set, const struct startup_way *w, FILE *f)
{
	const struct summary_group *g = w->since[PHASE_EXIT];

	(void)r;
	put_value(f, "from ", g->min, set->unit);
	put_value(f, " to ", g->max, set->unit);
	put_value(f, ", median ", g->median, set->unit);
}

static void way_cpu(
	const struct report *r, const struct startup_set *set, const struct startup_way *w, FILE *f)
{
	(void)r;
	put_value(f, "", startup_total(w), set->unit);
	if (w->cpu && w->cpu->n_samples)
		put_value(f, ", CPU ", w->cpu->median, set->unit);
}

static void startup_phases(const struct report *r, FILE *f)
{
	each_way(r, way_phases, f);
}

static void startup_timeline(const struct report *r, FILE *f)
{
	each_way(r, way_events, f);
}

static void startup_distribution(const struct report *r, FILE *f)
{
	each_way(r, way_spread, f);
}

static void startup_cpu(const struct report *r, FILE *f)
{
	each_way(r, way_cpu, f);
}

static void startup_steps(const struct report *r, FILE *f)
{
	for (size_t i = 0; i < r->st.n_sets; i++) {
		for (size_t k = 0; k < r->st.sets[i].n_steps; k++) {
			const struct startup_step *step = &r->st.sets[i].steps[k];

			if (step->first || isnan(step->added))
				continue;
			fprintf(f, "%s adds", step->way.step);
			put_value(f, " ", step->added, r->st.sets[i].unit);
			fputs(". ", f);
		}
	}
}

/* What is shown of each way, state by state. */
static void each_held(const struct report *r, enum memory_metric metric, FILE *f)
{
	for (size_t i = 0; i < r->memory.n_sets; i++) {
		const struct memory_set *set = &r->memory.sets[i];
		const char *before = " ";

		fprintf(f, "%s:", set->state);
		for (size_t k = 0; k < set->n_ways && k < MOST; k++) {
			const struct memory_way *w = &set->ways[k];
			double v = metric == MEM_SLOPE ? memory_total(w) : memory_median(w, metric);
			char name[LABEL_SIZE];

			if (isnan(v))
				continue;
			fprintf(f, "%s%s", before, text_column(&r->s->columns[w->column], name));
			put_value(f, " ", v, "bytes");
			before = ", ";
		}
		fputs(". ", f);
	}
}

static void memory_whole(const struct report *r, FILE *f)
{
	fputs("One more instance takes: ", f);
	each_held(r, MEM_SLOPE, f);
}

static void memory_kernel(const struct report *r, FILE *f)
{
	fputs("Of the host's kernel one more instance takes: ", f);
	each_held(r, MEM_SLOPE_KERNEL, f);
}

static void tenths_of(const struct report *r, enum density_metric m, FILE *f)
{
	for (size_t i = 0; i < r->density.n_ways && i < MOST; i++) {
		const struct density_way *w = &r->density.ways[i];
		const struct density_tenths *t = &w->tenths[m];

		if (isnan(t->first) || isnan(t->last))
			continue;
		put_name(r, w->column, f);
		fprintf(f, "%s", density_series_names[m]);
		put_value(f, ", first tenth ", t->first, density_units[m]);
		put_value(f, ", last tenth ", t->last, density_units[m]);
		fprintf(f, " (%s). ", density_verdict_on(w, m));
	}
}

static void density_start(const struct report *r, FILE *f)
{
	tenths_of(r, DENSITY_START, f);
}

static void density_late(const struct report *r, FILE *f)
{
	tenths_of(r, DENSITY_LATE, f);
}

static void density_memory(const struct report *r, FILE *f)
{
	tenths_of(r, DENSITY_MEMORY, f);
}

static void density_growth(const struct report *r, FILE *f)
{
	for (int m = 0; m < DENSITY_SERIES; m++)
		tenths_of(r, (enum density_metric)m, f);
}

static void exit_counts(const struct report *r, FILE *f)
{
	for (size_t col = 0; col < r->s->n_columns && col < MOST; col++) {
		const char *before = "";

		if (!exits_has_column(r->s, &r->exits, col))
			continue;
		put_name(r, col, f);
		for (size_t i = 0; i < r->exits.n && i < MOST; i++) {
			const struct exits_bench *b = &r->exits.benches[i];
			const struct summary_group *g = exits_group(r->s, b, COUNT_ALL, col);
			char name[LABEL_SIZE], text[TEXT_SIZE];

			if (!g)
				continue;
			fprintf(f, "%s%s %s", before, text_row(&b->name, name),
				exits_text(g->median, text));
			before = ", ";
		}
		fputs(". ", f);
	}
}

static void (*const texts[PLOT_KINDS])(const struct report *, FILE *) = {
	[PLOT_OVERVIEW] = overview,
	[PLOT_RATIO] = ratios,
	[PLOT_RATIO_NEAR] = ratios,
	[PLOT_DISTRIBUTION] = distribution,
	[PLOT_STARTUP_PHASES] = startup_phases,
	[PLOT_STARTUP_TIMELINE] = startup_timeline,
	[PLOT_STARTUP_DISTRIBUTION] = startup_distribution,
	[PLOT_STARTUP_CPU] = startup_cpu,
	[PLOT_STARTUP_STEPS] = startup_steps,
	[PLOT_MEMORY_PARTS] = memory_whole,
	[PLOT_MEMORY_KERNEL] = memory_kernel,
	[PLOT_MEMORY_STAIR] = memory_whole,
	[PLOT_DENSITY_START] = density_start,
	[PLOT_DENSITY_LATE] = density_late,
	[PLOT_DENSITY_MEMORY] = density_memory,
	[PLOT_DENSITY_GROWTH] = density_growth,
	[PLOT_EXITS] = exit_counts,
};

void report_alternative(const struct report *r, enum plot_kind kind, FILE *f)
{
	texts[kind](r, f);
}
