/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "bench claims": what the literature says, held against runs that are there already. */
#include <errno.h>
#include <stdlib.h>

#include "base/util.h"
#include "results/claims_book.h"
#include "runner/option_values.h"
#include "runner/ui.h"
#include "runner/verbs.h"

#define OUT "out"

struct options {
	enum table_format format;
};

static int set_format(void *p, const char *v, struct err *e)
{
	return option_format(v, &((struct options *)p)->format, e);
}

static int show(const char *const *dirs, size_t n, const struct options *o, struct err *e)
{
	struct table_options opt = {
		.format = o->format,
		.color = ui_color(stdout),
		.width = ui_width(),
	};
	struct claims_book book;
	int r = claims_book_read(&book, dirs, n, e);

	if (!r)
		r = claims_print(stdout, &book, &opt, e);
	claims_book_free(&book);
	return r;
}

/* Those below "out" that a person would name: said on stderr, since they were chosen. */
static int show_newest(const struct options *o, struct err *e)
{
	char **dirs = NULL;
	size_t n = 0;
	int r = claims_newest(OUT, &dirs, &n, e);

	if (!r) {
		ui_note("the newest complete run of each host and suite below '" OUT "': %zu", n);
		r = show((const char *const *)dirs, n, o, e);
	}
	for (size_t i = 0; i < n; i++)
		free(dirs[i]);
	free(dirs);
	return r;
}

static int run_claims(const struct verb *v, int argc, char **argv)
{
	struct options o = { .format = TABLE_TEXT };
	struct err e = { 0 };
	int first, status, r;

	if (!verb_parse(v, argc, argv, &o, &first, &status))
		return status;
	if (first < argc)
		r = show((const char *const *)argv + first, (size_t)(argc - first), &o, &e);
	else
		r = show_newest(&o, &e);
	if (!r)
		return STATUS_OK;
	ui_error(&e);
	/* Nothing to look at, one run twice, many runs in one: the command line's fault. */
	if (e.code == -EEXIST || e.code == -EXDEV || (e.code == -ENOENT && first == argc))
		return STATUS_USAGE;
	return STATUS_FAILED;
}

static const struct option_spec options[] = {
	{ "format", "table|csv|json", "of what is printed (default table)", set_format },
	{ 0 },
};

const struct verb claims_verb = {
	.name = "claims",
	.args = "[DIR...]",
	.summary = "hold ten claims of the literature against runs: confirmed, refuted, not "
		   "testable here",
	.details = "Without DIR the newest complete run of each host and suite below 'out' is "
		   "read. Runs of\nseveral hosts are told host by host. docs/claims.md has the "
		   "claims and their tests.\n",
	.options = options,
	.run = run_claims,
};
