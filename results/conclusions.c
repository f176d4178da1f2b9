/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/conclusions.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/util.h"
#include "results/covered.h"
#include "results/exits.h"
#include "results/startup.h"
#include "results/text.h"

#define NAME_SIZE 304 /* of a way, and of a subject */
#define BAND 0.05     /* as claims C2 and C5 have it (docs/claims.md) */
#define BAND_CPU 0.03 /* as C1 has it */
#define NO_EXITS 0.1  /* fewer an operation than that: stray timer interrupts (docs/claims.md) */
#define EACH_EXITS 0.95
#define IN_TIMES 1.5 /* from here on "1.50 times", below "49 % more" */

/* One row of the summary that people ask for first. NULL: any. */
static const struct topic {
	const char *suite, *benchmark, *params, *metric, *phase;
	const char *heading;
	const char *subject; /* and the benchmark's name behind it, where the topic names none */
	const char *verb, *same, *times, *more, *less;
} topics[] = {
	{ "syscalls", "getppid", "", "latency", "", "System calls", "A system call (getppid)",
		"costs", "the same", "times as much", "more", "less" },
	{ "startup", "launch", "", "since-request", "main", "Start-up",
		"A start (from the request to the program\u2019s main)", "takes", "the same time",
		"times as long", "longer", "less time" },
	{ "memory", "idle", NULL, "slope", "", "Memory", "One more idle instance", "takes",
		"the same memory", "times as much memory", "more memory", "less memory" },
	{ "exec", NULL, NULL, "wall", "", "The program", "A run of ", "takes", "the same time",
		"times as long", "longer", "less time" },
};

/* The same of how often it leaves the guest. */
static const struct {
	const char *benchmark, *subject;
} exit_topics[] = {
	{ "getppid", "A system call (getppid)" },
	{ "cpuid", "The instruction cpuid" },
	{ "port-write", "A write to a port" },
};

/* What a way is, for readers who do not know its name. */
static const char *const ways[][2] = {
	{ "host", "a plain process" },
	{ "vfork", "a process by vfork" },
	{ "ctr", "a container" },
	{ "vm", "a VM" },
	{ "vm:restore", "a VM restored from a snapshot" },
};

static const char exits_heading[] = "Exits", suites_heading[] = "Whole suites";

struct telling {
	const struct summary *s;
	const struct manifest *m;
	conclusion_fn put;
	void *ctx;
	size_t n;
};

static void tell(struct telling *t, const char *heading, const char *text,
	enum conclusion_verdict v, size_t column)
{
	t->put(t->ctx, heading, text, v, column);
	t->n++;
}

/* "a VM (vm, kernel distro) on web1" */
static const char *way_name(const struct summary_column *c, char out[NAME_SIZE])
{
	const char *is = NULL;
	bool kernel = *c->kernel, host = c->host && *c->host;

	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		if (!strcmp(ways[i][0], c->runtime))
			is = ways[i][1];
	}
	snprintf(out, NAME_SIZE, "%s%s%.80s%s%.80s%s%s%.80s", is ? is : "", is ? " (" : "",
		c->runtime, kernel ? ", kernel " : "", c->kernel, is ? ")" : "", host ? " on " : "",
		host ? c->host : "");
	return out;
}

enum conclusion_verdict conclusion_verdict(struct interval ratio, double band)
{
	if (!stats_has_interval(ratio))
		return CONCLUSION_NUMBER;
	if (ratio.low >= 1 - band && ratio.high <= 1 + band)
		return CONCLUSION_SAME;
	if (ratio.low > 1)
		return CONCLUSION_MORE;
	return ratio.high < 1 ? CONCLUSION_LESS : CONCLUSION_UNKNOWN;
}

/* "ratio 1.01, 95 % interval 0.98–1.04" */
static const char *ratio_text(double ratio, struct interval ci, char out[128])
{
	char text[TEXT_SIZE], low[TEXT_SIZE], high[TEXT_SIZE];

	text_ratio(ratio, text);
	if (stats_has_interval(ci))
		snprintf(out, 128, "ratio %s, 95 %% interval %s\u2013%s", text,
			text_ratio(ci.low, low), text_ratio(ci.high, high));
	else
		snprintf(out, 128, "ratio %s, too few launches for an interval", text);
	return out;
}

/* Absolute times of an emulated machine mean nothing, so that none is told. */
static bool tells_value(const struct telling *t, const struct summary_group *g)
{
	return !manifest_emulated(t->m) || strcmp(t->s->rows[g->row].unit, "ns");
}

/* " (195 ns beside 169 ns)" */
static const char *values_text(const struct telling *t, const struct summary_group *g,
	const struct summary_group *base, char out[96])
{
	const char *unit = t->s->rows[g->row].unit;
	char a[TEXT_SIZE], b[TEXT_SIZE];

	out[0] = '\0';
	if (tells_value(t, g))
		snprintf(out, 96, " (%s beside %s)", text_value(g->median, unit, true, a),
			text_value(base->median, unit, true, b));
	return out;
}

/* Of fewer launches no interval can hold what it promises (stats_interval_coverage). */
static const char *few_text(
	const struct summary_group *g, const struct summary_group *base, char out[64])
{
	size_t n = g->n_replicates < base->n_replicates ? g->n_replicates : base->n_replicates;

	out[0] = '\0';
	if (n > 1 && stats_interval_coverage(n) < 0.95)
		snprintf(out, 64, " [%zu launches: a hint]", n);
	return out;
}

/* "16 % more", "2.65 times as much", each to be followed by "than" or "as". */
static const char *difference_text(const struct topic *topic, double ratio, char out[96])
{
	bool times = ratio >= IN_TIMES || ratio <= 1 / IN_TIMES;
	char text[TEXT_SIZE];

	if (times)
		snprintf(out, 96, "%s %s", text_ratio(ratio, text), topic->times);
	else
		snprintf(out, 96, "%.2g %% %s", 100 * fabs(ratio - 1),
			ratio < 1 ? topic->less : topic->more);
	return out;
}

static void tell_ratio(struct telling *t, const struct topic *topic, const char *subject,
	const struct summary_group *g, const struct summary_group *base)
{
	enum conclusion_verdict v = conclusion_verdict(g->ratio_ci, BAND);
	char way[NAME_SIZE], other[NAME_SIZE], text[CONCLUSION_SIZE];
	char ratio[128], values[96], few[64], difference[96];
	bool times = g->ratio >= IN_TIMES || g->ratio <= 1 / IN_TIMES;

	way_name(&t->s->columns[g->column], way);
	way_name(&t->s->columns[base->column], other);
	ratio_text(g->ratio, g->ratio_ci, ratio);
	values_text(t, g, base, values);
	few_text(g, base, few);
	if (v == CONCLUSION_SAME)
		snprintf(text, sizeof(text), "%s %s %s in %s as in %s, within %.0f %%: %s%s%s.",
			subject, topic->verb, topic->same, way, other, 100 * BAND, ratio, values,
			few);
	else if (v == CONCLUSION_UNKNOWN)
		snprintf(text, sizeof(text),
			"%s: no difference found between %s and %s, but the interval is too wide "
			"to call them the same within %.0f %%: %s%s%s.",
			subject, way, other, 100 * BAND, ratio, values, few);
	else if (v == CONCLUSION_NUMBER)
		snprintf(text, sizeof(text), "%s in %s, beside %s: %s%s.", subject, way, other,
			ratio, values);
	else
		snprintf(text, sizeof(text), "%s %s %s in %s %s in %s: %s%s%s.", subject,
			topic->verb, difference_text(topic, g->ratio, difference), way,
			times ? "as" : "than", other, ratio, values, few);
	tell(t, topic->heading, text, v, g->column);
}

/* There is nothing to compare with: the number alone. */
static void tell_number(struct telling *t, const struct topic *topic, const char *subject,
	const struct summary_group *g)
{
	const char *unit = t->s->rows[g->row].unit;
	char way[NAME_SIZE], text[CONCLUSION_SIZE], value[TEXT_SIZE], low[TEXT_SIZE],
		high[TEXT_SIZE], interval[128] = "no interval (one launch)";

	if (!tells_value(t, g))
		return;
	if (stats_has_interval(g->ci))
		snprintf(interval, sizeof(interval), "95 %% interval %s to %s",
			text_value(g->ci.low, unit, true, low),
			text_value(g->ci.high, unit, true, high));
	snprintf(text, sizeof(text), "%s %s %s in %s: %s.", subject, topic->verb,
		text_value(g->median, unit, true, value), way_name(&t->s->columns[g->column], way),
		interval);
	tell(t, topic->heading, text, CONCLUSION_NUMBER, g->column);
}

/* Of one host alone, or one way alone, there is a number; else the ratios of the others. */
static void tell_cell(struct telling *t, const struct topic *topic, const char *subject, size_t row,
	size_t column)
{
	const struct summary_group *g = summary_cell(t->s, row, column);
	const struct summary_group *base = summary_cell(t->s, row, t->s->baselines[column]);
	bool alone = column + 1 == t->s->n_columns || summary_is_baseline(t->s, column + 1);

	if (!g || !g->n_samples || startup_step_name(t->s->columns[column].runtime))
		return;
	if (g != base && base && g->ratio > 0)
		tell_ratio(t, topic, subject, g, base);
	else if (g != base || alone)
		tell_number(t, topic, subject, g);
}

static bool is_about(const struct topic *topic, const struct summary_row *row)
{
	return (!topic->suite || !strcmp(topic->suite, row->suite)) &&
	       (!topic->benchmark || !strcmp(topic->benchmark, row->benchmark)) &&
	       (!topic->params || !strcmp(topic->params, row->params)) &&
	       !strcmp(topic->metric, row->metric) && !strcmp(topic->phase, row->phase);
}

static void tell_topic(struct telling *t, const struct topic *topic)
{
	for (size_t row = 0; row < t->s->n_rows; row++) {
		char subject[NAME_SIZE];

		if (!is_about(topic, &t->s->rows[row]))
			continue;
		snprintf(subject, sizeof(subject), "%s%.120s", topic->subject,
			topic->benchmark ? "" : t->s->rows[row].benchmark);
		for (size_t col = 0; col < t->s->n_columns; col++)
			tell_cell(t, topic, subject, row, col);
	}
}

static void tell_exits(
	struct telling *t, const char *subject, const struct summary_group *g, size_t column)
{
	char way[NAME_SIZE], text[CONCLUSION_SIZE], value[TEXT_SIZE], low[TEXT_SIZE],
		high[TEXT_SIZE], interval[96] = "";

	way_name(&t->s->columns[column], way);
	exits_text(g->median, value);
	if (stats_has_interval(g->ci) && exits_shows(g->median))
		snprintf(interval, sizeof(interval), ", 95 %% interval %s\u2013%s",
			exits_text(g->ci.low, low), exits_text(g->ci.high, high));
	if (g->median < NO_EXITS)
		snprintf(text, sizeof(text),
			"%s does not leave the guest in %s: %s exits an operation%s.", subject, way,
			value, interval);
	else
		snprintf(text, sizeof(text),
			"%s %s the guest to the hypervisor in %s: %s exits an operation%s.",
			subject, g->median < EACH_EXITS ? "at times leaves" : "leaves", way, value,
			interval);
	tell(t, exits_heading, text, CONCLUSION_NUMBER, column);
}

/* Of a benchmark that two suites have, the first that counted. */
static void tell_exit_topics(struct telling *t)
{
	for (size_t i = 0; i < ARRAY_SIZE(exit_topics); i++) {
		for (size_t col = 0; col < t->s->n_columns; col++) {
			const struct summary_group *found = NULL;

			for (size_t row = 0; !found && row < t->s->n_rows; row++) {
				const struct summary_group *g = summary_cell(t->s, row, col);

				if (g && g->n_samples && !strcmp(t->s->rows[row].metric, "exits") &&
					!strcmp(t->s->rows[row].benchmark,
						exit_topics[i].benchmark))
					found = g;
			}
			if (found)
				tell_exits(t, exit_topics[i].subject, found, col);
		}
	}
}

/* What became of all comparisons of a suite in one way. */
struct tally {
	size_t n, verdicts[CONCLUSION_VERDICTS];
	const struct summary_group *furthest; /* of those that differ */
};

static struct tally tally_of(const struct summary *s, const char *suite, size_t column, double band)
{
	struct tally all = { 0 };

	for (size_t row = 0; row < s->n_rows; row++) {
		const struct summary_group *g = summary_cell(s, row, column);
		enum conclusion_verdict v;

		if (!g || s->rows[row].suite != suite || covered(&s->rows[row]) ||
			!stats_has_interval(g->ratio_ci))
			continue;
		v = conclusion_verdict(g->ratio_ci, band);
		all.verdicts[v]++;
		all.n++;
		if ((v == CONCLUSION_MORE || v == CONCLUSION_LESS) &&
			(!all.furthest || fabs(log(g->ratio)) > fabs(log(all.furthest->ratio))))
			all.furthest = g;
	}
	return all;
}

/* "16 the same within 5 %, 7 dearer and 8 undecided" */
static const char *tally_text(const struct tally *all, double band, char out[192])
{
	static const struct {
		enum conclusion_verdict verdict;
		const char *says;
	} parts[] = {
		{ CONCLUSION_SAME, "the same within" },
		{ CONCLUSION_MORE, "dearer" },
		{ CONCLUSION_LESS, "cheaper" },
		{ CONCLUSION_UNKNOWN, "undecided" },
	};
	size_t told = 0, used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		size_t n = all->verdicts[parts[i].verdict];

		if (!n)
			continue;
		told += n;
		used += (size_t)snprintf(out + used, 192 - used, "%s%zu %s",
			!used            ? ""
			: told == all->n ? " and "
					 : ", ",
			n, parts[i].says);
		if (!i)
			used += (size_t)snprintf(out + used, 192 - used, " %.0f %%", 100 * band);
	}
	return out;
}

/* The strings of a summary are unique, so that a suite is its pointer. */
static void tell_suite(struct telling *t, const char *suite, size_t column)
{
	double band = strcmp(suite, "cpu") ? BAND : BAND_CPU;
	struct tally all = tally_of(t->s, suite, column, band);
	char way[NAME_SIZE], other[NAME_SIZE], text[CONCLUSION_SIZE], ratio[128], row[LABEL_SIZE],
		tally[192];
	size_t used;

	if (all.n < 2)
		return;
	snprintf(text, sizeof(text), "%.60s in %s, beside %s: of %zu comparisons %s", suite,
		way_name(&t->s->columns[column], way),
		way_name(&t->s->columns[t->s->baselines[column]], other), all.n,
		tally_text(&all, band, tally));
	used = strlen(text);
	if (all.furthest)
		snprintf(text + used, sizeof(text) - used, "; the furthest apart is %.80s: %s",
			text_row(&t->s->rows[all.furthest->row], row),
			ratio_text(all.furthest->ratio, all.furthest->ratio_ci, ratio));
	used = strlen(text);
	snprintf(text + used, sizeof(text) - used, ".");
	tell(t, suites_heading, text,
		all.verdicts[CONCLUSION_SAME] == all.n ? CONCLUSION_SAME : CONCLUSION_NUMBER,
		column);
}

static void tell_suites(struct telling *t)
{
	const struct summary *s = t->s;

	for (size_t row = 0; row < s->n_rows; row++) {
		size_t first = 0;

		while (s->rows[first].suite != s->rows[row].suite)
			first++;
		for (size_t col = 0; first == row && col < s->n_columns; col++)
			tell_suite(t, s->rows[row].suite, col);
	}
}

size_t conclusions(const struct summary *s, const struct manifest *m, conclusion_fn put, void *ctx)
{
	struct telling t = { .s = s, .m = m, .put = put, .ctx = ctx };

	for (size_t i = 0; i < ARRAY_SIZE(topics); i++)
		tell_topic(&t, &topics[i]);
	tell_exit_topics(&t);
	tell_suites(&t);
	return t.n;
}
