/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/plot_bars.h"

#include <string.h>

#include "base/util.h"

#define CHAR_WIDTH 8 /* of the svg's font, CSS pixels, on average */

double plot_bar_axis_end(const struct plot_page *p, double longest)
{
	double area = PLOT_WIDTH - p->left - p->right;

	return longest * area / (area - PLOT_BAR_ROOM);
}

void plot_bar_box(FILE *dat, double from, double to, double top, double bottom)
{
	fprintf(dat, "%.17g\t%.4f\t%.17g\t%.17g\t%.4f\t%.4f\n", (from + to) / 2, (top + bottom) / 2,
		from, to, top, bottom);
}

void plot_bar_label(const struct plot_page *p, const char *text, double x, double y,
	const char *place, const char *color)
{
	fputs("set label ", p->gp);
	plot_quote(p->gp, text);
	fprintf(p->gp, " at first %.10g, first %.4f %s noenhanced textcolor rgb '%s'\n", x, y,
		place, color);
}

/*
 * Black or white, whichever is read better on it. On a colour it is nearly so, and not by accident:
 * the report turns black, white and grey round on a dark page, but leaves fills of a colour as they
 * are, and with them what stands on them.
 */
static const char *color_on(const char *fill)
{
	static const char *const dark[] = { "#0072B2", "#D55E00", "#009E73" };

	for (size_t i = 0; i < ARRAY_SIZE(dark); i++) {
		if (!strcmp(dark[i], fill))
			return "#fefefe";
	}
	return !strncmp(fill + 1, fill + 3, 2) && !strncmp(fill + 1, fill + 5, 2) ? "#000000"
										  : "#010101";
}

void plot_bar_named(const struct plot_page *p, const char *name, const char *fill, double from,
	double to, size_t i, double high)
{
	double pixels = (to - from) * (PLOT_WIDTH - p->left - p->right) / high, y = (double)i;

	plot_bar_box(p->dat, from, to, y - 0.32, y + 0.32);
	if (pixels > CHAR_WIDTH * (double)strlen(name) + 8)
		plot_bar_label(p, name, (from + to) / 2, y, "center front", color_on(fill));
}

void plot_bar_mark(FILE *dat, const struct summary_group *g, double y, double factor)
{
	fprintf(dat, "%.17g\t%.4f\t%.17g\t%.17g\n", g->median / factor, y, plot_low_end(g) / factor,
		plot_high_end(g) / factor);
}

double plot_high_end(const struct summary_group *g)
{
	return stats_has_interval(g->ci) ? g->ci.high : g->median;
}

double plot_low_end(const struct summary_group *g)
{
	return stats_has_interval(g->ci) ? g->ci.low : g->median;
}

void plot_bar_key(const struct plot_page *p)
{
	fprintf(p->gp,
		"set key at screen %.5f, screen %.5f top right horizontal maxrows 1 Left reverse "
		"noenhanced samplen 1.5 width 0.5\nset style fill solid 1 border linecolor rgb "
		"'#333333'\n",
		plot_x(PLOT_WIDTH - p->right), plot_y(p, p->height - 42));
}

void plot_bar_boxes(const struct plot_page *p, int index, const char *color, const char *title)
{
	char name[PLOT_NAME_SIZE];

	fprintf(p->gp,
		"%s\\\n  '%s.dat' index %d using 1:2:3:4:5:6 with boxxyerror linewidth 0.6 "
		"fillcolor rgb '%s' title ",
		index ? "," : "plot", plot_name(p->kind, p->number, name), index, color);
	plot_quote(p->gp, title);
}

void plot_bar_intervals(const struct plot_page *p, int index, const char *title)
{
	char name[PLOT_NAME_SIZE];

	fprintf(p->gp,
		"%s\\\n  '%s.dat' index %d using 1:2:3:4 with xerrorbars pointtype 7 pointsize 0.4 "
		"linewidth 1.2 linecolor rgb '#000000' ",
		index ? "," : "plot", plot_name(p->kind, p->number, name), index);
	if (title) {
		fputs("title ", p->gp);
		plot_quote(p->gp, title);
	} else {
		fputs("notitle", p->gp);
	}
}
