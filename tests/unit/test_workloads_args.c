/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/check.h"

#include <errno.h>
#include <string.h>

#include "workloads/args.h"

#define MAX_WORDS 4
#define ROWS(a) (sizeof(a) / sizeof((a)[0]))

static int parse(struct args *a, const char *const *words, char *why, size_t size)
{
	char *argv[MAX_WORDS + 2] = { (char *)"workload" };
	int argc = 1;

	for (; argc <= MAX_WORDS && words[argc - 1]; argc++)
		argv[argc] = (char *)words[argc - 1];
	memset(why, 0, size);
	return args_parse(a, argc, argv, why, size);
}

static void has_defaults(void **state)
{
	const char *const none[] = { NULL };
	char why[200];
	struct args a;

	(void)state;
	assert_int_equal(parse(&a, none, why, sizeof(why)), 0);
	assert_string_equal(a.suite, "syscalls");
	assert_string_equal(a.filter, "*");
	assert_null(a.tmp);
	assert_int_equal(a.seed, 0);
	assert_int_equal(a.batch_ns, 1000000); /* docs/method.md, rule 2 */
	assert_true(a.batches >= 3 && a.batches <= ARGS_BATCHES_MAX);
	assert_true(a.budget_ns > 0);
	assert_int_equal(a.list, 0);
	assert_int_equal(a.help, 0);
}

static void takes_values(void **state)
{
	const char *const first[] = { "--suite=memory", "--filter=pipe/*=?", "--seed=0",
		"--tmp=/dev/shm", NULL };
	const char *const second[] = { "--batch-ns=5000", "--batches=256", "--budget-ns=1",
		"--seed=18446744073709551615", NULL };
	const char *const flags[] = { "--list", "--help", "--seed=1", "--seed=2", NULL };
	char why[200];
	struct args a;

	(void)state;
	assert_int_equal(parse(&a, first, why, sizeof(why)), 0);
	assert_string_equal(a.suite, "memory");
	assert_string_equal(a.filter, "pipe/*=?");
	assert_string_equal(a.tmp, "/dev/shm");
	assert_int_equal(parse(&a, second, why, sizeof(why)), 0);
	assert_int_equal(a.batch_ns, 5000);
	assert_int_equal(a.batches, 256);
	assert_int_equal(a.budget_ns, 1);
	assert_true(a.seed == UINT64_MAX);
	assert_int_equal(parse(&a, flags, why, sizeof(why)), 0);
	assert_int_equal(a.list, 1);
	assert_int_equal(a.help, 1);
	assert_int_equal(a.seed, 2);
}

static void refuses_by_name(void **state)
{
	static const struct {
		const char *word, *named;
	} cases[] = {
		{ "", "unknown argument ''" }, { "-", "'-'" }, { "--", "'--'" },
		{ "getppid", "'getppid'" }, { "-suite=syscalls", "'-suite=syscalls'" },
		{ "--suites=syscalls", "'--suites=syscalls'" }, { "--suit", "'--suit'" },
		{ "--suite", "--suite needs a value" }, { "--suite=", "--suite needs a value" },
		{ "--filter=", "--filter needs a value" }, { "--seed", "--seed needs a value" },
		{ "--seed=", "--seed needs a value" }, { "--seed=-1", "--seed=-1" },
		{ "--seed=+1", "--seed=+1" }, { "--seed= 1", "--seed= 1" },
		{ "--seed=1x", "--seed=1x" }, { "--seed=0x10", "--seed=0x10" },
		{ "--seed=18446744073709551616", "--seed=18446744073709551616" },
		{ "--batches=0", "from 1 to 256" }, { "--batches=257", "from 1 to 256" },
		{ "--batch-ns=999", "from 1000 to" }, { "--batch-ns=1e6", "--batch-ns=1e6" },
		{ "--budget-ns=0", "from 1 to" }, { "--list=1", "--list takes no value" },
		{ "--help=", "--help takes no value" },
		{ ARG_TRUE, "'--true'" }, /* main looks at it, and only where it is alone */
	};

	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++) {
		const char *const words[] = { "--seed=1", cases[i].word, NULL };
		char why[200];
		struct args a;

		if (parse(&a, words, why, sizeof(why)) != -EINVAL || !strstr(why, cases[i].named))
			fail_msg(
				"'%s': '%s' does not say '%s'", cases[i].word, why, cases[i].named);
	}
}

static void cuts_a_long_word(void **state)
{
	char word[5000], why[40];
	const char *const words[] = { word, NULL };
	struct args a;

	(void)state;
	memset(word, 'x', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	assert_int_equal(parse(&a, words, why, sizeof(why)), -EINVAL);
	assert_int_equal(strlen(why), sizeof(why) - 1);
}

static void usage_names_every_argument(void **state)
{
	static const char *const names[] = { "--suite=", "--filter=", "--seed=", "--batch-ns=",
		"--batches=", "--budget-ns=", "--tmp=", "--list", "--help" };
	char text[4096] = "";
	FILE *f = fmemopen(text, sizeof(text), "w");

	(void)state;
	assert_non_null(f);
	args_usage(f);
	fclose(f);
	for (size_t i = 0; i < ROWS(names); i++)
		assert_non_null(strstr(text, names[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_defaults),
		cmocka_unit_test(takes_values),
		cmocka_unit_test(refuses_by_name),
		cmocka_unit_test(cuts_a_long_word),
		cmocka_unit_test(usage_names_every_argument),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
