/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Timelines of median launches, and how the time from request to exit is distributed. */
#include <math.h>
#include <string.h>

#include "results/plot_script.h"

#define MAX_STEPS 600 /* points of a curve: more than the plot has pixels */

/* Filled shapes, one an event; gnuplot's numbers. */
static const int shapes[PHASE_COUNT] = {
	[PHASE_PROCESS] = 7,
	[PHASE_SANDBOX] = 5,
	[PHASE_INIT] = 13,
	[PHASE_MAIN] = 9,
	[PHASE_WORK] = 11,
	[PHASE_EXIT] = 15,
	[PHASE_RELEASED] = 7,
};

struct range {
	double low, high;
};

/* "x, y, event" of every launch's events, a block an event; then where each line ends. */
static struct range write_timeline(const struct plot_page *p, bool seen[PHASE_COUNT])
{
	struct range range = { INFINITY, -INFINITY };

	for (enum phase event = PHASE_PROCESS; event <= PHASE_COUNT; event++) {
		for (size_t i = 0; i < p->n_ways; i++) {
			double at[PHASE_COUNT], last = 0;

			startup_median_launch(p->s, p->set, &p->set->ways[p->first + i], at);
			for (enum phase k = PHASE_PROCESS; k < PHASE_COUNT; k++)
				last = at[k] > last ? at[k] : last;
			if (event == PHASE_COUNT && last > 0)
				fprintf(p->dat, "%.17g\t%zu\n", last, i);
			if (event == PHASE_COUNT || !(at[event] > 0))
				continue;
			seen[event] = true;
			range.low = fmin(range.low, at[event]);
			range.high = fmax(range.high, last);
			fprintf(p->dat, "%.17g\t%zu\t%s\n", at[event], i, phase_names[event]);
		}
		if (event == PHASE_COUNT || seen[event]) /* an empty block would not count */
			fputs("\n\n", p->dat);
	}
	return range;
}

/* Each mark is drawn twice, for an outline: the key, which knows nothing of that, is made by hand.
 */
static void write_event_key(const struct plot_page *p, const bool seen[PHASE_COUNT])
{
	double x = p->left + 8;

	for (enum phase event = PHASE_PROCESS; event < PHASE_COUNT; event++) {
		double y = plot_y(p, p->height - 66);

		if (!seen[event])
			continue;
		fprintf(p->gp,
			"set label '' at screen %.5f, screen %.5f point pointtype %d pointsize 1.1 "
			"linecolor rgb '#000000'\n"
			"set label '%s' at screen %.5f, screen %.5f left offset 1, 0 point "
			"pointtype %d pointsize 0.7 linecolor rgb '%s'\n",
			plot_x(x), y, shapes[event], phase_names[event], plot_x(x), y,
			shapes[event], plot_startup_color(event));
		x += 100;
	}
}

static void write_marks(const struct plot_page *p, const bool seen[PHASE_COUNT], const char *name)
{
	int index = 0;

	for (enum phase event = PHASE_PROCESS; event < PHASE_COUNT; event++) {
		if (!seen[event])
			continue;
		fprintf(p->gp,
			",\\\n  '%s.dat' index %d using 1:2 with points pointtype %d pointsize 1.1 "
			"linecolor rgb '#000000' notitle"
			",\\\n  '' index %d using 1:2 with points pointtype %d pointsize 0.7 "
			"linecolor rgb '%s' notitle",
			name, index, shapes[event], index, shapes[event],
			plot_startup_color(event));
		index++;
	}
}

static void write_log_axis(const struct plot_page *p, struct range range)
{
	fprintf(p->gp, "set xrange [%.10g:%.10g]\nset logscale x\n", range.low, range.high);
	plot_log_ticks(p->gp, range.low, range.high, p->set->unit, 3.5);
	if (!strcmp(p->set->unit, "ns")) /* which the ticks hold */
		return;
	fputs("set xlabel ", p->gp);
	plot_quote(p->gp, p->set->unit);
	fputs(" noenhanced offset 0, 0.4\n", p->gp);
}

/* Without any event the axis still needs two ends. */
static struct range widened(struct range range, double margin)
{
	if (!(range.low > 0 && range.high > 0 && isfinite(range.low)))
		return (struct range){ 1, 10 };
	if (range.high < range.low * 1.5)
		range.high = range.low * 1.5;
	plot_log_range(&range.low, &range.high, margin);
	return range;
}

void plot_startup_timeline(struct plot_page *p)
{
	bool seen[PHASE_COUNT] = { false };
	struct range range;
	char name[PLOT_NAME_SIZE];
	int blocks = 0;

	fputs("# time since the request\ty\tevent; the last block: where the lines end\n", p->dat);
	range = widened(write_timeline(p, seen), 0.06);
	plot_startup_frame(p,
		"Of each way the launch whose time to exit is the median; log axis, which begins "
		"after the request. An event not told apart has no mark.");
	plot_startup_names(p);
	write_log_axis(p, range);
	write_event_key(p, seen);
	for (enum phase event = PHASE_PROCESS; event < PHASE_COUNT; event++)
		blocks += seen[event];
	fprintf(p->gp,
		"plot '%s.dat' index %d using (%.10g):2:($1-%.10g):(0) with vectors nohead "
		"linewidth 2 linecolor rgb '#888888' notitle",
		plot_name(p->kind, p->number, name), blocks, range.low, range.low);
	write_marks(p, seen, name);
	fputc('\n', p->gp);
	plot_end(p);
}

/* As in the other distributions: what one interrupted launch does must not flatten all. */
static void widen(struct range *range, const struct summary_group *g)
{
	const double *v = g->values;
	size_t n = g->n_samples;
	double q1 = stats_quantile(v, n, 0.25), q3 = stats_quantile(v, n, 0.75);
	double low = fmax(v[0], q1 - 3 * (q3 - q1)), high = fmin(v[n - 1], q3 + 3 * (q3 - q1));

	if (low > 0)
		range->low = fmin(range->low, low);
	range->high = fmax(range->high, high);
}

static void write_curve(FILE *dat, const struct summary_group *g, double edge)
{
	size_t n = g->n_samples, steps = n < MAX_STEPS ? n : MAX_STEPS;

	if (g->values[0] > 0)
		fprintf(dat, "%.17g\t0\n", g->values[0]);
	for (size_t k = 1; k <= steps; k++) {
		size_t i = k * n / steps;

		if (g->values[i - 1] > 0)
			fprintf(dat, "%.17g\t%.6f\n", g->values[i - 1], (double)i / (double)n);
	}
	/* On to the edge: all of it lies left of there. */
	fprintf(dat, "%.17g\t1\n\n\n", fmax(edge, g->values[n - 1]));
}

static void write_curves(const struct plot_page *p, struct range range)
{
	char name[PLOT_NAME_SIZE], label[LABEL_SIZE];

	plot_name(p->kind, p->number, name);
	for (size_t i = 0; i < p->n_ways; i++) {
		const struct startup_way *w = &p->set->ways[p->first + i];
		const struct plot_style *st = plot_style(i), *dash = plot_style(i + i / 7);

		write_curve(p->dat, w->since[PHASE_EXIT], range.high);
		fprintf(p->gp,
			"%s\\\n  '%s.dat' index %zu using 1:2 with steps linewidth %g dashtype %s "
			"linecolor rgb '%s' title ",
			i ? "," : "plot", name, i, st->width, dash->dash, st->color);
		plot_quote(p->gp, text_column(&p->s->columns[w->column], label));
	}
	fputc('\n', p->gp);
}

void plot_startup_distribution(struct plot_page *p)
{
	struct range range = { INFINITY, -INFINITY };

	for (size_t i = 0; i < p->n_ways; i++)
		widen(&range, p->set->ways[p->first + i].since[PHASE_EXIT]);
	range = widened(range, 0.04);
	plot_startup_frame(p,
		"Part of the launches (0 to 1) that took at most so long. The axis leaves out "
		"extreme outliers (Tukey, 3 IQR): what a curve lacks to 1 lies beyond.");
	write_log_axis(p, range);
	fprintf(p->gp,
		"set yrange [0:1.02]\nset ytics nomirror out ('0' 0, '0.25' 0.25, '0.5' 0.5, "
		"'0.75' "
		"0.75, '1' 1)\nset border 3\nset grid ytics linetype 1 linecolor rgb '#cccccc'\n"
		"set key at screen %.5f, screen %.5f top left Left reverse noenhanced samplen 3.5 "
		"width 0 title 'by median' left\n",
		plot_x(PLOT_WIDTH - p->right + 12), plot_y(p, p->height - 82));
	fputs("# time to exit\tpart of the launches\n", p->dat);
	write_curves(p, range);
	plot_end(p);
}
