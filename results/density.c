/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/density.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"

#define SUITE "density"
#define BENCHMARK "hold"
#define FEWEST 2 /* values in a tenth: one has no spread to tell growth from noise by */

static const char *const metrics[DENSITY_METRICS] = {
	[DENSITY_START] = "start",
	[DENSITY_MEMORY] = "mem-available",
	[DENSITY_LATE] = "late",
	[DENSITY_HELD] = "held",
	[DENSITY_RELEASE] = "release",
	[DENSITY_LEFT] = "left-behind",
	[DENSITY_SLABS] = "slab-free",
};

const char *const density_units[DENSITY_METRICS] = {
	[DENSITY_START] = "ns",
	[DENSITY_MEMORY] = "bytes",
	[DENSITY_LATE] = "ns",
	[DENSITY_HELD] = "count",
	[DENSITY_RELEASE] = "ns",
	[DENSITY_LEFT] = "count",
	[DENSITY_SLABS] = "bytes",
};

static enum density_metric find_metric(const char *suite, const char *benchmark, const char *params,
	const char *phase, const char *metric, const char *unit)
{
	enum density_metric m = 0;

	if (strcmp(suite, SUITE) || strcmp(benchmark, BENCHMARK) || *params || *phase)
		return DENSITY_METRICS;
	while (m < DENSITY_METRICS &&
		(strcmp(metrics[m], metric) || strcmp(density_units[m], unit)))
		m++;
	return m;
}

static enum density_metric metric_of(const struct summary_row *row)
{
	return find_metric(
		row->suite, row->benchmark, row->params, row->phase, row->metric, row->unit);
}

bool density_covers(const struct summary_row *row)
{
	return metric_of(row) != DENSITY_METRICS;
}

bool density_is_steps(const struct summary_row *row)
{
	enum density_metric m = metric_of(row);

	return m == DENSITY_MEMORY || m == DENSITY_SLABS;
}

double density_median(const struct density_way *w, enum density_metric metric)
{
	return summary_median(w->g[metric]);
}

static int no_memory(struct err *e)
{
	return err_set(e, -ENOMEM, "density", "no memory for the table of density");
}

static struct density_way *way_of(struct density *d, size_t column)
{
	struct density_way *w = d->ways;

	while (w < d->ways + d->n_ways && w->column != column)
		w++;
	if (w == d->ways + d->n_ways) {
		*w = (struct density_way){ .column = column, .stopped = "", .left = "" };
		d->n_ways++;
	}
	return w;
}

static int by_column(const void *a, const void *b)
{
	const struct density_way *x = a, *y = b;

	return (x->column > y->column) - (x->column < y->column);
}

/* The values of a metric at each number held; NULL: it has none such. */
static struct density_series *series_of(struct density_way *w, int metric)
{
	if (metric == DENSITY_SLABS)
		return &w->slabs;
	return metric < DENSITY_SERIES ? &w->series[metric] : NULL;
}

static int make_room(struct density_way *w, struct err *e)
{
	for (int m = 0; m < DENSITY_METRICS; m++) {
		struct density_series *se = series_of(w, m);
		size_t n = w->g[m] ? w->g[m]->count[SAMPLE_OK] : 0;

		if (!se)
			continue;
		se->points = calloc(n + 1, sizeof(*se->points));
		if (!se->points)
			return no_memory(e);
	}
	return 0;
}

/* The way of a row; mostly the last one's. */
static struct density_way *find_way(const struct summary *s, const struct density *d,
	const struct sample *x, struct density_way *last)
{
	for (size_t i = 0; i <= d->n_ways; i++) {
		struct density_way *w = i ? &d->ways[i - 1] : last;

		if (w && summary_in_column(s, x, w->column))
			return w;
	}
	return NULL;
}

static int collect(const struct summary *s, struct density *d, struct err *e)
{
	struct density_way *w = NULL;

	for (size_t i = 0; i < d->n_ways; i++) {
		int r = make_room(&d->ways[i], e);

		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < s->set.n; i++) {
		const struct sample *x = &s->set.rows[i];
		enum density_metric m = find_metric(
			x->suite, x->benchmark, x->params, x->phase, x->metric, x->unit);
		struct density_series *se;

		if (m == DENSITY_METRICS || x->status != SAMPLE_OK)
			continue;
		w = find_way(s, d, x, w);
		if (!w)
			continue;
		se = series_of(w, m);
		if (se)
			se->points[se->n++] =
				(struct held_point){ x->sample, x->value, x->run_id, x->replicate };
		else if (m == DENSITY_HELD && !*w->stopped)
			w->stopped = x->reason;
		else if (m == DENSITY_LEFT && !*w->left)
			w->left = x->reason;
	}
	for (size_t i = 0; i < d->n_ways; i++) {
		for (int m = 0; m < DENSITY_SERIES; m++)
			held_sort(d->ways[i].series[m].points, d->ways[i].series[m].n);
		held_sort(d->ways[i].slabs.points, d->ways[i].slabs.n);
	}
	return 0;
}

static enum growth growth_of(const struct density_tenths *t)
{
	if (isnan(t->first) || isnan(t->last) || t->n < FEWEST)
		return GROWTH_UNKNOWN;
	if (!(t->first > 0 && t->last > 0 && isfinite(t->ratio)) || !stats_has_interval(t->ci))
		return GROWTH_UNCLEAR; /* lost in noise */
	if (t->ratio > DENSITY_GROWTH && t->ci.low > 1)
		return GROWTH_MORE;
	if (t->ratio * DENSITY_GROWTH < 1 && t->ci.high < 1)
		return GROWTH_LESS;
	return t->ci.high <= DENSITY_GROWTH ? GROWTH_NONE : GROWTH_UNCLEAR;
}

/* Values of a series in the first and the last tenth of each launch. */
struct pools {
	double *first, *last;
	size_t n_first, n_last;
};

/* The first tenth ends and the last begins at: of numbers held from @low to @high. */
static struct interval tenths_of(const struct density_series *se, size_t from, size_t to)
{
	double low = se->points[from].held, high = se->points[to - 1].held;
	double tenth = (high - low) / 10;

	return (struct interval){ low + tenth, high - tenth };
}

static void fill_pools(const struct density_series *se, struct pools *p)
{
	for (size_t from = 0, to; from < se->n; from = to) {
		struct interval cut;

		to = held_launch_end(se->points, se->n, from);
		cut = tenths_of(se, from, to);
		for (size_t i = from; i < to; i++) {
			/* Not both: a launch of one number held has no first and last. */
			if (se->points[i].held <= cut.low && cut.low < cut.high)
				p->first[p->n_first++] = se->points[i].value;
			else if (se->points[i].held >= cut.high && cut.low < cut.high)
				p->last[p->n_last++] = se->points[i].value;
		}
	}
	stats_sort(p->first, p->n_first);
	stats_sort(p->last, p->n_last);
}

/* Of times: medians of the tenths. */
static int compare_tenths(
	const struct density_series *se, struct density_tenths *t, double *p99, struct err *e)
{
	cleanup_free double *first = calloc(se->n + 1, sizeof(double));
	cleanup_free double *last = calloc(se->n + 1, sizeof(double));
	struct pools p = { .first = first, .last = last };
	int r;

	if (!first || !last)
		return no_memory(e);
	fill_pools(se, &p);
	t->first = stats_median(first, p.n_first);
	t->last = stats_median(last, p.n_last);
	if (p99) {
		p99[0] = stats_quantile(first, p.n_first, 0.99);
		p99[1] = stats_quantile(last, p.n_last, 0.99);
	}
	t->n = p.n_first < p.n_last ? p.n_first : p.n_last;
	t->ratio = t->first > 0 ? t->last / t->first : NAN;
	r = stats_bootstrap_ratio(last, p.n_last, first, p.n_first, BOOTSTRAP_SEED, &t->ci, e);
	t->growth = growth_of(t);
	return r;
}

/*
 * How MemAvailable wanders: the variance of what one more instance takes, from how much each step
 * between readings differs from the next (J. von Neumann, 1941), which is blind to slow growth. It
 * goes up and down in jumps for reasons of its own, so that its readings are taken for a random
 * walk beside the slope, not for noise around a line: with readings that are merely noisy, this
 * errs on the side of wide intervals. NAN below three numbers held.
 */
static double wander(const struct held_point *p, size_t n)
{
	double sum = 0, each_before = NAN, held_before = 0;
	size_t pairs = 0;

	for (size_t i = 1; i < n; i++) {
		double held = p[i].held - p[i - 1].held, each;

		if (!(held > 0))
			continue;
		each = (p[i].value - p[i - 1].value) / held;
		if (!isnan(each_before)) {
			double more = each - each_before;

			sum += more * more / (1 / held + 1 / held_before);
			pairs++;
		}
		each_before = each;
		held_before = held;
	}
	return pairs ? sum / (double)pairs : NAN;
}

/*
 * The variance of the slope of least squares through a random walk: that of the mean step, times
 * 6/5. The slope is a mean of the steps with weights 6x(1-x), x from 0 to 1 along the walk; the
 * mean of their square is 6/5.
 */
static double slope_variance(const struct held_point *p, size_t n, double step)
{
	return 1.2 * step / (p[n - 1].held - p[0].held);
}

/* How many readings the tenth has, but two at least: from the first on, or up to the last. */
static size_t in_tenth(const struct density_series *se, size_t from, size_t to, bool last)
{
	struct interval cut = tenths_of(se, from, to);
	size_t n = 0;

	for (size_t i = from; i < to; i++)
		n += last ? se->points[i].held >= cut.high : se->points[i].held <= cut.low;
	if (n < 2)
		n = 2;
	return n > to - from ? to - from : n;
}

/* Of memory: slopes of the tenths, and about a 95 % interval from how MemAvailable wanders. */
static void compare_slopes(const struct density_series *se, struct density_tenths *t)
{
	double first = 0, last = 0, var_first = 0, var_last = 0;
	size_t launches = 0;

	for (size_t from = 0, to; from < se->n; from = to) {
		const struct held_point *p = &se->points[from], *q;
		struct held_line a, b;
		size_t n_first, n_last;
		double step;

		to = held_launch_end(se->points, se->n, from);
		n_first = in_tenth(se, from, to, false);
		n_last = in_tenth(se, from, to, true);
		q = &se->points[to - n_last];
		a = held_fit(p, n_first);
		b = held_fit(q, n_last);
		step = wander(p, to - from);
		if (to - from < 4 || isnan(a.slope) || isnan(b.slope) || isnan(step))
			continue;
		first -= a.slope; /* MemAvailable falls */
		last -= b.slope;
		var_first += slope_variance(p, n_first, step);
		var_last += slope_variance(q, n_last, step);
		launches++;
		t->n += to - from;
	}
	if (!launches)
		return;
	t->first = first / (double)launches;
	t->last = last / (double)launches;
	t->ratio = t->first > 0 && t->last > 0 ? t->last / t->first : NAN;
	var_first = 1.96 * sqrt(var_first) / (double)launches;
	var_last = 1.96 * sqrt(var_last) / (double)launches;
	if (t->first > var_first && t->last > 0)
		t->ci = (struct interval){ (t->last - var_last) / (t->first + var_first),
			(t->last + var_last) / (t->first - var_first) };
	t->growth = growth_of(t);
}

static const struct density_tenths unknown = {
	.first = NAN, .last = NAN, .ratio = NAN, .ci = { NAN, NAN }
};

/*
 * The first instances take objects that lie free in slabs of those before them, for which
 * MemAvailable does not fall. Where both were read each time, their sum does.
 */
static int compare_corrected(struct density_way *w, struct err *e)
{
	const struct density_series *memory = &w->series[DENSITY_MEMORY];
	cleanup_free struct held_point *points = calloc(memory->n + 1, sizeof(*points));
	struct density_series sum = { points, memory->n };

	w->corrected = unknown;
	if (!points)
		return no_memory(e);
	if (w->slabs.n != memory->n)
		return 0;
	for (size_t i = 0; i < memory->n; i++) {
		const struct held_point *p = &memory->points[i], *q = &w->slabs.points[i];

		if (p->run != q->run || p->replicate != q->replicate || p->held != q->held)
			return 0;
		points[i] = *p;
		points[i].value += q->value;
	}
	compare_slopes(&sum, &w->corrected);
	return 0;
}

static int compare(struct density_way *w, struct err *e)
{
	double p99[2] = { NAN, NAN };
	int r;

	for (int m = 0; m < DENSITY_SERIES; m++)
		w->tenths[m] = unknown;
	r = compare_tenths(&w->series[DENSITY_START], &w->tenths[DENSITY_START], NULL, e);
	if (!r)
		r = compare_tenths(&w->series[DENSITY_LATE], &w->tenths[DENSITY_LATE], p99, e);
	w->late_p99_first = p99[0];
	w->late_p99_last = p99[1];
	compare_slopes(&w->series[DENSITY_MEMORY], &w->tenths[DENSITY_MEMORY]);
	return r ? r : compare_corrected(w, e);
}

int density_make(const struct summary *s, struct density *d, struct err *e)
{
	int r;

	*d = (struct density){ .ways = calloc(s->n_columns + 1, sizeof(*d->ways)) };
	if (!d->ways)
		return no_memory(e);
	for (size_t i = 0; i < s->n_groups; i++) {
		const struct summary_group *g = &s->groups[i];

		if (density_covers(&s->rows[g->row]))
			way_of(d, g->column)->g[metric_of(&s->rows[g->row])] = g;
	}
	qsort(d->ways, d->n_ways, sizeof(*d->ways), by_column);
	r = collect(s, d, e);
	for (size_t i = 0; !r && i < d->n_ways; i++)
		r = compare(&d->ways[i], e);
	return r;
}

void density_free(struct density *d)
{
	for (size_t i = 0; i < d->n_ways; i++) {
		for (int m = 0; m < DENSITY_SERIES; m++)
			free(d->ways[i].series[m].points);
		free(d->ways[i].slabs.points);
	}
	free(d->ways);
	*d = (struct density){ 0 };
}
