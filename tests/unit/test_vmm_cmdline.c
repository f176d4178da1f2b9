/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guest kernel's command line. */
#include "tests/unit/check.h"

#include <errno.h>
#include <string.h>

#include "base/util.h"
#include "vmm/cmdline.h"
#include "vmm/vm_proto.h"

static void test_arguments(void **state)
{
	static const struct {
		const char *argv[5];
		int result;
		const char *want;
	} cases[] = {
		{ { NULL }, 0, "opt --" },
		{ { "workload" }, 0, "opt --" },
		{ { "workload", "--suite=x", "b" }, 0, "opt -- --suite=x b" },
		{ { "workload", "a b", "c" }, 0, "opt -- \"a b\" c" },
		{ { "workload", "" }, -EINVAL, NULL },
		{ { "workload", "say \"x\"" }, -EINVAL, NULL },
		{ { "workload", "two\nlines" }, -EINVAL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char got[VM_CMDLINE_SIZE];
		struct err e;
		int r = cmdline_make("opt", (char *const *)cases[i].argv, got, sizeof(got), &e);

		assert_int_equal(r, cases[i].result);
		if (cases[i].want)
			assert_string_equal(got, cases[i].want);
	}
}

static void test_too_long(void **state)
{
	char arg[VM_CMDLINE_SIZE], got[VM_CMDLINE_SIZE];
	char name[] = "workload";
	char *argv[] = { name, arg, NULL };
	struct err e;

	(void)state;
	memset(arg, 'x', sizeof(arg));
	arg[sizeof(arg) - 5] = '\0'; /* one more than fits after "o -- " */
	assert_int_equal(cmdline_make("o", argv, got, sizeof(got), &e), -E2BIG);
	arg[sizeof(arg) - 6] = '\0';
	assert_int_equal(cmdline_make("o", argv, got, sizeof(got), &e), 0);
	assert_int_equal(strlen(got), sizeof(got) - 1);
	assert_int_equal(cmdline_make("options that do not fit", argv, got, 8, &e), -E2BIG);
}

static void test_too_many(void **state)
{
	char *argv[34], arg[] = "a";
	char got[VM_CMDLINE_SIZE];
	struct err e;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(argv); i++)
		argv[i] = arg;
	argv[33] = NULL;
	assert_int_equal(cmdline_make("", argv, got, sizeof(got), &e), -E2BIG);
	argv[32] = NULL;
	assert_int_equal(cmdline_make("", argv, got, sizeof(got), &e), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
