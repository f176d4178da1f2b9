/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What all plots share: the page, its colours and caption, and quoting of untrusted text. */
#ifndef BENCH_RESULTS_PLOT_SCRIPT_H
#define BENCH_RESULTS_PLOT_SCRIPT_H

#include <stdio.h>

#include "results/density.h"
#include "results/exits.h"
#include "results/manifest.h"
#include "results/memory.h"
#include "results/plot.h"
#include "results/startup.h"
#include "results/summary.h"
#include "results/text.h"

#define PLOT_WIDTH 1000 /* of the svg, in CSS pixels; the png has twice as many */
#define PLOT_UNIT_SIZE 64

/* One picture. */
struct plot_page {
	const struct summary *s;
	const struct manifest *m;
	enum plot_kind kind;
	size_t number;      /* of this kind, from 0 */
	const size_t *rows; /* of the summary, n_rows of them, all of the same unit */
	size_t n_rows;
	size_t from, to; /* which of the summary's columns: all, or those of one host */

	/* Of a page about starting: the launches it shows, and which of their ways or steps. */
	const struct startup_set *set;
	size_t first, n_ways;
	bool zoomed; /* slower (larger) ones are left out */

	/* Of a page about instances that are held: first and n_ways are of one of the first two. */
	const struct memory_set *memory;
	const struct density *density;
	const struct plot_panel *panels;
	size_t n_panels;

	/* Of a page about exits: n_rows benchmarks from first on. */
	const struct exits *exits;

	int height;      /* in CSS pixels */
	int left, right; /* margins of the plot's area, in CSS pixels */
	int key;         /* of the height, what the key's rows beyond the first take: intervals and
			    distributions */
	void (*draw)(struct plot_page *);
	FILE *gp, *dat;
};

/* The colours of Okabe and Ito, with marks and dashes that differ in black and white too. */
struct plot_style {
	const char *color;
	int point;        /* gnuplot's point type: filled and open shapes in turn */
	const char *dash; /* gnuplot's dash type */
	double width;     /* of a line */
};
#define PLOT_STYLES 7
const struct plot_style *plot_style(size_t column);

/*
 * Print @s as a gnuplot string in single quotes, in which nothing is expanded; control characters
 * and backquotes are masked all the same, and a single quote becomes a typographic one.
 */
void plot_quote(FILE *f, const char *s);
/* The same for the label of a tick, which gnuplot takes for a format. */
void plot_quote_tick(FILE *f, const char *s);

/* A fraction of the page's width or height, for gnuplot's "screen" coordinates. */
double plot_x(double pixels);
double plot_y(const struct plot_page *p, double pixels); /* from below */

/* The beginning of a script up to and with the line that opens the loop over svg and png. */
void plot_begin(const struct plot_page *p);
/* Title and caption; @what is the caption's first sentence. */
void plot_caption(const struct plot_page *p, const char *title, const char *what);
/* The end of the loop. */
void plot_end(const struct plot_page *p);

/* plot_begin() and plot_caption(), and the frame of a plot that has a way or a step a line. */
void plot_frame(const struct plot_page *p, const char *title, const char *what);
/* The untrusted name of line @i, at y = @i; for all @n in order. */
void plot_name_at(const struct plot_page *p, size_t i, size_t n, const char *name);
/* A grey band behind every other of the page's rows. */
void plot_row_bands(const struct plot_page *p);

/* Does the cell have what this kind of plot shows? */
bool plot_has_point(const struct plot_page *p, size_t row, size_t column);

/* Widen a log axis by the part @margin of it at both ends, within what gnuplot can draw. */
void plot_log_range(double *low, double *high, double margin);

/*
 * Ticks at powers of ten in [@low, @high], with their unit where one is; at 2 and 5 times these
 * too where the axis has less than @room decades, and at each third only from 3 * @room on.
 */
void plot_log_ticks(FILE *f, double low, double high, const char *unit, double room);
/* At most five round ticks. */
void plot_linear_ticks(FILE *f, double low, double high);
/* The same of the y axis. */
void plot_log_ticks_y(FILE *f, double low, double high, const char *unit, double room);
void plot_linear_ticks_y(FILE *f, double low, double high);

/* Room for names of @longest characters left of the plot's area, but never more than half of it. */
int plot_label_margin(size_t longest);

/* Makes one page, of which s, m, number and the files are filled in; the rest stays as it is. */
typedef int (*plot_page_fn)(void *ctx, struct plot_page page);

/* All pages about starting. Nothing where there is nothing. */
int plot_startup(const struct summary *s, plot_page_fn make, void *ctx, struct err *e);

/* All pages about exits. Nothing where nobody counted them. */
int plot_exits(const struct summary *s, plot_page_fn make, void *ctx, struct err *e);

/* The scripts of a page about starting (plot_startup_bars.c, plot_startup_lines.c). */
void plot_startup_phases(struct plot_page *p);
void plot_startup_cpu(struct plot_page *p);
void plot_startup_steps(struct plot_page *p);
void plot_startup_timeline(struct plot_page *p);
void plot_startup_distribution(struct plot_page *p);

/* All pages about instances that are held, of the suites "memory" and "density" (plot_held.c). */
int plot_held(const struct summary *s, plot_page_fn make, void *ctx, struct err *e);

/* The title of such a page, with the state of the workload where it is about one. Returns @out. */
#define PLOT_TITLE_SIZE (LABEL_SIZE + 64)
const char *plot_held_title(const struct plot_page *p, char out[PLOT_TITLE_SIZE]);

/* Their scripts (plot_held_bars.c, plot_panels.c). */
void plot_memory_parts(struct plot_page *p);
void plot_memory_kernel(struct plot_page *p);
void plot_density_growth(struct plot_page *p);
void plot_panels(struct plot_page *p);

/* Small multiples against the number held: points, and one line through them. */
struct plot_panel {
	char title[LABEL_SIZE], note[LABEL_SIZE];
	struct held_point *points, *line;
	size_t n, n_line;
	const char *unit;
	bool from_zero; /* a linear y axis that holds 0; else a log one where the points need it */
};
#define PLOT_HELD_PANELS 15       /* on a page */
int plot_panels_height(size_t n); /* CSS pixels of a page with so many */

/* Is there something for the plot to show? */
bool plot_memory_has_kernel(const struct memory_way *w);
bool plot_density_has_ratio(const struct density_tenths *t);

/* What those about starting share: margins and frame, names of ways at y = 0, 1, ..., and how an
 * event is drawn. */
void plot_startup_frame(const struct plot_page *p, const char *what);
void plot_startup_names(const struct plot_page *p);
void plot_startup_axis(const struct plot_page *p, double low, double high, struct scale scale);
const char *plot_startup_color(enum phase event);

/* The two kinds of script: points with intervals, and small multiples of distributions. */
void plot_intervals(struct plot_page *p);
void plot_distributions(struct plot_page *p);

/* Panels on a page of distributions. */
#define PLOT_PANELS_ACROSS 4
#define PLOT_PANELS 16

#endif
