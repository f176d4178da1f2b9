/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/text.h"

#include <langinfo.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/util.h"

bool text_utf8(void)
{
	return !strcmp(nl_langinfo(CODESET), "UTF-8");
}

/* Descending; the last one of a unit takes what is smaller. */
static const struct {
	const char *unit;
	struct scale scale;
} scales[] = {
	{ "ns", { 1e9, "s", "s" } },
	{ "ns", { 1e6, "ms", "ms" } },
	{ "ns", { 1e3, "us", "µs" } },
	{ "ns", { 1, "ns", "ns" } },
	{ "bytes", { 1 << 30, "GiB", "GiB" } },
	{ "bytes", { 1 << 20, "MiB", "MiB" } },
	{ "bytes", { 1 << 10, "KiB", "KiB" } },
	{ "bytes", { 1, "B", "B" } },
	{ "instructions", { 1e9, "G", "G" } },
	{ "instructions", { 1e6, "M", "M" } },
	{ "instructions", { 1e3, "k", "k" } },
	{ "instructions", { 1, "", "" } },
	{ "1/s", { 1e6, "M/s", "M/s" } },
	{ "1/s", { 1e3, "k/s", "k/s" } },
	{ "1/s", { 1, "/s", "/s" } },
};

struct scale text_scale(double v, const char *unit)
{
	struct scale found = { 1, "", "" };

	for (size_t i = 0; i < ARRAY_SIZE(scales); i++) {
		if (strcmp(scales[i].unit, unit))
			continue;
		found = scales[i].scale;
		/* What would be rounded to 1000 is shown as 1.00 of the next unit. */
		if (fabs(v) >= 0.9995 * found.factor)
			break;
	}
	return found;
}

/* What is shown as 0.00 has no sign. */
static double without_sign(double v)
{
	return fabs(v) < 0.005 ? 0 : v;
}

/* Decimals that show three digits of @v. */
static int decimals(double v)
{
	v = fabs(v);
	return v < 9.995 ? 2 : v < 99.95 ? 1 : 0;
}

const char *text_value(double v, const char *unit, bool utf8, char out[TEXT_SIZE])
{
	struct scale scale = text_scale(v, unit);
	const char *name = utf8 ? scale.utf8 : scale.ascii;

	out[0] = '\0';
	if (isnan(v))
		return out;
	v /= scale.factor;
	if (fabs(v) >= 1e7)
		snprintf(out, TEXT_SIZE, "%.3g%s%s", v, *name ? " " : "", name);
	else
		snprintf(out, TEXT_SIZE, "%.*f%s%s", decimals(v), without_sign(v), *name ? " " : "",
			name);
	return out;
}

const char *text_ratio(double v, char out[TEXT_SIZE])
{
	out[0] = '\0';
	if (isnan(v))
		return out;
	if (fabs(v) >= 1e6)
		snprintf(out, TEXT_SIZE, "%.2g", v);
	else
		snprintf(out, TEXT_SIZE, "%.*f", decimals(v), without_sign(v));
	return out;
}

const char *text_interval(struct interval ci, char out[TEXT_SIZE])
{
	char low[TEXT_SIZE], high[TEXT_SIZE];

	out[0] = '\0';
	if (stats_has_interval(ci))
		snprintf(out, TEXT_SIZE, "[%.12s, %.12s]", text_ratio(ci.low, low),
			text_ratio(ci.high, high));
	return out;
}

static void append(char *out, size_t size, const char *before, const char *s, const char *after)
{
	size_t used = strlen(out);

	if (*s)
		snprintf(out + used, size - used, "%s%s%s", used ? before : "", s, after);
}

const char *text_row(const struct summary_row *row, char out[LABEL_SIZE])
{
	out[0] = '\0';
	if (row->prefix)
		append(out, LABEL_SIZE, "", row->prefix, ":");
	append(out, LABEL_SIZE, row->prefix ? " " : "", row->benchmark, "");
	append(out, LABEL_SIZE, " ", row->params, "");
	append(out, LABEL_SIZE, " ", row->phase, "");
	if (strcmp(row->metric, "latency"))
		append(out, LABEL_SIZE, ", ", row->metric, "");
	return out;
}

const char *text_column(const struct summary_column *column, char out[LABEL_SIZE])
{
	out[0] = '\0';
	append(out, LABEL_SIZE, "", column->runtime, "");
	append(out, LABEL_SIZE, " (", column->kernel, ")");
	append(out, LABEL_SIZE, "@", column->host ? column->host : "", "");
	return out;
}

const char *text_baseline(const struct summary *s, char out[LABEL_SIZE])
{
	struct summary_column first = s->columns[0];

	if (!summary_many_hosts(s))
		return text_column(&first, out);
	first.host = "";
	text_column(&first, out);
	append(out, LABEL_SIZE, "", " on the same machine", "");
	return out;
}

static void append_range(char *out, size_t size, size_t low, size_t high)
{
	size_t used = strlen(out);

	if (low == high)
		snprintf(out + used, size - used, "%zu", low);
	else
		snprintf(out + used, size - used, "%zu to %zu", low, high);
}

const char *text_counts(const struct summary *s, char out[CAVEAT_SIZE])
{
	struct summary_range range = summary_range(s);
	double coverage = stats_interval_coverage(range.replicates_min);
	size_t used;

	snprintf(out, CAVEAT_SIZE, "Medians of ");
	append_range(out, CAVEAT_SIZE, range.replicates_min, range.replicates_max);
	append(out, CAVEAT_SIZE, "", range.replicates_max == 1 ? " launch, " : " launches, ", "");
	append_range(out, CAVEAT_SIZE, range.samples_min, range.samples_max);
	append(out, CAVEAT_SIZE, "", " samples a cell.", "");
	used = strlen(out);
	if (range.replicates_min == 1)
		snprintf(out + used, CAVEAT_SIZE - used, " One launch has no interval.");
	else if (range.replicates_min && coverage < 0.95)
		snprintf(out + used, CAVEAT_SIZE - used,
			" Few launches: an interval of %zu covers the true median in %.0f%% of "
			"cases at best, not in 95%%.",
			range.replicates_min, 100 * coverage);
	return out;
}

const char *text_caveat(const struct summary *s, char out[CAVEAT_SIZE])
{
	size_t n = summary_comparisons(s), used;

	used = strlen(text_counts(s, out));
	if (n > 1)
		snprintf(out + used, CAVEAT_SIZE - used,
			" %zu ratios stand side by side, each with a 95%% interval: about %.0f of "
			"these intervals may miss the true ratio by chance.",
			n, fmax(1, 0.05 * (double)n));
	return out;
}

size_t text_utf8_char(const char *s, unsigned *code)
{
	static const struct {
		unsigned char mask, lead;
		unsigned smallest; /* longer than needed is not valid (RFC 3629) */
	} forms[] = { { 0x80, 0, 0 }, { 0xe0, 0xc0, 0x80 }, { 0xf0, 0xe0, 0x800 },
		{ 0xf8, 0xf0, 0x10000 } };
	const unsigned char *p = (const unsigned char *)s;

	for (size_t n = 0; n < ARRAY_SIZE(forms); n++) {
		if ((*p & forms[n].mask) != forms[n].lead)
			continue;
		*code = *p & (unsigned char)~forms[n].mask;
		for (size_t i = 1; i <= n; i++) {
			if ((p[i] & 0xc0) != 0x80)
				return 0;
			*code = *code << 6 | (p[i] & 0x3f);
		}
		if (*code < forms[n].smallest || *code > 0x10ffff || (*code & ~0x7ffu) == 0xd800)
			return 0;
		return *p ? n + 1 : 0;
	}
	return 0;
}

/* C0, DEL, C1, line separators and the characters that change the direction of the text. */
static bool is_control(unsigned code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x2028 && code <= 0x202e) ||
	       (code >= 0x2066 && code <= 0x2069) || code == 0x200e || code == 0x200f ||
	       code == 0xfeff || code == 0xfffe || code == 0xffff;
}

void text_clean(const char *s, bool utf8, char *out, size_t size)
{
	size_t used = 0;

	while (*s) {
		unsigned code;
		size_t n = text_utf8_char(s, &code);
		bool bad = !n || is_control(code) || (n > 1 && !utf8);
		size_t take = bad ? 1 : n;

		if (used + take >= size)
			break;
		if (bad)
			out[used] = '?';
		else
			memcpy(out + used, s, n);
		used += take;
		s += n ? n : 1;
	}
	out[used] = '\0';
}
