/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/check.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "workloads/args.h"
#include "workloads/bench.h"
#include "workloads/suite.h"

#define ROWS(a) (sizeof(a) / sizeof((a)[0]))

/* A suite that is new in the table is to be put here and in runner/suites.c on purpose. */
static const char *const suites[] = { "syscalls", "startup", "cpu", "paging", "wakeup" };

static int known_suite(const char *name)
{
	for (size_t i = 0; i < ROWS(suites); i++)
		if (strcmp(suites[i], name) == 0)
			return 1;
	return 0;
}

/* Names stand in command lines, file names and CSV: no blank, no quote, no separator. */
static int is_word(const char *s)
{
	return strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
	       strlen(s);
}

static void every_row_is_complete(void **state)
{
	(void)state;
	assert_true(benchmark_count > 0 && benchmark_count <= SUITE_MAX);
	for (size_t i = 0; i < benchmark_count; i++) {
		const struct benchmark *b = &benchmarks[i];

		if (!known_suite(b->suite) || !*b->name || !is_word(b->name) ||
			!is_word(b->params) || !*b->summary || !b->run || !b->setup ||
			b->cpus > BENCH_CPUS)
			fail_msg("row %zu: %s %s/%s", i, b->suite, b->name, b->params);
		for (const char *p = b->summary; *p; p++)
			assert_true(isprint((unsigned char)*p));
	}
}

static void every_row_is_unique(void **state)
{
	(void)state;
	for (size_t i = 0; i < benchmark_count; i++)
		for (size_t k = 0; k < i; k++)
			if (strcmp(benchmarks[i].name, benchmarks[k].name) == 0 &&
				strcmp(benchmarks[i].params, benchmarks[k].params) == 0)
				fail_msg("%s/%s is there twice", benchmarks[i].name,
					benchmarks[i].params);
}

static void filters(void **state)
{
	static const struct {
		const char *pattern;
		size_t count;
	} cases[] = {
		{ "getppid", 1 },
		{ "getppid/", 1 },
		{ "read", 2 },
		{ "read/*", 2 },
		{ "read/1B", 1 },
		{ "*/same-cpu", 3 },
		{ "*-cpu", 6 },
		{ "p[ir]*/4KiB", 1 },
	};
	struct suite_plan p;
	char why[200];

	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++) {
		const struct args a = { .suite = "syscalls", .filter = cases[i].pattern };

		assert_int_equal(suite_plan(&p, &a, why, sizeof(why)), 0);
		if (p.count != cases[i].count)
			fail_msg("%s: %zu rows", cases[i].pattern, p.count);
	}
}

static void refuses_the_unknown(void **state)
{
	const struct args suite = { .suite = "nonsuch", .filter = "*" };
	const struct args filter = { .suite = "syscalls", .filter = "nonsuch" };
	struct suite_plan p;
	char why[200];

	(void)state;
	assert_int_equal(suite_plan(&p, &suite, why, sizeof(why)), -EINVAL);
	assert_non_null(strstr(why, "--suite=nonsuch"));
	assert_int_equal(suite_plan(&p, &filter, why, sizeof(why)), -EINVAL);
	assert_non_null(strstr(why, "--filter=nonsuch"));
}

static struct suite_plan plan_suite(const char *suite, uint64_t seed)
{
	const struct args a = { .suite = suite, .filter = "*", .seed = seed };
	struct suite_plan p;
	char why[200];

	assert_int_equal(suite_plan(&p, &a, why, sizeof(why)), 0);
	return p;
}

static struct suite_plan plan_by_seed(uint64_t seed)
{
	return plan_suite("syscalls", seed);
}

static int same_order(const struct suite_plan *a, const struct suite_plan *b)
{
	return a->count == b->count && memcmp(a->rows, b->rows, a->count * sizeof(a->rows[0])) == 0;
}

static void the_seed_gives_the_order(void **state)
{
	const struct suite_plan table = plan_by_seed(0), one = plan_by_seed(1),
				again = plan_by_seed(1), two = plan_by_seed(2);

	(void)state;
	for (size_t i = 0; i < table.count; i++)
		assert_ptr_equal(table.rows[i], &benchmarks[i]);
	assert_true(same_order(&one, &again));
	assert_false(same_order(&one, &table));
	assert_false(same_order(&one, &two));
}

static void shuffling_loses_no_row(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed < 50; seed++) {
		const struct suite_plan p = plan_by_seed(seed);

		for (size_t i = 0; i < benchmark_count; i++) {
			unsigned seen = 0;

			for (size_t k = 0; k < p.count; k++)
				seen += p.rows[k] == &benchmarks[i];
			assert_int_equal(seen, strcmp(benchmarks[i].suite, "syscalls") == 0);
		}
	}
}

/* One stretch each, GROUP_FIRST in front; places and orders differ from seed to seed all the same.
 */
static void rows_of_a_group_follow_each_other(void **state)
{
	unsigned moved = 0, shuffled = 0;

	(void)state;
	const struct suite_plan table = plan_suite("paging", 0);

	for (uint64_t seed = 0; seed < 50; seed++) {
		const struct suite_plan p = plan_suite("paging", seed);
		size_t begins[GROUP_FIRST + 1] = { 0 }, small = 0;

		assert_int_equal(p.count, table.count);
		for (size_t i = 0; i < p.count; i++) {
			begins[p.rows[i]->group] +=
				i == 0 || p.rows[i - 1]->group != p.rows[i]->group;
			if (p.rows[i]->group == GROUP_SMALL_PAGES && small++ == 0) {
				moved += p.rows[i - 1] != table.rows[i - 1];
				shuffled += p.rows[i] != table.rows[5];
			}
		}
		assert_int_equal(p.rows[0]->group, GROUP_FIRST);
		for (size_t g = GROUP_SMALL_PAGES; g <= GROUP_FIRST; g++)
			assert_int_equal(begins[g], 1);
		assert_int_equal(small, 4);
	}
	assert_true(moved > 10 && shuffled > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_complete),
		cmocka_unit_test(every_row_is_unique),
		cmocka_unit_test(filters),
		cmocka_unit_test(refuses_the_unknown),
		cmocka_unit_test(the_seed_gives_the_order),
		cmocka_unit_test(shuffling_loses_no_row),
		cmocka_unit_test(rows_of_a_group_follow_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
