/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Empirical distribution functions, a panel a benchmark. */
#include <math.h>

#include "results/plot_script.h"
#include "results/text.h"

#define PANEL_HEIGHT 165
#define MAX_STEPS 400 /* points of a curve: more than the panel has pixels */

struct panel {
	size_t row;
	double low, high; /* of the axis, in the scale's unit */
	struct scale scale;
	bool log_axis;
};

/*
 * The axis holds what lies within Tukey's outer fences of some runtime: a single launch that met
 * with an interrupt would else flatten all curves. A curve that has not reached 1 at the right edge
 * says how much lies beyond.
 */
static void widen(struct panel *panel, const double *values, size_t n)
{
	double q1 = stats_quantile(values, n, 0.25), q3 = stats_quantile(values, n, 0.75);
	double reach = 3 * (q3 - q1);

	panel->low = fmin(panel->low, fmax(values[0], q1 - reach));
	panel->high = fmax(panel->high, fmin(values[n - 1], q3 + reach));
}

static struct panel panel_of(const struct plot_page *p, size_t row)
{
	struct panel panel = { .row = row, .low = INFINITY, .high = -INFINITY };
	double margin;

	for (size_t col = p->from; col < p->to; col++) {
		const struct summary_group *g = summary_cell(p->s, row, col);

		if (!plot_has_point(p, row, col))
			continue;
		widen(&panel, g->values, g->n_samples);
	}
	panel.scale = text_scale(panel.high, p->s->rows[row].unit);
	panel.low /= panel.scale.factor;
	panel.high /= panel.scale.factor;
	panel.log_axis = panel.low > 0 && panel.high / panel.low > 10;
	if (panel.log_axis) {
		plot_log_range(&panel.low, &panel.high, 0.06);
	} else {
		margin = 0.06 * (panel.high - panel.low);
		margin += margin > 0 ? 0 : 0.01 * fabs(panel.high) + 1e-6;
		panel.low -= margin;
		panel.high += margin;
	}
	return panel;
}

/* A curve: "value, part of the samples that are not above it". */
static void write_curve(const struct plot_page *p, const struct panel *panel, size_t col)
{
	const struct summary_group *g = summary_cell(p->s, panel->row, col);
	size_t n = g->n_samples, steps = n < MAX_STEPS ? n : MAX_STEPS;

	if (g->values[0] > 0 || !panel->log_axis)
		fprintf(p->dat, "%.17g\t0\n", g->values[0] / panel->scale.factor);
	for (size_t k = 1; k <= steps; k++) {
		size_t i = k * n / steps;

		fprintf(p->dat, "%.17g\t%.6f\n", g->values[i - 1] / panel->scale.factor,
			(double)i / (double)n);
	}
	/* On to the edge: all of it lies left of there. */
	fprintf(p->dat, "%.17g\t1\n\n\n",
		fmax(panel->high, g->values[n - 1] / panel->scale.factor));
}

static void write_panel_frame(const struct plot_page *p, const struct panel *panel, size_t at)
{
	char row[LABEL_SIZE], title[LABEL_SIZE + 16];
	double width = (double)PLOT_WIDTH / PLOT_PANELS_ACROSS;
	size_t above = at / PLOT_PANELS_ACROSS;
	double x = width * (double)(at % PLOT_PANELS_ACROSS);
	double top = p->height - p->key - 74 - PANEL_HEIGHT * (double)above;
	bool leftmost = at % PLOT_PANELS_ACROSS == 0;

	snprintf(title, sizeof(title), "%s%s%s", text_row(&p->s->rows[panel->row], row),
		*panel->scale.utf8 ? ", " : "", panel->scale.utf8);
	fputs("set title ", p->gp);
	plot_quote(p->gp, title);
	fputs(" noenhanced offset 0, -0.6\n", p->gp);
	fprintf(p->gp,
		"set lmargin at screen %.5f\nset rmargin at screen %.5f\n"
		"set tmargin at screen %.5f\nset bmargin at screen %.5f\n",
		plot_x(x + 40), plot_x(x + width - 14), plot_y(p, top - 14),
		plot_y(p, top - PANEL_HEIGHT + 40));
	/* In this order: what the last panel left must not meet a log axis. */
	fprintf(p->gp, "unset logscale x\nset xrange [%.10g:%.10g]\n%s", panel->low, panel->high,
		panel->log_axis ? "set logscale x\n" : "");
	if (panel->log_axis)
		plot_log_ticks(p->gp, panel->low, panel->high, "", 1.8);
	else
		plot_linear_ticks(p->gp, panel->low, panel->high);
	fprintf(p->gp, "set ytics nomirror out (%s) noenhanced textcolor rgb '#000000'\n",
		leftmost ? "'0' 0, '0.5' 0.5, '1' 1" : "'' 0, '' 0.5, '' 1");
}

static void write_panel(const struct plot_page *p, size_t at, size_t *index)
{
	struct panel panel = panel_of(p, p->rows[at]);
	char name[PLOT_NAME_SIZE];
	const char *separator = "plot ";

	plot_name(p->kind, p->number, name);
	write_panel_frame(p, &panel, at);
	for (size_t col = p->from; col < p->to; col++) {
		const struct plot_style *st = plot_style(col - p->from);

		if (!plot_has_point(p, panel.row, col))
			continue;
		write_curve(p, &panel, col);
		fprintf(p->gp,
			"%s\\\n  '%s.dat' index %zu using 1:2 with steps linewidth %g dashtype %s "
			"linecolor rgb '%s' notitle",
			separator, name, (*index)++, st->width, st->dash, st->color);
		separator = ", ";
	}
	fputc('\n', p->gp);
}

/* One key for all panels: a plot without data, over the whole page. */
static void write_key(const struct plot_page *p)
{
	const char *separator = "plot ";

	fprintf(p->gp,
		"set lmargin at screen 0\nset rmargin at screen %.5f\n"
		"set tmargin at screen %.5f\nset bmargin at screen 0\n"
		"unset border\nunset tics\nunset title\nset xrange [0:1]\nset yrange [0:1]\n"
		"set key at graph 1, graph 1 top right horizontal maxrows 1 Left reverse "
		"noenhanced samplen 3 width 1\n",
		plot_x(PLOT_WIDTH - 14), plot_y(p, p->height - 34));
	for (size_t col = p->from; col < p->to; col++) {
		const struct plot_style *st = plot_style(col - p->from);
		char label[LABEL_SIZE];

		fprintf(p->gp,
			"%s\\\n  NaN with lines linewidth %g dashtype %s linecolor rgb '%s' ",
			separator, st->width, st->dash, st->color);
		fputs("title ", p->gp);
		plot_quote(p->gp, text_column(&p->s->columns[col], label));
		separator = ", ";
	}
	fputc('\n', p->gp);
}

void plot_distributions(struct plot_page *p)
{
	size_t index = 0;

	fputs("# value\tpart of the samples\n", p->dat);
	plot_begin(p);
	fputs("set multiplot\n", p->gp);
	plot_caption(p, plot_kinds[p->kind].title,
		"Part of all samples (0 to 1) that took at most so long. Axes leave out extreme "
		"outliers (Tukey, 3 IQR): what a curve lacks to 1 lies beyond.");
	write_key(p);
	for (int label = 1; label < 20; label++)
		fprintf(p->gp, "unset label %d\n", label);
	fputs("unset key\nset border 3 linecolor rgb '#666666'\nset tics nomirror out scale 0.5\n"
	      "set yrange [0:1.02]\nset grid linetype 1 linecolor rgb '#dddddd'\n",
		p->gp);
	for (size_t i = 0; i < p->n_rows; i++)
		write_panel(p, i, &index);
	fputs("unset multiplot\n", p->gp);
	plot_end(p);
}
