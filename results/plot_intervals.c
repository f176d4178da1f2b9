/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Points with intervals: benchmarks from top to bottom, one mark a runtime. */
#include <math.h>

#include "results/plot_script.h"
#include "results/text.h"

#define NEAR_LOW 0.8
#define NEAR_HIGH 1.5

struct range {
	double low, high;
};

static struct interval bars(const struct plot_page *p, const struct summary_group *g)
{
	double at = p->kind == PLOT_OVERVIEW ? g->median : g->ratio;
	struct interval ci = p->kind == PLOT_OVERVIEW ? g->ci : g->ratio_ci;

	if (!stats_has_interval(ci))
		return (struct interval){ at, at };
	if (ci.low <= 0) /* would have no place on a log axis */
		ci.low = at;
	return ci;
}

static bool has_points(const struct plot_page *p, size_t col)
{
	size_t i = 0;

	while (i < p->n_rows && !plot_has_point(p, p->rows[i], col))
		i++;
	return i < p->n_rows;
}

/* A block of lines "y, value, low, high" for each column that has points. */
static struct range write_data(const struct plot_page *p, size_t first)
{
	struct range range = { INFINITY, -INFINITY };
	double spread = 0.75 / (double)(p->to - p->from);

	fprintf(p->dat, "# y\tvalue\tlow\thigh\tbenchmark\n");
	for (size_t col = p->from + first; col < p->to; col++) {
		for (size_t i = 0; i < p->n_rows; i++) {
			const struct summary_group *g = summary_cell(p->s, p->rows[i], col);
			double middle = (double)(p->from + first + p->to - 1) / 2;
			double y = (double)i + spread * ((double)col - middle);
			char label[LABEL_SIZE], clean[LABEL_SIZE];
			struct interval ci;

			if (!plot_has_point(p, p->rows[i], col))
				continue;
			ci = bars(p, g);
			text_clean(text_row(&p->s->rows[p->rows[i]], label), true, clean,
				sizeof(clean));
			fprintf(p->dat, "%.4f\t%.17g\t%.17g\t%.17g\t%s\n", y,
				p->kind == PLOT_OVERVIEW ? g->median : g->ratio, ci.low, ci.high,
				clean);
			range.low = fmin(range.low, ci.low);
			range.high = fmax(range.high, ci.high);
		}
		if (has_points(p, col)) /* gnuplot does not count an empty block */
			fputs("\n\n", p->dat);
	}
	return range;
}

/*
 * gnuplot 5 clips in whole numbers: an interval that lies some thousand widths of the axis away
 * comes back as a line across it. So nothing far away is handed to it.
 */
static void write_clipping(const struct plot_page *p)
{
	double width = NEAR_HIGH - NEAR_LOW;

	fprintf(p->gp,
		"clip(x) = x < %g ? %g : x > %g ? %g : x\n"
		"shown(x, low, high) = high < %g || low > %g ? NaN : clip(x)\n",
		NEAR_LOW - width, NEAR_LOW - width, NEAR_HIGH + width, NEAR_HIGH + width, NEAR_LOW,
		NEAR_HIGH);
}

static void write_axes(const struct plot_page *p, struct range range)
{
	const char *unit = p->kind == PLOT_OVERVIEW ? p->s->rows[p->rows[0]].unit : "";
	bool log_axis = p->kind != PLOT_RATIO_NEAR && range.high / range.low > 3;

	if (p->kind == PLOT_RATIO_NEAR)
		range = (struct range){ NEAR_LOW, NEAR_HIGH };
	else if (p->kind == PLOT_RATIO)
		range = (struct range){ fmin(range.low, 1), fmax(range.high, 1) };
	if (log_axis) {
		plot_log_range(&range.low, &range.high, 0.03);
		fputs("set logscale x\n", p->gp);
		plot_log_ticks(p->gp, range.low, range.high, unit, 3);
	} else {
		double margin = 0.04 * (range.high - range.low) + 1e-9 * fabs(range.high);

		fputs("unset logscale x\n", p->gp);
		if (p->kind != PLOT_RATIO_NEAR) {
			range.low -= margin;
			range.high += margin;
		}
		fputs("set xtics nomirror out textcolor rgb '#000000' autofreq\n", p->gp);
	}
	fprintf(p->gp, "set xrange [%.10g:%.10g]\nset yrange [%.2f:-0.6]\n", range.low, range.high,
		(double)p->n_rows - 0.4);
	if (p->kind == PLOT_OVERVIEW && !log_axis && *unit) {
		fputs("set xlabel ", p->gp);
		plot_quote(p->gp, unit);
		fputs(" noenhanced\n", p->gp);
	}
}

static void write_rows(const struct plot_page *p)
{
	for (size_t i = 0; i < p->n_rows; i++) {
		char label[LABEL_SIZE];

		plot_name_at(p, i, p->n_rows, text_row(&p->s->rows[p->rows[i]], label));
	}
	plot_row_bands(p);
}

static void write_plot(const struct plot_page *p, size_t first)
{
	char name[PLOT_NAME_SIZE], label[LABEL_SIZE];
	const char *separator = "plot ";
	const char *columns = p->kind == PLOT_RATIO_NEAR
				      ? "(shown($2, $3, $4)):1:(clip($3)):(clip($4))"
				      : "2:1:3:4";
	size_t block = 0;

	plot_name(p->kind, p->number, name);
	for (size_t col = p->from + first; col < p->to; col++) {
		const struct plot_style *st = plot_style(col - p->from);

		if (!has_points(p, col))
			continue;
		fprintf(p->gp, "%s\\\n  '%s.dat' index %zu using %s with xerrorbars ", separator,
			name, block++, columns);
		fprintf(p->gp, "pointtype %d pointsize 0.7 linewidth 1.3 linecolor rgb '%s' title ",
			st->point, st->color);
		plot_quote(p->gp, text_column(&p->s->columns[col], label));
		separator = ", ";
	}
	fputc('\n', p->gp);
}

void plot_intervals(struct plot_page *p)
{
	static const char *const what[] = {
		[PLOT_OVERVIEW] = "Mark: median of the launches' medians; bar: its bootstrap 95% "
				  "interval. No mark: skipped or failed.",
		[PLOT_RATIO] = "Mark: ratio of medians to the baseline; bar: its bootstrap 95% "
			       "interval. 1: as fast. No mark: nothing to compare.",
		[PLOT_RATIO_NEAR] = "The part of the ratios around 1, on a linear axis: what is "
				    "not here lies further out, or has nothing to compare.",
	};
	size_t first = p->kind == PLOT_OVERVIEW ? 0 : 1;
	struct range range = write_data(p, first);
	char title[LABEL_SIZE + 64], baseline[LABEL_SIZE];

	text_baseline(p->s, baseline);
	snprintf(title, sizeof(title), "%s%s", plot_kinds[p->kind].title,
		p->kind == PLOT_OVERVIEW ? "" : baseline);
	plot_begin(p);
	plot_caption(p, title, what[p->kind]);
	fprintf(p->gp,
		"set lmargin at screen %.5f\nset rmargin at screen %.5f\n"
		"set tmargin at screen %.5f\nset bmargin at screen %.5f\n",
		plot_x(p->left), plot_x(PLOT_WIDTH - p->right), plot_y(p, p->height - p->key - 66),
		plot_y(p, 122));
	fprintf(p->gp,
		"set key at screen %.5f, screen %.5f top right horizontal maxrows 1 Left reverse "
		"noenhanced samplen 2 width 1\n"
		"set border 1 linecolor rgb '#666666'\nset tics nomirror out\n"
		"set grid xtics linetype 1 linecolor rgb '#cccccc'\n",
		plot_x(PLOT_WIDTH - p->right), plot_y(p, p->height - 38));
	write_axes(p, range);
	if (p->kind == PLOT_RATIO_NEAR)
		write_clipping(p);
	write_rows(p);
	if (first)
		fputs("set arrow 1 from 1, graph 0 to 1, graph 1 nohead linecolor rgb '#000000' "
		      "linewidth 1.2 back\n",
			p->gp);
	write_plot(p, first);
	plot_end(p);
}
