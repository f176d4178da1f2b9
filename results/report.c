/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/report.h"

#include <errno.h>
#include <string.h>

#include "base/util.h"
#include "results/atomic.h"
#include "results/covered.h"
#include "results/html.h"
#include "results/report_parts.h"
#include "results/text.h"

static void put_head(const struct report *r)
{
	const char *suites = manifest_suites(r->m);

	if (!strcmp(suites, MANIFEST_UNKNOWN))
		suites = r->s->rows[0].suite;
	html_print(r->f,
		"<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		"style-src 'unsafe-inline'\">\n"
		"<meta name=\"color-scheme\" content=\"light dark\">\n"
		"<title>bench: %s, %s</title>\n<style>\n",
		suites, manifest_get(r->m, "run.id"));
	report_style(r->f);
	html_print(r->f,
		"</style>\n</head>\n<body>\n<h1>Container or VM: what does it cost? Suite%s "
		"%s</h1>\n",
		strchr(suites, ',') ? "s" : "", suites);
}

/* The steps of a container are one way that is put together, and have their own table. */
static void put_ways(const struct report *r)
{
	size_t steps = 0, told = 0, n = r->s->n_columns;
	char name[LABEL_SIZE];

	for (size_t i = 0; i < n; i++)
		steps += startup_step_name(r->s->columns[i].runtime) != NULL;
	fputs("<p>The same program was run as ", r->f);
	for (size_t i = 0; i < n; i++) {
		if (steps < n && startup_step_name(r->s->columns[i].runtime))
			continue;
		text_column(&r->s->columns[i], name);
		html_print(r->f, "%s<strong>%s</strong>",
			!told        ? ""
			: i + 1 == n ? " and "
				     : ", ",
			name);
		told++;
	}
	if (steps && steps < n)
		fprintf(r->f, ", and in a container put together in %zu steps", steps);
	fputs(".</p>\n", r->f);
}

static bool has_guests(const struct summary *s)
{
	for (size_t col = 0; col < s->n_columns; col++) {
		if (*s->columns[col].kernel)
			return true;
	}
	return false;
}

/* What must be known before any number is read. */
static void put_marks(const struct report *r)
{
	const char *state = manifest_get(r->m, "run.state");

	if (manifest_emulated(r->m))
		html_print(r->f, "<p class=\"mark\">%s</p>\n", EMULATED_MARK);
	if (manifest_nested(r->m) && has_guests(r->s))
		html_print(r->f, "<p class=\"mark\">%s</p>\n", NESTED_MARK);
	if (r->s->set.torn)
		fputs("<p class=\"mark\">The run was cut short: its last row is incomplete and is "
		      "left out.</p>\n",
			r->f);
	if (strcmp(state, MANIFEST_UNKNOWN) && strcmp(state, "complete"))
		html_print(r->f,
			"<p class=\"mark\">The run is not complete (%s): what is missing is not "
			"among the gaps.</p>\n",
			state);
}

static int put_run(struct report *r, struct err *e)
{
	(void)e;
	put_ways(r);
	html_print(r->f,
		"<p class=\"soft\">Run %s of %s; seed %s. Host: %s, kernel %s. Guest kernel: %s. "
		"Machine: %s.</p>\n",
		manifest_get(r->m, "run.id"), manifest_get(r->m, "run.utc"),
		manifest_get(r->m, "run.seed"), manifest_get(r->m, "host.cpu.model"),
		manifest_get(r->m, "host.kernel.release"),
		manifest_get(r->m, "guest.kernel.release"), manifest_get(r->m, "machine"));
	put_marks(r);
	return 0;
}

static void put_null(const struct report *r, bool failed)
{
	char text[NULL_TEXT_SIZE];

	if (!r->null.way || failed != (r->null.n_differs > 0))
		return;
	html_print(r->f, "<p class=\"%s\">%s</p>\n", failed ? "mark" : "soft",
		null_text(&r->null, text));
	if (!failed)
		return;
	fputs("<ul>\n", r->f);
	for (size_t i = 0; i < r->null.n_differs; i++)
		html_print(r->f, "<li>%s</li>\n",
			null_difference_text(r->s, &r->null.differs[i], text));
	fputs("</ul>\n", r->f);
}

/* Where it failed it stands before all figures. */
static int put_failed_null(struct report *r, struct err *e)
{
	(void)e;
	put_null(r, true);
	return 0;
}

static int put_passed_null(struct report *r, struct err *e)
{
	(void)e;
	put_null(r, false);
	return 0;
}

static void put_warning(void *ctx, const char *key, const char *value)
{
	static const char prefix[] = "warnings.";

	if (!strncmp(key, prefix, strlen(prefix)))
		html_print(ctx, "<li>%s</li>\n", value);
}

/* What the run itself said of its circumstances, each with its remedy. */
static int put_warnings(struct report *r, struct err *e)
{
	(void)e;
	if (!strcmp(manifest_get(r->m, "warnings.0"), MANIFEST_UNKNOWN))
		return 0;
	fputs("<h2>Warnings</h2>\n<ul>\n", r->f);
	manifest_each(r->m, put_warning, r->f);
	fputs("</ul>\n", r->f);
	return 0;
}

static int put_no_plots(struct report *r, struct err *e)
{
	(void)e;
	if (!r->n_pictures)
		fputs("<h2>Plots</h2>\n<p>There are none: <code>bench plot</code> makes them "
		      "(package gnuplot-nox).</p>\n",
			r->f);
	return 0;
}

static int put_method(struct report *r, struct err *e)
{
	bool only_own = true; /* nothing of the general table */

	(void)e;
	for (size_t i = 0; i < r->s->n_rows; i++)
		only_own &= covered(&r->s->rows[i]);
	fputs("<h2>How it was measured</h2>\n<p>One launch (a new process, a new container, a new "
	      "boot) is one replicate. The launches of all ways are interleaved in a seeded random "
	      "order, so that drift of the machine meets all alike. ",
		r->f);
	if (!only_own)
		fputs("Within a launch the program times batches of calls that last at least a "
		      "millisecond, and subtracts what an empty loop takes. A launch counts by the "
		      "median of its batches; shown is the median over the launches. ",
			r->f);
	fputs("The interval is the 95% percentile bootstrap that resamples launches; that of a "
	      "ratio or a difference resamples both sides. Outliers are classed (Tukey: 1.5 and 3 "
	      "interquartile ranges) and never dropped. An interval of a ratio that holds 1 says "
	      "that no difference was found, not that there is none; \u201cthe same\u201d is said "
	      "where the whole interval lies within 5% of 1 (of the suite cpu, 3%). What fewer "
	      "than "
	      "six launches say is called a hint: no interval of so few covers the true value in "
	      "95% of cases. All samples are in <code>samples.csv</code>, all statistics in "
	      "<code>summary.csv</code>.</p>\n",
		r->f);
	return 0;
}

static void put_fact(void *ctx, const char *key, const char *value)
{
	html_print(ctx, "<tr><th scope=\"row\"><code>%s</code></th><td>%s</td></tr>\n", key, value);
}

static int put_manifest(struct report *r, struct err *e)
{
	(void)e;
	fputs("<h2>Host, guest and versions</h2>\n<div class=\"wide\"><table "
	      "class=\"facts\">\n<thead><tr><th scope=\"col\">fact</th><th "
	      "scope=\"col\">value</th></tr></thead>\n<tbody>\n",
		r->f);
	manifest_each(r->m, put_fact, r->f);
	fputs("</tbody>\n</table></div>\n", r->f);
	return 0;
}

/* What the report consists of, in its order. One that has nothing to say says nothing. */
static int (*const sections[])(struct report *r, struct err *e) = {
	put_run,
	put_failed_null,
	report_conclusions,
	put_warnings,
	report_startup,
	report_memory,
	report_density,
	report_results,
	put_passed_null,
	report_exits,
	report_versions,
	report_claims,
	report_gaps,
	put_no_plots,
	put_method,
	put_manifest,
};

struct cell_context report_cells(const struct report *r)
{
	return (struct cell_context){ .s = r->s, .notes = &r->notes, .utf8 = true, .links = true };
}

int report_grid(const struct report *r, struct grid *g, int ret)
{
	if (!ret && g->n_rows)
		grid_html(g, r->f);
	grid_free(g);
	return ret;
}

static int write_report(struct report *r, struct err *e)
{
	cleanup_atomic struct atomic_file file = { 0 };
	int ret = atomic_open(&file, r->dir, REPORT_FILE, e);

	if (ret < 0)
		return ret;
	r->f = file.text.f;
	put_head(r);
	for (size_t i = 0; !ret && i < ARRAY_SIZE(sections); i++)
		ret = sections[i](r, e);
	if (ret < 0)
		return ret;
	fputs("</body>\n</html>\n", r->f);
	return atomic_commit(&file, e);
}

/* What the sections tell of, from the summary. */
static int gather(struct report *r, struct err *e)
{
	int ret = notes_make(r->s, &r->notes, e);

	if (!ret)
		ret = null_make(r->s, &r->null, e);
	if (!ret)
		ret = startup_make(r->s, &r->st, e);
	if (!ret)
		ret = memory_make(r->s, &r->memory, e);
	if (!ret)
		ret = density_make(r->s, &r->density, e);
	return ret ? ret : exits_make(r->s, &r->exits, e);
}

static void release(struct report *r)
{
	notes_free(&r->notes);
	null_free(&r->null);
	startup_free(&r->st);
	memory_free(&r->memory);
	density_free(&r->density);
	exits_free(&r->exits);
}

int report_write(const char *dir, struct err *e)
{
	struct report r = { .dir = dir };
	struct summary *s = NULL;
	struct manifest *m = NULL;
	int ret = summary_make(dir, &s, e);

	if (!ret)
		ret = manifest_read(dir, &m, e);
	r.s = s;
	r.m = m;
	if (!ret)
		ret = gather(&r, e);
	if (!ret)
		ret = write_report(&r, e);
	release(&r);
	manifest_free(m);
	summary_free(s);
	return ret;
}
