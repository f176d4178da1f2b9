/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/results_output.h"

#include <jansson.h>
#include <locale.h>

#include "results/table.h"
#include "results/text.h"

#define ROW(bench, params, runtime, kernel, rep, value)                                            \
	"1,r,s," bench "," params "," runtime "," kernel "," rep ",0,,0,10,latency,ns," value      \
	",0,ok,\n"
#define LOST(bench, params, runtime, kernel, rep, status, why)                                     \
	"1,r,s," bench "," params "," runtime "," kernel "," rep ",0,,0,,latency,ns,,," status     \
	"," why "\n"

static const char small[] = HEADER ROW("read", "1B", "host", "", "0", "98.2") ROW(
	"read", "1B", "host", "", "1", "98.2") ROW("read", "1B", "ctr", "", "0",
	"99.182") ROW("read", "1B", "ctr", "", "1", "99.182") LOST("read", "1B", "ctr", "", "2",
	"failed", "killed by SIGKILL") ROW("read", "1B", "vm", "distro", "0", "1500") ROW("read",
	"1B", "vm", "distro", "1", "1500") ROW("fork", "", "host", "", "0", "2000000")
	ROW("fork", "", "host", "", "1", "2000000") LOST("fork", "", "ctr", "", "0", "failed",
		"killed by SIGSEGV") LOST("fork", "", "vm", "distro", "0", "skipped", "no µ here")
		ROW("port", "", "host", "", "0", "3.25") ROW("port", "", "host", "", "1", "3.25")
			LOST("port", "", "vm", "distro", "0", "skipped", "no µ here");

#define FEW                                                                                        \
	"Medians of 2 launches, 2 samples a cell. Few launches: an interval of 2 covers the true " \
	"median in\n50% of cases at best, not in 95%. 2 ratios stand side by side, each with a "   \
	"95% interval: about 1 of\nthese intervals may miss the true ratio by chance.\n"

static const char wide_ascii[] =
	"benchmark | host    | ctr                             | vm (distro)\n"
	"          |  median |  median  ratio [95%]            |  median  ratio [95%]\n"
	"read 1B   | 98.2 ns | 99.2 ns   1.01 [1.01, 1.01] (1) | 1.50 us   15.3 [15.3, 15.3]\n"
	"fork      | 2.00 ms | failed (2)                      | skipped (3)\n"
	"port      | 3.25 ns | -                               | skipped (3)\n"
	"\n"
	"(1) some launches have no value (1 failed, 0 late, 0 skipped): killed by SIGKILL\n"
	"(2) killed by SIGSEGV\n"
	"(3) no ? here\n" FEW;

static const char narrow_utf8[] =
	"emulated: the shape of a comparison holds, absolute times do not\n"
	"\n"
	"benchmark │ host    │ ctr\n"
	"          │  median │  median  ratio [95%]\n"
	"read 1B   │ 98.2 ns │ 99.2 ns   1.01 [1.01, 1.01] (1)\n"
	"fork      │ 2.00 ms │ failed (2)\n"
	"port      │ 3.25 ns │ -\n"
	"\n"
	"benchmark │ host    │ vm (distro)\n"
	"          │  median │  median  ratio [95%]\n"
	"read 1B   │ 98.2 ns │ 1.50 µs   15.3 [15.3, 15.3]\n"
	"fork      │ 2.00 ms │ skipped (3)\n"
	"port      │ 3.25 ns │ skipped (3)\n"
	"\n";

static void in_ascii(void **state)
{
	setlocale(LC_CTYPE, "C");
	put_file(*state, SAMPLES_FILE, small, strlen(small));
	assert_string_equal(printed_as(*state, (struct table_options){ .width = 100 }), wide_ascii);
}

static void narrow_in_utf8(void **state)
{
	const char *text;

	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		SKIP("there is no locale C.UTF-8");
	put_file(*state, SAMPLES_FILE, small, strlen(small));
	make_manifest(*state, "emulated");
	text = printed_as(*state, (struct table_options){ .width = 60 });
	assert_memory_equal(text, narrow_utf8, strlen(narrow_utf8));
	assert_non_null(strstr(text, "(3) no µ here\n"));
}

static void three_ways_fit_100_columns(void **state)
{
	static const char *const locales[] = { "C", "C.UTF-8" };

	make_run(*state, (struct made_up_run){ 1, 5, 4 });
	for (size_t i = 0; i < ARRAY_SIZE(locales); i++) {
		const char *text;

		if (!setlocale(LC_CTYPE, locales[i]))
			continue;
		text = printed_as(*state, (struct table_options){ .width = 100 });
		assert_true(widest_line(text) <= 100);
		assert_null(strstr(strstr(text, "benchmark") + 1, "benchmark"));
		assert_null(strstr(text, " \n"));
		text = printed_as(*state, (struct table_options){ .width = 80 });
		assert_true(widest_line(text) <= 80);
		assert_non_null(strstr(strstr(text, "benchmark") + 1, "benchmark"));
	}
}

static void color_only_if_asked(void **state)
{
	put_file(*state, SAMPLES_FILE, small, strlen(small));
	assert_null(strchr(printed_as(*state, (struct table_options){ 0 }), '\033'));
	assert_non_null(strstr(printed_as(*state, (struct table_options){ .color = true }),
		"\033[31mfailed (2)\033[0m"));
}

/* Names and reasons of a file from elsewhere must not drive the terminal. */
static void no_escapes_from_files(void **state)
{
	struct sample s = plain_sample();
	struct samples_writer *w;
	const char *text;

	assert_int_equal(samples_create(*state, &w, NULL), 0);
	s.benchmark = "a\033[2Jb\nc\xff\xc2\x9b";
	s.runtime = "r\rx";
	assert_int_equal(samples_append(w, &s, NULL), 0);
	s.runtime = "\033]0;title\a";
	s.status = SAMPLE_SKIPPED;
	s.reason = "because\033[31m\nof\xe2\x80\xae this";
	assert_int_equal(samples_append(w, &s, NULL), 0);
	samples_close(w);
	setlocale(LC_CTYPE, "C.UTF-8");
	text = printed_as(*state, (struct table_options){ .width = 100 });
	assert_null(strchr(text, '\033'));
	assert_null(strchr(text, '\r'));
	assert_null(strchr(text, '\a'));
	assert_null(strstr(text, "\xc2\x9b"));
	assert_null(strstr(text, "\xe2\x80\xae"));
	assert_non_null(strstr(text, "a?[2Jb?c"));
}

/* Names are cut by display width: an East Asian character takes two columns. */
static void long_names_are_cut(void **state)
{
	char name[60 * 3 + 1] = "";
	struct sample s = plain_sample();
	struct samples_writer *w;
	const char *text;

	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		SKIP("there is no locale C.UTF-8");
	for (int i = 0; i < 60; i++)
		strcat(name, "\u6e2c");
	s.benchmark = name;
	assert_int_equal(samples_create(*state, &w, NULL), 0);
	assert_int_equal(samples_append(w, &s, NULL), 0);
	samples_close(w);
	text = printed_as(*state, (struct table_options){ .width = 100 });
	name[20 * 3] = '\0'; /* 40 columns */
	strcat(name, " \u2502");
	assert_non_null(strstr(text, name));
}

static void as_csv(void **state)
{
	struct summary *s;
	cleanup_free char *file = NULL;
	size_t len;

	put_file(*state, SAMPLES_FILE, small, strlen(small));
	assert_int_equal(summary_make(*state, &s, NULL), 0);
	assert_int_equal(summary_write(s, *state, NULL), 0);
	summary_free(s);
	file = get_file(*state, SUMMARY_FILE, &len);
	assert_string_equal(
		printed_as(*state, (struct table_options){ .format = TABLE_CSV }), file);
}

static void as_json(void **state)
{
	json_t *o, *g;

	put_file(*state, SAMPLES_FILE, small, strlen(small));
	make_manifest(*state, "native");
	o = json_loads(printed_as(*state, (struct table_options){ .format = TABLE_JSON }), 0, NULL);
	assert_non_null(o);
	assert_string_equal(json_string_value(json_object_get(o, "machine")), "native");
	assert_string_equal(json_string_value(json_object_get(o, "baseline")), "host");
	assert_int_equal(json_array_size(json_object_get(o, "groups")), 8);
	g = json_array_get(json_object_get(o, "groups"), 1);
	assert_string_equal(json_string_value(json_object_get(g, "runtime")), "ctr");
	assert_near(json_number_value(json_object_get(g, "ratio")), 1.01, 1e-12);
	assert_int_equal(json_integer_value(json_object_get(g, "failed")), 1);
	g = json_array_get(json_object_get(o, "groups"), 4);
	assert_true(json_is_null(json_object_get(g, "median")));
	json_decref(o);
}

static const struct {
	double v;
	const char *unit, *ascii, *utf8;
} values[] = {
	{ 0, "ns", "0.00 ns", "0.00 ns" },
	{ 1.234, "ns", "1.23 ns", "1.23 ns" },
	{ 9.996, "ns", "10.0 ns", "10.0 ns" },
	{ 99.96, "ns", "100 ns", "100 ns" },
	{ 999.4, "ns", "999 ns", "999 ns" },
	{ 999.6, "ns", "1.00 us", "1.00 µs" },
	{ 1e6, "ns", "1.00 ms", "1.00 ms" },
	{ 12.345e9, "ns", "12.3 s", "12.3 s" },
	{ -1500, "ns", "-1.50 us", "-1.50 µs" },
	{ 1536, "bytes", "1.50 KiB", "1.50 KiB" },
	{ 3, "count", "3.00", "3.00" },
	{ 512, "instructions", "512", "512" },
	{ 1234567, "instructions", "1.23 M", "1.23 M" },
	{ 999600, "instructions", "1.00 M", "1.00 M" },
	{ 45.67e9, "instructions", "45.7 G", "45.7 G" },
	{ 0, "instructions", "0.00", "0.00" },
	{ 412.3, "1/s", "412 /s", "412 /s" },
	{ 1234, "1/s", "1.23 k/s", "1.23 k/s" },
	{ 0.5, "1/s", "0.50 /s", "0.50 /s" },
	{ 1e12, "count", "1e+12", "1e+12" },
	{ 1e300, "ns", "1e+291 s", "1e+291 s" },
	{ NAN, "ns", "", "" },
};

static void values_with_units(void **state)
{
	char out[TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		assert_string_equal(
			text_value(values[i].v, values[i].unit, false, out), values[i].ascii);
		assert_string_equal(
			text_value(values[i].v, values[i].unit, true, out), values[i].utf8);
	}
}

static const struct {
	const char *in, *utf8, *ascii;
} texts[] = {
	{ "plain", "plain", "plain" },
	{ "µs", "µs", "?s" },
	{ "a\tb\nc\x7f", "a?b?c?", "a?b?c?" },
	{ "\xc2", "?", "?" },
	{ "\xc0\x80", "??", "??" },             /* longer than needed */
	{ "\xed\xa0\x80", "???", "???" },       /* a surrogate */
	{ "\xf4\x90\x80\x80", "????", "????" }, /* above U+10FFFF */
	{ "\xe2\x80\xae", "?", "?" },           /* right-to-left override */
	{ "\xc2\x85", "?", "?" },               /* C1: next line */
	{ "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80", "?" },
};

static void clean_texts(void **state)
{
	char out[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		text_clean(texts[i].in, true, out, sizeof(out));
		assert_string_equal(out, texts[i].utf8);
		text_clean(texts[i].in, false, out, sizeof(out));
		assert_string_equal(out, texts[i].ascii);
	}
	text_clean("ab\xc2\xb5", true, out, 4); /* never half a character */
	assert_string_equal(out, "ab");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_folder(in_ascii),
		in_folder(narrow_in_utf8),
		in_folder(three_ways_fit_100_columns),
		in_folder(color_only_if_asked),
		in_folder(no_escapes_from_files),
		in_folder(long_names_are_cut),
		in_folder(as_csv),
		in_folder(as_json),
		cmocka_unit_test(values_with_units),
		cmocka_unit_test(clean_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
