/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page "crash" on facts that are made up. */
#include "tests/unit/check.h"

#include "base/util.h"
#include "tests/unit/demo_page_fixture.h"

#define HOSTS "0a0a0a0a-0000"
#define SURVIVOR(side, trigger)                                                                    \
	{ side, "before.boot_id", HOSTS }, { side, "before.uptime", "100.25" },                    \
		{ side, "before.trigger", trigger }, { side, "after.boot_id", HOSTS },             \
	{                                                                                          \
		side, "after.uptime", "103.75"                                                     \
	}

static const struct fact good[] = {
	SURVIVOR("host", "opened"),
	SURVIVOR("ctr", "EROFS"),
	{ "vm", "side.kernel", "distro" },
	{ "vm", "before.boot_id", "0b0b0b0b-0000" },
	{ "vm", "before.uptime", "0.75" },
	{ "vm", "before.trigger", "written" },
	{ "vm", "side.ended", "the guest kernel panicked" },
	{ "vm", "vm.panic", "Kernel panic - not syncing: sysrq triggered crash" },
	{ "vm", "vmm.pid", "4711" },
	{ "vm", "vmm.after", "ended" },
};

static const struct demo_case cases[] = {
	{ "all as expected", { NULL, NULL, NULL }, VERDICT_PASS, "process 4711 of its VMM" },
	{ "how much older", { NULL, NULL, NULL }, VERDICT_PASS, "3.5 s older" },
	{ "what protects", { NULL, NULL, NULL }, VERDICT_PASS, "in there, gives EROFS" },
	{ "an ordinary user", { "host", "before.trigger", "EACCES" }, VERDICT_PASS, "EACCES" },
	{ "no such file", { "ctr", "before.trigger", "ENOENT" }, VERDICT_PASS, "built without" },
	{ "init's end", { "vm", "before.trigger", "no effect" }, VERDICT_PASS,
		"no effect; process 1 was" },
	{ "the VM does not know how old it is", { "vm", "before.uptime", NULL }, VERDICT_PASS,
		"unknown" },

	{ "no Linux guest", { "vm", NULL, "no /dev/kvm" }, VERDICT_CANNOT, "VM: no /dev/kvm" },
	{ "no container", { "ctr", NULL, "no user namespaces" }, VERDICT_CANNOT, "container: no" },
	{ "no word of the VM", { "vm", NULL, NULL }, VERDICT_CANNOT, "VM: it gave no answer" },
	{ "no word of the host", { "host", NULL, NULL }, VERDICT_CANNOT, NULL },
	{ "the VM did not come so far", { "vm", "before.boot_id", NULL }, VERDICT_CANNOT,
		"VM (distro): the guest kernel panicked" },
	{ "the container did not come back", { "ctr", "after.boot_id", NULL }, VERDICT_CANNOT,
		NULL },
	{ "nobody looked for the VMM", { "vm", "vmm.after", NULL }, VERDICT_CANNOT, NULL },

	{ "no panic", { "vm", "vm.panic", NULL }, VERDICT_FAIL, "did not say that it does" },
	{ "other words", { "vm", "vm.panic", "all is well" }, VERDICT_FAIL, NULL },
	{ "the VMM goes on", { "vm", "vmm.after", "there" }, VERDICT_FAIL,
		"process 4711 of the VMM is still there" },
	{ "the VM had the host's kernel", { "vm", "before.boot_id", HOSTS }, VERDICT_FAIL,
		"the host's boot_id" },
	{ "the host was started anew", { "host", "after.boot_id", "0c" }, VERDICT_FAIL,
		"host: another boot_id" },
	{ "the container was started elsewhere", { "ctr", "after.boot_id", "0c" }, VERDICT_FAIL,
		"container: another boot_id" },
	{ "the host is as old as before", { "host", "after.uptime", "100.25" }, VERDICT_FAIL,
		"host: not up for longer" },
	{ "the host is younger", { "host", "after.uptime", "1.00" }, VERDICT_FAIL, NULL },
	{ "no number", { "host", "after.uptime", "long" }, VERDICT_FAIL, NULL },
	{ "no finite number", { "ctr", "after.uptime", "inf" }, VERDICT_FAIL, NULL },
	{ "the container may do it", { "ctr", "before.trigger", "opened" }, VERDICT_FAIL,
		"the container can open" },

	{ "garbage", { "vm", "vm.panic", "\033[31m$1\t\xff" }, VERDICT_FAIL, NULL },
	{ "empty", { "host", "before.uptime", "" }, VERDICT_FAIL, NULL },
	{ "a side that is not one of ours", { "nobody", "vmm.after", "there" }, VERDICT_PASS,
		NULL },
};

static void judges_each_case(void **state)
{
	(void)state;
	check_demo_cases("crash", good, ARRAY_SIZE(good), cases, ARRAY_SIZE(cases));
}

/* Before and after, the container has another kernel than the host: two changes. */
static void one_kernel_for_both(void **state)
{
	const struct fact change = { "ctr", "before.boot_id", "0d" };
	struct demo_facts *f = changed_facts("crash", good, ARRAY_SIZE(good), &change);
	struct page p;
	char *text;

	(void)state;
	demo_put(f, "ctr", "after.boot_id", "0d");
	text = page_of("crash", f, LANG_EN, 100, &p);
	assert_int_equal(p.verdict, VERDICT_FAIL);
	assert_true(page_says(text, "the container's boot_id is not the host's"));
	free(text);
	demo_facts_free(f);
}

static void names_the_choice(void **state)
{
	const struct fact none = { NULL, NULL, NULL };
	struct demo_facts *f = changed_facts("crash", good, ARRAY_SIZE(good), &none);
	struct page p;

	(void)state;
	free(page_of("crash", f, LANG_EN, 100, &p));
	assert_int_equal(p.seen, MSG_CRASH_VM_GONE);
	demo_facts_free(f);
}

static void holds_without_any_facts(void **state)
{
	struct demo_facts *f = demo_facts_new("crash");
	struct page p;

	(void)state;
	assert_non_null(f);
	free(page_of("crash", f, LANG_EN, 100, &p));
	assert_int_equal(p.verdict, VERDICT_CANNOT);
	demo_facts_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judges_each_case),
		cmocka_unit_test(one_kernel_for_both),
		cmocka_unit_test(names_the_choice),
		cmocka_unit_test(holds_without_any_facts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
