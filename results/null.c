/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/null.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/permute.h"
#include "base/util.h"
#include "results/covered.h"
#include "results/text.h"

/* Length of @runtime without NULL_SUFFIX; 0 where it has none. */
static size_t stem(const char *runtime)
{
	size_t len = strlen(runtime), end = strlen(NULL_SUFFIX);

	return len > end && !strcmp(runtime + len - end, NULL_SUFFIX) ? len - end : 0;
}

/* Which of the first @n columns does @c repeat? @n where none. */
static size_t repeated(const struct summary *s, size_t n, const struct summary_column *c)
{
	size_t len = stem(c->runtime);

	for (size_t i = 0; len && i < n; i++) {
		struct summary_column like = *c;
		const char *name = like.runtime = s->columns[i].runtime;

		/* What repeats is never repeated itself, whatever a hostile file says. */
		if (!stem(name) && strlen(name) == len && !strncmp(name, c->runtime, len) &&
			!memcmp(&s->columns[i], &like, sizeof(like)))
			return i;
	}
	return n;
}

int null_columns_last(struct summary *s)
{
	size_t all = s->n_columns, kept = 0;
	cleanup_free struct summary_column *null = calloc(all, sizeof(*null));
	cleanup_free bool *repeats = calloc(all, sizeof(*repeats));

	if (!null || !repeats)
		return -ENOMEM;
	for (size_t i = 0; i < all; i++)
		repeats[i] = repeated(s, all, &s->columns[i]) < all;
	for (size_t i = 0; i < all; i++) {
		if (repeats[i])
			null[s->n_null_columns++] = s->columns[i];
		else
			s->columns[kept++] = s->columns[i];
	}
	memcpy(s->columns + kept, null, s->n_null_columns * sizeof(*null));
	s->n_columns = kept;
	return 0;
}

int null_groups_last(struct summary *s)
{
	size_t all = s->n_groups, kept = 0;
	cleanup_free struct summary_group *null = calloc(all, sizeof(*null));

	if (!null)
		return -ENOMEM;
	for (size_t i = 0; i < all; i++) {
		if (s->groups[i].column >= s->n_columns)
			null[s->n_null_groups++] = s->groups[i];
		else
			s->groups[kept++] = s->groups[i];
	}
	memcpy(s->groups + kept, null, s->n_null_groups * sizeof(*null));
	s->n_groups = kept;
	return 0;
}

const struct summary_group *null_repeated(const struct summary *s, const struct summary_group *g)
{
	return summary_cell(s, g->row, repeated(s, s->n_columns, &s->columns[g->column]));
}

static bool is_compared(const struct summary *s, const struct summary_group *g)
{
	return g->ratio > 0 && covered_shows_ratio(&s->rows[g->row]);
}

static double distance(const struct summary_group *g)
{
	return fabs(g->ratio - 1);
}

static int further_first(const void *a, const void *b)
{
	const struct null_difference *x = a, *y = b;
	double dx = distance(x->group), dy = distance(y->group);

	return dx != dy ? (dx < dy ? 1 : -1) : (x->group > y->group) - (x->group < y->group);
}

static int no_memory(struct err *e)
{
	return err_set(e, -ENOMEM, "summary", "no memory for the null comparison");
}

/* Fill @p of every pair, and what is said of all of them. */
static int test_all(const struct summary *s, struct null_comparison *n, double *p, struct err *e)
{
	cleanup_free double *far = calloc(n->compared, sizeof(*far));

	if (!far)
		return no_memory(e);
	n->launches = SIZE_MAX;
	for (size_t i = 0; i < n->compared; i++) {
		const struct summary_group *a = n->differs[i].group, *b = null_repeated(s, a);
		size_t fewer =
			a->n_replicates < b->n_replicates ? a->n_replicates : b->n_replicates;
		int r = permute_test(a->replicates, a->n_replicates, b->replicates, b->n_replicates,
			BOOTSTRAP_SEED, &p[i], e);

		if (r < 0)
			return r;
		n->launches = fewer < n->launches ? fewer : n->launches;
		far[i] = distance(a);
	}
	stats_sort(far, n->compared);
	n->half = stats_median(far, n->compared);
	n->all = far[n->compared - 1];
	n->needed = permute_needed(n->compared, NULL_LEVEL);
	return permute_holm(p, n->compared) < 0 ? no_memory(e) : 0;
}

/* Of all pairs only those stay that differ. */
static int keep_differing(const struct summary *s, struct null_comparison *n, struct err *e)
{
	cleanup_free double *p = calloc(n->compared, sizeof(*p));
	int r;

	if (!p)
		return no_memory(e);
	r = test_all(s, n, p, e);
	for (size_t i = 0; i < n->compared && !r; i++) {
		if (p[i] <= NULL_LEVEL)
			n->differs[n->n_differs++] =
				(struct null_difference){ n->differs[i].group, p[i] };
	}
	qsort(n->differs, n->n_differs, sizeof(*n->differs), further_first);
	return r;
}

int null_make(const struct summary *s, struct null_comparison *n, struct err *e)
{
	*n = (struct null_comparison){ .differs =
					       calloc(s->n_null_groups + 1, sizeof(*n->differs)) };
	if (!n->differs)
		return no_memory(e);
	for (size_t i = 0; i < s->n_null_groups; i++) {
		const struct summary_group *g = &s->groups[s->n_groups + i];

		if (is_compared(s, g))
			n->differs[n->compared++].group = g;
	}
	if (!n->compared)
		return 0;
	n->way = s->columns[null_repeated(s, n->differs[0].group)->column].runtime;
	return keep_differing(s, n, e);
}

void null_free(struct null_comparison *n)
{
	free(n->differs);
	*n = (struct null_comparison){ 0 };
}

bool null_could_tell(const struct null_comparison *n)
{
	return (double)n->compared * permute_smallest(n->launches, n->launches) <= NULL_LEVEL;
}

/* @v as a percentage, with a sign where it is wanted. Returns @out. */
static const char *percent(double v, const char *sign, char out[TEXT_SIZE])
{
	v *= 100;
	if (fabs(v) < 9.95 || fabs(v) > 1e6)
		snprintf(out, TEXT_SIZE, "%s%.2g%%", v < 0 ? "" : sign, v);
	else
		snprintf(out, TEXT_SIZE, "%s%.0f%%", v < 0 ? "" : sign, v);
	return out;
}

/* How far apart the two lie, whatever the test says: what a reader may take for noise. */
static void spread_text(const struct null_comparison *n, char *out, size_t size)
{
	char half[TEXT_SIZE], all[TEXT_SIZE];

	if (n->compared == 1)
		snprintf(out, size, "the two medians lie %s apart", percent(n->all, "", all));
	else
		snprintf(out, size,
			"half of the pairs of medians lie within %s of each other, all within %s",
			percent(n->half, "", half), percent(n->all, "", all));
}

static void failed_text(const struct null_comparison *n, char out[NULL_TEXT_SIZE])
{
	char far[TEXT_SIZE];

	snprintf(out, NULL_TEXT_SIZE,
		"The null comparison failed: %s differs from %s in %zu of %zu comparisons, by up "
		"to %s. Both are the same, so differences of this size mean nothing in this run. "
		"By chance it fails in at most one run of %.0f; else something was at work beside "
		"it: make the machine quiet and measure again.",
		n->way, n->way, n->n_differs, n->compared,
		percent(distance(n->differs[0].group), "", far), 1 / NULL_LEVEL);
}

const char *null_text(const struct null_comparison *n, char out[NULL_TEXT_SIZE])
{
	const char *many = n->compared == 1 ? "" : "s";
	char spread[160], needed[64] = "no number would do";

	if (n->n_differs) {
		failed_text(n, out);
		return out;
	}
	spread_text(n, spread, sizeof(spread));
	if (n->needed)
		snprintf(needed, sizeof(needed), "%zu would do", n->needed);
	if (null_could_tell(n))
		snprintf(out, NULL_TEXT_SIZE,
			"Null comparison, %s against %s: no difference found in %zu comparison%s; "
			"%s.",
			n->way, n->way, n->compared, many, spread);
	else
		snprintf(out, NULL_TEXT_SIZE,
			"Null comparison, %s against %s: %zu launches each are too few to find a "
			"difference in %zu comparison%s (%s); %s.",
			n->way, n->way, n->launches, n->compared, many, needed, spread);
	return out;
}

const char *null_difference_text(
	const struct summary *s, const struct null_difference *d, char out[NULL_TEXT_SIZE])
{
	const struct summary_group *g = d->group;
	char row[LABEL_SIZE], text[TEXT_SIZE];
	size_t used;

	snprintf(out, NULL_TEXT_SIZE, "%s: %s", text_row(&s->rows[g->row], row),
		percent(g->ratio - 1, "+", text));
	used = strlen(out);
	if (!stats_has_interval(g->ratio_ci))
		return out;
	snprintf(
		out + used, NULL_TEXT_SIZE - used, " [%s", percent(g->ratio_ci.low - 1, "+", text));
	used = strlen(out);
	snprintf(out + used, NULL_TEXT_SIZE - used, ", %s]",
		percent(g->ratio_ci.high - 1, "+", text));
	return out;
}
