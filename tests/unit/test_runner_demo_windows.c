/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page "windows" on facts that are made up. */
#include "tests/unit/check.h"

#include "base/util.h"
#include "tests/unit/demo_page_fixture.h"

#define LINUX(side, release, pid)                                                                  \
	{ side, "kernel.sysname", "Linux" }, { side, "kernel.release", release },                  \
		{ side, "windows.elf", "exit 42" }, { side, "windows.pe", "ENOEXEC" },             \
		{ side, "windows.hello", "SIGSEGV" }, { side, "windows.hello_add", "ENOSYS" },     \
	{                                                                                          \
		side, "windows.getpid", pid                                                        \
	}

static const struct fact good[] = {
	LINUX("host", "6.1.0", "4711"),
	LINUX("ctr", "6.1.0", "1"),
	{ "vm", "side.kernel", "distro" },
	LINUX("vm", "6.12.0", "1"),
	{ "vm:hello", "side.kernel", "hello" },
	{ "vm:hello", "kernel.sysname", "hello" },
	{ "vm:hello", "kernel.release", "1.0" },
	{ "vm:hello", "hello.add", "42" },
	{ "vm:hello", "hello.linux_getpid", "no such call" },
};

static const struct demo_case cases[] = {
	{ "all as expected", { NULL, NULL, NULL }, VERDICT_PASS, "gives 42 there, is ENOSYS" },
	{ "the file is refused as a program", { "vm", "windows.hello", "ENOEXEC" }, VERDICT_PASS,
		NULL },
	{ "another signal", { "host", "windows.hello", "SIGILL" }, VERDICT_PASS, "SIGILL" },
	{ "a kernel without a name", { "vm", "kernel.sysname", NULL }, VERDICT_PASS, "unknown" },

	{ "no Linux guest", { "vm", NULL, "KVM is software only" }, VERDICT_CANNOT,
		"VM: KVM is software only" },
	{ "no hello guest", { "vm:hello", NULL, "no /dev/kvm" }, VERDICT_CANNOT,
		"VM (hello): no /dev/kvm" },
	{ "no container", { "ctr", NULL, "no user namespaces" }, VERDICT_CANNOT,
		"container: no user namespaces" },
	{ "no word of the host", { "host", NULL, NULL }, VERDICT_CANNOT,
		"host: it gave no answer" },
	{ "no word of hello", { "vm:hello", NULL, NULL }, VERDICT_CANNOT, NULL },
	{ "one answer less", { "ctr", "windows.pe", NULL }, VERDICT_CANNOT, "container" },
	{ "one answer less of hello's", { "vm:hello", "hello.add", NULL }, VERDICT_CANNOT,
		"VM (hello)" },
	{ "Wine", { "host", "windows.interpreter", "wine: /usr/bin/wine" }, VERDICT_CANNOT,
		"binfmt_misc (wine: /usr/bin/wine)" },
	{ "nothing may be executed", { "ctr", "windows.elf", "EACCES" }, VERDICT_CANNOT,
		"container: not even the Linux program made for comparison was started (EACCES)" },

	{ "it runs", { "vm", "windows.pe", "exit 42" }, VERDICT_FAIL, "VM (distro): the answer" },
	{ "another errno", { "host", "windows.pe", "EACCES" }, VERDICT_FAIL, "\"EACCES\"" },
	{ "not tried, for no reason", { "ctr", "windows.pe", "not tried" }, VERDICT_FAIL, NULL },
	{ "hello as a program ends well", { "host", "windows.hello", "exit 0" }, VERDICT_FAIL,
		"host: the hello kernel ran as a program" },
	{ "hello as a program goes on", { "ctr", "windows.hello", "still running" }, VERDICT_FAIL,
		NULL },
	{ "Linux adds", { "vm", "windows.hello_add", "42" }, VERDICT_FAIL, "not ENOSYS" },
	{ "Linux has no getpid", { "host", "windows.getpid", "ENOSYS" }, VERDICT_FAIL,
		"not a number" },
	{ "hello is Linux", { "vm:hello", "kernel.sysname", "Linux" }, VERDICT_FAIL, "not hello" },
	{ "hello cannot add", { "vm:hello", "hello.add", "41" }, VERDICT_FAIL, "\"41\"" },
	{ "hello knows Linux", { "vm:hello", "hello.linux_getpid", "answered" }, VERDICT_FAIL,
		"\"answered\"" },

	{ "empty answers", { "host", "windows.hello", "" }, VERDICT_FAIL, NULL },
	{ "garbage", { "vm", "windows.pe", "\033[31m$1\t\xff" }, VERDICT_FAIL, NULL },
	{ "a side that is not one of ours", { "nobody", "windows.pe", "exit 42" }, VERDICT_PASS,
		NULL },
};

static void judges_each_case(void **state)
{
	(void)state;
	check_demo_cases("windows", good, ARRAY_SIZE(good), cases, ARRAY_SIZE(cases));
}

static void names_the_choice(void **state)
{
	const struct fact none = { NULL, NULL, NULL };
	struct demo_facts *f = changed_facts("windows", good, ARRAY_SIZE(good), &none);
	struct page p;

	(void)state;
	free(page_of("windows", f, LANG_EN, 100, &p));
	assert_int_equal(p.seen, MSG_WINDOWS_NOWHERE);
	demo_facts_free(f);
}

static void holds_without_any_facts(void **state)
{
	struct demo_facts *f = demo_facts_new("windows");
	struct page p;

	(void)state;
	assert_non_null(f);
	free(page_of("windows", f, LANG_EN, 100, &p));
	assert_int_equal(p.verdict, VERDICT_CANNOT);
	demo_facts_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judges_each_case),
		cmocka_unit_test(names_the_choice),
		cmocka_unit_test(holds_without_any_facts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
