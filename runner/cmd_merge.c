/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "bench merge DIR...": the runs of many hosts as one data set. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "results/merge.h"
#include "runner/option_values.h"
#include "runner/rundir.h"
#include "runner/show.h"
#include "runner/ui.h"
#include "runner/verbs.h"

struct options {
	const char *out;
	enum table_format format;
	const char **names; /* "DIR=NAME" as given */
	size_t n_names;
};

static int set_out(void *p, const char *v, struct err *e)
{
	if (!*v)
		return err_set(e, -EINVAL, "usage", "--out needs the name of a folder");
	((struct options *)p)->out = v;
	return 0;
}

/* Which folder it is for is known when the operands are. */
static int set_name(void *p, const char *v, struct err *e)
{
	struct options *o = p;
	const char **bigger;

	if (!strchr(v, '=') || v[0] == '=') {
		err_set(e, -EINVAL, "usage", "--name '%s' is not DIR=NAME", v);
		return err_help(e, "the folder as it is given, '=', and its host's name");
	}
	bigger = reallocarray(o->names, o->n_names + 1, sizeof(*bigger));
	if (!bigger)
		return err_set(e, -ENOMEM, "malloc", "no memory for the names");
	o->names = bigger;
	o->names[o->n_names++] = v;
	return 0;
}

static int set_format(void *p, const char *v, struct err *e)
{
	return option_format(v, &((struct options *)p)->format, e);
}

static const struct option_spec options[] = {
	{ "out", "DIR", "where the data set goes (default out/<UTC time>-merged)", set_out },
	{ "name", "DIR=NAME", "the host that folder DIR is from (default: the folder's name)",
		set_name },
	{ "format", "table|csv|json", "of what is printed (default table)", set_format },
	{ 0 },
};

/* The last '=' parts them: a folder's name may hold one, a host's has none. */
static int give_names(
	const struct options *o, struct merge_source *sources, size_t n, struct err *e)
{
	for (size_t i = 0; i < o->n_names; i++) {
		const char *name = strrchr(o->names[i], '=');
		size_t len = (size_t)(name - o->names[i]), k = 0;

		while (k < n && (strlen(sources[k].dir) != len ||
					strncmp(sources[k].dir, o->names[i], len)))
			k++;
		if (k == n) {
			err_set(e, -EINVAL, "usage", "--name '%s': no such folder is to be merged",
				o->names[i]);
			return err_help(e, "write the folder the same way in both places");
		}
		sources[k].name = name + 1;
	}
	return 0;
}

static void put_warning(void *ctx, const char *text)
{
	(void)ctx;
	ui_warn("%s", text);
}

/* What the folder holds that could not be filled is not left behind. */
static int fill(const struct rundir *d, const struct merge_source *sources, size_t n,
	const struct run_options *show, struct err *e)
{
	int r = merge_runs(sources, n, d->path, put_warning, NULL, e);

	if (r < 0)
		remove_tree(d->path); /* ours: it was empty or not there */
	return r < 0 ? r : show_run(d->path, show, e);
}

static int merge(const struct options *o, char **dirs, size_t n, struct err *e)
{
	cleanup_free struct merge_source *sources = calloc(n, sizeof(*sources));
	char *name = (char[]){ "merged" };
	const struct run_options run = {
		.out = o->out, .format = o->format, .suites = { { name }, 1 }
	};
	struct rundir d = RUNDIR_CLOSED;
	int r;

	if (!sources)
		return err_set(e, -ENOMEM, "malloc", "no memory for the folders");
	for (size_t i = 0; i < n; i++)
		sources[i].dir = dirs[i];
	r = give_names(o, sources, n, e);
	if (!r)
		r = rundir_make(&run, &d, e);
	if (!r)
		r = fill(&d, sources, n, &run, e);
	rundir_close(&d);
	return r;
}

static int run_merge(const struct verb *v, int argc, char **argv)
{
	struct options o = { 0 };
	struct err e = { 0 };
	int first, status = STATUS_OK, r;

	if (!verb_parse(v, argc, argv, &o, &first, &status)) {
		free(o.names);
		return status;
	}
	if (first == argc) {
		err_set(&e, 0, "usage", "name the folders of the runs");
		status = verb_usage_error(v, &e);
	} else {
		r = merge(&o, argv + first, (size_t)(argc - first), &e);
		if (r < 0) {
			ui_error(&e);
			status = r == -ENOENT || r == -ENOTDIR || r == -EEXIST ? STATUS_USAGE
									       : ui_status(&e);
		}
	}
	free(o.names);
	return status;
}

const struct verb merge_verb = {
	.name = "merge",
	.args = "DIR...",
	.summary = "join the runs of many hosts into one data set",
	.details = "Writes samples.csv with a last column \"host\", a manifest of all runs, the\n"
		   "summary, plots and report.html: ratios are to the baseline of the same host.\n"
		   "The same run twice is refused. docs/fleet.md has recipes for many machines.\n",
	.options = options,
	.run = run_merge,
};
