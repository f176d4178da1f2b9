/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/show.h"

#include <stdio.h>

#include "base/util.h"
#include "results/manifest.h"
#include "results/null.h"
#include "results/plot.h"
#include "results/report.h"
#include "results/summary.h"
#include "results/table.h"
#include "runner/ui.h"

static int print_table(
	const struct summary *s, const char *dir, const struct run_options *o, struct err *e)
{
	struct table_options t = {
		.format = o->format,
		.color = ui_color(stdout),
		.width = ui_width(),
	};
	struct manifest *m = NULL;
	int r = manifest_read(dir, &m, e);

	if (!r)
		r = table_print(stdout, s, m, &t, e);
	manifest_free(m);
	return r;
}

/* Who asks for CSV or JSON does not see the sentence that the table begins with. */
static int tell_null(const struct summary *s, const struct run_options *o, struct err *e)
{
	struct null_comparison null;
	char text[NULL_TEXT_SIZE];
	int r = null_make(s, &null, e);

	if (!r && null.n_differs && o->format != TABLE_TEXT)
		ui_warn("%s", null_text(&null, text));
	null_free(&null);
	return r;
}

int show_run(const char *dir, const struct run_options *o, struct err *e)
{
	struct summary *s = NULL;
	int r = summary_make(dir, &s, e);

	if (!r)
		r = summary_write(s, dir, e);
	if (!r)
		r = print_table(s, dir, o, e);
	if (!r)
		r = tell_null(s, o, e);
	summary_free(s);
	if (r < 0)
		return r;
	fflush(stdout);
	ui_progress("drawing the plots");
	if (plot_run(dir, e) < 0)
		ui_error(e); /* the report is worth having without them */
	r = report_write(dir, e);
	ui_progress_done();
	if (!r)
		ui_note("results are in %s: open report.html", dir);
	return r;
}
