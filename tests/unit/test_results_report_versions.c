/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The matrix of "bench demo versions" in the report: from a recording beside the run, or not. */
#include "tests/unit/results_output.h"

#include <sys/stat.h>

#include "results/demo_versions.h"

#define HEADING "<h2>Kernels and system calls</h2>"

static char *report_of(const char *dir)
{
	struct err e = { 0 };

	if (report_write(dir, &e) < 0)
		fail_msg("%s", e.message);
	return get_file(dir, REPORT_FILE, NULL);
}

/* The folder for recordings, of a run with some figures. The caller frees. */
static char *recordings(const char *dir)
{
	char *path = path_in(dir, "demo");

	make_run(dir, (struct made_up_run){ 2, 2, 2 });
	assert_int_equal(mkdir(path, 0755), 0);
	return path;
}

static void record(const char *dir)
{
	struct demo_facts *f = demo_facts_new(VERSIONS_DEMO);
	struct err e = { 0 };

	assert_non_null(f);
	demo_put(f, DEMO_ABOUT, "time", "2026-01-02T03:04:05Z");
	demo_put(f, DEMO_ABOUT, "release", "<6>");
	demo_put(f, DEMO_ABOUT, "since.openat", "2.6.16");
	demo_put(f, DEMO_ABOUT, "since.mseal", "6.10");
	demo_put(f, DEMO_ABOUT, "since.futex_wake", "6.7");
	demo_put(f, DEMO_ABOUT, "option.futex_wake", "FUTEX");
	demo_put(f, "host", "kernel.release", "6.12.48-amd64");
	demo_put(f, "host", "call.openat", "EBADF");
	demo_put(f, "host", "call.mseal", "EINVAL");
	demo_put(f, "host", "call.futex_wake", "ENOSYS");
	demo_put(f, "vm:<old>", "kernel.release", "6.1.0");
	demo_put(f, "vm:<old>", "call.openat", "EBADF");
	demo_put(f, "vm:<old>", "call.mseal", "ENOSYS");
	demo_put(f, "vm:<old>", "call.futex_wake", "EINVAL");
	demo_put_missing(f, "ctr", "no <user> namespaces");
	if (demo_facts_write(f, dir, &e) < 0)
		fail_msg("%s", e.message);
	demo_facts_free(f);
}

static void shows_the_matrix(void **state)
{
	static const char *const expected[] = {
		HEADING,
		"Recorded on 2026-01-02T03:04:05Z, host kernel &lt;6&gt;, machine: unknown.",
		"<th class=\"text\" scope=\"col\">host</th><th class=\"text\" scope=\"col\">vm "
		"(&lt;old&gt;)</th></tr>",
		"<td data-l=\"host\">6.12.48</td><td data-l=\"vm (&lt;old&gt;)\">6.1.0</td>",
		"<code>openat</code></th><td data-l=\"since\">2.6.16</td>"
		"<td data-l=\"host\">yes</td><td data-l=\"vm (&lt;old&gt;)\">yes</td>",
		"<code>mseal</code></th><td data-l=\"since\">6.10</td><td data-l=\"host\">yes</td>"
		"<td class=\"bad\" data-l=\"vm (&lt;old&gt;)\">ENOSYS</td>",
		"<code>futex_wake</code></th><td data-l=\"since\">6.7</td>"
		"<td class=\"soft\" data-l=\"host\">left out</td>"
		"<td data-l=\"vm (&lt;old&gt;)\">backport</td>",
		"left out: the kernel is new enough",
		"backport: the kernel is older",
		"Without ctr: no &lt;user&gt; namespaces.",
	};
	cleanup_free char *dir = recordings(*state);
	cleanup_free char *html = NULL, *again = NULL;

	record(dir);
	html = report_of(*state);
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		if (!strstr(html, expected[i]))
			fail_msg("not in the report: %s", expected[i]);
	}
	assert_null(strstr(html, "missing: the kernel is new enough"));
	again = report_of(*state);
	assert_string_equal(html, again);
}

/* What is no recording is named, and the rest of the report stands. */
static void names_what_is_none(void **state)
{
	static const char *const texts[] = { "", "{", "[]", "{\"schema\": 1}",
		"{\"schema\": 2, \"demo\": \"versions\", \"sides\": {}}",
		"{\"schema\": 1, \"demo\": \"kernel\", \"sides\": {}}",
		"{\"schema\": 1, \"demo\": \"versions\", \"sides\": {\"host\": {\"facts\": "
		"{\"call.x\": 1}}}}" };
	cleanup_free char *dir = recordings(*state);

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		cleanup_free char *html = NULL;

		put_file(dir, VERSIONS_DEMO ".json", texts[i], strlen(texts[i]));
		html = report_of(*state);
		assert_non_null(strstr(html, HEADING));
		assert_non_null(strstr(html, "'demo/versions.json' is not a recording of ours"));
		assert_non_null(strstr(html, "<h2>Results</h2>"));
	}
}

static void without_a_recording(void **state)
{
	cleanup_free char *dir = recordings(*state);
	cleanup_free char *html = report_of(*state);

	assert_null(strstr(html, HEADING));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_folder(shows_the_matrix),
		in_folder(names_what_is_none),
		in_folder(without_a_recording),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
