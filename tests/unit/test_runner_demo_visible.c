/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page "visible" on facts that are made up. */
#include "tests/unit/check.h"

#include "base/util.h"
#include "tests/unit/demo_page_fixture.h"

#define SIDE(side, inside, found, outside, ns_inside, process, sees)                               \
	{ side, "visible.children", inside }, { side, "visible.programs", "4" },                   \
		{ side, "visible.runner", sees }, { side, "host.found", found },                   \
		{ side, "host.outside", outside }, { side, "host.inside", ns_inside },             \
		{ side, "host.process", process },                                                 \
	{                                                                                          \
		side, "host.runner", "bench"                                                       \
	}

static const struct fact good[] = {
	SIDE("host", "146 147 148", "3", "146 147 148", "146 147 148", "demo-probe, 145", "bench"),
	SIDE("ctr", "2 3 4", "3", "155 156 157", "2 3 4", "workload, 154", "nothing"),
	SIDE("vm", "118 119 120", "0", "", "", "bench-vmm, 166", "nothing"),
};

static const struct demo_case cases[] = {
	{ "all as expected", { NULL, NULL, NULL }, VERDICT_PASS, "only the VMM (bench-vmm, 166)" },
	{ "none in the list", { NULL, NULL, NULL }, VERDICT_PASS, "not in the list" },
	{ "another process has the runner's number there",
		{ "vm", "visible.runner", "kworker/0:1" }, VERDICT_PASS, NULL },

	{ "no container", { "ctr", NULL, "no user namespaces" }, VERDICT_CANNOT,
		"no user namespaces" },
	{ "no VM", { "vm", NULL, "no /dev/kvm" }, VERDICT_CANNOT, "no /dev/kvm" },
	{ "no word of the host", { "host", NULL, NULL }, VERDICT_CANNOT, NULL },
	{ "nobody counted", { "ctr", "host.found", NULL }, VERDICT_CANNOT, NULL },
	{ "no children told", { "vm", "visible.children", NULL }, VERDICT_CANNOT, NULL },

	{ "one of the container's hidden", { "ctr", "host.found", "2" }, VERDICT_FAIL,
		"the host found 2" },
	{ "no children in the container", { "ctr", "visible.children", "" }, VERDICT_FAIL, NULL },
	{ "the VM's in the list", { "vm", "host.found", "3" }, VERDICT_FAIL,
		"the host found 3 processes of the VM" },
	{ "no children in the VM", { "vm", "visible.children", "" }, VERDICT_FAIL, NULL },
	{ "other numbers", { "ctr", "host.inside", "2 3 5" }, VERDICT_FAIL, "2 3 4 and 2 3 5" },
	{ "the container sees bench", { "ctr", "visible.runner", "bench" }, VERDICT_FAIL,
		"container sees bench" },
	{ "the VM sees bench", { "vm", "visible.runner", "bench" }, VERDICT_FAIL, NULL },

	{ "garbage", { "vm", "host.process", "\033[31m$1\t\xff" }, VERDICT_PASS, NULL },
};

static void judges_each_case(void **state)
{
	(void)state;
	check_demo_cases("visible", good, ARRAY_SIZE(good), cases, ARRAY_SIZE(cases));
}

static void holds_without_any_facts(void **state)
{
	struct demo_facts *f = demo_facts_new("visible");
	struct page p;

	(void)state;
	assert_non_null(f);
	free(page_of("visible", f, LANG_EN, 100, &p));
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
