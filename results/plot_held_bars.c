/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bars about instances that are held: what their memory consists of, and what grows. */
#include <math.h>
#include <string.h>

#include "base/util.h"
#include "results/plot_bars.h"

/* Okabe and Ito, dark and light in turn, so that neighbours differ in black and white too. */
struct part_style {
	const char *name, *color;
};

static const struct part_style parts[MEMORY_PARTS] = {
	[PART_VMM] = { "VMM", "#0072B2" },
	[PART_GUEST_KERNEL] = { "guest kernel", "#56B4E9" },
	[PART_PROGRAM] = { "program", "#F0E442" },
	[PART_KERNEL] = { "host kernel", "#D55E00" },
	[PART_KVM] = { "KVM", "#CC79A7" },
	[PART_UNEXPLAINED] = { "unexplained", "#DDDDDD" },
};

/* What kernel memory consists of, by slope. */
static const struct {
	enum memory_metric metric;
	struct part_style style;
} kernel[] = {
	{ MEM_SLOPE_STACK, { "stacks", "#0072B2" } },
	{ MEM_SLOPE_TABLES, { "page tables", "#56B4E9" } },
	{ MEM_SLOPE_SLAB, { "slab", "#D55E00" } },
	{ MEM_SLOPE_PERCPU, { "per-CPU", "#E69F00" } },
	{ MEM_SLOPE_KVM, { "KVM", "#CC79A7" } },
};

#define MAX_BOXES 8

/* The boxes of a way's bar, in their order. */
struct bar {
	double part[MAX_BOXES];
};

typedef void (*bar_fn)(const struct memory_way *w, struct bar *bar);

struct bars {
	const struct plot_page *p;
	size_t n; /* boxes */
	bar_fn fill;
	enum memory_metric mark; /* what the mark beside the bar shows */
	const char *mark_title;
	struct part_style styles[MAX_BOXES];
	double factor, high;
};

static void fill_parts(const struct memory_way *w, struct bar *bar)
{
	memory_parts(w, bar->part);
}

static void fill_kernel(const struct memory_way *w, struct bar *bar)
{
	for (size_t i = 0; i < ARRAY_SIZE(kernel); i++)
		bar->part[i] = memory_median(w, kernel[i].metric);
}

bool plot_memory_has_kernel(const struct memory_way *w)
{
	double sum = 0;

	for (size_t i = 0; i < ARRAY_SIZE(kernel); i++)
		sum += fmax(memory_median(w, kernel[i].metric), 0);
	return sum > 0 && sum < 1e200;
}

static const struct memory_way *way_at(const struct plot_page *p, size_t i)
{
	return &p->memory->ways[p->first + i];
}

/* Where box @box begins; where it is the number of boxes, the bar's end. */
static double begins(const struct bar *bar, size_t box)
{
	double sum = 0;

	for (size_t i = 0; i < box; i++)
		sum += fmax(bar->part[i], 0); /* of NAN and 0 fmax takes 0 */
	return sum;
}

static double marked(const struct memory_way *w, enum memory_metric mark, bool end)
{
	const struct summary_group *g = w->g[mark];

	if (!g || !g->n_samples)
		return NAN;
	return end ? plot_high_end(g) : g->median;
}

static double bar_end(const struct bars *b, size_t i)
{
	struct bar bar;

	b->fill(way_at(b->p, i), &bar);
	return fmax(begins(&bar, b->n), fmax(marked(way_at(b->p, i), b->mark, true), 0));
}

/* A block of boxes, and the names of those that have room for one; false: none. */
static bool write_boxes(const struct bars *b, size_t box)
{
	bool any = false;

	for (size_t i = 0; i < b->p->n_ways; i++) {
		struct bar bar;
		double from, v;

		b->fill(way_at(b->p, i), &bar);
		from = begins(&bar, box) / b->factor;
		v = bar.part[box] / b->factor;
		if (!(v > 0))
			continue;
		plot_bar_named(b->p, b->styles[box].name, b->styles[box].color, from, from + v, i,
			b->high);
		any = true;
	}
	fputs(any ? "\n\n" : "", b->p->dat);
	return any;
}

/* The marks with their intervals below the bars, and a number behind each. */
static bool write_marks(const struct bars *b)
{
	bool any = false;

	for (size_t i = 0; i < b->p->n_ways; i++) {
		const struct memory_way *w = way_at(b->p, i);
		const struct summary_group *g = w->g[b->mark];
		double v = marked(w, b->mark, false), end = bar_end(b, i);
		bool sum = isnan(v) && end > 0;
		char text[TEXT_SIZE], label[2 * TEXT_SIZE];

		text_value(sum ? end : v, "bytes", true, text);
		snprintf(label, sizeof(label), "%s%s", sum ? "sum " : "",
			*text ? text : "not available");
		plot_bar_label(b->p, label, end / b->factor, (double)i, "left offset 0.8, 0",
			*text ? "#000000" : "#666666");
		if (isnan(v))
			continue;
		plot_bar_mark(b->p->dat, g, (double)i + 0.42, b->factor);
		any = true;
	}
	fputs(any ? "\n\n" : "", b->p->dat);
	return any;
}

static void write_names(const struct plot_page *p)
{
	for (size_t i = 0; i < p->n_ways; i++) {
		size_t column =
			p->memory ? way_at(p, i)->column : p->density->ways[p->first + i].column;
		char label[LABEL_SIZE];

		plot_name_at(p, i, p->n_ways, text_column(&p->s->columns[column], label));
	}
	fprintf(p->gp, "set yrange [%.2f:-0.6]\n", (double)p->n_ways - 0.4);
}

static void write_frame(const struct plot_page *p, const char *what)
{
	char title[PLOT_TITLE_SIZE];

	plot_frame(p, plot_held_title(p, title), what);
	write_names(p);
}

static void draw_bars(struct bars *b, const char *what)
{
	const struct plot_page *p = b->p;
	struct scale scale;
	double longest = 0;
	bool any[MAX_BOXES] = { false }, marks;
	int index = 0;

	for (size_t i = 0; i < p->n_ways; i++)
		longest = fmax(longest, bar_end(b, i));
	scale = text_scale(longest, "bytes");
	b->factor = scale.factor;
	b->high = plot_bar_axis_end(p, longest / scale.factor);
	write_frame(p, what);
	fprintf(p->gp, "set xrange [0:%.10g]\n", b->high);
	plot_linear_ticks(p->gp, 0, b->high);
	fprintf(p->gp, "set xlabel '%s' noenhanced offset 0, 0.4\n", scale.utf8);
	plot_bar_key(p);
	fputs("# middle\ty\tfrom\tto\ttop\tbottom, a block a part; the last: slope, y, interval\n",
		p->dat);
	for (size_t box = 0; box < b->n; box++)
		any[box] = write_boxes(b, box);
	marks = write_marks(b);
	for (size_t box = 0; box < b->n; box++) {
		if (any[box])
			plot_bar_boxes(p, index++, b->styles[box].color, b->styles[box].name);
	}
	if (marks)
		plot_bar_intervals(p, index, b->mark_title);
	fputc('\n', p->gp);
	plot_end(p);
}

void plot_memory_parts(struct plot_page *p)
{
	struct bars b = { .p = p,
		.n = MEMORY_PARTS,
		.fill = fill_parts,
		.mark = MEM_SLOPE,
		.mark_title = "slope, 95%" };

	memcpy(b.styles, parts, sizeof(parts));
	draw_bars(&b,
		p->zoomed
			? "The larger ways are left out. Program: the process, or the rest of the "
			  "guest. "
			  "Mark, number: slope of MemAvailable, what one more takes."
			: "Program: the process, or the rest of the guest. Mark, number: slope of "
			  "MemAvailable, what one more instance takes.");
}

void plot_memory_kernel(struct plot_page *p)
{
	struct bars b = { .p = p,
		.n = ARRAY_SIZE(kernel),
		.fill = fill_kernel,
		.mark = MEM_SLOPE_KERNEL,
		.mark_title = "sum without KVM, 95%" };

	for (size_t i = 0; i < ARRAY_SIZE(kernel); i++)
		b.styles[i] = kernel[i].style;
	draw_bars(&b,
		"What /proc/meminfo counts, by slope over the instances. PSS and RSS see none "
		"of it.");
}

/* One mark a series, above each other. */
static const struct {
	int series;
	const char *color;
	int point;
} growths[] = {
	{ DENSITY_START, "#0072B2", 7 },
	{ DENSITY_MEMORY, "#D55E00", 9 },
	{ DENSITY_LATE, "#009E73", 5 },
};

bool plot_density_has_ratio(const struct density_tenths *t)
{
	return t->ratio > 1e-100 && t->ratio < 1e100;
}

static struct interval bar_of(const struct density_tenths *t)
{
	struct interval ci = t->ci;

	/* What is below zero has no place on a log axis. */
	if (!stats_has_interval(ci) || !(ci.low > 0))
		ci.low = t->ratio;
	if (!stats_has_interval(ci) || !isfinite(ci.high))
		ci.high = t->ratio;
	return ci;
}

static bool write_growth(const struct plot_page *p, size_t k, struct interval *range)
{
	int m = growths[k].series;
	bool any = false;

	for (size_t i = 0; i < p->n_ways; i++) {
		const struct density_tenths *t = &p->density->ways[p->first + i].tenths[m];
		char first[TEXT_SIZE], last[TEXT_SIZE], label[3 * TEXT_SIZE];
		double y = (double)i + 0.26 * ((double)k - 1);
		struct interval ci = bar_of(t);

		if (!plot_density_has_ratio(t))
			continue;
		any = true;
		range->low = fmin(range->low, fmax(ci.low, t->ratio / 100));
		range->high = fmax(range->high, fmin(ci.high, t->ratio * 100));
		fprintf(p->dat, "%.17g\t%.4f\t%.17g\t%.17g\n", t->ratio, y, ci.low, ci.high);
		snprintf(label, sizeof(label), "%s \u2192 %s",
			text_value(t->first, density_units[m], true, first),
			text_value(t->last, density_units[m], true, last));
		fputs("set label ", p->gp);
		plot_quote(p->gp, label);
		fprintf(p->gp, " at graph 1.01, first %.4f left noenhanced textcolor rgb '%s'\n", y,
			growths[k].color);
	}
	fputs(any ? "\n\n" : "", p->dat);
	return any;
}

static void write_ratio_ticks(FILE *f, struct interval range)
{
	static const double ticks[] = { 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.5, 2, 3,
		5, 7, 10 };
	const char *separator = "";

	if (range.high / range.low > 10) {
		plot_log_ticks(f, range.low, range.high, "", 3);
		return;
	}
	fputs("set xtics nomirror out textcolor rgb '#000000' (", f);
	for (size_t i = 0; i < ARRAY_SIZE(ticks); i++) {
		if (ticks[i] < range.low || ticks[i] > range.high)
			continue;
		fprintf(f, "%s'%g' %g", separator, ticks[i], ticks[i]);
		separator = ", ";
	}
	fputs(")\n", f);
}

/* A way without any ratio says so. */
static void write_lost(const struct plot_page *p)
{
	for (size_t i = 0; i < p->n_ways; i++) {
		const struct density_tenths *t = p->density->ways[p->first + i].tenths;
		int m = 0;

		while (m < DENSITY_SERIES && !plot_density_has_ratio(&t[m]))
			m++;
		if (m == DENSITY_SERIES)
			fprintf(p->gp,
				"set label 'not available' at graph 1.01, first %zu left "
				"noenhanced "
				"textcolor rgb '#666666'\n",
				i);
	}
}

void plot_density_growth(struct plot_page *p)
{
	struct interval range = { 0.7, 1.6 };
	char name[PLOT_NAME_SIZE];
	const char *separator = "plot";
	bool any[ARRAY_SIZE(growths)];
	int index = 0;

	plot_name(p->kind, p->number, name);
	write_frame(p, "Mark: the last tenth of what was held over the first, 95% interval; "
		       "numbers: both. "
		       "Grey: at most 20% apart. 1: the same.");
	fputs("# ratio\ty\tlow\thigh; a block a cost\n", p->dat);
	for (size_t k = 0; k < ARRAY_SIZE(growths); k++)
		any[k] = write_growth(p, k, &range);
	write_lost(p);
	plot_log_range(&range.low, &range.high, 0.04);
	fprintf(p->gp,
		"set logscale x\nset xrange [%.10g:%.10g]\n"
		"set object 1 rectangle from %.6f, graph 0 to %.6f, graph 1 behind fillcolor rgb "
		"'#eeeeee' fillstyle solid noborder\n"
		"set arrow 1 from 1, graph 0 to 1, graph 1 nohead linecolor rgb '#000000' back\n",
		range.low, range.high, 1 / DENSITY_GROWTH, DENSITY_GROWTH);
	write_ratio_ticks(p->gp, range);
	fputs("set xlabel 'last tenth / first tenth' noenhanced offset 0, 0.4\n", p->gp);
	plot_bar_key(p);
	for (size_t k = 0; k < ARRAY_SIZE(growths); k++) {
		if (!any[k])
			continue;
		fprintf(p->gp,
			"%s\\\n  '%s.dat' index %d using 1:2:3:4 with xerrorbars pointtype %d "
			"pointsize 0.8 linewidth 1.4 linecolor rgb '%s' title '%s'",
			separator, name, index++, growths[k].point, growths[k].color,
			density_series_names[growths[k].series]);
		separator = ",";
	}
	fputc('\n', p->gp);
	plot_end(p);
}
