/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/report.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/util.h"
#include "results/atomic.h"
#include "results/covered.h"
#include "results/html.h"
#include "results/report_parts.h"
#include "results/text.h"

#define MAX_PICTURE (8u << 20) /* bytes of an svg; ours have some hundred KiB */
#define MAX_PICTURES 64

static const char style[] =
	":root{color-scheme:light dark;--ink:#1a1a1a;--soft:#5a5a5a;--line:#d5d5d5;"
	"--band:#f4f4f4;--paper:#fff;--warn:#9a2a00}\n"
	"@media (prefers-color-scheme:dark){:root{--ink:#e8e8e8;--soft:#a8a8a8;--line:#444;"
	"--band:#242424;--paper:#171717;--warn:#ff9d70}}\n"
	"body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);"
	"max-width:64rem;margin:0 auto;padding:1.5rem 1rem 4rem}\n"
	"h1{font-size:1.6rem;line-height:1.25;margin:.2em 0}\n"
	"h2{font-size:1.2rem;margin:2.2em 0 .6em}\n"
	"p,li,figcaption{max-width:46rem}\n"
	".soft,figcaption{color:var(--soft)}\n"
	".mark{border-left:.35rem solid var(--warn);padding:.4rem .9rem;font-weight:600;"
	"color:var(--warn)}\n"
	".wide{overflow-x:auto;margin:1rem 0}\n"
	"table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums}\n"
	"th,td{padding:.22rem .6rem;text-align:right;white-space:nowrap}\n"
	"th:first-child,td:first-child,.facts td{text-align:left}\n"
	"thead tr+tr th:first-child{text-align:right}\n"
	"thead th{border-bottom:2px solid var(--line);vertical-align:bottom}\n"
	"tbody tr:nth-child(odd){background:var(--band)}\n"
	"tbody th{font-weight:400}\n"
	"td.none{text-align:left;color:var(--soft)}\ntd.bad{color:var(--warn);font-weight:600}\n"
	"th[colspan]{text-align:left}\nh3{font-size:1rem;margin:1.8em 0 .4em}\n"
	"dt{font-weight:600}\ndl{max-width:46rem}\ndd{margin:0 0 .4rem 1.2rem}\n"
	"td.first,th.first{border-left:1px solid var(--line)}\n"
	".facts td{white-space:normal;overflow-wrap:anywhere;vertical-align:top}\n"
	".facts th{text-align:left;vertical-align:top;font-weight:400}\n"
	"figure{margin:1.2rem 0 2rem;overflow-x:auto}\n"
	"img{display:block;box-sizing:border-box;width:100%;min-width:44rem;height:auto;background:"
	"#fff;border:1px solid "
	"var(--line)}\n"
	"@page{size:A4;margin:14mm}\n"
	"@media print{body{font-size:10pt;padding:0;max-width:none}table{font-size:7.5pt}"
	".wide{overflow:visible}th,td{padding:.12rem .3rem}img{max-height:240mm;width:auto;"
	"max-width:100%;min-width:0;border:0}figure,tr{break-inside:avoid}h2{break-after:avoid}}\n";

static void write_head(const struct report *r)
{
	const char *suites = manifest_suites(r->m);

	if (!strcmp(suites, MANIFEST_UNKNOWN))
		suites = r->s->rows[0].suite;
	html_print(r->f,
		"<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		"img-src data:; style-src 'unsafe-inline'\">\n"
		"<title>bench: %s, %s</title>\n<style>\n",
		suites, manifest_get(r->m, "run.id"));
	fputs(style, r->f);
	html_print(r->f,
		"</style>\n</head>\n<body>\n<h1>Container or VM: what does it cost? Suite%s "
		"%s</h1>\n",
		strchr(suites, ',') ? "s" : "", suites);
}

/* The steps of a container are one way that is put together, and have their own table. */
static void write_ways(const struct report *r)
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
}

static void write_run(const struct report *r)
{
	write_ways(r);
	html_print(r->f,
		".</p>\n<p class=\"soft\">Run %s of %s; seed %s. Host: %s, kernel %s. Guest "
		"kernel: "
		"%s. Machine: %s.</p>\n",
		manifest_get(r->m, "run.id"), manifest_get(r->m, "run.utc"),
		manifest_get(r->m, "run.seed"), manifest_get(r->m, "host.cpu.model"),
		manifest_get(r->m, "host.kernel.release"),
		manifest_get(r->m, "guest.kernel.release"), manifest_get(r->m, "machine"));
	if (manifest_emulated(r->m))
		html_print(r->f, "<p class=\"mark\">%s</p>\n", EMULATED_MARK);
	if (r->s->set.torn)
		fputs("<p class=\"mark\">The run was cut short: its last row is incomplete and is "
		      "left out.</p>\n",
			r->f);
}

/* Where it failed it stands before all figures. */
static void write_null(const struct report *r, bool failed)
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

static void write_warning(void *ctx, const char *key, const char *value)
{
	static const char prefix[] = "warnings.";

	if (!strncmp(key, prefix, strlen(prefix)))
		html_print(ctx, "<li>%s</li>\n", value);
}

/* What the run itself said of its circumstances, each with its remedy. */
static void write_warnings(const struct report *r)
{
	if (!strcmp(manifest_get(r->m, "warnings.0"), MANIFEST_UNKNOWN))
		return;
	fputs("<h2>Warnings</h2>\n<ul>\n", r->f);
	manifest_each(r->m, write_warning, r->f);
	fputs("</ul>\n", r->f);
}

void report_note_link(const struct report *r, const struct summary_group *g)
{
	unsigned note = notes_number(&r->notes, r->s, g);

	if (note)
		fprintf(r->f, " <a href=\"#note-%u\">(%u)</a>", note, note);
}

static void write_cell(const struct report *r, const struct summary_group *g, bool baseline)
{
	char value[TEXT_SIZE], ratio[TEXT_SIZE], interval[TEXT_SIZE];

	if (!g || !g->n_samples) {
		bool bad = g && summary_has_failures(g);

		fprintf(r->f, "<td class=\"first %s\"%s>", bad ? "bad" : "none",
			baseline ? "" : " colspan=\"3\"");
		html_text(r->f, g ? sample_status_names[g->status] : "-");
		if (g)
			report_note_link(r, g);
		fputs("</td>", r->f);
		return;
	}
	html_print(r->f, "<td class=\"first\">%s",
		text_value(g->median, r->s->rows[g->row].unit, true, value));
	report_note_link(r, g);
	fputs("</td>", r->f);
	if (!baseline)
		html_print(r->f, "<td>%s</td><td>%s</td>", text_ratio(g->ratio, ratio),
			text_interval(g->ratio_ci, interval));
}

static void write_row(const struct report *r, size_t row)
{
	char name[LABEL_SIZE];

	html_print(r->f, "<tr><th scope=\"row\">%s</th>", text_row(&r->s->rows[row], name));
	for (size_t col = 0; col < r->s->n_columns; col++) {
		if (covered_leaves_column(r->s, col))
			write_cell(r, summary_cell(r->s, row, col), summary_is_baseline(r->s, col));
	}
	fputs("</tr>\n", r->f);
}

/* Rows that no section of its own tells of. */
static void write_table(const struct report *r)
{
	const struct summary *s = r->s;
	char name[LABEL_SIZE];
	size_t first = 0;

	while (first < s->n_rows && covered(&s->rows[first]))
		first++;
	if (first == s->n_rows)
		return;
	fputs("<h2>Results</h2>\n<div class=\"wide\"><table>\n<thead>\n<tr><th rowspan=\"2\" "
	      "scope=\"col\">benchmark</th>",
		r->f);
	for (size_t col = 0; col < s->n_columns; col++) {
		if (!covered_leaves_column(s, col))
			continue;
		fprintf(r->f, "<th class=\"first\" colspan=\"%d\" scope=\"colgroup\">",
			summary_is_baseline(s, col) ? 1 : 3);
		html_print(r->f, "%s</th>", text_column(&s->columns[col], name));
	}
	fputs("</tr>\n<tr>", r->f);
	for (size_t col = 0; col < s->n_columns; col++) {
		if (!covered_leaves_column(s, col))
			continue;
		fputs("<th class=\"first\" scope=\"col\">median</th>", r->f);
		if (!summary_is_baseline(s, col))
			fputs("<th scope=\"col\">ratio</th><th scope=\"col\">95%</th>", r->f);
	}
	fputs("</tr>\n</thead>\n<tbody>\n", r->f);
	for (size_t row = first; row < s->n_rows; row++) {
		if (!covered(&s->rows[row]))
			write_row(r, row);
	}
	fputs("</tbody>\n</table></div>\n", r->f);
}

static void write_caveat(const struct report *r)
{
	char name[LABEL_SIZE], caveat[CAVEAT_SIZE];

	html_print(r->f, "<p class=\"soft\">%s Ratios are to %s.</p>\n", text_caveat(r->s, caveat),
		text_baseline(r->s, name));
}

static void write_notes(const struct report *r)
{
	if (!r->notes.n)
		return;
	fputs("<h2>Skipped and failed</h2>\n<ol>\n", r->f);
	for (size_t i = 0; i < r->notes.n; i++) {
		fprintf(r->f, "<li id=\"note-%zu\">", i + 1);
		html_print(r->f, "%s</li>\n", r->notes.texts[i]);
	}
	fputs("</ol>\n", r->f);
}

/* An svg of an untrusted folder goes in as an image: a browser runs no script of an image. */
static int write_picture(const struct report *r, enum plot_kind kind, size_t page, struct err *e)
{
	char name[PLOT_NAME_SIZE], label[LABEL_SIZE];
	cleanup_free char *path =
		format_text("%s/" PLOTS_DIR "/%s.svg", r->dir, plot_name(kind, page, name));
	cleanup_free char *svg = NULL;
	bool ratio = kind == PLOT_RATIO || kind == PLOT_RATIO_NEAR;
	size_t len;
	int n;

	n = path ? read_file(path, MAX_PICTURE, &svg, &len) : -ENOMEM;
	if (n == -ENOENT)
		return n;
	if (n < 0)
		return err_set(e, n, "report", "'%s': %s", path ? path : name, strerror(-n));
	text_baseline(r->s, label);
	fputs("<figure>\n<img alt=\"", r->f);
	html_print(r->f, "%s%s. The numbers are in the table.", plot_kinds[kind].title,
		ratio ? label : "");
	fputs("\" src=\"data:image/svg+xml;base64,", r->f);
	html_base64(r->f, svg, len);
	fputs("\">\n</figure>\n", r->f);
	return 0;
}

int report_pictures(struct report *r, enum plot_kind kind, struct err *e)
{
	for (size_t page = 0; r->n_pictures < MAX_PICTURES; page++) {
		int ret = write_picture(r, kind, page, e);

		if (ret == -ENOENT)
			return 0;
		if (ret < 0)
			return ret;
		r->n_pictures++;
	}
	return 0;
}

/* The others are in their sections. */
static int write_pictures(struct report *r, struct err *e)
{
	char name[PLOT_NAME_SIZE];
	int ret = 0;
	cleanup_free char *first =
		format_text("%s/" PLOTS_DIR "/%s.svg", r->dir, plot_name(PLOT_OVERVIEW, 0, name));

	if (r->n_pictures && first && access(first, F_OK) < 0)
		return 0;
	fputs("<h2>Plots</h2>\n", r->f);
	for (int kind = 0; !ret && kind < PLOT_STARTUP; kind++)
		ret = report_pictures(r, (enum plot_kind)kind, e);
	if (!r->n_pictures)
		fputs("<p>There are none: <code>bench plot</code> makes them (package "
		      "gnuplot-nox).</p>\n",
			r->f);
	return ret;
}

static void write_method(const struct report *r)
{
	bool only_own = true; /* nothing of the general table */

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
	      "that no difference was found, not that there is none. All samples are in "
	      "<code>samples.csv</code>, all statistics in <code>summary.csv</code>.</p>\n",
		r->f);
}

static void write_fact(void *ctx, const char *key, const char *value)
{
	html_print(ctx, "<tr><th scope=\"row\"><code>%s</code></th><td>%s</td></tr>\n", key, value);
}

static void write_manifest(const struct report *r)
{
	fputs("<h2>Host, guest and versions</h2>\n<div class=\"wide\"><table "
	      "class=\"facts\">\n<thead><tr><th scope=\"col\">fact</th><th "
	      "scope=\"col\" style=\"text-align:left\">value</th></tr></thead>\n<tbody>\n",
		r->f);
	manifest_each(r->m, write_fact, r->f);
	fputs("</tbody>\n</table></div>\n</body>\n</html>\n", r->f);
}

static int write_report(struct report *r, struct err *e)
{
	cleanup_atomic struct atomic_file file = { 0 };
	int ret = notes_make(r->s, &r->notes, e);

	if (!ret)
		ret = startup_make(r->s, &r->st, e);
	if (!ret)
		ret = null_make(r->s, &r->null, e);
	if (!ret)
		ret = atomic_open(&file, r->dir, REPORT_FILE, e);
	if (ret < 0)
		return ret;
	r->f = file.f;
	write_head(r);
	write_run(r);
	write_null(r, true);
	write_warnings(r);
	ret = report_startup(r, e);
	if (!ret)
		ret = report_memory(r, e);
	if (ret < 0)
		return ret;
	write_table(r);
	write_caveat(r);
	write_null(r, false);
	ret = report_exits(r, e);
	if (!ret)
		ret = report_claims(r, e);
	if (ret < 0)
		return ret;
	write_notes(r);
	ret = write_pictures(r, e);
	if (ret < 0)
		return ret;
	write_method(r);
	write_manifest(r);
	return atomic_commit(&file, e);
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
		ret = write_report(&r, e);
	notes_free(&r.notes);
	startup_free(&r.st);
	null_free(&r.null);
	manifest_free(m);
	summary_free(s);
	return ret;
}
