/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "bench run": measure the benchmarks of our own. */
#include <errno.h>

#include "base/util.h"
#include "runner/measure.h"
#include "runner/resume.h"
#include "runner/show.h"
#include "runner/ui.h"
#include "runner/verbs.h"

/* Its results may not all have been made, where it was stopped after the last launch. */
static int show_complete(const struct run_options *o)
{
	struct err e = { 0 };

	ui_note("'%s' is complete: nothing is left to be measured", o->resume);
	if (o->raw || o->dry_run || show_run(o->resume, o, &e) >= 0)
		return STATUS_OK;
	ui_error(&e);
	return STATUS_FAILED;
}

static int go_on(struct measure *m)
{
	struct resume resume;
	struct err e = { 0 };
	int status, r = resume_open(&resume, m->options, &e);

	if (r < 0) {
		ui_error(&e);
		status = r == -ENOENT || r == -ENOTDIR ? STATUS_USAGE : ui_status(&e);
	} else if (resume.complete) {
		status = show_complete(m->options);
	} else {
		/* cppcheck-suppress autoVariables ; taken back when it has been measured */
		m->resume = &resume;
		status = measure(m);
		m->resume = NULL;
	}
	resume_close(&resume);
	return status;
}

static int run_run(const struct verb *v, int argc, char **argv)
{
	struct run_options options;
	struct measure m = { .options = &options, .cancel_fd = -1 };
	struct err e = { 0 };
	int first, status;

	run_options_init(&options);
	if (verb_parse(v, argc, argv, &options, &first, &status)) {
		if (first != argc) {
			err_set(&e, -EINVAL, "usage", "'%s': run takes no operand", argv[first]);
			status = verb_usage_error(v, &e);
		} else {
			m.command = command_line(argc, argv);
			status = options.resume ? go_on(&m) : measure(&m);
		}
	}
	free(m.command);
	run_options_free(&options);
	return status;
}

static const char *const beside_resume[] = { "format", "dry-run", "raw", NULL };

const struct verb run_verb = {
	.name = "run",
	.args = "",
	.summary = "measure, side by side, and leave CSV, plots and a report",
	.options = run_option_specs,
	.alone = "resume",
	.beside = beside_resume,
	.run = run_run,
};
