/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Horizontal bars with a label behind each: what the plots that are made of them share. */
#ifndef BENCH_RESULTS_PLOT_BARS_H
#define BENCH_RESULTS_PLOT_BARS_H

#include "results/plot_script.h"

#define PLOT_BAR_ROOM 130 /* right of the longest bar, for its number; CSS pixels */

/* Where an axis from 0 must end for the label of the @longest bar to have room. */
double plot_bar_axis_end(const struct plot_page *p, double longest);

/* A box as gnuplot's boxxyerror wants it: one line of a data file. */
void plot_bar_box(FILE *dat, double from, double to, double top, double bottom);

/*
 * The same, in the middle of line @i, with its name inside where it has room: axis from 0 to @high.
 * @fill: "#RRGGBB", the colour that the box will have.
 */
void plot_bar_named(const struct plot_page *p, const char *name, const char *fill, double from,
	double to, size_t i, double high);

/* A line of a data file for plot_bar_intervals(): the median of @g over @factor, at @y. */
void plot_bar_mark(FILE *dat, const struct summary_group *g, double y, double factor);

/* Untrusted @text at (@x, @y) of the axes; @place: gnuplot's "left", "center front", ... */
void plot_bar_label(const struct plot_page *p, const char *text, double x, double y,
	const char *place, const char *color);

/* The key above the plot, and how boxes are filled. */
void plot_bar_key(const struct plot_page *p);

/* Block @index of the data file as boxes, or as marks with intervals; 0 begins the plot. */
void plot_bar_boxes(const struct plot_page *p, int index, const char *color, const char *title);
void plot_bar_intervals(const struct plot_page *p, int index, const char *title);

/* Ends of the interval of @g, or its median. */
double plot_high_end(const struct summary_group *g);
double plot_low_end(const struct summary_group *g);

#endif
