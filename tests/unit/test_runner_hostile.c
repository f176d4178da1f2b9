/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A hostile guest's report all the way into samples.csv: whatever it says, the file can be read. */
#include "tests/unit/results_fixture.h"

#include "base/report_abi.h"
#include "runner/report.h"
#include "runner/rows.h"
#include "runner/suites.h"

#define HEAD REPORT_MAGIC "\t1\n"
#define GOOD "sample\tgetppid\t\t0\t1000\t98000\t300\n"
#define YEAR "31536000000000000"

/* getppid, the benchmark they all speak of, has so many rows afterwards. */
static const struct {
	const char *name, *text;
	size_t rows;
	enum sample_status status; /* of the last one */
} reports[] = {
	{ "honest", HEAD GOOD "end\t0\n", 1, SAMPLE_OK },
	{ "nothing", "", 1, SAMPLE_FAILED },
	{ "quotes and commas", HEAD "fail\tgetppid\t\t\",\"\"\",,=1+1'\nend\t0\n", 1,
		SAMPLE_FAILED },
	{ "a row in a reason", HEAD "fail\tgetppid\t\t1,x,syscalls,getppid,,vm\nend\t0\n", 1,
		SAMPLE_FAILED },
	{ "a reason with a carriage return", HEAD GOOD "skip\tgetppid\t\ta\rb\n", 1, SAMPLE_OK },
	{ "an escape sequence", HEAD GOOD "skip\tgetppid\t\t\x1b]0;title\a\n", 1, SAMPLE_OK },
	{ "one of C1",
		HEAD GOOD "skip\tgetppid\t\t\xc2\x9b"
			  "2J\n",
		1, SAMPLE_OK },
	{ "a benchmark nobody planned", HEAD "sample\tmine\t\t0\t1\t1\t0\nend\t0\n", 1,
		SAMPLE_FAILED },
	{ "of another suite", HEAD "sample\thello\t\t0\t1\t1\t0\nend\t0\n", 1, SAMPLE_FAILED },
	{ "no time at all", HEAD "sample\tgetppid\t\t0\t1099511627776\t0\t0\n", 1, SAMPLE_OK },
	{ "more overhead than time", HEAD "sample\tgetppid\t\t0\t1\t0\t3600000000000\n", 1,
		SAMPLE_OK },
	{ "a year", HEAD GOOD "sample\tgetppid\t\t0\t1\t" YEAR "\t0\n", 1, SAMPLE_OK },
	{ "the largest number", HEAD "value\tgetppid\t\tm\tns\t1\t18446744073709551615\n", 1,
		SAMPLE_OK },
	{ "one index again and again", HEAD GOOD GOOD GOOD "end\t0\n", 3, SAMPLE_OK },
	{ "begun, another one to blame", HEAD "begin\t\",\"\t\",\"\n", 1, SAMPLE_FAILED },
	{ "a kernel that is not Linux", HEAD "info\tkernel.sysname\t\",\"\nend\t0\n", 1,
		SAMPLE_SKIPPED },
};

static int append(void *ctx, const struct sample *s, struct err *e)
{
	return samples_append(ctx, s, e);
}

/* The rows of one launch of a suite whose workload reported @text. */
static void put_rows(const char *text, struct samples_writer *w)
{
	static struct plan plan = { .n_ways = 1, .n_suites = 1, .filter = "getppid" };
	struct launch launch = { .way = 0 };
	struct launch_result lr = { .plan = &plan, .launch = &launch, .run_id = "run" };
	struct outcome out = { .kind = OUTCOME_EXITED };
	struct report report;
	struct err e = { 0 };
	bool failed = false;

	plan.suites[0] = suite_find("syscalls");
	plan.time_unit = "ns";
	strcpy(plan.ways[0].name, "vm");
	plan.ways[0].kernel = "hello";
	if (report_parse(text, strlen(text), &report, &e) < 0)
		lr.failure = e.message;
	lr.report = &report;
	lr.outcome = &out;
	assert_int_equal(rows_of_launch(&lr, append, w, &failed, &e), 0);
	report_free(&report);
}

static void assert_plain(const char *path)
{
	cleanup_free char *text = NULL;
	size_t len;

	assert_int_equal(read_file(path, 32u << 20, &text, &len), 0);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c != '\n' && (c < 0x20 || c > 0x7e))
			fail_msg("byte 0x%x at %zu", c, i);
	}
}

static void the_file_stays_readable(void **state)
{
	cleanup_free char *path = path_in(*state, SAMPLES_FILE);

	for (size_t i = 0; i < ARRAY_SIZE(reports); i++) {
		struct samples_writer *w;
		struct sample_set set;

		print_message("%s\n", reports[i].name);
		assert_int_equal(samples_create(*state, &w, NULL), 0);
		put_rows(reports[i].text, w);
		samples_close(w);
		assert_plain(path);
		assert_int_equal(samples_read(path, &set, NULL), 0);
		assert_false(set.torn);
		assert_int_equal(set.n, reports[i].rows);
		assert_string_equal(set.rows[0].benchmark, "getppid");
		assert_string_equal(set.rows[0].runtime, "vm");
		assert_int_equal(set.rows[set.n - 1].status, reports[i].status);
		assert_true(isfinite(set.rows[0].value) || !sample_has_value(&set.rows[0]));
		samples_free(&set);
		assert_int_equal(unlink(path), 0);
	}
}

/* A field of more than 64 KiB is one that the reader takes for damage: it must never get there. */
static void a_long_reason_does_not_cost_the_run(void **state)
{
	static const char *const kinds[] = { "skip\tgetppid\t\t", "fail\tgetppid\t\t",
		"begin\tgetppid\t", "begin\t", "info\tkernel.sysname\t" };
	cleanup_free char *path = path_in(*state, SAMPLES_FILE);

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		cleanup_free char *text = format_text(HEAD GOOD "%s%0900000d\n", kinds[i], 1);
		struct samples_writer *w;
		struct sample_set set;

		assert_int_equal(samples_create(*state, &w, NULL), 0);
		put_rows(text, w);
		samples_close(w);
		assert_int_equal(samples_read(path, &set, NULL), 0);
		assert_int_equal(set.n, 1);
		assert_int_equal(set.rows[0].status, SAMPLE_OK);
		samples_free(&set);
		assert_int_equal(unlink(path), 0);
	}
}

/* As many rows as go into one report. */
static void a_report_full_of_samples(void **state)
{
	cleanup_free char *path = path_in(*state, SAMPLES_FILE), *text = malloc(REPORT_MAX + 64);
	size_t used = (size_t)sprintf(text, HEAD);
	struct samples_writer *w;
	struct sample_set set;

	while (used < REPORT_MAX - 64)
		used += (size_t)sprintf(text + used, "sample\tgetppid\t\t2147483648\t1\t1\t0\n");
	assert_int_equal(samples_create(*state, &w, NULL), 0);
	put_rows(text, w); /* an index of 2^31 */
	for (char *p = text; (p = strstr(p, "2147483648")); p += 10)
		memcpy(p, "0000000001", 10);
	put_rows(text, w);
	samples_close(w);
	assert_int_equal(samples_read(path, &set, NULL), 0);
	assert_in_range(set.n, 1 + 19000, 1 + 20000);
	assert_int_equal(set.rows[0].status, SAMPLE_FAILED);
	samples_free(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_folder(the_file_stays_readable),
		in_folder(a_long_reason_does_not_cost_the_run),
		in_folder(a_report_full_of_samples),
	};

	return cmocka_run_group_tests_name("runner/hostile", tests, NULL, NULL);
}
