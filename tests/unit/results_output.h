/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of tables, plots and reports share: a made-up file in, what comes of it out. */
#ifndef BENCH_TESTS_RESULTS_OUTPUT_H
#define BENCH_TESTS_RESULTS_OUTPUT_H

#include "tests/unit/results_fixture.h"

#include "results/gnuplot.h"
#include "results/plot.h"
#include "results/table.h"

#define MAX_TEXT (1 << 20)

static inline const char *printed(const char *dir, unsigned width)
{
	static char text[MAX_TEXT];
	cleanup_file FILE *f = fmemopen(text, sizeof(text), "w");
	struct table_options opt = { .width = width };
	struct summary *s;
	struct manifest *m;
	struct err e = { 0 };

	assert_int_equal(summary_make(dir, &s, NULL), 0);
	assert_int_equal(manifest_read(dir, &m, NULL), 0);
	if (table_print(f, s, m, &opt, &e) < 0)
		fail_msg("%s", e.message);
	fflush(f);
	summary_free(s);
	manifest_free(m);
	return text;
}

static inline void need_gnuplot(void)
{
	struct err e;
	cleanup_free char *path = gnuplot_find(&e);

	if (!path)
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

static inline size_t longest_line(const char *text)
{
	size_t longest = 0, now = 0;

	for (; *text; text++) {
		now = *text == '\n' ? 0 : now + ((*text & 0xc0) != 0x80);
		longest = now > longest ? now : longest;
	}
	return longest;
}

#endif
