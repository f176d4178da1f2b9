/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/show.h"

#include <errno.h>
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

/* Others are said at once. */
static void keep_first(struct err *first, const struct err *why)
{
	if (first->code)
		ui_error(why);
	else
		*first = *why;
}

/* Now, since the plots take their time. A reader that went away is no error worth a word. */
static int flush_table(struct err *e)
{
	int r;

	if (fflush(stdout) == 0)
		return 0;
	r = err_sys(e, "write", "writing to stdout");
	if (r != -EPIPE)
		clearerr(stdout); /* it is told: main need not again */
	return r == -EPIPE ? 0 : r;
}

/* Where gnuplot is not installed or there is nothing to be drawn that is said, and no failure. */
static int draw(const char *dir, struct err *e)
{
	int r;

	ui_progress("drawing the plots");
	r = plot_run(dir, e);
	if (r != -ENOENT && r != -ENODATA)
		return r;
	ui_error(e);
	return 0;
}

static int tell(const char *dir, const struct run_options *o, struct err *e)
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
	return r;
}

/* What one part cannot do does not keep the next from doing its own; the first error is the result.
 */
int show_run(const char *dir, const struct run_options *o, struct err *e)
{
	struct err first = { 0 }, why;
	int r = tell(dir, o, e);

	if (r < 0)
		return r;
	if (flush_table(&why) < 0)
		first = why;
	if (draw(dir, &why) < 0)
		keep_first(&first, &why);
	r = report_write(dir, &why);
	if (r < 0)
		keep_first(&first, &why);
	ui_progress_done();
	if (!r)
		ui_note("results are in %s: open report.html", dir);
	if (first.code)
		*e = first;
	return first.code;
}
