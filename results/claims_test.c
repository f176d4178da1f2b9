/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/claims_test.h"

#include <math.h>
#include <stdio.h>

#include "base/util.h"

#define ALPHA 0.05

double claim_smallest(const struct summary_group *g)
{
	double v = g->replicates[0];

	for (size_t i = 1; i < g->n_replicates; i++)
		v = fmin(v, g->replicates[i]);
	return v;
}

double claim_largest(const struct summary_group *g)
{
	double v = g->replicates[0];

	for (size_t i = 1; i < g->n_replicates; i++)
		v = fmax(v, g->replicates[i]);
	return v;
}

/* What the tests by intervals go by: 95 % for showing, and corrected for the number of them. */
struct evidence {
	double value;
	struct interval ci, corrected;
	double limit, most;
};

static bool lies_in(struct interval i, double low, double high)
{
	return i.low >= low && i.high <= high;
}

/*
 * A part is confirmed where all of its comparisons are: that needs no correction (an
 * intersection-union test: R. L. Berger, Technometrics 24, 1982). It is refuted where any of them
 * is: that does (Bonferroni).
 */
static enum claim_verdict judge_equal(const struct evidence *v)
{
	double low = 1 - v->limit, high = 1 + v->limit;

	if (lies_in(v->ci, low, high))
		return CLAIM_CONFIRMED;
	return v->corrected.high < low || v->corrected.low > high ? CLAIM_REFUTED : CLAIM_UNDECIDED;
}

static enum claim_verdict judge_slower(const struct evidence *v)
{
	if (v->ci.low > 1)
		return CLAIM_CONFIRMED;
	return v->corrected.high < 1 + CLAIMS_NEGLIGIBLE ? CLAIM_REFUTED : CLAIM_UNDECIDED;
}

static enum claim_verdict judge_shrinks(const struct evidence *v)
{
	if (v->ci.high < 1)
		return CLAIM_CONFIRMED;
	return v->corrected.low > 1 - CLAIMS_NEGLIGIBLE ? CLAIM_REFUTED : CLAIM_UNDECIDED;
}

static enum claim_verdict judge_cycles(const struct evidence *v)
{
	if (lies_in(v->ci, v->limit, v->most))
		return CLAIM_CONFIRMED;
	return v->corrected.high < v->limit || v->corrected.low > v->most ? CLAIM_REFUTED
									  : CLAIM_UNDECIDED;
}

/* By every launch: the interval holds the extremes. */
static enum claim_verdict judge_none(const struct evidence *v)
{
	if (v->ci.high < v->limit)
		return CLAIM_CONFIRMED;
	return v->ci.low >= v->limit ? CLAIM_REFUTED : CLAIM_UNDECIDED;
}

static enum claim_verdict judge_some(const struct evidence *v)
{
	if (v->ci.low >= v->limit)
		return CLAIM_CONFIRMED;
	return v->ci.high < v->limit ? CLAIM_REFUTED : CLAIM_UNDECIDED;
}

static enum claim_verdict judge_constant(const struct evidence *v)
{
	if (v->ci.high <= 1 + v->limit)
		return CLAIM_CONFIRMED;
	return v->value > 1 + v->limit ? CLAIM_REFUTED : CLAIM_UNDECIDED;
}

static const struct {
	bool interval;
	enum claim_verdict (*judge)(const struct evidence *v);
} tests[] = {
	[TEST_EQUAL] = { true, judge_equal },
	[TEST_SLOWER] = { true, judge_slower },
	[TEST_SHRINKS] = { true, judge_shrinks },
	[TEST_NONE] = { false, judge_none },
	[TEST_SOME] = { false, judge_some },
	[TEST_CYCLES] = { true, judge_cycles },
	[TEST_CONSTANT] = { false, judge_constant },
	[TEST_SHARE] = { false, judge_some },
};

bool claim_test_has_interval(enum claim_test test)
{
	return tests[test].interval;
}

static struct stats_group group_of(const struct summary_group *g)
{
	return (struct stats_group){ g->replicates, g->n_replicates };
}

/* The groups of the ratio that the test is about, and how many there are. */
static size_t groups_of(const struct claim_part *p, const struct claim_comparison *c,
	struct stats_group out[STATS_GROUPS])
{
	if (p->test != TEST_SHRINKS) {
		out[0] = group_of(c->of);
		out[1] = group_of(c->to);
		return 2;
	}
	out[0] = group_of(c->of_swapped);
	out[1] = group_of(c->to_swapped);
	out[2] = group_of(c->of);
	out[3] = group_of(c->to);
	return STATS_GROUPS;
}

/* Both intervals of the ratio of @groups; the wider one is corrected for @n comparisons. */
static int fill_intervals(struct claim_comparison *c, const struct stats_group *groups,
	size_t n_groups, size_t n, struct err *e)
{
	int r = stats_bootstrap_ratios(groups, n_groups, ALPHA, BOOTSTRAP_SEED, &c->ci, e);

	if (!r) /* 0 where none of the claim's comparisons can be tested: shown all the same */
		r = stats_bootstrap_ratios(groups, n_groups, ALPHA / (double)(n ? n : 1),
			BOOTSTRAP_SEED, &c->corrected, e);
	return r;
}

static int fill_ratio(
	const struct claim_part *p, struct claim_comparison *c, size_t n, struct err *e)
{
	struct stats_group groups[STATS_GROUPS];
	size_t n_groups = groups_of(p, c, groups);

	c->value = p->test == TEST_SHRINKS ? c->of_swapped->median / c->to_swapped->median /
						     (c->of->median / c->to->median)
					   : c->of->median / c->to->median;
	return fill_intervals(c, groups, n_groups, n, e);
}

/* Cycles of a median against limits that are numbers: its ratio to one that never varies. */
static int fill_cycles(struct claim_comparison *c, size_t n, struct err *e)
{
	double cycle_ns = 1 / claim_cycles(c->run, 1);
	const double same[] = { cycle_ns, cycle_ns };
	const struct stats_group groups[] = { group_of(c->of), { same, ARRAY_SIZE(same) } };

	c->value = claim_cycles(c->run, c->of->median);
	return isnan(c->value) ? 0 : fill_intervals(c, groups, ARRAY_SIZE(groups), n, e);
}

static void fill_extremes(const struct claim_part *p, struct claim_comparison *c)
{
	c->value = c->of->median;
	c->ci = (struct interval){ claim_smallest(c->of), claim_largest(c->of) };
	if (p->test == TEST_CONSTANT || p->test == TEST_SHARE) {
		c->value /= c->to->median;
		c->ci.low /= claim_largest(c->to);
		c->ci.high /= claim_smallest(c->to);
	}
	c->corrected = c->ci;
}

/* What is divided by must be above zero in every launch: memory of a host that others use may fall
 * below. false: it is not, which the comparison's reason then says.
 */
static bool has_ratio(const struct claim_part *p, struct claim_comparison *c)
{
	const struct summary_group *const below[] = { c->to, c->to_swapped,
		p->test == TEST_SHRINKS ? c->of : NULL };

	for (size_t i = 0; i < ARRAY_SIZE(below); i++) {
		if (!below[i] || claim_smallest(below[i]) > 0)
			continue;
		if (c->verdict != CLAIM_UNTESTABLE)
			snprintf(c->reason, sizeof(c->reason),
				"what it is held against is not above zero in each launch, and a "
				"ratio to that means nothing");
		c->verdict = CLAIM_UNTESTABLE;
		return false;
	}
	return true;
}

/*
 * The interval can only be what it is called where the launches allow it: with few of them the
 * widest one misses the median more often.
 */
static bool allows(size_t launches, double alpha)
{
	return 1 - stats_interval_coverage(launches) <= alpha;
}

/* What is not slower to begin with has no gap that could shrink. */
static bool has_gap(const struct claim_part *p, struct claim_comparison *c)
{
	if (p->test != TEST_SHRINKS || c->of->median > c->to->median)
		return true;
	c->verdict = CLAIM_UNTESTABLE;
	snprintf(c->reason, sizeof(c->reason), "there is no gap that could shrink");
	return false;
}

int claim_test(const struct claim_part *p, struct claim_comparison *c, size_t n, struct err *e)
{
	bool interval = tests[p->test].interval;
	struct evidence v;
	int r = 0;

	if (!c->whole || !has_ratio(p, c))
		return 0;
	if (!interval)
		fill_extremes(p, c);
	else
		r = p->test == TEST_CYCLES ? fill_cycles(c, n, e) : fill_ratio(p, c, n, e);
	if (r < 0 || c->verdict == CLAIM_UNTESTABLE || !has_gap(p, c))
		return r;
	v = (struct evidence){ c->value, c->ci, c->corrected, p->limit, p->most };
	if (stats_has_interval(c->ci))
		c->verdict = tests[p->test].judge(&v);
	/* A refutation goes by the wider interval, which takes more launches. */
	c->few = interval &&
		 !allows(c->launches, c->verdict == CLAIM_REFUTED ? ALPHA / (double)n : ALPHA);
	if (c->few)
		c->verdict = CLAIM_UNDECIDED;
	return 0;
}
