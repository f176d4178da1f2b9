/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page "versions" on facts that are made up, and how a call's state follows from them. */
#include "tests/unit/check.h"

#include "base/util.h"
#include "results/demo_versions.h"
#include "tests/unit/demo_page_fixture.h"

#define CALL(name, since, option)                                                                  \
	{ DEMO_ABOUT, "since." name, since },                                                      \
	{                                                                                          \
		DEMO_ABOUT, "option." name, option                                                 \
	}

#define SIDE(side, release, stat, mseal, new_status)                                               \
	{ side, "kernel.release", release }, { side, "call.openat", "EBADF" },                     \
		{ side, "call.statx", stat }, { side, "call.mseal", mseal },                       \
		{ side, "program.2.6.status", "0" }, { side, "program.2.6.said", "done" },         \
		{ side, "program.6.12.status", new_status },                                       \
		{ side, "program.6.12.said", "made for Linux 6.12: mseal is missing" },            \
		{ side, "program.fallback.status", "0" },                                          \
	{                                                                                          \
		side, "program.fallback.said", "mprotect instead"                                  \
	}

static const struct fact good[] = {
	CALL("openat", "2.6.16", ""),
	CALL("statx", "4.11", "STATX"),
	CALL("mseal", "6.10", ""),
	SIDE("host", "6.1.0-56-amd64", "EFAULT", "ENOSYS", "1"),
	SIDE("ctr", "6.1.0-56-amd64", "EFAULT", "ENOSYS", "1"),
	SIDE("vm:distro-6.12", "6.12.117-amd64", "EFAULT", "EINVAL", "0"),
	SIDE("vm:minimal", "6.12.117", "ENOSYS", "EINVAL", "0"),
};

static const struct demo_case cases[] = {
	{ "all as expected", { NULL, NULL, NULL }, VERDICT_PASS,
		"1 of 3 calls differ between these kernels" },
	{ "what was left out", { NULL, NULL, NULL }, VERDICT_PASS, "CONFIG_STATX" },
	{ "the older kernel", { NULL, NULL, NULL }, VERDICT_PASS,
		"on 6.1.0 the program made for Linux 6.12 ends with status 1" },
	{ "no minimal kernel", { "vm:minimal", NULL, "not built" }, VERDICT_PASS, "not built" },
	{ "a call that the filter hides", { "ctr", "filtered.openat", "EPERM" }, VERDICT_PASS,
		"openat (EPERM)" },
	{ "put into the host's kernel by its distributor", { "host", "call.mseal", "EINVAL" },
		VERDICT_FAIL, NULL }, /* since the container has it not */

	{ "no other kernel", { "vm:distro-6.12", NULL, "no /dev/kvm" }, VERDICT_PASS,
		"no /dev/kvm" },
	{ "no host", { "host", NULL, NULL }, VERDICT_CANNOT, NULL },
	{ "no container", { "ctr", NULL, "no user namespaces" }, VERDICT_CANNOT,
		"no user namespaces" },
	{ "no answer of a call", { "vm:minimal", "call.mseal", NULL }, VERDICT_CANNOT,
		"it gave no answer" },
	{ "no answer of a program", { "host", "program.2.6.status", NULL }, VERDICT_CANNOT, NULL },
	{ "a kernel without a version", { "ctr", "kernel.release", "hello" }, VERDICT_CANNOT,
		NULL },

	{ "lost", { "host", "call.openat", "ENOSYS" }, VERDICT_FAIL, "openat" },
	{ "too early", { "vm:minimal", "kernel.release", "6.9.1" }, VERDICT_FAIL, "mseal" },
	{ "host and container differ", { "ctr", "call.statx", "ENOSYS" }, VERDICT_FAIL, "statx" },
	{ "the old program fails", { "vm:minimal", "program.2.6.status", "1" }, VERDICT_FAIL,
		NULL },
	{ "the new program works without its call", { "host", "program.6.12.status", "0" },
		VERDICT_FAIL, NULL },
	{ "the fallback fails", { "ctr", "program.fallback.status", "139" }, VERDICT_FAIL, NULL },

	{ "garbage", { "host", "program.6.12.said", "\033[31m$1\t\xff" }, VERDICT_PASS, NULL },
	{ "a garbage version", { DEMO_ABOUT, "since.mseal", "new" }, VERDICT_CANNOT, NULL },
};

static void judges_each_case(void **state)
{
	(void)state;
	check_demo_cases("versions", good, ARRAY_SIZE(good), cases, ARRAY_SIZE(cases));
}

static void without_another_kernel(void **state)
{
	const struct fact change = { "vm:distro-6.12", NULL, "no /dev/kvm" };
	struct demo_facts *f = changed_facts("versions", good, ARRAY_SIZE(good), &change);
	struct page p;

	(void)state;
	demo_put(f, "vm:minimal", "kernel.release", "6.1.0");
	demo_put(f, "vm:minimal", "call.mseal", "ENOSYS");
	demo_put(f, "vm:minimal", "program.6.12.status", "1");
	free(page_of("versions", f, LANG_EN, 100, &p));
	assert_int_equal(p.verdict, VERDICT_CANNOT);
	demo_facts_free(f);
}

static void holds_without_any_facts(void **state)
{
	struct demo_facts *f = demo_facts_new("versions");
	struct page p;

	(void)state;
	assert_non_null(f);
	free(page_of("versions", f, LANG_EN, 100, &p));
	assert_int_equal(p.verdict, VERDICT_CANNOT);
	demo_facts_free(f);
}

static void versions_are_ordered(void **state)
{
	static const char *const rising[] = { "2.6.16", "2.6.36", "3.0", "3.15", "4.9.337", "4.11",
		"5.10", "5.16-rc1", "6.1.0-56-cloud-amd64", "6.1.1", "6.12.117+deb12", "7" };
	static const char *const bad[] = { "", "hello", "-6.1", "99999.1", ".6" };
	uint64_t last = 0, now;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rising); i++) {
		assert_true(versions_parse(rising[i], &now));
		if (now <= last)
			fail_msg("%s is not newer than %s", rising[i], rising[i - 1]);
		last = now;
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		if (versions_parse(bad[i], &now))
			fail_msg("'%s' was taken for a version", bad[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judges_each_case),
		cmocka_unit_test(without_another_kernel),
		cmocka_unit_test(holds_without_any_facts),
		cmocka_unit_test(versions_are_ordered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
