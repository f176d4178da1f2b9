/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Density in words: names, verdicts, and what deserves a sentence. */
#include <math.h>
#include <string.h>

#include "base/util.h"
#include "results/density.h"
#include "results/text.h"

const char *const density_series_names[DENSITY_SERIES] = {
	[DENSITY_START] = "time to start",
	[DENSITY_MEMORY] = "memory an instance",
	[DENSITY_LATE] = "wake-up lateness",
};

const char *density_verdict(const struct density_tenths *t)
{
	static const char *const verdicts[] = {
		[GROWTH_UNKNOWN] = "too few",
		[GROWTH_NONE] = "no growth",
		[GROWTH_LESS] = "falls",
		[GROWTH_UNCLEAR] = "unclear",
		[GROWTH_MORE] = "grows",
	};

	if (t->growth == GROWTH_NONE && t->ci.low * DENSITY_GROWTH >= 1)
		return "within 20%";
	return verdicts[t->growth];
}

bool density_slabs_explain(const struct density_way *w)
{
	return w->tenths[DENSITY_MEMORY].growth == GROWTH_MORE &&
	       w->corrected.growth == GROWTH_NONE;
}

const char *density_verdict_on(const struct density_way *w, enum density_metric m)
{
	if (m != DENSITY_MEMORY || !density_slabs_explain(w))
		return density_verdict(&w->tenths[m]);
	return w->corrected.ci.low * DENSITY_GROWTH >= 1 ? "slabs; within 20%" : "slabs; no growth";
}

static void put(held_remark_fn fn, void *ctx, bool bad, char *text)
{
	if (text)
		fn(ctx, text, bad);
	free(text);
}

static void remark_growth(const char *way, const struct density_way *w, int m, bool utf8,
	held_remark_fn fn, void *ctx)
{
	const struct density_tenths *t = &w->tenths[m];
	char first[TEXT_SIZE], last[TEXT_SIZE], ratio[TEXT_SIZE], low[TEXT_SIZE], high[TEXT_SIZE];

	if (t->growth != GROWTH_MORE && !(t->growth == GROWTH_UNCLEAR && t->ratio > DENSITY_GROWTH))
		return;
	put(fn, ctx, t->growth == GROWTH_MORE && !(m == DENSITY_MEMORY && density_slabs_explain(w)),
		format_text("%s: the %s grows%s, from %s in the first tenth to %s in the last: "
			    "%s times, 95%% interval %s to %s.",
			way, density_series_names[m], t->growth == GROWTH_MORE ? "" : " perhaps",
			text_value(t->first, density_units[m], utf8, first),
			text_value(t->last, density_units[m], utf8, last),
			text_ratio(t->ratio, ratio), text_ratio(t->ci.low, low),
			text_ratio(t->ci.high, high)));
}

/* Why memory grows: how much of it is owed to what lay free in slabs, in points of a hundred. */
static void remark_slabs(
	const char *way, const struct density_way *w, bool utf8, held_remark_fn fn, void *ctx)
{
	const struct density_tenths *t = &w->tenths[DENSITY_MEMORY], *c = &w->corrected;
	char first[TEXT_SIZE], last[TEXT_SIZE], low[TEXT_SIZE], high[TEXT_SIZE];
	double all = 100 * (t->ratio - 1);
	double part = 100 * (t->last - t->first - (c->last - c->first)) / t->first;

	if (t->growth != GROWTH_MORE)
		return;
	if (isnan(c->ratio)) {
		put(fn, ctx, true,
			format_text("%s: why memory grows is unexplained: what lay free in slabs "
				    "was not read each time (slab-free).",
				way));
		return;
	}
	put(fn, ctx, !density_slabs_explain(w),
		format_text("%s: memory grows by %.0f%%: %.0f points of it because the first "
			    "instances were served from objects that lay free in slabs already "
			    "there. Corrected for that, %s in the first tenth and %s in the last: "
			    "%+.0f%%, 95%% interval of the ratio %s to %s: %s.",
			way, all, part, text_value(c->first, "bytes", utf8, first),
			text_value(c->last, "bytes", utf8, last), 100 * (c->ratio - 1),
			text_ratio(c->ci.low, low), text_ratio(c->ci.high, high),
			density_slabs_explain(w) ? density_verdict(c) : "the rest is unexplained"));
}

static void remark_way(
	const char *way, const struct density_way *w, bool utf8, held_remark_fn fn, void *ctx)
{
	double left =
		w->g[DENSITY_LEFT] && w->g[DENSITY_LEFT]->n_samples ? w->g[DENSITY_LEFT]->max : 0;

	if (*w->stopped)
		put(fn, ctx, false,
			format_text("%s: held %.0f, fewer than asked for: %s.", way,
				density_median(w, DENSITY_HELD), w->stopped));
	for (int m = 0; m < DENSITY_SERIES; m++)
		remark_growth(way, w, m, utf8, fn, ctx);
	remark_slabs(way, w, utf8, fn, ctx);
	if (left > 0)
		put(fn, ctx, true,
			format_text("%s: %.0f of what it made stayed behind: %s.", way, left,
				*w->left ? w->left : "processes, cgroups or network namespaces"));
}

void density_remarks(
	const struct summary *s, const struct density *d, bool utf8, held_remark_fn fn, void *ctx)
{
	size_t grows = 0, judged = 0;

	for (size_t i = 0; i < d->n_ways; i++) {
		const struct density_way *w = &d->ways[i];
		char way[LABEL_SIZE];

		remark_way(text_column(&s->columns[w->column], way), w, utf8, fn, ctx);
		for (int m = 0; m < DENSITY_SERIES; m++) {
			enum growth g = w->tenths[m].growth;

			grows += g == GROWTH_MORE;
			judged += g == GROWTH_NONE || g == GROWTH_LESS;
		}
	}
	if (judged && !grows)
		put(fn, ctx, false,
			strdup("Nothing that could be judged costs over 20% more in the last "
			       "tenth than in the first."));
}
