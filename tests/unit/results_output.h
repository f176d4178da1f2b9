/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of tables, plots and reports share: a made-up file in, what comes of it out. */
#ifndef BENCH_TESTS_RESULTS_OUTPUT_H
#define BENCH_TESTS_RESULTS_OUTPUT_H

#include "tests/unit/results_fixture.h"

#include "results/gnuplot.h"
#include "results/plot.h"
#include "results/report.h"
#include "results/table.h"

#include <errno.h>

#define MAX_TEXT (1 << 20)

/* What is printed of the run in @dir, in a buffer that the next call uses again. */
static inline const char *printed_as(const char *dir, struct table_options opt)
{
	static char text[MAX_TEXT];
	cleanup_file FILE *f = fmemopen(text, sizeof(text), "w");
	struct summary *s;
	struct manifest *m;
	struct err e = { 0 };

	assert_int_equal(summary_make(dir, &s, NULL), 0);
	assert_int_equal(manifest_read(dir, &m, NULL), 0);
	if (table_print(f, s, m, &opt, &e) < 0)
		fail_msg("%s", e.message);
	assert_int_equal(fflush(f), 0);
	summary_free(s);
	manifest_free(m);
	return text;
}

static inline const char *printed(const char *dir, unsigned width)
{
	return printed_as(dir, (struct table_options){ .width = width });
}

static inline void need_gnuplot(void)
{
	struct err e;
	cleanup_free char *path = NULL;

	if (gnuplot_find(&path, &e) < 0)
		SKIP(e.message);
}

static inline void plot(const char *dir)
{
	struct err e = { 0 };

	if (plot_run(dir, &e) < 0)
		fail_msg("%s", e.message);
}

static inline bool exists(const char *dir, const char *name)
{
	cleanup_free char *path = path_in(dir, name);

	return access(path, F_OK) == 0;
}

/* A file that is valid, but makes little sense. */
struct odd_file {
	const char *what, *text;
	bool drawable;
};

/* Table and report are made of each, and plots where there is something to plot. */
static inline void check_odd_files(const char *dir, const struct odd_file *odd, size_t n)
{
	need_gnuplot();
	for (size_t i = 0; i < n; i++) {
		struct err e = { 0 };
		int r;

		put_file(dir, SAMPLES_FILE, odd[i].text, strlen(odd[i].text));
		assert_true(strlen(printed(dir, 80)) > 20);
		r = plot_run(dir, &e);
		if (r != (odd[i].drawable ? 0 : -ENODATA))
			fail_msg("%s: %d %s", odd[i].what, r, e.message);
		if (report_write(dir, &e) < 0)
			fail_msg("%s: %s", odd[i].what, e.message);
	}
}

/* Names that want to reach gnuplot, a shell, a terminal or a browser. */
static const char *const hostile[] = { "'; system('touch owned'); '", "`touch owned`",
	"ctr:1-`touch owned`", "a'\n!touch owned\n", "\xff\xfe:0-\x1b[31m",
	"<script>alert(1)</script>", "{/Symbol a}_b^c %g %s %n" };

/* Of a run with such names: nothing got there. */
static inline void check_harmless(const char *dir)
{
	cleanup_free char *html = NULL;
	size_t len;

	assert_null(strchr(printed(dir, 80), '\x1b'));
	plot(dir);
	assert_false(exists(dir, "owned"));
	assert_false(exists(dir, PLOTS_DIR "/owned"));
	assert_int_equal(report_write(dir, NULL), 0);
	html = get_file(dir, REPORT_FILE, &len);
	assert_null(strstr(html, "<script"));
	assert_null(strchr(html, '\x1b'));
}

struct picture {
	const char *name, *says;
};

/* Every picture is made, says where it comes from, and comes out the same again. */
static inline void check_pictures(const char *dir, const struct picture *pictures, size_t n)
{
	make_manifest(dir, "emulated");
	plot(dir);
	assert_false(exists(dir, PLOTS_DIR "/overview.svg"));
	for (size_t i = 0; i < n; i++) {
		cleanup_free char *svg_name = format_text(PLOTS_DIR "/%s.svg", pictures[i].name);
		cleanup_free char *png_name = format_text(PLOTS_DIR "/%s.png", pictures[i].name);
		size_t len;
		cleanup_free char *svg = get_file(dir, svg_name, &len), *again = NULL;

		assert_true(exists(dir, png_name));
		assert_non_null(strstr(svg, "Example CPU 9000"));
		assert_non_null(strstr(svg, "absolute times do not"));
		assert_non_null(strstr(svg, pictures[i].says));
		plot(dir);
		again = get_file(dir, svg_name, &len);
		assert_string_equal(svg, again);
	}
}

#endif
