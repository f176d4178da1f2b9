/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The console's ring, its limit, and what of it goes into a reason. */
#include "tests/unit/check.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/util.h"
#include "vmm/console.h"

static struct vm_state st;

static void print(struct console *c, const char *text)
{
	while (*text)
		console_put(c, (uint8_t)*text++);
}

static void test_tail(void **state)
{
	static const struct {
		const char *printed, *want;
		size_t size;
	} cases[] = {
		{ "", "", 100 },
		{ "\n\n\n", "", 100 },
		{ "one\n", "one", 100 },
		{ "one\r\ntwo\r\n\r\nthree", "one | two | three", 100 },
		{ "a\tb\a\x01 c\xc3\xa4", "a b c??", 100 },
		{ "\033[?7l\033[2J\033[0mtext\033[1;31m red\033", "text red", 100 },
		{ "first\nsecond\nthird\n", "second | third", 15 }, /* whole lines that fit */
		{ "a line longer than the room", "the room", 9 },   /* else the end of the last */
		{ "x\n[0.1] Kernel panic - not syncing: why\nCPU: 0\n",
			"[0.1] Kernel panic - not syncing: why | CPU: 0", 100 },
		{ "x\nKernel panic - not syncing: why\nCPU: 0\n", "Kernel panic", 13 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char got[128];
		struct console c;

		st = (struct vm_state){ 0 };
		console_init(&c, &st, -1);
		print(&c, cases[i].printed);
		console_tail(&st, got, cases[i].size);
		assert_string_equal(got, cases[i].want);
	}
}

static void test_ring_keeps_the_last(void **state)
{
	char got[64];
	struct console c;

	(void)state;
	st = (struct vm_state){ 0 };
	console_init(&c, &st, -1);
	for (unsigned i = 0; i < VM_CONSOLE_RING; i++)
		print(&c, "some line\n");
	print(&c, "before the last\nthe last\n");
	console_tail(&st, got, 30);
	assert_string_equal(got, "before the last | the last");
	assert_int_equal(st.console_bytes, VM_CONSOLE_RING * 10 + 25);
}

/* A VMM that was taken over can write what it likes. */
static void test_hostile_state(void **state)
{
	static const uint64_t totals[] = { UINT64_MAX, UINT64_MAX - 5, VM_CONSOLE_RING + 1, 1 };
	char got[400];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(totals); i++) {
		memset(&st, 0xff, sizeof(st));
		st.console_bytes = totals[i];
		console_tail(&st, got, sizeof(got));
		assert_true(strlen(got) < sizeof(got));
		assert_int_equal(strspn(got, "?"), strlen(got));
	}
}

static size_t file_size(int fd)
{
	struct stat s;

	assert_int_equal(fstat(fd, &s), 0);
	return (size_t)s.st_size;
}

static void test_lines_go_out_whole(void **state)
{
	int fd = memfd_create("out", MFD_CLOEXEC);
	struct console c;

	(void)state;
	st = (struct vm_state){ 0 };
	console_init(&c, &st, fd);
	print(&c, "part");
	assert_int_equal(file_size(fd), 0);
	print(&c, " one\npart");
	assert_int_equal(file_size(fd), 9);
	console_flush(&c);
	assert_int_equal(file_size(fd), 13);
	close(fd);
}

static void test_flood_is_cut_once(void **state)
{
	int fd = memfd_create("out", MFD_CLOEXEC);
	char end[64] = "";
	struct console c;
	size_t cut_at;

	(void)state;
	st = (struct vm_state){ 0 };
	console_init(&c, &st, fd);
	for (unsigned i = 0; i < VM_CONSOLE_MAX; i++)
		console_put(&c, 'x');
	cut_at = file_size(fd);
	assert_in_range(cut_at, VM_CONSOLE_MAX + 1, VM_CONSOLE_MAX + sizeof(end));
	assert_true(pread(fd, end, sizeof(end) - 1, VM_CONSOLE_MAX) > 0);
	assert_non_null(strstr(end, "cut here"));
	print(&c, "the ring goes on\n");
	console_flush(&c);
	assert_int_equal(file_size(fd), cut_at);
	console_tail(&st, end, 18);
	assert_string_equal(end, "x"
				 "the ring goes on");
	close(fd);
}

/* A reader that has gone must not take the VMM with it. */
static void test_output_that_fails(void **state)
{
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct console c;

	(void)state;
	st = (struct vm_state){ 0 };
	console_init(&c, &st, fd);
	print(&c, "one\ntwo\n");
	assert_int_equal(c.fd, -1);
	assert_int_equal(st.console_bytes, 8);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tail),
		cmocka_unit_test(test_ring_keeps_the_last),
		cmocka_unit_test(test_hostile_state),
		cmocka_unit_test(test_lines_go_out_whole),
		cmocka_unit_test(test_flood_is_cut_once),
		cmocka_unit_test(test_output_that_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
