/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/check.h"

#include <errno.h>
#include <string.h>

#include "base/report_abi.h"
#include "base/util.h"
#include "runner/report.h"

#define HEAD "bench-report\t1\n"

static const struct {
	const char *name, *text;
	int result;
	size_t records;
	bool ended;
} cases[] = {
	{ "empty", "", 0, 0, false },
	{ "only the head", HEAD, 0, 0, false },
	{ "head and end", HEAD "end\t0\n", 0, 0, true },
	{ "info", HEAD "info\tkernel.release\t6.1 x\nend\t0\n", 0, 1, true },
	{ "sample", HEAD "sample\tgetppid\t\t0\t1000\t98000\t300\nend\t0\n", 0, 1, true },
	{ "value", HEAD "value\tgetppid\t\texits-halt\tcount\t1000\t3\nend\t0\n", 0, 1, true },
	{ "a value's metric with a blank", HEAD "value\tg\t\ta b\tcount\t1\t3\n", -EPROTO, 0,
		false },
	{ "a value without metric", HEAD "value\tg\t\t\tcount\t1\t3\n", -EPROTO, 0, false },
	{ "a value's metric too long",
		HEAD "value\tg\t\tabcdefghijklmnopqrstuvwxyz012345\tcount\t1\t3\n", -EPROTO, 0,
		false },
	{ "a value in miles", HEAD "value\tg\t\texits\tmiles\t1\t3\n", -EPROTO, 0, false },
	{ "a value of nothing", HEAD "value\tg\t\texits\tcount\t0\t3\n", -EPROTO, 0, false },
	{ "skip", HEAD "skip\tport_write\t\tioperm: EPERM\n", 0, 1, false },
	{ "fail", HEAD "fail\tpipe\tcross-cpu\twrite: EIO\n", 0, 1, false },
	{ "begin without end", HEAD "begin\tgetppid\t\n", 0, 1, false },
	{ "cut in a line", HEAD "begin\tgetppid\t\nsample\tgetp", 0, 1, false },
	{ "no head", "info\ta\tb\n", -EPROTO, 0, false },
	{ "two heads", HEAD HEAD, -EPROTO, 0, false },
	{ "another version", "bench-report\t2\n", -EPROTO, 0, false },
	{ "unknown record", HEAD "hello\tworld\n", -EPROTO, 0, false },
	{ "empty line", HEAD "\n", -EPROTO, 0, false },
	{ "too few fields", HEAD "sample\tgetppid\t\t0\t1000\t98000\n", -EPROTO, 0, false },
	{ "too many fields", HEAD "info\ta\tb\tc\n", -EPROTO, 0, false },
	{ "far too many fields", HEAD "info\t\t\t\t\t\t\t\t\t\t\t\t\n", -EPROTO, 0, false },
	{ "negative", HEAD "sample\tgetppid\t\t0\t-1\t98000\t0\n", -EPROTO, 0, false },
	{ "not a number", HEAD "sample\tgetppid\t\t0\t1e3\t98000\t0\n", -EPROTO, 0, false },
	{ "no iterations", HEAD "sample\tgetppid\t\t0\t0\t98000\t0\n", -EPROTO, 0, false },
	{ "not finite", HEAD "sample\tgetppid\t\t0\t1\tnan\t0\n", -EPROTO, 0, false },
	{ "infinite", HEAD "value\tg\t\texits\tcount\t1\tinf\n", -EPROTO, 0, false },
	{ "hexadecimal", HEAD "sample\tgetppid\t\t0\t0x10\t98000\t0\n", -EPROTO, 0, false },
	{ "2^64", HEAD "value\tg\t\texits\tcount\t1\t18446744073709551616\n", -EPROTO, 0, false },
	{ "overflow", HEAD "sample\tg\t\t0\t1\t99999999999999999999\t0\n", -EPROTO, 0, false },
	{ "a year in a batch", HEAD "sample\tg\t\t0\t1\t31536000000000000\t0\n", -EPROTO, 0,
		false },
	{ "escape sequence", HEAD "info\ta\t\x1b[31m\n", -EPROTO, 0, false },
	{ "escape sequence of one byte",
		HEAD "info\ta\t\x9b"
		     "31m\n",
		-EPROTO, 0, false },
	{ "the same in UTF-8",
		HEAD "skip\tg\t\t\xc2\x9b"
		     "31m\n",
		-EPROTO, 0, false },
	{ "text from right to left",
		HEAD "fail\tg\t\t\xe2\x80\xae"
		     "abc\n",
		-EPROTO, 0, false },
	{ "delete", HEAD "begin\tg\x7f\t\n", -EPROTO, 0, false },
	{ "carriage return", HEAD "end\t0\r\n", -EPROTO, 0, false },
	{ "a key without letters", HEAD "info\t\tb\n", -EPROTO, 0, false },
	{ "a key with a blank", HEAD "info\ta b\tc\n", -EPROTO, 0, false },
	{ "a key that would leave a folder", HEAD "info\t../a\tc\n", -EPROTO, 0, false },
	{ "after the end", HEAD "end\t0\ninfo\ta\tb\n", -EPROTO, 0, true },
	{ "status out of range", HEAD "end\t256\n", -EPROTO, 0, false },
	{ "good, then bad", HEAD "info\ta\tb\nbad\n", -EPROTO, 1, false },
};

static void parses_each_kind(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct report r;
		struct err e = { 0 };
		int result = report_parse(cases[i].text, strlen(cases[i].text), &r, &e);

		if (result != cases[i].result || r.n != cases[i].records ||
			r.ended != cases[i].ended)
			fail_msg("%s: result %d, %zu records, ended %d", cases[i].name, result, r.n,
				r.ended);
		assert_int_equal(e.code, result);
		report_free(&r);
	}
}

static void keeps_the_values(void **state)
{
	static const char text[] = HEAD "info\tk\tv w\nsample\tread\t4KiB\t7\t1000\t98765\t300\n"
					"skip\tcpuid\t\tno reason\nend\t3\n";
	struct report r;
	struct err e;

	(void)state;
	assert_int_equal(report_parse(text, strlen(text), &r, &e), 0);
	assert_int_equal(r.n, 3);
	assert_string_equal(report_info(&r, "k"), "v w");
	assert_null(report_info(&r, "x"));
	assert_int_equal(r.records[1].kind, RECORD_SAMPLE);
	assert_string_equal(r.records[1].name, "read");
	assert_string_equal(r.records[1].params, "4KiB");
	assert_int_equal(r.records[1].index, 7);
	assert_int_equal(r.records[1].iterations, 1000);
	assert_int_equal(r.records[1].elapsed_ns, 98765);
	assert_int_equal(r.records[1].overhead_ns, 300);
	assert_string_equal(r.records[2].text, "no reason");
	assert_int_equal(r.status, 3);
	report_free(&r);
}

/* The longest value that a workload sends is taken, one byte more is not; the same of a key. */
static void bounds_the_fields(void **state)
{
	static const struct {
		int key, value, result;
	} lengths[] = {
		{ REPORT_KEY_MAX - 1, REPORT_VALUE_MAX - 1, 0 },
		{ REPORT_KEY_MAX, 1, -EPROTO },
		{ 1, REPORT_VALUE_MAX, -EPROTO },
		{ 1, 900000, -EPROTO },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		cleanup_free char *text = format_text(
			HEAD "info\t%0*d\t%0*d\nend\t0\n", lengths[i].key, 1, lengths[i].value, 1);
		struct report r;
		struct err e;

		assert_int_equal(report_parse(text, strlen(text), &r, &e), lengths[i].result);
		assert_int_equal(r.n, lengths[i].result ? 0 : 1);
		report_free(&r);
	}
}

/* What follows a NUL is not looked at: the file is zeros where nobody wrote. */
static void ends_at_the_first_nul(void **state)
{
	static const char text[] = HEAD "info\ta\tb\nend\0\t0\ninfo\tc\t\x1b[31m\n";
	struct report r;
	struct err e;

	(void)state;
	assert_int_equal(report_parse(text, sizeof(text) - 1, &r, &e), 0);
	assert_int_equal(r.n, 1);
	assert_false(r.ended);
	report_free(&r);
}

/* Facts go into the manifest one by one, and each that does not fit there is a warning. */
static void bounds_the_facts(void **state)
{
	cleanup_free char *text = malloc(REPORT_MAX);
	size_t used = (size_t)sprintf(text, HEAD);
	struct report r;
	struct err e;

	(void)state;
	for (unsigned i = 0; i < 3000; i++)
		used += (size_t)sprintf(text + used, "info\ta.%u\tb\n", i);
	assert_int_equal(report_parse(text, used, &r, &e), -EPROTO);
	assert_int_equal(r.n, 2000);
	report_free(&r);
}

/* A guest may fill the whole file with records: their number is bounded, and memory with it. */
static void bounds_the_records(void **state)
{
	struct report r;
	struct err e;
	char *text = malloc(REPORT_MAX);
	size_t used = (size_t)sprintf(text, HEAD);

	(void)state;
	while (used + 16 < REPORT_MAX)
		used += (size_t)sprintf(text + used, "begin\ta\t\n");
	assert_int_equal(report_parse(text, used, &r, &e), -EPROTO);
	assert_true(r.n <= 20000);
	report_free(&r);
	free(text);
}

static void reads_the_file_and_cannot_outgrow_it(void **state)
{
	int fd = report_file();
	struct report r;
	struct err e;
	char *big = calloc(1, REPORT_MAX);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write_all(fd, HEAD "info\ta\tb\nend\t0\n", strlen(HEAD) + 15), 0);
	assert_int_equal(report_read(fd, &r, &e), 0);
	assert_true(r.ended);
	report_free(&r);
	assert_int_equal(write_all(fd, big, REPORT_MAX), -EPERM);
	free(big);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_each_kind),
		cmocka_unit_test(keeps_the_values),
		cmocka_unit_test(bounds_the_fields),
		cmocka_unit_test(ends_at_the_first_nul),
		cmocka_unit_test(bounds_the_facts),
		cmocka_unit_test(bounds_the_records),
		cmocka_unit_test(reads_the_file_and_cannot_outgrow_it),
	};

	return cmocka_run_group_tests_name("runner/report", tests, NULL, NULL);
}
