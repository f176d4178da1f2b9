/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plots made for real by gnuplot. */
#include "tests/unit/results_fixture.h"

#include <errno.h>
#include <math.h>
#include <sys/stat.h>

#include "results/gnuplot.h"
#include "results/plot.h"
#include "results/plot_script.h"
#include "results/report.h"

#define PNG_MAGIC "\x89PNG\r\n\x1a\n"

static void need_gnuplot(void)
{
	struct err e;
	cleanup_free char *path = NULL;

	if (gnuplot_find(&path, &e) < 0)
		SKIP(e.message);
}

static void check_png(const char *dir, const char *name)
{
	cleanup_free char *file = format_text(PLOTS_DIR "/%s.png", name);
	size_t len;
	cleanup_free unsigned char *png = (unsigned char *)get_file(dir, file, &len);

	assert_true(len > 5000);
	assert_memory_equal(png, PNG_MAGIC, 8);
	/* IHDR: width and height, big endian */
	assert_int_equal(png[16] << 24 | png[17] << 16 | png[18] << 8 | png[19], 2 * PLOT_WIDTH);
	assert_true((png[20] << 24 | png[21] << 16 | png[22] << 8 | png[23]) > 400);
}

static void check_svg(const char *dir, const char *name)
{
	cleanup_free char *file = format_text(PLOTS_DIR "/%s.svg", name);
	cleanup_free char *lint = format_text(
		"command -v xmllint >/dev/null || exit 0; xmllint --noout '%s/%s'", dir, file);
	size_t len;
	cleanup_free char *svg = get_file(dir, file, &len);

	assert_non_null(strstr(svg, "<svg"));
	assert_string_equal(svg + len - strlen("</svg>\n\n"), "</svg>\n\n");
	assert_non_null(strstr(svg, "getppid"));
	assert_non_null(strstr(svg, "vm (distro)"));
	assert_non_null(strstr(svg, "Example CPU 9000"));
	assert_non_null(strstr(svg, "Medians of 4 launches, 24 samples a cell"));
	assert_non_null(strstr(svg, "absolute times do not"));
	assert_int_equal(system(lint), 0);
}

static bool exists(const char *dir, const char *name)
{
	cleanup_free char *path = path_in(dir, name);

	return access(path, F_OK) == 0;
}

static void pictures(void **state)
{
	static const char *const names[] = { "overview", "ratio", "ratio-near-1", "distribution" };
	struct err e = { 0 };

	need_gnuplot();
	make_run(*state, (struct made_up_run){ 1, 4, 6 });
	make_manifest(*state, "emulated");
	if (plot_run(*state, &e) < 0)
		fail_msg("%s", e.message);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		check_png(*state, names[i]);
		check_svg(*state, names[i]);
	}
	check_png(*state, "distribution-2");
	/* again over the old ones, of which a page is left over */
	put_file(*state, PLOTS_DIR "/overview-2.png", "old", 3);
	assert_int_equal(plot_run(*state, NULL), 0);
	assert_false(exists(*state, PLOTS_DIR "/overview-2.png"));
	assert_true(exists(*state, PLOTS_DIR "/distribution-2.svg"));
}

/* Labels that would be commands, were they not quoted. */
static void hostile_labels(void **state)
{
	static const char *const labels[] = {
		"'; system('touch owned'); '",
		"`touch owned`",
		"\"; !touch owned",
		"a'\n!touch owned\n",
		"@macro #comment \\",
		"{/Symbol a}_b^c %g %s %n %",
		"tab\there",
		"\xff\xfe",
		"</text><script>alert(1)</script>&amp;",
	};
	struct samples_writer *w;
	struct manifest *m = manifest_new();
	struct err e = { 0 };

	need_gnuplot();
	assert_int_equal(samples_create(*state, &w, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(labels); i++) {
		struct sample s = plain_sample();

		for (s.replicate = 0; s.replicate < 3; s.replicate++) {
			s.benchmark = labels[i];
			s.runtime = "host";
			s.unit = i % 2 ? "ns" : labels[i];
			assert_int_equal(samples_append(w, &s, NULL), 0);
			s.runtime = labels[i];
			assert_int_equal(samples_append(w, &s, NULL), 0);
		}
		manifest_set(m, "host.cpu.model", labels[i], NULL);
	}
	samples_close(w);
	assert_int_equal(manifest_write(m, *state, NULL), 0);
	manifest_free(m);
	if (plot_run(*state, &e) < 0)
		fail_msg("%s", e.message);
	assert_false(exists(*state, "owned"));
	assert_false(exists(*state, PLOTS_DIR "/owned"));
	assert_int_equal(report_write(*state, NULL), 0);
}

/* Values that leave an axis nothing to show. */
static void odd_values(void **state)
{
	static const double values[][3] = { { 5, 5, 5 }, { 0, 0, 0 }, { -1, -2, -3 }, { 0, 1, 2 },
		{ 1e-300, 1, 1e300 }, { 7, 8, 1e15 } };
	struct samples_writer *w;
	struct err e = { 0 };

	need_gnuplot();
	assert_int_equal(samples_create(*state, &w, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		char name[] = { 'a' + (char)i, '\0' };
		struct sample s = plain_sample();

		s.benchmark = name;
		for (s.replicate = 0; s.replicate < 3; s.replicate++) {
			s.value = values[i][s.replicate];
			s.unit = i == 2 ? "count" : "ns";
			assert_int_equal(samples_append(w, &s, NULL), 0);
		}
	}
	samples_close(w);
	if (plot_run(*state, &e) < 0)
		fail_msg("%s", e.message);
	assert_true(exists(*state, PLOTS_DIR "/distribution-2.png"));
}

/* How many lines in the colour of the only way but host go from one side to the other: they are
 * "M x,y L x,y" of a path, and what is black or grey is axis and grid. */
static unsigned count_crossing_lines(const char *svg)
{
	const char *at = strstr(svg, "<path stroke='rgb(  0, 114, 178)'"), *end;
	unsigned n = 0;

	assert_non_null(at);
	end = strstr(at, "/>");
	while ((at = strchr(at, 'M')) && at < end) {
		double from, to, y, again;

		if (sscanf(at++, "M%lf,%lf L%lf,%lf", &from, &y, &to, &again) == 4)
			n += y == again && fabs(to - from) > PLOT_WIDTH / 2.0;
	}
	return n;
}

/*
 * gnuplot clips in whole numbers: an interval thousands of axes away, of which it depends on the
 * digits, must not come back as a line across the page. getppid alone is within the axis.
 */
static void far_away(void **state)
{
	cleanup_free char *svg = NULL;
	struct samples_writer *w;
	struct err e = { 0 };
	size_t len;

	need_gnuplot();
	assert_int_equal(samples_create(*state, &w, NULL), 0);
	for (unsigned k = 0; k < 8; k++) {
		struct sample s = plain_sample();

		s.replicate = s.block = k;
		assert_int_equal(samples_append(w, &s, NULL), 0);
		s.runtime = "vm";
		s.value += k;
		assert_int_equal(samples_append(w, &s, NULL), 0);
		for (unsigned far = 1; far <= 40; far++) {
			char name[16];

			snprintf(name, sizeof(name), "far-%u", far);
			s.benchmark = name;
			s.runtime = "host";
			s.value = 100;
			assert_int_equal(samples_append(w, &s, NULL), 0);
			s.runtime = "vm";
			s.value = 100000.0 * far * (1 + 0.3 * (k % 3));
			assert_int_equal(samples_append(w, &s, NULL), 0);
		}
	}
	samples_close(w);
	if (plot_run(*state, &e) < 0)
		fail_msg("%s", e.message);
	svg = get_file(*state, PLOTS_DIR "/ratio-near-1.svg", &len);
	assert_int_equal(count_crossing_lines(svg), 0);
}

static void nothing_to_plot(void **state)
{
	static const char text[] = HEADER "1,r,s,b,,host,,0,0,,0,,latency,ns,,,failed,why\n";
	struct err e = { 0 };

	need_gnuplot();
	assert_int_equal(plot_run(*state, &e), -ENOENT);
	assert_non_null(strstr(e.message, "not the folder of a run"));
	put_file(*state, SAMPLES_FILE, text, strlen(text));
	assert_int_equal(plot_run(*state, &e), -ENODATA);
	assert_non_null(strstr(e.message, "nothing to plot"));
}

static void gnuplot_is_missing(void **state)
{
	cleanup_free char *path = strdup(getenv("PATH"));
	struct err e = { 0 };
	int r;

	make_run(*state, (struct made_up_run){ 1, 1, 1 });
	setenv("PATH", "/nonexistent:relative", 1);
	r = plot_run(*state, &e);
	setenv("PATH", path, 1);
	assert_int_equal(r, -ENOENT);
	assert_non_null(strstr(e.message, "gnuplot is not installed"));
	assert_non_null(strstr(e.remedy, "apt install gnuplot-nox"));
}

static void gnuplot_complains(void **state)
{
	char name[] = "bad.gp";
	char *const scripts[] = { name, NULL };
	cleanup_free char *gnuplot = NULL;
	struct err e = { 0 };

	need_gnuplot();
	assert_int_equal(gnuplot_find(&gnuplot, NULL), 0);
	put_file(*state, "bad.gp", "plot nonsense\n", 14);
	assert_int_equal(gnuplot_run(gnuplot, *state, scripts, &e), -EIO);
	assert_non_null(strstr(e.message, "undefined variable: nonsense"));
	assert_null(strchr(e.message, '\n'));
}

static void ticks(void **state)
{
	char text[1024];
	cleanup_file FILE *f = fmemopen(text, sizeof(text), "w");

	(void)state;
	plot_log_ticks(f, 90, 11000, "ns", 3);
	plot_linear_ticks(f, 0.93, 1.08);
	fflush(f);
	assert_non_null(
		strstr(text, "('100 ns' 100, '200 ns' 200, '500 ns' 500, '1 µs' 1000, '2 µs' 2000, "
			     "'5 µs' 5000, '10 µs' 10000)"));
	assert_non_null(strstr(text, "('0.95' 0.95, '1' 1, '1.05' 1.05)"));
}

static void quoting(void **state)
{
	char text[64] = "";
	cleanup_file FILE *f = fmemopen(text, sizeof(text), "w");

	(void)state;
	plot_quote(f, "it's `a`\n\\n");
	fflush(f);
	assert_string_equal(text, "'it’s ?a??\\n'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_folder(pictures),
		in_folder(hostile_labels),
		in_folder(odd_values),
		in_folder(far_away),
		in_folder(nothing_to_plot),
		in_folder(gnuplot_is_missing),
		in_folder(gnuplot_complains),
		cmocka_unit_test(ticks),
		cmocka_unit_test(quoting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
