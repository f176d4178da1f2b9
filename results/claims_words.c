/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The claims in sentences: what was measured, what follows, how it was tested. */
#include "results/claims.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/util.h"
#include "results/text.h"

static void append(char *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void append(char *out, const char *fmt, ...)
{
	size_t used = strlen(out);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(out + used, SENTENCE_SIZE - used, fmt, ap);
	va_end(ap);
}

/* Counts of less than one an operation need their digits. */
static const char *value_text(double v, const char *unit, bool utf8, char out[TEXT_SIZE])
{
	if (strcmp(unit, "count") || v >= 10)
		return text_value(v, unit, utf8, out);
	snprintf(out, TEXT_SIZE, "%.3g", v);
	return out;
}

static const char *row_text(const struct claims_run *run, const struct summary_group *g, char *out)
{
	struct summary_row row = run->s->rows[g->row];

	/* What is not said by the words that follow. */
	row.metric = "latency";
	return text_row(&row, out);
}

static void append_value(
	char *out, const struct claims_run *run, const struct summary_group *g, bool utf8)
{
	char value[TEXT_SIZE], way[LABEL_SIZE];

	append(out, "%s in %s", value_text(g->median, run->s->rows[g->row].unit, utf8, value),
		text_column(&run->s->columns[g->column], way));
}

static void append_interval(char *out, struct interval ci)
{
	char low[TEXT_SIZE], high[TEXT_SIZE];

	if (stats_has_interval(ci))
		append(out, " (%s to %s)", text_ratio(ci.low, low), text_ratio(ci.high, high));
}

/* "read 1B: 120 ns in vm (host), 118 ns in host: ratio 1.02 (1.00 to 1.03)" */
static void put_ratio(
	const struct claim_part *p, const struct claim_comparison *c, bool utf8, char *out)
{
	char row[LABEL_SIZE], ratio[TEXT_SIZE];

	(void)p;
	append(out, "%s: ", row_text(c->run, c->of, row));
	append_value(out, c->run, c->of, utf8);
	append(out, ", ");
	append_value(out, c->to_run, c->to, utf8);
	if (isnan(c->value))
		return;
	append(out, ": ratio %s", text_ratio(c->value, ratio));
	append_interval(out, c->ci);
}

static void put_shrinking(
	const struct claim_part *p, const struct claim_comparison *c, bool utf8, char *out)
{
	char row[LABEL_SIZE], swapped[LABEL_SIZE], of[LABEL_SIZE], to[LABEL_SIZE];
	char before[TEXT_SIZE], after[TEXT_SIZE], factor[TEXT_SIZE];

	(void)p, (void)utf8;
	append(out, "%s: %s takes %s times as long as %s; %s: %s times: of the ratio %s is left",
		row_text(c->run, c->of, row), text_column(&c->run->s->columns[c->of->column], of),
		text_ratio(c->of->median / c->to->median, before),
		text_column(&c->run->s->columns[c->to->column], to),
		row_text(c->run, c->of_swapped, swapped),
		text_ratio(c->of_swapped->median / c->to_swapped->median, after),
		text_ratio(c->value, factor));
	append_interval(out, c->ci);
}

static void put_count(
	const struct claim_part *p, const struct claim_comparison *c, bool utf8, char *out)
{
	char row[LABEL_SIZE], way[LABEL_SIZE], value[TEXT_SIZE], low[TEXT_SIZE], high[TEXT_SIZE];

	append(out, "%s: %s %s per operation in %s", row_text(c->run, c->of, row),
		value_text(c->of->median, "count", utf8, value), p->metric,
		text_column(&c->run->s->columns[c->of->column], way));
	if (stats_has_interval(c->ci))
		append(out, " (%s to %s in %zu launches)",
			value_text(c->ci.low, "count", utf8, low),
			value_text(c->ci.high, "count", utf8, high), c->launches);
}

static void put_cycles(
	const struct claim_part *p, const struct claim_comparison *c, bool utf8, char *out)
{
	char row[LABEL_SIZE], cycles[TEXT_SIZE];

	(void)p;
	append(out, "%s: ", row_text(c->run, c->of, row));
	append_value(out, c->run, c->of, utf8);
	if (isnan(c->value))
		return;
	append(out, ", %s cycles", text_ratio(c->value, cycles));
	append_interval(out, c->ci);
}

static void put_constant(
	const struct claim_part *p, const struct claim_comparison *c, bool utf8, char *out)
{
	char row[LABEL_SIZE], ratio[TEXT_SIZE];

	(void)p;
	append_value(out, c->to_run, c->to, utf8);
	append(out, " (%s) to ", row_text(c->to_run, c->to, row));
	append_value(out, c->run, c->of, utf8);
	append(out, " (%s), least and most of %zu cells: ratio %s", row_text(c->run, c->of, row),
		c->cells, text_ratio(c->value, ratio));
}

static void put_share(
	const struct claim_part *p, const struct claim_comparison *c, bool utf8, char *out)
{
	char row[LABEL_SIZE], way[LABEL_SIZE], of[TEXT_SIZE], to[TEXT_SIZE];
	const char *unit = c->run->s->rows[c->of->row].unit;

	append(out, "%s: %s of %s, %s of %s, in %s: %.0f %%", row_text(c->run, c->of, row),
		value_text(c->of->median, unit, utf8, of), p->metric,
		value_text(c->to->median, unit, utf8, to), p->base_metric,
		text_column(&c->run->s->columns[c->of->column], way), 100 * c->value);
}

/* What follows. Where a percentage belongs to the test, it is put at the end. */
static const struct {
	void (*put)(
		const struct claim_part *p, const struct claim_comparison *c, bool utf8, char *out);
	const char *confirmed, *refuted, *undecided;
	bool percent;
} words[] = {
	[TEST_EQUAL] = { put_ratio, "equal within", "differing by more than",
		"different, but not shown to differ by more than", true },
	[TEST_SLOWER] = { put_ratio, "slower", "at most 3 % slower",
		"no difference found, which is not to say that there is none", false },
	[TEST_SHRINKS] = { put_shrinking, "the gap shrinks", "the gap does not shrink",
		"no change of the gap found, which is not to say that there is none", false },
	[TEST_NONE] = { put_count, "the operation itself does not leave the VM", "it leaves the VM",
		"in some launches it leaves the VM, in others it does not", false },
	[TEST_SOME] = { put_count, "it leaves the VM each time",
		"it does not leave the VM each time",
		"in some launches it leaves the VM each time, in others it does not", false },
	[TEST_CYCLES] = { put_cycles, "as the claim says", "not as the claim says",
		"the interval reaches beyond what the claim says", false },
	[TEST_CONSTANT] = { put_constant, "the same within", "differing by more than",
		"in some launches differing by more than", true },
	[TEST_SHARE] = { put_share, "more than", "not more than", "in some launches more than",
		true },
};

/* Of the two that say something finer than the table does; NULL: the table. */
static const char *finer(const struct claim_part *p, const struct claim_comparison *c)
{
	if (p->test == TEST_EQUAL && c->verdict == CLAIM_UNDECIDED && c->ci.low <= 1 &&
		c->ci.high >= 1)
		return "no difference found, but the interval is too wide to call it equal within";
	if (p->test == TEST_SLOWER && c->verdict == CLAIM_REFUTED && c->corrected.high < 1)
		return "faster, not slower";
	return NULL;
}

static void append_conclusion(
	char *out, const struct claim_part *p, const struct claim_comparison *c)
{
	const char *text = finer(p, c);

	if (c->few) {
		append(out, "; %zu %s too few to decide", c->launches,
			c->launches == 1 ? "launch is" : "launches are");
		return;
	}
	if (!text)
		text = c->verdict == CLAIM_CONFIRMED ? words[p->test].confirmed
		       : c->verdict == CLAIM_REFUTED ? words[p->test].refuted
						     : words[p->test].undecided;
	append(out, "; %s", text);
	if (words[p->test].percent)
		append(out, " %g %%", 100 * p->limit);
}

/* Without a statistic there is at least the one side that was measured. */
const char *claim_sentence(const struct claim_part *p, const struct claim_comparison *c, bool utf8,
	char out[SENTENCE_SIZE])
{
	char row[LABEL_SIZE], needs[256];

	out[0] = '\0';
	if (!isnan(c->value) || (c->of->n_replicates && p->test == TEST_CYCLES)) {
		words[p->test].put(p, c, utf8, out);
	} else {
		append(out, "%s: ", row_text(c->run, c->of, row));
		if (c->of->n_replicates)
			append_value(out, c->run, c->of, utf8);
	}
	if (c->unmet) /* the whole reason is told once, of the part */
		append(out, "; not tested: needs %s",
			claim_need_names(c->unmet, needs, sizeof(needs)));
	else if (c->verdict == CLAIM_UNTESTABLE)
		append(out, "%s%s", c->of->n_replicates ? "; not tested: " : "", c->reason);
	else
		append_conclusion(out, p, c);
	return out;
}

const char *claim_parts_text(const struct claim_result *r, char out[SENTENCE_SIZE])
{
	out[0] = '\0';
	for (size_t i = 0; i < CLAIMS_MAX_PARTS && r->parts[i].part; i++)
		append(out, "%s%s: %s", i ? "; " : "", r->parts[i].part->name,
			claim_verdict_names[r->parts[i].verdict]);
	return out;
}

/* The test of each kind, with its limit between the words. */
static const struct {
	const char *before, *after;
	double scale; /* of the limit; 0: it has none */
} test_words[] = {
	[TEST_EQUAL] = { "the whole 95 % interval of the ratio lies within 1 minus and plus ", " %",
		100 },
	[TEST_SLOWER] = { "the whole 95 % interval of the ratio lies above 1", "", 0 },
	[TEST_SHRINKS] = { "the whole 95 % interval of the quotient of the two ratios lies below 1",
		"", 0 },
	[TEST_NONE] = { "fewer than ", " per operation in every launch", 1 },
	[TEST_SOME] = { "at least ", " per operation in every launch", 1 },
	[TEST_CYCLES] = { "the whole 95 % interval lies at or above ", " cycles", 1 },
	[TEST_CONSTANT] = { "largest and smallest of all launches differ by at most ", " %", 100 },
	[TEST_SHARE] = { "in every launch more than ", " %", 100 },
};

const char *claim_test_text(const struct claim_part *p, char out[SENTENCE_SIZE])
{
	out[0] = '\0';
	append(out, "%s", test_words[p->test].before);
	if (test_words[p->test].scale > 0)
		append(out, "%g", test_words[p->test].scale * p->limit);
	append(out, "%s", test_words[p->test].after);
	if (p->test == TEST_CYCLES && p->most < 1e9)
		append(out, " and at or below %g", p->most);
	return out;
}
