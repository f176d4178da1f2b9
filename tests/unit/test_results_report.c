/* SPDX-License-Identifier: GPL-3.0-or-later */
/* report.html: what is in it, in which order, and that it is the same again. */
#include "tests/unit/results_output.h"

#include <sys/stat.h>

static void escapes_everything(void **state)
{
	static const char evil[] = "<script>alert('x')</script> & \"quoted\" \x1b";
	cleanup_free char *html = NULL;
	struct manifest *m = manifest_new();
	struct samples_writer *w;
	struct sample s = plain_sample();
	struct err e = { 0 };
	size_t len;

	s.benchmark = s.params = s.suite = s.kernel = s.metric = s.unit = s.phase = evil;
	assert_int_equal(samples_create(*state, &w, NULL), 0);
	assert_int_equal(samples_append(w, &s, NULL), 0);
	s.runtime = s.reason = evil;
	s.status = SAMPLE_FAILED;
	assert_int_equal(samples_append(w, &s, NULL), 0);
	samples_close(w);
	manifest_set(m, "run.id", evil, NULL);
	manifest_set(m, evil, evil, NULL);
	assert_int_equal(manifest_write(m, *state, NULL), 0);
	manifest_free(m);
	if (report_write(*state, &e) < 0)
		fail_msg("%s", e.message);
	html = get_file(*state, REPORT_FILE, &len);
	assert_null(strstr(html, "<script"));
	assert_null(strchr(html, '\x1b'));
	assert_non_null(strstr(html, "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; "
				     "&quot;quoted&quot; ?"));
}

static void repeats_itself(void **state)
{
	cleanup_free char *first = NULL, *second = NULL;
	struct err e = { 0 };
	size_t len;

	make_run(*state, (struct made_up_run){ 2, 4, 6 });
	make_manifest(*state, "emulated");
	if (report_write(*state, &e) < 0)
		fail_msg("%s", e.message);
	first = get_file(*state, REPORT_FILE, &len);
	assert_non_null(strstr(first, "There are none"));
	assert_non_null(strstr(first, "absolute times do not"));
	assert_non_null(strstr(first, "needs 2 CPUs, there is 1"));
	assert_non_null(strstr(first, "<code>host.cpu.model</code></th><td>Example CPU 9000"));
	assert_null(strstr(first, "http://"));
	assert_null(strstr(first, "https://"));
	assert_int_equal(report_write(*state, NULL), 0);
	second = get_file(*state, REPORT_FILE, &len);
	assert_string_equal(first, second);
}

/* All of them, escaped, and before any figure; without any there is no heading. */
static void begins_with_the_warnings(void **state)
{
	cleanup_free char *without = NULL, *with = NULL;
	struct manifest *m;
	size_t len;

	make_run(*state, (struct made_up_run){ 2, 4, 2 });
	make_manifest(*state, "native");
	assert_int_equal(report_write(*state, NULL), 0);
	without = get_file(*state, REPORT_FILE, &len);
	assert_null(strstr(without, "<h2>Warnings</h2>"));
	assert_int_equal(manifest_read(*state, &m, NULL), 0);
	assert_int_equal(manifest_set(m, "warnings.0", "the load is '9'; try: <b>", NULL), 0);
	assert_int_equal(manifest_set(m, "warnings.1", "second", NULL), 0);
	assert_int_equal(manifest_write(m, *state, NULL), 0);
	manifest_free(m);
	assert_int_equal(report_write(*state, NULL), 0);
	with = get_file(*state, REPORT_FILE, &len);
	assert_non_null(strstr(with, "<h2>Warnings</h2>\n<ul>\n<li>the load is &#39;9&#39;; try: "
				     "&lt;b&gt;</li>\n<li>second</li>\n</ul>\n"));
	assert_true(strstr(with, "<h2>Warnings</h2>") < strstr(with, "<h2>Results</h2>"));
}

static char *report_of(const char *dir)
{
	struct err e = { 0 };

	if (report_write(dir, &e) < 0)
		fail_msg("%s", e.message);
	return get_file(dir, REPORT_FILE, NULL);
}

/* Nothing in it knows the folder, the time or the process. */
static void a_copy_gives_the_same(void **state)
{
	static const char *const files[] = { SAMPLES_FILE, MANIFEST_FILE,
		PLOTS_DIR "/overview.svg" };
	cleanup_free char *copy = path_in(*state, "elsewhere/deeper");
	cleanup_free char *plots = path_in(*state, "elsewhere/deeper/" PLOTS_DIR);
	cleanup_free char *first = NULL, *again = NULL, *second = NULL;

	need_gnuplot();
	make_run(*state, (struct made_up_run){ 2, 4, 3 });
	make_manifest(*state, "native");
	plot(*state);
	assert_int_equal(make_dirs(plots), 0);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		size_t len;
		cleanup_free char *text = get_file(*state, files[i], &len);

		put_file(copy, files[i], text, len);
	}
	plot(copy);
	first = report_of(*state);
	again = report_of(*state);
	second = report_of(copy);
	assert_string_equal(first, again);
	assert_string_equal(first, second);
}

/* Each inline, with a text of its data, before the table; one that is none of ours is named. */
static void plots_are_inline(void **state)
{
	cleanup_free char *html = NULL;
	cleanup_free char *plots = path_in(*state, PLOTS_DIR);
	const char *figure, *table;

	make_run(*state, (struct made_up_run){ 2, 2, 2 });
	assert_int_equal(mkdir(plots, 0755), 0);
	put_file(*state, PLOTS_DIR "/overview.svg", "<svg/>", 6);
	put_file(*state, PLOTS_DIR "/ratio.svg", "<svg>?", 6);
	html = report_of(*state);
	figure = strstr(html, "<figure class=\"plot\" id=\"plot-overview\">\n<svg role=\"img\" "
			      "aria-label=\"What each benchmark costs. host: from ");
	table = strstr(html, "<th rowspan=\"2\" scope=\"col\">benchmark</th>");
	assert_non_null(figure);
	assert_non_null(table);
	assert_true(figure < table);
	assert_non_null(strstr(figure, "(page-touch second) to "));
	assert_non_null(strstr(html, "&#39;plots/ratio.svg&#39; is not a picture of ours"));
	assert_null(strstr(html, "<img"));
	assert_null(strstr(html, "There are none"));
}

/* The table of the spread, and what stands in a table's cell where the page is narrow. */
static void tables(void **state)
{
	cleanup_free char *html = NULL;

	make_run(*state, (struct made_up_run){ 2, 6, 2 });
	html = report_of(*state);
	assert_non_null(strstr(html, "<h3>Spread</h3>"));
	assert_non_null(strstr(html, "data-l=\"ctr, ratio\">"));
	assert_null(strstr(html, "data-l=\"host, ratio\""));
	assert_non_null(strstr(html, "data-l=\"vm (distro), outliers\">"));
	assert_non_null(strstr(html, " of 12</td>"));
}

/* By name, with how often, below the reason; and none is said to be none. */
static void gaps(void **state)
{
	static const char lost[] =
		HEADER "1,r,s,read,,host,,0,0,,0,10,latency,ns,98,0,ok,\n"
		       "1,r,s,read,,ctr,,0,0,,0,10,latency,ns,98,0,ok,\n"
		       "1,r,s,read,,ctr,,1,1,,0,,latency,ns,,,failed,killed by <SIGSEGV>\n"
		       "1,r,s,stat,4k,ctr,,0,0,,0,,latency,ns,,,timeout,too late\n"
		       "1,r,s,stat,4k,ctr,,1,1,,0,,latency,ns,,,timeout,too late\n";
	cleanup_free char *with = NULL, *without = NULL;

	put_file(*state, SAMPLES_FILE, lost, strlen(lost));
	with = report_of(*state);
	assert_non_null(strstr(with, "<h2>Gaps</h2>"));
	assert_non_null(strstr(with,
		"<li id=\"note-1\">some launches have no value (1 failed, 0 late, 0 skipped): "
		"killed by &lt;SIGSEGV&gt;\n<ul>\n<li>ctr: read (1 failed, 1 ok)</li>\n</ul>"));
	assert_non_null(strstr(with,
		"<li id=\"note-2\">too late\n<ul>\n<li>ctr: stat 4k (2 timeout)</li>\n</ul>"));
	put_file(*state, SAMPLES_FILE, lost, (size_t)(strstr(lost, "1,r,s,read,,ctr,,1") - lost));
	without = report_of(*state);
	assert_non_null(strstr(without, "<h2>Gaps</h2>\n<p>None:"));
	assert_null(strstr(without, "note-1"));
}

/* What must be known before any number is read, and beside each sentence that is quoted. */
static void marks(void **state)
{
	static const struct {
		const char *machine, *hypervisor, *run_state, *says, *tag;
	} cases[] = {
		{ "native", "none", "complete", NULL, NULL },
		{ "native", NULL, NULL, NULL, NULL },
		{ "emulated", "none", "complete", EMULATED_MARK, ">emulated</span>" },
		{ "emulated", "KVM", "complete", EMULATED_MARK, ">emulated</span>" },
		{ "native", "KVM", "complete", NESTED_MARK, ">nested</span>" },
		{ "nested", NULL, "complete", NESTED_MARK, ">nested</span>" },
		{ "native", "none", "interrupted", "not complete (interrupted)", NULL },
	};

	make_run(*state, (struct made_up_run){ 2, 3, 2 });
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_free char *html = NULL;
		struct manifest *m = manifest_new();
		const char *at;

		manifest_set(m, "machine", cases[i].machine, NULL);
		if (cases[i].hypervisor)
			manifest_set(m, "host.hypervisor", cases[i].hypervisor, NULL);
		if (cases[i].run_state)
			manifest_set(m, "run.state", cases[i].run_state, NULL);
		assert_int_equal(manifest_write(m, *state, NULL), 0);
		manifest_free(m);
		html = report_of(*state);
		assert_int_equal(strstr(html, "<p class=\"mark\">") != NULL, cases[i].says != NULL);
		assert_int_equal(strstr(html, "class=\"tag\"") != NULL, cases[i].tag != NULL);
		if (cases[i].says) {
			at = strstr(html, cases[i].says);
			assert_non_null(at);
			assert_true(at < strstr(html, "<h2>Conclusions</h2>"));
		}
		if (cases[i].tag)
			assert_non_null(strstr(html, cases[i].tag));
	}
}

static void bad_folders(void **state)
{
	struct err e = { 0 };

	assert_int_equal(report_write(*state, &e), -ENOENT);
	put_file(*state, SAMPLES_FILE, "x\n", 2);
	assert_int_equal(report_write(*state, &e), -EBADMSG);
	assert_false(exists(*state, REPORT_FILE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_folder(escapes_everything),
		in_folder(repeats_itself),
		in_folder(begins_with_the_warnings),
		in_folder(a_copy_gives_the_same),
		in_folder(plots_are_inline),
		in_folder(tables),
		in_folder(gaps),
		in_folder(marks),
		in_folder(bad_folders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
