/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "bench plot DIR" and "bench report DIR": made again from the files of a run. */
#include <errno.h>
#include <string.h>

#include "results/plot.h"
#include "results/report.h"
#include "results/summary.h"
#include "runner/ui.h"
#include "runner/verbs.h"

static int make_again(
	const struct verb *v, int argc, char **argv, int (*make)(const char *dir, struct err *e))
{
	struct err e = { 0 };
	int first, status;

	if (!verb_parse(v, argc, argv, NULL, &first, &status))
		return status;
	if (first + 1 != argc) {
		err_set(&e, 0, "usage", "name one folder of a run");
		return verb_usage_error(v, &e);
	}
	if (make(argv[first], &e) < 0) {
		ui_error(&e);
		return e.code == -ENOENT || e.code == -ENOTDIR ? STATUS_USAGE : ui_status(&e);
	}
	return STATUS_OK;
}

static int run_plot(const struct verb *v, int argc, char **argv)
{
	return make_again(v, argc, argv, plot_run);
}

/* With the statistics that it shows, for whoever reads them by program. */
static int make_report(const char *dir, struct err *e)
{
	struct summary *s = NULL;
	int r = summary_make(dir, &s, e);

	if (!r)
		r = summary_write(s, dir, e);
	summary_free(s);
	return r < 0 ? r : report_write(dir, e);
}

static int run_report(const struct verb *v, int argc, char **argv)
{
	return make_again(v, argc, argv, make_report);
}

const struct verb plot_verb = {
	.name = "plot",
	.args = "DIR",
	.summary = "make the plots of a run again from its files",
	.run = run_plot,
};

const struct verb report_verb = {
	.name = "report",
	.args = "DIR",
	.summary = "make the summary and the report of a run again from its files",
	.run = run_report,
};
