/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/summary.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/util.h"
#include "results/covered.h"
#include "results/exits.h"
#include "results/null.h"

#define MAX_GROUPS 10000 /* a full run has a few hundred; bounds the time for a hostile file */
#define BASELINE "host"

/* A value with the launch it belongs to: of several runs, each has its own numbers. */
struct point {
	const char *run_id;
	unsigned replicate;
	double value;
};

struct builder {
	struct summary *s;
	const char *path; /* of the samples, for errors */
	struct err *e;
	size_t *group_of;     /* for each row of the set */
	struct point *points; /* of the group at hand */
	size_t room_rows, room_columns, room_groups;
};

static int no_memory(struct err *e)
{
	return err_set(e, -ENOMEM, "summary", "no memory for the summary");
}

/* Make room for one more element of @size bytes in the array *@array of *@room, @n used. */
static int make_room(void *array, size_t n, size_t *room, size_t size)
{
	void **p = array;
	size_t more = *room ? *room * 2 : 16;
	void *bigger;

	if (n < *room)
		return 0;
	bigger = reallocarray(*p, more, size);
	if (!bigger)
		return -ENOMEM;
	*p = bigger;
	*room = more;
	return 0;
}

/* The strings of a set are unique: equal strings are the same pointer. */
static int find_row(struct builder *b, const struct sample *x, size_t *index)
{
	struct summary *s = b->s;
	struct summary_row row = { x->suite, x->benchmark, x->params, x->metric, x->unit, x->phase,
		NULL };

	for (*index = 0; *index < s->n_rows; ++*index) {
		if (!memcmp(&s->rows[*index], &row, sizeof(row)))
			return 0;
	}
	if (make_room(&s->rows, s->n_rows, &b->room_rows, sizeof(row)) < 0)
		return no_memory(b->e);
	s->rows[s->n_rows++] = row;
	return 0;
}

static int find_column(struct builder *b, const struct sample *x, size_t *index)
{
	struct summary *s = b->s;
	struct summary_column column = { x->runtime, x->kernel, x->host };

	for (*index = 0; *index < s->n_columns; ++*index) {
		if (!memcmp(&s->columns[*index], &column, sizeof(column)))
			return 0;
	}
	if (make_room(&s->columns, s->n_columns, &b->room_columns, sizeof(column)) < 0)
		return no_memory(b->e);
	s->columns[s->n_columns++] = column;
	return 0;
}

static int find_group(struct builder *b, size_t row, size_t column, size_t *index)
{
	struct summary *s = b->s;

	for (*index = 0; *index < s->n_groups; ++*index) {
		if (s->groups[*index].row == row && s->groups[*index].column == column)
			return 0;
	}
	if (s->n_groups == MAX_GROUPS)
		return err_set(b->e, -E2BIG, "summary",
			"'%s' holds more than %d different measurements", b->path, MAX_GROUPS);
	if (make_room(&s->groups, s->n_groups, &b->room_groups, sizeof(*s->groups)) < 0)
		return no_memory(b->e);
	s->groups[s->n_groups++] = (struct summary_group){ .row = row, .column = column };
	return 0;
}

static bool same_cell(const struct sample *a, const struct sample *b)
{
	return a->suite == b->suite && a->benchmark == b->benchmark && a->params == b->params &&
	       a->metric == b->metric && a->unit == b->unit && a->phase == b->phase &&
	       a->runtime == b->runtime && a->kernel == b->kernel && a->host == b->host;
}

/* Give every sample its group. Batches of a benchmark follow each other: mostly the last one's. */
static int assign_groups(struct builder *b)
{
	const struct sample_set *set = &b->s->set;

	for (size_t i = 0; i < set->n; i++) {
		const struct sample *x = &set->rows[i];
		size_t row, column;
		int r;

		if (i && same_cell(x, x - 1)) {
			b->group_of[i] = b->group_of[i - 1];
			continue;
		}
		r = find_row(b, x, &row);
		if (!r)
			r = find_column(b, x, &column);
		if (!r)
			r = find_group(b, row, column, &b->group_of[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Two suites may have a benchmark of the same name: then its suite is a part of its name. */
static void tell_suites_apart(struct summary *s)
{
	for (size_t i = 0; i < s->n_rows; i++) {
		for (size_t k = 0; k < i; k++) {
			struct summary_row *a = &s->rows[i], *b = &s->rows[k];

			if (a->suite == b->suite || a->benchmark != b->benchmark ||
				a->params != b->params)
				continue;
			a->prefix = a->suite;
			b->prefix = b->suite;
		}
	}
}

/* Which status tells best why a group has no values: a failure before a skip. */
static int weight(enum sample_status status)
{
	static const int weights[SAMPLE_STATUS_COUNT] = {
		[SAMPLE_WARMUP] = 1,
		[SAMPLE_SKIPPED] = 2,
		[SAMPLE_TIMEOUT] = 3,
		[SAMPLE_FAILED] = 4,
		[SAMPLE_OK] = 5,
	};

	return weights[status];
}

static void count_statuses(struct builder *b)
{
	struct summary *s = b->s;

	for (size_t i = 0; i < s->n_groups; i++) {
		s->groups[i].status = SAMPLE_WARMUP;
		s->groups[i].reason = "";
	}
	for (size_t i = 0; i < s->set.n; i++) {
		const struct sample *x = &s->set.rows[i];
		struct summary_group *g = &s->groups[b->group_of[i]];
		bool heavier = weight(x->status) > weight(g->status);

		g->count[x->status]++;
		if (!sample_has_value(x) && (heavier || !*g->reason))
			g->reason = x->reason;
		if (heavier)
			g->status = x->status;
	}
}

static int by_replicate_and_value(const void *a, const void *b)
{
	const struct point *x = a, *y = b;
	int r = x->run_id == y->run_id ? 0 : strcmp(x->run_id, y->run_id);

	if (r)
		return r;
	if (x->replicate != y->replicate)
		return x->replicate < y->replicate ? -1 : 1;
	return (x->value > y->value) - (x->value < y->value);
}

static bool same_launch(const struct point *a, const struct point *b)
{
	return a->run_id == b->run_id && a->replicate == b->replicate;
}

/* Fill values (sorted by launch and value for now) and the median of each launch. */
static void reduce_replicates(struct summary_group *g, const struct point *points)
{
	size_t begin = 0;

	for (size_t i = 0; i < g->n_samples; i++)
		g->values[i] = points[i].value;
	for (size_t i = 1; i <= g->n_samples; i++) {
		if (i < g->n_samples && same_launch(&points[i], &points[begin]))
			continue;
		g->replicates[g->n_replicates++] = stats_median(g->values + begin, i - begin);
		begin = i;
	}
}

static int summarise(struct summary_group *g, struct err *e)
{
	cleanup_free double *sorted = calloc(g->n_replicates + 1, sizeof(double));
	size_t n = g->n_samples;

	if (!sorted || stats_mad(g->values, n, &g->mad) < 0)
		return no_memory(e);
	stats_sort(g->values, n);
	memcpy(sorted, g->replicates, g->n_replicates * sizeof(double));
	stats_sort(sorted, g->n_replicates);
	g->median = stats_median(sorted, g->n_replicates);
	g->p99 = stats_quantile(g->values, n, 0.99);
	g->min = n ? g->values[0] : NAN;
	g->max = n ? g->values[n - 1] : NAN;
	g->outliers = stats_outliers(g->values, n);
	g->ratio = NAN;
	g->ratio_ci = (struct interval){ NAN, NAN };
	return stats_bootstrap_median(g->replicates, g->n_replicates, BOOTSTRAP_SEED, &g->ci, e);
}

/* The samples of each group side by side in one array: a counting sort by group. */
static void collect_points(struct builder *b, size_t *first)
{
	struct summary *s = b->s;
	size_t at = 0;

	for (size_t i = 0; i < s->n_groups; i++) {
		first[i] = at;
		at += s->groups[i].count[SAMPLE_OK];
	}
	for (size_t i = 0; i < s->set.n; i++) {
		const struct sample *x = &s->set.rows[i];
		struct summary_group *g = &s->groups[b->group_of[i]];

		if (x->status == SAMPLE_OK && !covered_is_steps(&s->rows[g->row]))
			b->points[first[b->group_of[i]] + g->n_samples++] =
				(struct point){ x->run_id, x->replicate, x->value };
	}
}

static int fill_groups(struct builder *b)
{
	struct summary *s = b->s;
	cleanup_free size_t *first = calloc(s->n_groups, sizeof(*first));
	int r = 0;

	if (!first)
		return no_memory(b->e);
	collect_points(b, first);
	for (size_t i = 0; !r && i < s->n_groups; i++) {
		struct summary_group *g = &s->groups[i];
		struct point *points = b->points + first[i];

		qsort(points, g->n_samples, sizeof(*points), by_replicate_and_value);
		g->values = calloc(g->n_samples + 1, sizeof(double));
		g->replicates = calloc(g->n_samples + 1, sizeof(double));
		if (!g->values || !g->replicates)
			return no_memory(b->e);
		reduce_replicates(g, points);
		r = summarise(g, b->e);
	}
	return r;
}

static int by_column_name(const void *a, const void *b)
{
	const struct summary_column *x = a, *y = b;
	int r = strcmp(x->host, y->host);

	if (!r)
		r = !strcmp(y->runtime, BASELINE) - !strcmp(x->runtime, BASELINE);
	if (!r)
		r = strcmp(x->runtime, y->runtime);
	return r ? r : strcmp(x->kernel, y->kernel);
}

static int by_place(const void *a, const void *b)
{
	const struct summary_group *x = a, *y = b;

	if (x->row != y->row)
		return x->row < y->row ? -1 : 1;
	return (x->column > y->column) - (x->column < y->column);
}

static int find_baselines(struct summary *s)
{
	size_t all = s->n_columns + s->n_null_columns;

	s->baselines = calloc(all, sizeof(*s->baselines));
	if (!s->baselines)
		return -ENOMEM;
	for (size_t i = 0; i < all; i++) {
		while (s->columns[s->baselines[i]].host != s->columns[i].host)
			s->baselines[i]++;
	}
	return 0;
}

/*
 * The blocks of a run are shuffled, so the order in which runtimes appear in the file means
 * nothing: columns are sorted, the baseline first.
 */
static int sort_columns(struct summary *s)
{
	cleanup_free struct summary_column *old = calloc(s->n_columns, sizeof(*old));

	if (!old)
		return -ENOMEM;
	memcpy(old, s->columns, s->n_columns * sizeof(*old));
	qsort(s->columns, s->n_columns, sizeof(*old), by_column_name);
	if (null_columns_last(s) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < s->n_groups; i++) {
		struct summary_group *g = &s->groups[i];
		size_t to = 0;

		while (memcmp(&s->columns[to], &old[g->column], sizeof(*old)))
			to++;
		g->column = to;
	}
	qsort(s->groups, s->n_groups, sizeof(*s->groups), by_place);
	return null_groups_last(s) < 0 ? -ENOMEM : find_baselines(s);
}

static int make_grid(struct summary *s, struct err *e)
{
	if (sort_columns(s) < 0)
		return no_memory(e);
	s->cells = calloc(s->n_rows * s->n_columns, sizeof(s->cells[0]));
	if (!s->cells)
		return no_memory(e);
	for (size_t i = 0; i < s->n_groups; i++) {
		struct summary_group *g = &s->groups[i];

		s->cells[g->row * s->n_columns + g->column] = g;
	}
	return 0;
}

/* A way launched twice is compared with itself, every other with the first column of its host. */
static const struct summary_group *base_of(const struct summary *s, const struct summary_group *g)
{
	return g->column < s->n_columns ? summary_cell(s, g->row, s->baselines[g->column])
					: null_repeated(s, g);
}

static int compare_to_baseline(struct summary *s, struct err *e)
{
	int r = 0;

	for (size_t i = 0; !r && i < s->n_groups + s->n_null_groups; i++) {
		struct summary_group *g = &s->groups[i];
		const struct summary_group *base = base_of(s, g);

		if (base == g || !base || !g->n_samples || !(base->median > 0))
			continue;
		g->ratio = g->median / base->median;
		r = stats_bootstrap_ratio(g->replicates, g->n_replicates, base->replicates,
			base->n_replicates, BOOTSTRAP_SEED, &g->ratio_ci, e);
	}
	return r;
}

static int build(struct summary *s, const char *path, struct err *e)
{
	cleanup_free size_t *group_of = calloc(s->set.n, sizeof(*group_of));
	cleanup_free struct point *points = calloc(s->set.n, sizeof(*points));
	struct builder b = { .s = s, .path = path, .e = e, .group_of = group_of, .points = points };
	int r;

	if (!group_of || !points)
		return no_memory(e);
	r = assign_groups(&b);
	if (r < 0)
		return r;
	tell_suites_apart(s);
	count_statuses(&b);
	r = fill_groups(&b);
	if (!r)
		r = make_grid(s, e);
	return r ? r : compare_to_baseline(s, e);
}

int summary_make(const char *dir, struct summary **out, struct err *e)
{
	cleanup_free char *path = NULL;
	struct summary *s;
	int r = samples_find(dir, &path, e);

	if (r < 0)
		return r;
	s = calloc(1, sizeof(*s));
	if (!s)
		return no_memory(e);
	r = samples_read(path, &s->set, e);
	if (!r)
		r = build(s, path, e);
	if (r < 0) {
		summary_free(s);
		return r;
	}
	*out = s;
	return 0;
}

void summary_free(struct summary *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n_groups + s->n_null_groups; i++) {
		free(s->groups[i].values);
		free(s->groups[i].replicates);
	}
	free(s->groups);
	free(s->rows);
	free(s->columns);
	free(s->baselines);
	free(s->cells);
	samples_free(&s->set);
	free(s);
}

bool summary_many_hosts(const struct summary *s)
{
	return s->baselines[s->n_columns - 1] != 0;
}

bool summary_in_column(const struct summary *s, const struct sample *x, size_t column)
{
	const struct summary_column *c = &s->columns[column];

	return x->runtime == c->runtime && x->kernel == c->kernel && x->host == c->host;
}

bool summary_has_failures(const struct summary_group *g)
{
	return g->count[SAMPLE_FAILED] || g->count[SAMPLE_TIMEOUT];
}

struct summary_range summary_range(const struct summary *s)
{
	struct summary_range range = { 0 };

	for (size_t i = 0; i < s->n_groups; i++) {
		size_t n = s->groups[i].n_replicates, m = s->groups[i].n_samples;

		if (!n || exits_covers(&s->rows[s->groups[i].row])) /* one a launch: no batches */
			continue;
		if (!range.replicates_min || n < range.replicates_min)
			range.replicates_min = n;
		if (n > range.replicates_max)
			range.replicates_max = n;
		if (!range.samples_min || m < range.samples_min)
			range.samples_min = m;
		if (m > range.samples_max)
			range.samples_max = m;
	}
	return range;
}

size_t summary_comparisons(const struct summary *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n_groups; i++) {
		if (covered_shows_ratio(&s->rows[s->groups[i].row]))
			n += stats_has_interval(s->groups[i].ratio_ci);
	}
	return n;
}
