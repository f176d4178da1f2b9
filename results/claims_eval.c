/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From runs to comparisons: what a part of a claim speaks of is looked for, checked and tested. */
#include "results/claims.h"

#include <errno.h>
#include <fnmatch.h>
#include <math.h>
#include <string.h>

#include "base/util.h"
#include "results/claims_rows.h"
#include "results/claims_test.h"

const char *const claim_verdict_names[CLAIM_VERDICTS] = {
	[CLAIM_CONFIRMED] = "confirmed",
	[CLAIM_REFUTED] = "refuted",
	[CLAIM_UNDECIDED] = "not decided",
	[CLAIM_UNTESTABLE] = "not testable here",
	[CLAIM_PARTLY] = "confirmed in part",
};

static int no_memory(struct err *e)
{
	return err_set(e, -ENOMEM, "claims", "no memory for the claims");
}

/* The group of the row with this name and metric in a column; NULL: there is none. */
static const struct summary_group *find_group(const struct claim_part *p, const struct summary *s,
	const char *name, const char *metric, size_t column)
{
	char other[ROW_NAME_SIZE];

	for (size_t row = 0; row < s->n_rows; row++) {
		if (row_is_of(&s->rows[row], metric, p->phase) &&
			!strcmp(row_name(&s->rows[row], other), name))
			return summary_cell(s, row, column);
	}
	return NULL;
}

/* The column of @runtime to compare with: of the same guest kernel, or without one of its own. */
static bool find_column(
	const struct summary *s, const char *runtime, const char *kernel, size_t *column)
{
	for (*column = 0; *column < s->n_columns; ++*column) {
		const struct summary_column *c = &s->columns[*column];

		if (!strcmp(c->runtime, runtime) && (!*c->kernel || !strcmp(c->kernel, kernel)))
			return true;
	}
	return false;
}

/* Put @to for the first @from in @name; false: it is not in there, or does not fit. */
static bool swap_name(const char *name, const char *from, const char *to, char out[ROW_NAME_SIZE])
{
	const char *at = strstr(name, from);

	return at && snprintf(out, ROW_NAME_SIZE, "%.*s%s%s", (int)(at - name), name, to,
			     at + strlen(from)) < ROW_NAME_SIZE;
}

static struct claim_comparison *add(struct part_result *r)
{
	struct claim_comparison *bigger = reallocarray(r->list, r->n + 1, sizeof(*bigger));

	if (!bigger)
		return NULL;
	r->list = bigger;
	bigger += r->n++;
	*bigger = (struct claim_comparison){ .value = NAN,
		.ci = { NAN, NAN },
		.corrected = { NAN, NAN },
		.verdict = CLAIM_UNDECIDED };
	return bigger;
}

/* What the measurement in @row, @column is to be held against. */
static void find_others(
	const struct claim_part *p, struct claim_comparison *c, size_t row, size_t column)
{
	const struct summary *s = c->run->s;
	const char *kernel = s->columns[column].kernel;
	size_t base = column, swapped = column;
	char name[ROW_NAME_SIZE], other[ROW_NAME_SIZE];
	bool has_base = !p->base || find_column(s, p->base, kernel, &base);

	row_name(&s->rows[row], name);
	if (p->test == TEST_SHARE)
		c->to = find_group(p, s, name, p->base_metric, column);
	else if (p->base && has_base)
		c->to = summary_cell(s, row, base);
	if (p->test != TEST_SHRINKS || !has_base || !swap_name(name, p->swap, p->swapped, other))
		return;
	if (p->swapped_way && !find_column(s, p->swapped_way, kernel, &swapped))
		return;
	c->of_swapped = find_group(p, s, other, p->metric, swapped);
	c->to_swapped = find_group(p, s, other, p->metric, base);
}

static int gather_row(
	struct part_result *r, const struct claims_run *run, size_t row, struct err *e)
{
	const struct claim_part *p = r->part;
	const struct summary *s = run->s;

	for (size_t col = 0; col < s->n_columns; col++) {
		const struct summary_group *g = summary_cell(s, row, col);
		struct claim_comparison *c;

		if (!g || fnmatch(p->way, s->columns[col].runtime, 0))
			continue;
		c = add(r);
		if (!c)
			return no_memory(e);
		c->run = c->to_run = run;
		c->of = g;
		find_others(p, c, row, col);
	}
	return 0;
}

static int gather(struct part_result *r, const struct ledger *l, struct err *e)
{
	char name[ROW_NAME_SIZE];
	int ret = 0;

	for (size_t i = 0; i < l->n_runs; i++) {
		const struct summary *s = l->runs[i].s;

		for (size_t row = 0; !ret && row < s->n_rows; row++) {
			if (row_is_of(&s->rows[row], r->part->metric, r->part->phase) &&
				row_matches(r->part->rows, row_name(&s->rows[row], name)))
				ret = gather_row(r, &l->runs[i], row, e);
		}
	}
	return ret;
}

/* All cells with values become one comparison: the largest against the smallest. */
static void join_cells(struct part_result *r)
{
	struct claim_comparison *all = r->list;
	size_t cells = 0;

	for (size_t i = 0; i < r->n; i++) {
		struct claim_comparison c = r->list[i];

		if (!c.of->n_replicates)
			continue;
		if (!cells++) {
			*all = c;
			all->to = c.of;
		}
		if (claim_largest(c.of) > claim_largest(all->of)) {
			all->of = c.of;
			all->run = c.run;
		}
		if (claim_smallest(c.of) < claim_smallest(all->to)) {
			all->to = c.of;
			all->to_run = c.run;
		}
	}
	if (r->n)
		r->n = 1;
	if (r->n && cells)
		all->cells = cells;
}

static void untestable(struct claim_comparison *c, const char *why)
{
	c->verdict = CLAIM_UNTESTABLE;
	snprintf(c->reason, sizeof(c->reason), "%s", why);
}

/* false: the group has no values, which the comparison's reason then says. */
static bool has_values(const struct claim_part *p, struct claim_comparison *c,
	const struct claims_run *run, const struct summary_group *g)
{
	const struct summary_column *way = &run->s->columns[g->column];

	if (g->n_replicates) {
		if (!c->launches || g->n_replicates < c->launches)
			c->launches = g->n_replicates;
		return true;
	}
	c->verdict = CLAIM_UNTESTABLE;
	snprintf(c->reason, sizeof(c->reason), "no value under %.60s: %s%s%.300s; run `%s`",
		way->runtime, sample_status_names[g->status], *g->reason ? ", " : "", g->reason,
		p->get);
	return false;
}

/* Do both or all sides have values? If not the reason says which has none. */
static void check_sides(const struct claim_part *p, struct claim_comparison *c)
{
	const struct summary_group *const groups[] = { c->of, c->to, c->of_swapped, c->to_swapped };
	size_t n = p->test == TEST_SHRINKS ? 4 : p->base || p->base_metric || c->cells ? 2 : 1;
	char why[256];

	if (p->test == TEST_CONSTANT && c->cells < 2) {
		untestable(c, c->cells ? "one cell alone: there is nothing that could differ"
				       : "no cell has values");
		return;
	}
	for (size_t i = 0; i < n; i++) {
		if (groups[i] && !has_values(p, c, i == 1 ? c->to_run : c->run, groups[i]))
			return;
		if (groups[i])
			continue;
		snprintf(why, sizeof(why), "no data to hold it against%s%s%s: run `%s`",
			i == 1 && p->base ? " under " : "", i == 1 && p->base ? p->base : "",
			i > 1 ? " in the other case" : "", p->get);
		untestable(c, why);
		return;
	}
	c->whole = true;
}

static void check_needs(const struct claim_part *p, struct claim_comparison *c)
{
	char why[sizeof(c->reason)];

	c->unmet = claim_unmet(c->run, c->of, c->to, p->needs, why, sizeof(why));
	if (!c->unmet && c->of_swapped)
		c->unmet = claim_unmet(
			c->run, c->of_swapped, c->to_swapped, p->needs, why, sizeof(why));
	if (c->unmet)
		untestable(c, why);
}

static int prepare(struct part_result *r, const struct ledger *l, struct err *e)
{
	int ret = gather(r, l, e);

	if (ret < 0)
		return ret;
	if (r->part->test == TEST_CONSTANT)
		join_cells(r);
	for (size_t i = 0; i < r->n; i++) {
		check_sides(r->part, &r->list[i]);
		if (r->list[i].whole)
			check_needs(r->part, &r->list[i]);
	}
	return 0;
}

/*
 * A part is confirmed where each of its comparisons is, and refuted by one; what cannot be tested
 * is left out while something can.
 */
static void judge_part(struct part_result *r)
{
	size_t count[CLAIM_VERDICTS] = { 0 };

	for (size_t i = 0; i < r->n; i++)
		count[r->list[i].verdict]++;
	r->verdict = count[CLAIM_REFUTED]     ? CLAIM_REFUTED
		     : count[CLAIM_UNDECIDED] ? CLAIM_UNDECIDED
		     : count[CLAIM_CONFIRMED] ? CLAIM_CONFIRMED
					      : CLAIM_UNTESTABLE;
	if (r->verdict != CLAIM_UNTESTABLE)
		return;
	if (r->n)
		snprintf(r->reason, sizeof(r->reason), "%s", r->list[0].reason);
	else
		snprintf(r->reason, sizeof(r->reason), "no data: run `%s`", r->part->get);
}

static void judge(struct claim_result *r)
{
	size_t count[CLAIM_VERDICTS] = { 0 }, n = 0;

	for (size_t i = 0; i < CLAIMS_MAX_PARTS && r->parts[i].part; i++, n++)
		count[r->parts[i].verdict]++;
	r->verdict = count[CLAIM_REFUTED]          ? CLAIM_REFUTED
		     : count[CLAIM_CONFIRMED] == n ? CLAIM_CONFIRMED
		     : count[CLAIM_CONFIRMED]      ? CLAIM_PARTLY
		     : count[CLAIM_UNDECIDED]      ? CLAIM_UNDECIDED
						   : CLAIM_UNTESTABLE;
}

static int evaluate(
	const struct claim *claim, struct claim_result *r, const struct ledger *l, struct err *e)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < CLAIMS_MAX_PARTS && claim->parts[i].name; i++) {
		struct part_result *part = &r->parts[i];

		part->part = &claim->parts[i];
		ret = prepare(part, l, e);
		for (size_t k = 0; !ret && k < part->n; k++)
			r->tested += part->list[k].verdict != CLAIM_UNTESTABLE &&
				     claim_test_has_interval(part->part->test);
	}
	for (size_t i = 0; !ret && i < CLAIMS_MAX_PARTS && r->parts[i].part; i++) {
		struct part_result *part = &r->parts[i];

		for (size_t k = 0; !ret && k < part->n; k++)
			ret = claim_test(part->part, &part->list[k], r->tested, e);
		judge_part(part);
	}
	judge(r);
	return ret;
}

int ledger_make(struct ledger *l, const struct claims_run *runs, size_t n, struct err *e)
{
	int r = 0;

	*l = (struct ledger){ .runs = runs, .n_runs = n };
	l->results = calloc(n_claims, sizeof(*l->results));
	if (!l->results)
		return no_memory(e);
	for (size_t i = 0; !r && i < n_claims; i++)
		r = evaluate(&claims[i], &l->results[i], l, e);
	return r;
}

void ledger_free(struct ledger *l)
{
	for (size_t i = 0; l->results && i < n_claims; i++) {
		for (size_t k = 0; k < CLAIMS_MAX_PARTS; k++)
			free(l->results[i].parts[k].list);
	}
	free(l->results);
	*l = (struct ledger){ 0 };
}

bool claim_parts_differ(const struct claim_result *r)
{
	for (size_t i = 1; i < CLAIMS_MAX_PARTS && r->parts[i].part; i++) {
		if (r->parts[i].verdict != r->parts[0].verdict)
			return true;
	}
	return false;
}

bool claim_part_tells(const struct part_result *r)
{
	return *r->reason && (!r->n || r->list[0].unmet);
}

bool claim_has_data(const struct claim_result *r)
{
	for (size_t i = 0; i < CLAIMS_MAX_PARTS; i++) {
		if (r->parts[i].n)
			return true;
	}
	return false;
}
