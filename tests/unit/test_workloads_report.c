/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/check.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/report_abi.h"
#include "workloads/bench.h"
#include "workloads/report.h"

#define ROWS(a) (sizeof(a) / sizeof((a)[0]))

/* What the sink got; it fails when it is to. */
static struct {
	char text[256 * 1024];
	size_t len;
	unsigned calls;
	int result;
} sunk;

static int sink(struct report *r, const char *buf, size_t len)
{
	(void)r;
	sunk.calls++;
	if (sunk.result < 0)
		return sunk.result;
	assert_true(sunk.len + len < sizeof(sunk.text));
	memcpy(sunk.text + sunk.len, buf, len);
	sunk.len += len;
	sunk.text[sunk.len] = '\0';
	return 0;
}

static struct report report;
static const struct benchmark pipe_row = { .name = "pipe", .params = "same-cpu" };
static const struct benchmark plain_row = { .name = "getppid", .params = "" };

static int start(void **state)
{
	(void)state;
	memset(&sunk, 0, sizeof(sunk));
	report_open(&report, sink, -1);
	return 0;
}

static void writes_the_abi(void **state)
{
	(void)state;
	report_info(&report, "kernel.release", "%s-%d", "6.1", 2);
	report_begin(&report, &plain_row);
	report_sample(&report, &plain_row, 0, 10, UINT64_MAX, 7);
	report_begin(&report, &pipe_row);
	report_skip(&report, &pipe_row, "fork: no");
	report_fail(&report, &pipe_row, "read: returned 0");
	assert_int_equal(report_end(&report, 0), 0);
	assert_string_equal(sunk.text, "bench-report\t1\n"
				       "info\tkernel.release\t6.1-2\n"
				       "begin\tgetppid\t\n"
				       "sample\tgetppid\t\t0\t10\t18446744073709551615\t7\n"
				       "begin\tpipe\tsame-cpu\n"
				       "skip\tpipe\tsame-cpu\tfork: no\n"
				       "fail\tpipe\tsame-cpu\tread: returned 0\n"
				       "end\t0\n");
}

static void cleans(void **state)
{
	static const struct {
		const char *raw, *clean;
	} cases[] = {
		{ "", "" },
		{ "plain", "plain" },
		{ "a b", "a b" },
		{ "a\tb\nc\rd", "a b c d" },
		{ "line\n", "line" },
		{ "\n\t lead", "lead" },
		{ " \t\n ", "" },
		{ "\x1b[31mred", "[31mred" },
		{ "caf\xc3\xa9 x", "caf   x" },
		{ "\xff\xfe", "" },
		{ "del\x7f.", "del ." },
		{ "123456789012345", "123456789012345" },
		{ "1234567890123456", "123456789012345" },
		{ "12345678901234 6", "12345678901234" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++) {
		char out[16];

		report_clean(out, sizeof(out), cases[i].raw);
		assert_string_equal(out, cases[i].clean);
	}
}

/* A forged record inside a value must stay a value. */
static void hostile_values_stay_one_field(void **state)
{
	const char *next;
	unsigned lines = 0, tabs = 0;

	(void)state;
	report_info(&report, "k\tey\n", "x\nend\t0\nsample\tgetppid\t\t0\t1\t1\t1");
	report_skip(&report, &plain_row, "why\nend\t0\n");
	report_end(&report, 0);
	for (next = sunk.text; *next; next++) {
		lines += *next == '\n';
		tabs += *next == '\t';
	}
	assert_int_equal(lines, 4);
	assert_int_equal(tabs, 1 + 2 + 3 + 1);
	assert_non_null(strstr(sunk.text, "\ninfo\tk ey\tx end 0 sample getppid  0 1 1 1\n"));
}

static void long_values_are_cut(void **state)
{
	static char big[3 * REPORT_VALUE_MAX];

	(void)state;
	memset(big, 'x', sizeof(big) - 1);
	report_info(&report, big, "%s", big);
	report_end(&report, 0);
	assert_true(sunk.len < REPORT_VALUE_MAX + 128);
	assert_non_null(strstr(sunk.text, "x\nend\t0\n"));
}

static void sends_begin_at_once_and_samples_later(void **state)
{
	(void)state;
	assert_int_equal(sunk.calls, 0);
	report_begin(&report, &plain_row);
	assert_int_equal(sunk.calls, 1);
	report_sample(&report, &plain_row, 0, 1, 1, 1);
	assert_int_equal(sunk.calls, 1);
	report_flush(&report);
	assert_int_equal(sunk.calls, 2);
	report_flush(&report);
	assert_int_equal(sunk.calls, 2);
}

static void a_full_buffer_loses_nothing(void **state)
{
	unsigned lines = 0;

	(void)state;
	for (unsigned i = 0; i < 2000; i++)
		report_sample(&report, &pipe_row, i, 123456, 7890123, 456);
	report_end(&report, 0);
	for (const char *p = sunk.text; (p = strchr(p, '\n')); p++)
		lines++;
	assert_int_equal(lines, 2000 + 2);
	assert_non_null(strstr(sunk.text, "\t1999\t123456\t7890123\t456\nend\t0\n"));
}

static void a_broken_sink_is_told_once(void **state)
{
	(void)state;
	report_begin(&report, &plain_row);
	sunk.result = -ENOSPC;
	report_begin(&report, &pipe_row);
	sunk.result = 0;
	report_begin(&report, &plain_row);
	assert_int_equal(report_end(&report, 0), -ENOSPC);
	assert_int_equal(sunk.calls, 2);
}

/* REPORT_FD counts only if it was made for us: a shell or make may have something else there. */
static void knows_its_descriptor(void **state)
{
	static const struct {
		off_t size;
		int fd;
	} cases[] = { { 0, STDOUT_FILENO }, { REPORT_MAX - 1, STDOUT_FILENO },
		{ REPORT_MAX, REPORT_FD }, { REPORT_MAX + 1, STDOUT_FILENO } };
	int saved = dup(REPORT_FD), fds[2];

	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++) {
		int fd = memfd_create("test", 0);

		assert_true(fd >= 0);
		assert_int_equal(ftruncate(fd, cases[i].size), 0);
		assert_int_equal(dup2(fd, REPORT_FD), REPORT_FD);
		assert_int_equal(report_default_fd(), cases[i].fd);
		if (fd != REPORT_FD)
			close(fd);
	}
	assert_int_equal(pipe(fds), 0);
	dup2(fds[0], REPORT_FD);
	assert_int_equal(report_default_fd(), STDOUT_FILENO);
	close(REPORT_FD);
	assert_int_equal(report_default_fd(), STDOUT_FILENO);
	if (saved >= 0)
		dup2(saved, REPORT_FD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(writes_the_abi, start),
		cmocka_unit_test(cleans),
		cmocka_unit_test_setup(hostile_values_stay_one_field, start),
		cmocka_unit_test_setup(long_values_are_cut, start),
		cmocka_unit_test_setup(sends_begin_at_once_and_samples_later, start),
		cmocka_unit_test_setup(a_full_buffer_loses_nothing, start),
		cmocka_unit_test_setup(a_broken_sink_is_told_once, start),
		cmocka_unit_test(knows_its_descriptor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
