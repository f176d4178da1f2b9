/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many CPUs everybody gets. */
#include "tests/unit/check.h"

#include <errno.h>
#include <string.h>

#include "base/util.h"
#include "runner/cpus.h"
#include "runner/run_options.h"

static cpu_set_t set_of(const char *cpus)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	for (; *cpus; cpus++)
		CPU_SET(*cpus - '0', &set);
	return set;
}

static void the_first_ones(void **state)
{
	static const struct {
		const char *from;
		unsigned n;
		const char *are;
	} cases[] = {
		{ "2357", 1, "2" },
		{ "2357", 3, "2-3,5" },
		{ "2357", 4, "2-3,5,7" },
		{ "2357", 9, "2-3,5,7" },
		{ "2357", 0, "" },
		{ "", 2, "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cpu_set_t set = set_of(cases[i].from), out;
		char is[64];

		cpus_first(&set, cases[i].n, &out);
		cpus_format(&out, is, sizeof(is));
		assert_string_equal(is, cases[i].are);
		cpus_first(&set, cases[i].n, &set); /* onto itself */
		assert_true(CPU_EQUAL(&set, &out));
	}
}

static void as_many_as_there_are(void **state)
{
	cpu_set_t allowed, set;
	struct err e;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(allowed), &allowed), 0);
	for (unsigned n = 1; n <= 5; n++) {
		cpu_set_t both;

		assert_int_equal(cpus_choose(n, &set, &e), 0);
		CPU_AND(&both, &set, &allowed);
		assert_true(CPU_EQUAL(&both, &set));
		assert_int_equal(CPU_COUNT(&set),
			(int)n < CPU_COUNT(&allowed) ? (int)n : CPU_COUNT(&allowed));
	}
}

/* The setter of an option, by its name. */
static int give(struct run_options *o, const char *name, const char *value, struct err *e)
{
	for (const struct option_spec *s = run_option_specs; s->name; s++) {
		if (!strcmp(s->name, name))
			return s->set(o, value, e);
	}
	fail_msg("no option %s", name);
	return -1;
}

static void a_number_of_vcpus(void **state)
{
	static const struct {
		const char *value;
		uint64_t is; /* 0: refused */
	} cases[] = {
		{ "1", 1 },
		{ "2", 2 },
		{ "64", 64 },
		{ "0", 0 },
		{ "65", 0 },
		{ "-1", 0 },
		{ "", 0 },
		{ "two", 0 },
		{ "1.5", 0 },
		{ "99999999999999999999", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct run_options o;
		struct err e = { 0 };
		int r;

		run_options_init(&o);
		r = give(&o, "vcpus", cases[i].value, &e);
		assert_int_equal(r, cases[i].is ? 0 : -EINVAL);
		if (!r)
			assert_int_equal(o.vcpus, cases[i].is);
		else if (!strstr(e.message, "--vcpus"))
			fail_msg("'%s': %s", cases[i].value, e.message);
		run_options_free(&o);
	}
}

static void the_other_ways_get_as_many(void **state)
{
	static const struct {
		const char *what, *vcpus, *runtimes;
		bool exec;
		const char *may; /* of 2-5 */
	} cases[] = {
		{ "nobody asked", NULL, "host,vm", false, "2-5" },
		{ "one was asked for", "1", "host,vm", false, "2" },
		{ "without a guest too", "1", "host", false, "2" },
		{ "three", "3", "host,vm", false, "2-4" },
		{ "more than there are", "64", "host,vm", false, "2-5" },
		{ "a program beside a guest", NULL, "host,vm", true, "2" },
		{ "a program without", NULL, "host", true, "2-5" },
		{ "a program, and a number", "2", "host,vm", true, "2-3" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		static const char job;
		struct run_options o;
		struct err e = { 0 };
		cpu_set_t set;
		char text[64];

		run_options_init(&o);
		assert_int_equal(give(&o, "runtime", cases[i].runtimes, &e), 0);
		if (cases[i].vcpus)
			assert_int_equal(give(&o, "vcpus", cases[i].vcpus, &e), 0);
		o.exec = cases[i].exec ? (const void *)&job : NULL;
		o.cpus = set_of("2345");
		run_options_program_cpus(&o, &set);
		cpus_format(&set, text, sizeof(text));
		if (strcmp(text, cases[i].may))
			fail_msg("%s: %s", cases[i].what, text);
		run_options_free(&o);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_ones),
		cmocka_unit_test(as_many_as_there_are),
		cmocka_unit_test(a_number_of_vcpus),
		cmocka_unit_test(the_other_ways_get_as_many),
	};

	return cmocka_run_group_tests_name("runner/cpus", tests, NULL, NULL);
}
