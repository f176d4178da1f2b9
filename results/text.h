/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Numbers and names as a person reads them: in the table, on the plots, in the report. Only for
 * display: the files hold base units and all digits.
 */
#ifndef BENCH_RESULTS_TEXT_H
#define BENCH_RESULTS_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "results/summary.h"

#define TEXT_SIZE 32   /* of a number */
#define LABEL_SIZE 192 /* of a row's or a column's name */

/* May output hold UTF-8? Asks the locale's character set, so main must have called setlocale. */
bool text_utf8(void);

/* A scale for showing a unit: "ns" from 1000 on as "us". */
struct scale {
	double factor; /* of the base unit */
	const char *ascii, *utf8;
};

/* The scale in which @v is best read. A unit that is not known stays as it is: factor 1, "". */
struct scale text_scale(double v, const char *unit);

/* "98.2 ns", "1.07 us", three digits, in @utf8 with the Greek letter; "" for NAN. Returns @out. */
const char *text_value(double v, const char *unit, bool utf8, char out[TEXT_SIZE]);

/* "1.03", "12.5", "340": two decimals, three digits or all before the point. "" for NAN. */
const char *text_ratio(double v, char out[TEXT_SIZE]);

/* "[0.99, 1.03]", or "" where there is no interval. */
const char *text_interval(struct interval ci, char out[TEXT_SIZE]);

/* "pipe cross-cpu": benchmark, parameters, phase, and metric where it is not the latency; before
 * them the suite, where another one has a benchmark of that name. */
const char *text_row(const struct summary_row *row, char out[LABEL_SIZE]);

/* "vm (distro)@web1": runtime, its guest kernel where it has one, its host where there are many. */
const char *text_column(const struct summary_column *column, char out[LABEL_SIZE]);

/* What ratios are to: the baseline's name, or "host on the same machine" in a data set of many. */
const char *text_baseline(const struct summary *s, char out[LABEL_SIZE]);

/*
 * What a reader must know of the intervals, as whole sentences: of how many launches they are, how
 * little few launches say, how many comparisons stand side by side. Returns @out.
 */
#define CAVEAT_SIZE 640
const char *text_caveat(const struct summary *s, char out[CAVEAT_SIZE]);

/* The same without the comparisons: "Medians of 10 launches, 120 samples a cell." */
const char *text_counts(const struct summary *s, char out[CAVEAT_SIZE]);

/*
 * Copy untrusted @s into @out for a terminal or a label: control characters and what is not valid
 * UTF-8 become '?'; without @utf8 all that is not ASCII does.
 */
void text_clean(const char *s, bool utf8, char *out, size_t size);

/*
 * Length in bytes (at least 1) of the valid UTF-8 sequence at @s, its code point in *@code; 0 where
 * there is none (and at the end of @s).
 */
size_t text_utf8_char(const char *s, unsigned *code);

#endif
