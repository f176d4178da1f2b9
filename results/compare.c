/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/compare.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/permute.h"
#include "base/util.h"

static int no_memory(struct err *e)
{
	return err_set(e, -ENOMEM, "compare", "no memory for the comparison");
}

/* --- words --- */

/* The last one is for units that are not here. */
static const struct {
	const char *unit;
	struct compare_words words;
} units[] = {
	{ "ns", { "slower", "faster", false } },
	{ "instructions", { "slower", "faster", false } },
	{ "1/s", { "faster", "slower", true } },
	{ "bytes", { "more", "less", false } },
	{ "count", { "more", "less", false } },
	{ "", { "more", "less", false } },
};

struct compare_words compare_words(const char *unit)
{
	size_t i = 0;

	while (i + 1 < ARRAY_SIZE(units) && strcmp(units[i].unit, unit))
		i++;
	return units[i].words;
}

const char *compare_verdict(const struct compared *c)
{
	struct compare_words words = compare_words(c->row->unit);
	const char *const names[VERDICT_COUNT] = {
		[VERDICT_NONE] = "no difference found",
		[VERDICT_MORE] = words.more,
		[VERDICT_LESS] = words.less,
		[VERDICT_TOO_FEW] = "too few launches",
	};

	return names[c->verdict];
}

bool compare_is_worse(const struct compared *c)
{
	bool better = compare_words(c->row->unit).more_is_better;

	return c->verdict == (better ? VERDICT_LESS : VERDICT_MORE);
}

/* --- which cells --- */

static bool same_row(const struct summary_row *x, const struct summary_row *y)
{
	return !strcmp(x->benchmark, y->benchmark) && !strcmp(x->params, y->params) &&
	       !strcmp(x->metric, y->metric) && !strcmp(x->unit, y->unit) &&
	       !strcmp(x->phase, y->phase) && !strcmp(x->suite, y->suite);
}

static bool same_column(const struct summary_column *x, const struct summary_column *y)
{
	return !strcmp(x->runtime, y->runtime) && !strcmp(x->kernel, y->kernel) &&
	       !strcmp(x->host, y->host);
}

/* The group of @s that is about the same as @g of @of, or NULL. */
static const struct summary_group *find(
	const struct summary *s, const struct summary *of, const struct summary_group *g)
{
	size_t row = 0, column = 0;

	while (row < s->n_rows && !same_row(&s->rows[row], &of->rows[g->row]))
		row++;
	while (column < s->n_columns && !same_column(&s->columns[column], &of->columns[g->column]))
		column++;
	return row < s->n_rows && column < s->n_columns ? summary_cell(s, row, column) : NULL;
}

static void add_cell(
	struct comparison *c, const struct summary_group *a, const struct summary_group *b)
{
	const struct summary *s = c->summary[0];

	c->cells[c->n_cells++] = (struct compared){
		.row = &s->rows[a->row],
		.column = &s->columns[a->column],
		.a = a,
		.b = b,
		.ratio = a->median > 0 ? b->median / a->median : NAN,
		.difference = b->median - a->median,
		.p = NAN,
		.p_corrected = NAN,
	};
}

static void add_other(struct comparison *c, unsigned side, const struct summary_group *g,
	const struct summary_group *other)
{
	const struct summary *s = c->summary[side];
	bool failed = other && summary_has_failures(other);

	c->others[c->n_others++] = (struct uncompared){
		.row = &s->rows[g->row],
		.column = &s->columns[g->column],
		.group = g,
		.other = other,
		.in_a = side == 0,
		.fails = side == 0 && failed && !isnan(c->options.fail_above),
	};
}

static int choose_cells(struct comparison *c, struct err *e)
{
	const struct summary *a = c->summary[0], *b = c->summary[1];

	c->n_cells = c->n_others = 0;
	c->cells = calloc(a->n_groups + 1, sizeof(*c->cells));
	c->others = calloc(a->n_groups + b->n_groups + 1, sizeof(*c->others));
	if (!c->cells || !c->others)
		return no_memory(e);
	for (size_t i = 0; i < a->n_groups; i++) {
		const struct summary_group *g = &a->groups[i], *other = find(b, a, g);

		if (!g->n_replicates)
			continue;
		if (other && other->n_replicates)
			add_cell(c, g, other);
		else
			add_other(c, 0, g, other);
	}
	for (size_t i = 0; i < b->n_groups; i++) {
		const struct summary_group *g = &b->groups[i], *other = find(a, b, g);

		if (g->n_replicates && !(other && other->n_replicates))
			add_other(c, 1, g, other);
	}
	if (c->n_cells)
		return 0;
	err_set(e, -ENODATA, "compare", "the two runs have no measurement in common");
	return err_help(e, "compare runs of the same suite, runtimes and kernels");
}

/* --- what is found --- */

static int test_cell(struct compared *x, struct err *e)
{
	const struct summary_group *a = x->a, *b = x->b;
	int r = stats_bootstrap_ratio(b->replicates, b->n_replicates, a->replicates,
		a->n_replicates, BOOTSTRAP_SEED, &x->ratio_ci, e);

	if (!r)
		r = stats_bootstrap_difference(b->replicates, b->n_replicates, a->replicates,
			a->n_replicates, BOOTSTRAP_SEED, &x->difference_ci, e);
	if (!r)
		r = permute_test(a->replicates, a->n_replicates, b->replicates, b->n_replicates,
			BOOTSTRAP_SEED, &x->p, e);
	return r;
}

/* Could the cell be found different if it alone was compared? */
static bool can_tell(const struct compared *x)
{
	return permute_smallest(x->a->n_replicates, x->b->n_replicates) <= COMPARE_LEVEL;
}

/*
 * Cells that could not be found different whatever was measured do not count (R. E. Tarone, 1990):
 * Holm's correction is for the others. It leaves the smallest p with the whole number of them, so
 * nothing can be found where that number times the smallest possible p is above the level.
 */
static int correct(struct comparison *c, struct err *e)
{
	cleanup_free double *p = calloc(c->n_cells, sizeof(double));
	double smallest = 1;
	size_t n = 0;

	if (!p)
		return no_memory(e);
	for (size_t i = 0; i < c->n_cells; i++) {
		const struct compared *x = &c->cells[i];

		if (!can_tell(x))
			continue;
		smallest = fmin(smallest, permute_smallest(x->a->n_replicates, x->b->n_replicates));
		p[n++] = x->p;
	}
	if (permute_holm(p, n) < 0)
		return no_memory(e);
	c->tested = n;
	c->blind = (double)n * smallest > COMPARE_LEVEL || !n;
	c->needed = permute_needed(c->n_cells, COMPARE_LEVEL);
	n = 0;
	for (size_t i = 0; i < c->n_cells; i++) {
		if (can_tell(&c->cells[i]))
			c->cells[i].p_corrected = p[n++];
	}
	return 0;
}

/*
 * The test says whether, the interval says which way, and both have to: medians and rank sums
 * may disagree. Without a ratio (the median of A is not above zero) the difference decides.
 */
static enum verdict judge(const struct comparison *c, const struct compared *x)
{
	bool ratio = stats_has_interval(x->ratio_ci);
	struct interval ci = ratio ? x->ratio_ci : x->difference_ci;
	double same = ratio ? 1 : 0;

	if (c->blind || !can_tell(x))
		return VERDICT_TOO_FEW;
	if (x->p_corrected > COMPARE_LEVEL || !stats_has_interval(ci))
		return VERDICT_NONE;
	return ci.low > same ? VERDICT_MORE : ci.high < same ? VERDICT_LESS : VERDICT_NONE;
}

/* An interval of few launches is none of 95 %, and says nothing about how equal two sides are. */
static bool is_equal(const struct compare_options *o, const struct compared *x)
{
	size_t a = x->a->n_replicates, b = x->b->n_replicates;
	double margin = o->equivalence / 100;

	if (isnan(margin) || stats_interval_coverage(a < b ? a : b) < 0.95)
		return false;
	if (!stats_has_interval(x->ratio_ci)) /* nothing before, nothing now */
		return x->difference_ci.low == 0 && x->difference_ci.high == 0;
	return x->ratio_ci.low >= 1 - margin && x->ratio_ci.high <= 1 + margin;
}

/*
 * Worse by more than the percentage, all of the interval. Where there is no ratio, what is worse is
 * worse by more than any: it was nothing before.
 */
static bool fails(const struct compare_options *o, const struct compared *x)
{
	double times = 1 + o->fail_above / 100;

	if (isnan(o->fail_above) || !compare_is_worse(x))
		return false;
	if (!stats_has_interval(x->ratio_ci))
		return true;
	return compare_words(x->row->unit).more_is_better ? x->ratio_ci.high < 1 / times
							  : x->ratio_ci.low > times;
}

static void conclude(struct comparison *c)
{
	for (size_t i = 0; i < c->n_cells; i++) {
		struct compared *x = &c->cells[i];

		x->verdict = judge(c, x);
		x->equal = is_equal(&c->options, x);
		x->fails = fails(&c->options, x);
		c->count[x->verdict]++;
		c->equal += x->equal;
		c->failing += x->fails;
	}
	for (size_t i = 0; i < c->n_others; i++)
		c->failing += c->others[i].fails;
}

static int compare(struct comparison *c, struct err *e)
{
	int r = choose_cells(c, e);

	for (size_t i = 0; !r && i < c->n_cells; i++)
		r = test_cell(&c->cells[i], e);
	if (!r)
		r = correct(c, e);
	if (!r)
		conclude(c);
	return r;
}

int compare_make(const char *a, const char *b, const struct compare_options *o,
	struct comparison **out, struct err *e)
{
	const char *const dirs[2] = { a, b };
	struct comparison *c = calloc(1, sizeof(*c));
	int r = c ? 0 : no_memory(e);

	for (unsigned i = 0; i < 2 && !r; i++) {
		r = summary_make(dirs[i], &c->summary[i], e);
		if (!r)
			r = manifest_read(dirs[i], &c->manifest[i], e);
	}
	if (!r) {
		c->options = *o;
		r = facts_compare(c->manifest[0], c->manifest[1], &c->facts, e);
	}
	if (!r)
		r = compare(c, e);
	if (r < 0) {
		compare_free(c);
		return r;
	}
	*out = c;
	return 0;
}

void compare_free(struct comparison *c)
{
	if (!c)
		return;
	for (unsigned i = 0; i < 2; i++) {
		summary_free(c->summary[i]);
		manifest_free(c->manifest[i]);
	}
	facts_free(&c->facts);
	free(c->cells);
	free(c->others);
	free(c);
}
