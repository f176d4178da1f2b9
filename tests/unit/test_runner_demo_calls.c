/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page "calls" on facts that are made up. */
#include "tests/unit/check.h"

#include "base/util.h"
#include "tests/unit/demo_page_fixture.h"

static const struct fact good[] = {
	{ "ctr", "calls.end", "100000" },
	{ "ctr", "host.getppid", "100000" },
	{ "ctr", "host.others", "1" },
	{ "vm", "calls.end", "100000" },
	{ "vm", "calls.exits", "68" },
	{ "vm", "calls.exits_user", "0" },
	{ "vm", "host.getppid", "0" },
	{ "vm", "host.others", "22" },
};

static const struct demo_case cases[] = {
	{ "all as expected", { NULL, NULL, NULL }, VERDICT_PASS,
		"made 22 system calls of its own" },
	{ "a KVM that does not count", { "vm", "calls.exits", NULL }, VERDICT_PASS, "unknown" },

	{ "no container", { "ctr", NULL, "no user namespaces" }, VERDICT_CANNOT,
		"no user namespaces" },
	{ "no tracing", { "vm", NULL, "ptrace: not allowed" }, VERDICT_CANNOT,
		"ptrace: not allowed" },
	{ "no word of the VM", { "vm", NULL, NULL }, VERDICT_CANNOT, NULL },
	{ "it did not come to its end", { "ctr", "calls.end", NULL }, VERDICT_CANNOT,
		"it gave no answer" },
	{ "nobody counted", { "vm", "host.others", NULL }, VERDICT_CANNOT, NULL },

	{ "one is missing", { "ctr", "host.getppid", "99999" }, VERDICT_FAIL,
		"made 100000 calls, and 99999 were seen" },
	{ "none made, none seen", { "ctr", "calls.end", "0" }, VERDICT_FAIL, NULL },
	{ "the VM's arrive", { "vm", "host.getppid", "100000" }, VERDICT_FAIL,
		"100000 of the VM's calls" },
	{ "a call of the VMM for each", { "vm", "host.others", "200001" }, VERDICT_FAIL,
		"the VMM made 200001 calls for 100000" },
	{ "an exit for each", { "vm", "calls.exits", "100042" }, VERDICT_FAIL,
		"100042 times for 100000" },
	{ "no number", { "vm", "host.others", "few" }, VERDICT_FAIL, NULL },
	{ "none made in the VM", { "vm", "calls.end", "0" }, VERDICT_FAIL, NULL },

	{ "garbage", { "vm", "calls.exits_user", "\033[31m$1\t\xff" }, VERDICT_PASS, NULL },
};

static void judges_each_case(void **state)
{
	(void)state;
	check_demo_cases("calls", good, ARRAY_SIZE(good), cases, ARRAY_SIZE(cases));
}

static void holds_without_any_facts(void **state)
{
	struct demo_facts *f = demo_facts_new("calls");
	struct page p;

	(void)state;
	assert_non_null(f);
	free(page_of("calls", f, LANG_EN, 100, &p));
	assert_int_equal(p.verdict, VERDICT_CANNOT);
	demo_facts_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judges_each_case),
		cmocka_unit_test(holds_without_any_facts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
