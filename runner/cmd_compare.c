/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "bench compare A B": are two runs different? For people, and by the exit status for CI. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "results/compare.h"
#include "results/compare_table.h"
#include "results/number.h"
#include "runner/option_values.h"
#include "runner/ui.h"
#include "runner/verbs.h"

#define MAX_NAMED 12 /* of what differs, in a refusal */

struct options {
	struct compare_options compare;
	enum table_format format;
	bool force;
};

static int percentage(const char *option, const char *v, double max, double *out, struct err *e)
{
	double value;

	if (number_parse(v, &value) < 0 || value < 0 || value > max) {
		err_set(e, -EINVAL, "usage", "--%s '%s' is not a percentage from 0 to %g", option,
			v, max);
		return err_help(e, "a number like 5 or 2.5, without a sign");
	}
	*out = value;
	return 0;
}

static int set_fail_above(void *p, const char *v, struct err *e)
{
	return percentage("fail-above", v, 1e6, &((struct options *)p)->compare.fail_above, e);
}

static int set_equivalence(void *p, const char *v, struct err *e)
{
	return percentage("equivalence", v, 100, &((struct options *)p)->compare.equivalence, e);
}

static int set_force(void *p, const char *v, struct err *e)
{
	(void)v, (void)e;
	((struct options *)p)->force = true;
	return 0;
}

static int set_format(void *p, const char *v, struct err *e)
{
	return option_format(v, &((struct options *)p)->format, e);
}

static const struct option_spec options[] = {
	{ "fail-above", "PCT", "status 1 where B is slower, or takes more, by over PCT per cent",
		set_fail_above },
	{ "equivalence", "PCT", "say which are equal within PCT per cent", set_equivalence },
	{ "force", NULL, "compare what was measured under unlike conditions, too", set_force },
	{ "format", "table|csv|json", "of what is printed (default table)", set_format },
	{ 0 },
};

/* Names what makes the runs unlike. */
static void name_differences(const struct facts_differences *d)
{
	size_t named = 0;

	for (size_t i = 0; i < d->n; i++) {
		const struct fact_difference *x = &d->list[i];

		if (x->grave && named++ < MAX_NAMED)
			ui_note("unlike: %s: A has '%.100s', B has '%.100s'", x->key, x->a, x->b);
	}
	if (named > MAX_NAMED)
		ui_note("unlike: ... and %zu more", named - MAX_NAMED);
}

static int refuse_unlike(const struct comparison *c, const struct options *o, struct err *e)
{
	if (!c->facts.n_grave || o->force)
		return 0;
	name_differences(&c->facts);
	err_set(e, -EPROTO, "compare",
		"the runs were measured under unlike conditions, by %zu of the facts that decide "
		"about speed",
		c->facts.n_grave);
	return err_help(e, "--force, where the difference is what you are asking for; else measure "
			   "again under like conditions");
}

/* A gate that could never close says so, rather than let everything pass. */
static int refuse_blind_gate(const struct comparison *c, const struct options *o, struct err *e)
{
	if (!c->blind || isnan(o->compare.fail_above))
		return 0;
	err_set(e, -EPROTO, "compare",
		"too few launches: whatever was measured, --fail-above could not have found it");
	return err_help(e, "--launches %zu or more for both runs", c->needed);
}

static int status_of(const struct err *e)
{
	switch (e->code) {
	case -ENOENT:
	case -ENOTDIR:
		return STATUS_USAGE;
	case -ENODATA: /* nothing to compare */
	case -EPROTO:  /* refused */
		return STATUS_NOTHING;
	default:
		return ui_status(e);
	}
}

static int compare(const struct options *o, const char *a, const char *b, struct err *e)
{
	const struct table_options t = {
		.format = o->format, .color = ui_color(stdout), .width = ui_width()
	};
	struct comparison *c = NULL;
	int r = compare_make(a, b, &o->compare, &c, e);

	if (!r)
		r = refuse_unlike(c, o, e);
	if (!r)
		r = compare_print(stdout, c, a, b, &t, e);
	if (!r)
		r = refuse_blind_gate(c, o, e);
	if (!r)
		r = c->failing > 0;
	compare_free(c);
	return r;
}

static int run_compare(const struct verb *v, int argc, char **argv)
{
	struct options o = { .compare = { .fail_above = NAN, .equivalence = NAN } };
	struct err e = { 0 };
	int first, status, r;

	if (!verb_parse(v, argc, argv, &o, &first, &status))
		return status;
	if (first + 2 != argc) {
		err_set(&e, 0, "usage",
			"name two folders of runs: what was before, and what is now");
		return verb_usage_error(v, &e);
	}
	r = compare(&o, argv[first], argv[first + 1], &e);
	if (r < 0) {
		fflush(stdout);
		ui_error(&e);
		return status_of(&e);
	}
	return r ? STATUS_FAILED : STATUS_OK;
}

const struct verb compare_verb = {
	.name = "compare",
	.args = "DIR_A DIR_B",
	.summary = "hold the run in DIR_B against that in DIR_A",
	.details =
		"Cell by cell: the ratio of medians B/A with its bootstrap 95% interval, and a\n"
		"permutation test of the launches, corrected for the number of cells (Holm).\n"
		"Verdicts: slower, faster (more, less of what is no time), no difference found,\n"
		"too few launches. docs/compare.md says what they mean.\n"
		"\n"
		"exit status: 0 compared, nothing fails; 1 with --fail-above: something is worse "
		"by\n"
		"more than PCT, the whole interval of it, or failed in B alone; 2 wrong usage, or "
		"no\n"
		"such folder; 3 not compared: unlike conditions without --force, nothing in "
		"common,\n"
		"or so few launches that --fail-above could never find anything.\n",
	.options = options,
	.run = run_compare,
};
