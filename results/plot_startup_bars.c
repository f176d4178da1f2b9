/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bars about starting: stacked phases, CPU beside wall time, and steps that add up. */
#include <math.h>

#include "results/plot_bars.h"

static const struct startup_way *way_at(const struct plot_page *p, size_t i)
{
	return &p->set->ways[p->first + i];
}

static const struct startup_step *step_at(const struct plot_page *p, size_t i)
{
	return &p->set->steps[p->first + i];
}

/* The sum of the medians of the phases up to and with @last. */
static double stacked(const struct startup_way *w, enum phase last)
{
	double sum = 0;

	for (enum phase i = PHASE_PROCESS; i <= last; i++) {
		double v = summary_median(w->phase[i]);

		sum += v > 0 ? v : 0;
	}
	return sum;
}

static double bar_end(const struct startup_way *w)
{
	return fmax(stacked(w, PHASE_RELEASED), plot_high_end(w->since[PHASE_EXIT]));
}

static double longest_bar(const struct plot_page *p, double (*end)(const struct startup_way *))
{
	double longest = 0;

	for (size_t i = 0; i < p->n_ways; i++)
		longest = fmax(longest, end(way_at(p, i)));
	return longest;
}

/* One block of the data file, and the names of those of its boxes that have room for one. */
static void write_phase(const struct plot_page *p, enum phase event, double factor, double high)
{
	for (size_t i = 0; i < p->n_ways; i++) {
		const struct startup_way *w = way_at(p, i);
		double v = summary_median(w->phase[event]) / factor;
		double from = stacked(w, event - 1) / factor;

		if (!(v > 0))
			continue;
		plot_bar_named(
			p, phase_names[event], plot_startup_color(event), from, from + v, i, high);
	}
	fputs("\n\n", p->dat);
}

static bool has_phase(const struct plot_page *p, enum phase event)
{
	for (size_t i = 0; i < p->n_ways; i++) {
		if (summary_median(way_at(p, i)->phase[event]) > 0)
			return true;
	}
	return false;
}

static void write_totals(const struct plot_page *p, double factor)
{
	for (size_t i = 0; i < p->n_ways; i++) {
		const struct startup_way *w = way_at(p, i);
		const struct summary_group *g = w->since[PHASE_EXIT];
		char text[TEXT_SIZE];

		/* Below the bar, where it covers none of the names. */
		plot_bar_mark(p->dat, g, (double)i + 0.42, factor);
		plot_bar_label(p, text_value(g->median, p->set->unit, true, text),
			bar_end(w) / factor, (double)i, "left offset 0.8, 0", "#000000");
	}
	fputs("\n\n", p->dat);
}

void plot_startup_phases(struct plot_page *p)
{
	double longest = longest_bar(p, bar_end);
	struct scale scale = text_scale(longest, p->set->unit);
	double high = plot_bar_axis_end(p, longest / scale.factor);
	int index = 0;

	plot_startup_frame(
		p, p->zoomed ? "The slower ways are left out. Bar: medians of the phases, each of "
			       "its own; "
			       "mark and number: median to exit."
			     : "Bar: medians of the phases, each of its own; so its end before "
			       "'released' is near the median to exit (mark, number), not at it.");
	plot_startup_names(p);
	plot_startup_axis(p, 0, high, scale);
	plot_bar_key(p);
	fputs("# middle\ty\tfrom\tto\ttop\tbottom; the last block: median to exit, y, interval\n",
		p->dat);
	for (enum phase i = PHASE_PROCESS; i < PHASE_COUNT; i++) {
		if (has_phase(p, i))
			write_phase(p, i, scale.factor, high);
	}
	write_totals(p, scale.factor);
	for (enum phase i = PHASE_PROCESS; i < PHASE_COUNT; i++) {
		if (has_phase(p, i))
			plot_bar_boxes(p, index++, plot_startup_color(i), phase_names[i]);
	}
	plot_bar_intervals(p, index, "to exit, 95%");
	fputc('\n', p->gp);
	plot_end(p);
}

static bool has_cpu(const struct plot_page *p, const struct startup_way *w)
{
	return w->cpu && w->cpu->n_samples && p->s->rows[w->cpu->row].unit == p->set->unit;
}

static bool any_cpu(const struct plot_page *p)
{
	size_t i = 0;

	while (i < p->n_ways && !has_cpu(p, way_at(p, i)))
		i++;
	return i < p->n_ways;
}

static double pair_end(const struct startup_way *w)
{
	double wall = plot_high_end(w->since[PHASE_EXIT]);

	return w->cpu && w->cpu->n_samples ? fmax(wall, plot_high_end(w->cpu)) : wall;
}

/* The upper (0) or lower (1) bars of the pairs: a block of boxes, and one of intervals. */
static void write_pairs(const struct plot_page *p, int lower, double factor)
{
	double shift = lower ? 0.19 : -0.19;

	for (int block = 0; block < 2; block++) {
		for (size_t i = 0; i < p->n_ways; i++) {
			const struct startup_way *w = way_at(p, i);
			const struct summary_group *g = lower ? w->cpu : w->since[PHASE_EXIT];
			double y = (double)i + shift;
			char text[TEXT_SIZE];

			if (lower && !has_cpu(p, w))
				continue;
			if (block) {
				plot_bar_mark(p->dat, g, y, factor);
				continue;
			}
			plot_bar_box(p->dat, 0, g->median / factor, y - 0.17, y + 0.17);
			plot_bar_label(p, text_value(g->median, p->set->unit, true, text),
				plot_high_end(g) / factor, y, "left offset 0.8, 0", "#000000");
		}
		fputs("\n\n", p->dat);
	}
}

void plot_startup_cpu(struct plot_page *p)
{
	double longest = longest_bar(p, pair_end);
	struct scale scale = text_scale(longest, p->set->unit);

	plot_startup_frame(p, p->zoomed ? "The slower ways are left out. Wall: request to exit. "
					  "CPU: user and system time "
					  "of what was launched. Medians, 95% intervals."
					: "Wall: request to exit. CPU: user and system time of the "
					  "launched process "
					  "and what it waited for. Medians, 95% intervals.");
	plot_startup_names(p);
	plot_startup_axis(p, 0, plot_bar_axis_end(p, longest / scale.factor), scale);
	plot_bar_key(p);
	fputs("# boxes of wall time, their intervals, boxes of CPU time, their intervals\n",
		p->dat);
	write_pairs(p, 0, scale.factor);
	write_pairs(p, 1, scale.factor);
	plot_bar_boxes(p, 0, "#56B4E9", "wall, request to exit");
	if (any_cpu(p)) {
		plot_bar_boxes(p, 2, "#0072B2", "CPU, user + system");
		plot_bar_intervals(p, 3, NULL);
	}
	plot_bar_intervals(p, 1, NULL);
	fputc('\n', p->gp);
	plot_end(p);
}

/* How a step is drawn: from what its interval says of what it adds. */
enum change { CHANGE_FIRST, CHANGE_MORE, CHANGE_LESS, CHANGE_NONE, CHANGES };

static const struct {
	const char *color, *title;
} changes[CHANGES] = {
	[CHANGE_FIRST] = { "#999999", "the first step" },
	[CHANGE_MORE] = { "#D55E00", "adds" },
	[CHANGE_LESS] = { "#56B4E9", "takes away" },
	[CHANGE_NONE] = { "#FFFFFF", "no difference found" },
};

static enum change change_of(const struct startup_step *step)
{
	if (isnan(step->added))
		return CHANGE_FIRST;
	if (!stats_has_interval(step->added_ci))
		return CHANGE_NONE;
	return step->added_ci.low > 0    ? CHANGE_MORE
	       : step->added_ci.high < 0 ? CHANGE_LESS
					 : CHANGE_NONE;
}

static double step_total(const struct startup_step *step)
{
	return startup_total(&step->way);
}

/* An empty block would not be counted by gnuplot: false, nothing was written. */
static bool write_change(const struct plot_page *p, enum change change, double factor)
{
	bool any = false;

	for (size_t i = 0; i < p->n_ways; i++) {
		const struct startup_step *step = step_at(p, i);
		double to = step_total(step) / factor;
		double from = isnan(step->added) ? 0 : to - step->added / factor;

		if (change_of(step) != change || isnan(to))
			continue;
		plot_bar_box(
			p->dat, fmin(from, to), fmax(from, to), (double)i - 0.3, (double)i + 0.3);
		any = true;
	}
	fputs(any ? "\n\n" : "", p->dat);
	return any;
}

/* A thin line down to the next bar, which begins there; and the number beside the bar. */
static void write_step(const struct plot_page *p, size_t i, double factor)
{
	const struct startup_step *step = step_at(p, i);
	double total = step_total(step), high = total;
	char text[TEXT_SIZE], low[TEXT_SIZE], up[TEXT_SIZE], label[3 * TEXT_SIZE];

	if (isnan(total))
		return;
	if (!isnan(step->added))
		high = fmax(total, total - step->added);
	if (i + 1 < p->n_ways && !isnan(step_at(p, i + 1)->added))
		fprintf(p->gp,
			"set arrow from %.10g, %.2f to %.10g, %.2f nohead linecolor rgb '#666666' "
			"linewidth 0.8\n",
			total / factor, (double)i + 0.3, total / factor, (double)i + 0.7);
	if (isnan(step->added))
		snprintf(label, sizeof(label), "%s", text_value(total, p->set->unit, true, text));
	else
		snprintf(label, sizeof(label), "%s%s%s%s%s%s%s", step->added > 0 ? "+" : "",
			text_value(step->added, p->set->unit, true, text),
			stats_has_interval(step->added_ci) ? " [" : "",
			text_value(step->added_ci.low, p->set->unit, true, low),
			stats_has_interval(step->added_ci) ? ", " : "",
			text_value(step->added_ci.high, p->set->unit, true, up),
			stats_has_interval(step->added_ci) ? "]" : "");
	plot_bar_label(p, label, high / factor, (double)i, "left offset 0.8, 0", "#000000");
}

void plot_startup_steps(struct plot_page *p)
{
	struct scale scale;
	double longest = 0, area = PLOT_WIDTH - p->left - p->right;
	int index = 0;

	for (size_t i = 0; i < p->n_ways; i++)
		longest = fmax(longest, step_total(step_at(p, i)));
	scale = text_scale(longest, p->set->unit);
	plot_startup_frame(p,
		"Each bar begins where the one before ends: the median from request to exit. "
		"Number: the difference and its 95% interval.");
	plot_startup_names(p);
	plot_startup_axis(p, 0, longest / scale.factor * area / (area - 2 * PLOT_BAR_ROOM), scale);
	plot_bar_key(p);
	fputs("# middle\ty\tfrom\tto\ttop\tbottom; blocks: first steps, more, less, neither\n",
		p->dat);
	for (size_t i = 0; i < p->n_ways; i++)
		write_step(p, i, scale.factor);
	for (int change = 0; change < CHANGES; change++) {
		if (write_change(p, (enum change)change, scale.factor))
			plot_bar_boxes(p, index++, changes[change].color, changes[change].title);
	}
	fputc('\n', p->gp);
	plot_end(p);
}
