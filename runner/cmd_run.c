/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "bench run": measure the benchmarks of our own. */
#include <errno.h>

#include "base/util.h"
#include "runner/measure.h"
#include "runner/ui.h"
#include "runner/verbs.h"

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
			status = measure(&m);
		}
	}
	free(m.command);
	run_options_free(&options);
	return status;
}

const struct verb run_verb = {
	.name = "run",
	.args = "",
	.summary = "measure, side by side, and leave CSV, plots and a report",
	.options = run_option_specs,
	.run = run_run,
};
