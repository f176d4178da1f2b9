/* SPDX-License-Identifier: GPL-3.0-or-later */
/* runner/peak: whose memory counts among the ends that were heard, and a real one. */
#include "tests/unit/check.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/proc.h"
#include "base/spawn.h"
#include "base/util.h"
#include "runner/peak.h"

#define OWN 1000

static const struct {
	struct peak_record records[6];
	size_t n;
	uint64_t bytes;
} cases[] = {
	{ { { 0 } }, 0, 0 },
	/* A child of ours, alone; beside a stranger; beside a helper that shares our memory. */
	{ { { 10, 1, 300 } }, 1, 300 },
	{ { { 20, 2, 900 }, { 10, 1, 300 } }, 2, 300 },
	{ { { 11, 1, OWN + 5 }, { 10, 1, 300 } }, 2, 300 },
	/* Only helpers: not known. */
	{ { { 11, 1, OWN } }, 1, 0 },
	/* Its children and theirs count, whatever they have. */
	{ { { 30, 12, 5000 }, { 12, 10, 200 }, { 10, 1, 300 } }, 3, 5000 },
	/* Threads: the last one saw the most. */
	{ { { 10, 1, 100 }, { 10, 1, 300 }, { 11, 1, OWN } }, 3, 300 },
	/* Numbers that go in circles must not hold us up. */
	{ { { 10, 1, 300 }, { 12, 10, 1 }, { 10, 12, 2 }, { 10, 10, 3 } }, 4, 300 },
	{ { { 10, 1, 0 } }, 1, 0 },
};

static void the_program_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(peak_find(cases[i].records, cases[i].n, 1, OWN), cases[i].bytes);
}

/* A small program, started by a large one: us. */
static void a_real_one(void **state)
{
	char *argv[] = { (char[]){ "true" }, NULL };
	const int fds[] = { -1, -1, -1 };
	const struct spawn sp = { .path = "/bin/true", .argv = argv, .fds = fds, .n_fds = 3 };
	struct outcome out = { 0 };
	struct spawned child;
	struct peak *p = NULL;
	struct err e = { 0 };
	uint64_t bytes;

	(void)state;
	if (peak_open(&p, &e) < 0)
		SKIP(e.message);
	peak_begin(p);
	assert_int_equal(spawn_program(&sp, &child, &e), 0);
	assert_int_equal(proc_wait(child.pidfd, now_ns() + 20 * NSEC_PER_SEC, -1, &out, &e), 0);
	close(child.pidfd);
	bytes = peak_end(p, UINT64_MAX);
	assert_in_range(bytes, 100 * 1024, 100 << 20);
	assert_int_equal(peak_end(p, 1), 0); /* nothing is that small */
	peak_close(p);
}

static void nobody_listens(void **state)
{
	(void)state;
	peak_begin(NULL);
	assert_int_equal(peak_end(NULL, OWN), 0);
	peak_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_program_is_found),
		cmocka_unit_test(a_real_one),
		cmocka_unit_test(nobody_listens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
