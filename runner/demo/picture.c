/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/demo/picture.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/util.h"
#include "results/text.h"

#define GAP 2
#define MIN_COLUMNS 8 /* of a picture proper, however narrow the terminal is */
#define MAX_COLUMNS 160

/* One column: a character, and its colour. */
struct column {
	const char *text, *color;
};

struct fill {
	const char *utf8, *ascii, *color;
};

static const struct fill fills[PICTURE_PARTS] = {
	{ "░", ".", "\033[36m" },
	{ "▓", "=", "\033[34m" },
	{ "█", "#", "\033[33m" },
	{ "▒", "+", "\033[31m" },
	{ "▞", "%", "\033[35m" },
	{ "▤", "-", "\033[32m" },
};

static const char *fill_text(const struct term *t, size_t part)
{
	return t->utf8 ? fills[part].utf8 : fills[part].ascii;
}

/* Columns that are left for the picture between its labels and texts of @text columns. */
static int columns_for(const struct term *t, int text)
{
	int n = (int)t->width - PICTURE_LABEL - (text ? text + GAP : 0);

	return n < MIN_COLUMNS ? MIN_COLUMNS : n > MAX_COLUMNS ? MAX_COLUMNS : n;
}

static void put_label(struct term *t, const char *label, const char *color)
{
	cleanup_free char *cut = strdup(label);

	if (cut)
		term_cut(cut, PICTURE_LABEL - 1);
	term_put(t, cut ? cut : "", PICTURE_LABEL, true, color);
}

/* Runs of one colour are put at once: else each column would have its own escape sequences. */
static void put_columns(struct term *t, const struct column *c, int n)
{
	char run[4 * MAX_COLUMNS + 1];
	size_t used = 0;

	for (int i = 0; i < n; i++) {
		size_t len = strlen(c[i].text);

		memcpy(run + used, c[i].text, len);
		used += len;
		run[used] = '\0';
		if (i + 1 < n && c[i + 1].color == c[i].color)
			continue;
		if (!strcmp(run + strspn(run, " "), ""))
			term_gap(t, (int)used);
		else
			term_put(t, run, 0, true, c[i].color);
		used = 0;
	}
}

static void clear(struct column *c, int n)
{
	for (int i = 0; i < n; i++)
		c[i] = (struct column){ .text = " " };
}

/* --- axes --- */

/* Labels of ticks in one line: one that would touch another is left out. */
struct axis {
	char line[MAX_COLUMNS + 1];
	bool tick[MAX_COLUMNS];
	int n;
};

static void axis_open(struct axis *a, int n)
{
	memset(a->tick, 0, sizeof(a->tick));
	memset(a->line, ' ', sizeof(a->line));
	a->line[n] = '\0';
	a->n = n;
}

static bool is_blank(const struct axis *a, int from, int to)
{
	for (int i = from < 0 ? 0 : from; i < to && i < a->n; i++) {
		if (a->line[i] != ' ')
			return false;
	}
	return true;
}

/* @text (ASCII) with its middle below column @at. */
static void axis_tick(struct axis *a, int at, const char *text)
{
	int len = (int)strlen(text), from = at - (len - 1) / 2;

	from = from + len > a->n ? a->n - len : from;
	from = from < 0 ? 0 : from;
	if (at < 0 || at >= a->n || len > a->n || !is_blank(a, from - 1, from + len + 1))
		return;
	memcpy(a->line + from, text, (size_t)len);
	a->tick[at] = true;
}

static void axis_put(struct term *t, const struct axis *a, const char *unit)
{
	struct column c[MAX_COLUMNS];

	for (int i = 0; i < a->n; i++) {
		c[i].color = DIM;
		c[i].text = a->tick[i] ? (t->utf8 ? "┴" : "+") : (t->utf8 ? "─" : "-");
	}
	put_label(t, "", NULL);
	put_columns(t, c, a->n);
	term_end_line(t);
	put_label(t, "", NULL);
	term_put(t, a->line, a->n, true, DIM);
	term_gap(t, GAP);
	term_put(t, unit, 0, true, DIM);
	term_end_line(t);
}

/* --- bars --- */

static double part(const struct picture_bar *b, size_t i)
{
	return isfinite(b->parts[i]) && b->parts[i] > 0 ? b->parts[i] : 0;
}

double picture_length(const struct picture_bar *b)
{
	double sum = 0;

	for (size_t i = 0; i < PICTURE_PARTS; i++)
		sum += part(b, i);
	return isfinite(sum) ? sum : 0;
}

/* Each boundary is rounded, not each part: so the bar has the length that its sum has. */
static void put_bar(struct term *t, const struct picture_bar *b, double longest, int width)
{
	struct column c[MAX_COLUMNS];
	double sum = 0, length = picture_length(b);
	int used = 0;

	clear(c, width);
	for (size_t i = 0; i < PICTURE_PARTS && length > 0; i++) {
		int end;

		sum += part(b, i);
		end = (int)lround(sum / longest * width);
		for (; used < end && used < width; used++)
			c[used] = (struct column){ fill_text(t, i), fills[i].color };
	}
	if (!used && length > 0)
		c[0].text = t->utf8 ? "▏" : "|";
	put_label(t, b->label, NULL);
	put_columns(t, c, width);
	term_gap(t, GAP);
	term_put(t, b->text, 0, true, NULL);
	term_end_line(t);
}

/* 1, 2 or 5 times a power of ten: about four ticks up to @end. */
static double nice_step(double end)
{
	double power = pow(10, floor(log10(end / 4))), times = end / 4 / power;

	return power * (times < 1.5 ? 1 : times < 3.5 ? 2 : times < 7.5 ? 5 : 10);
}

static void put_scale(struct term *t, double longest, const char *unit, int width)
{
	struct scale scale = text_scale(longest, unit);
	double end = longest / scale.factor, step = nice_step(end);
	struct axis a;

	axis_open(&a, width);
	for (int i = 0; i <= 10 && step > 0 && i * step <= end; i++) {
		char text[TEXT_SIZE];

		snprintf(text, sizeof(text), "%.6g", i * step);
		axis_tick(&a, (int)lround(i * step / end * (width - 1)), text);
	}
	axis_put(t, &a, t->utf8 ? scale.utf8 : scale.ascii);
}

void picture_bars(struct term *t, const struct picture_bar *bars, size_t n, const char *unit)
{
	double longest = 0;
	int text = 0, width;

	for (size_t i = 0; i < n; i++) {
		int w = term_width(bars[i].text);

		longest = fmax(longest, picture_length(&bars[i]));
		text = w > text ? w : text;
	}
	if (!(longest > 0))
		return;
	width = columns_for(t, text);
	for (size_t i = 0; i < n; i++)
		put_bar(t, &bars[i], longest, width);
	put_scale(t, longest, unit, width);
}

void picture_legend(struct term *t, const char *const names[PICTURE_PARTS])
{
	int used = 0;

	for (size_t i = 0; i < PICTURE_PARTS; i++) {
		int w;

		if (!names[i])
			continue;
		w = term_width(names[i]) + 2;
		if (used && used + GAP + w > (int)t->width) {
			term_end_line(t);
			used = 0;
		}
		if (used)
			term_gap(t, GAP);
		used += (used ? GAP : 0) + w;
		term_put(t, fill_text(t, i), 0, true, fills[i].color);
		term_gap(t, 1);
		term_put(t, names[i], 0, true, NULL);
	}
	if (used)
		term_end_line(t);
}

/* --- ratios --- */

static bool is_ratio(double v)
{
	return isfinite(v) && v > 0;
}

static bool has_ci(const struct picture_dot *d)
{
	return is_ratio(d->ci.low) && is_ratio(d->ci.high) && d->ci.low <= d->ci.high;
}

struct log_axis {
	double low, high; /* natural logarithms */
	int width;
};

static void widen(struct log_axis *a, double v)
{
	a->low = fmin(a->low, log(v));
	a->high = fmax(a->high, log(v));
}

static int column_of(const struct log_axis *a, double v)
{
	return (int)lround((log(v) - a->low) / (a->high - a->low) * (a->width - 1));
}

static void put_dot(struct term *t, const struct log_axis *a, const struct picture_dot *d)
{
	struct column c[MAX_COLUMNS];

	clear(c, a->width);
	c[column_of(a, 1)] = (struct column){ t->utf8 ? "│" : "|", DIM };
	if (is_ratio(d->value) && has_ci(d)) {
		int low = column_of(a, d->ci.low), high = column_of(a, d->ci.high);
		int one = column_of(a, 1);

		for (int i = low; i <= high; i++)
			c[i] = (struct column){ t->utf8 ? "─" : "-", NULL };
		if (low < one && one < high) /* it holds 1 */
			c[one].text = t->utf8 ? "┼" : "+";
		c[low].text = t->utf8 ? "├" : "[";
		c[high].text = t->utf8 ? "┤" : "]";
	}
	if (is_ratio(d->value))
		c[column_of(a, d->value)] = (struct column){ t->utf8 ? "●" : "o", NULL };
	put_label(t, d->label, NULL);
	put_columns(t, c, a->width);
	term_gap(t, GAP);
	term_put(t, d->text, 0, true, NULL);
	term_end_line(t);
}

/* 1 first, so that no other label takes its place; then powers of ten, then 2 and 5 of each. */
static void put_ratios(struct term *t, const struct log_axis *a)
{
	static const double times[] = { 1, 2, 5 };
	struct axis axis;
	int from = (int)floor(a->low / log(10)), to = (int)ceil(a->high / log(10));

	axis_open(&axis, a->width);
	axis_tick(&axis, column_of(a, 1), "1");
	for (size_t k = 0; k < ARRAY_SIZE(times); k++) {
		for (int i = from; i <= to; i++) {
			double v = times[k] * pow(10, i);
			char text[TEXT_SIZE];

			if (!is_ratio(v) || log(v) < a->low - 1e-9 || log(v) > a->high + 1e-9)
				continue;
			snprintf(text, sizeof(text), "%.6g", v);
			axis_tick(&axis, column_of(a, v), text);
		}
	}
	axis_put(t, &axis, "");
}

void picture_dots(struct term *t, const struct picture_dot *dots, size_t n)
{
	struct log_axis a = { log(0.5), log(2), 0 };
	int text = 0;

	for (size_t i = 0; i < n; i++) {
		int w = term_width(dots[i].text);

		text = w > text ? w : text;
		if (is_ratio(dots[i].value))
			widen(&a, dots[i].value);
		if (is_ratio(dots[i].value) && has_ci(&dots[i])) {
			widen(&a, dots[i].ci.low);
			widen(&a, dots[i].ci.high);
		}
	}
	a.width = columns_for(t, text);
	for (size_t i = 0; i < n; i++)
		put_dot(t, &a, &dots[i]);
	if (n)
		put_ratios(t, &a);
}
