/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page "distro" on facts that are made up. */
#include "tests/unit/check.h"

#include "base/util.h"
#include "tests/unit/demo_page_fixture.h"

#define KERNEL(side)                                                                               \
	{ side, "distro.release", "6.1.0-9" },                                                     \
	{                                                                                          \
		side, "distro.boot_id", "0a0a0a0a-0000"                                            \
	}

static const struct fact good[] = {
	KERNEL("host"),
	{ "host", "distro.os", "Ubuntu 24.04" },
	{ "host", "distro.libc", "glibc 2.39" },
	KERNEL("glibc"),
	{ "glibc", "distro.os", "Debian 12" },
	{ "glibc", "distro.libc", "glibc 2.36" },
	{ "glibc", "distro.cat", "cat (GNU coreutils) 9.1" },
	{ "glibc", "distro.names", "read write close mmap exit_group openat" },
	{ "glibc", "distro.work", "openat read write close" },
	KERNEL("musl"),
	{ "musl", "distro.os", "musl and busybox" },
	{ "musl", "distro.libc", "musl 1.2.3" },
	{ "musl", "distro.cat", "BusyBox v1.35.0" },
	{ "musl", "distro.names", "read write open close exit_group" },
	{ "musl", "distro.work", "open read write close" },
};

static const struct demo_case cases[] = {
	{ "all as expected", { NULL, NULL, NULL }, VERDICT_PASS,
		"cat with glibc made 6 different system calls and cat with musl 5; 4 of them are "
		"the same: read, write, close, exit_group." },
	{ "whose kernel", { NULL, NULL, NULL }, VERDICT_PASS, "(6.1.0-9, the same boot_id)" },
	{ "the host is the same distribution", { "host", "distro.os", "Debian 12" }, VERDICT_PASS,
		NULL },
	{ "the host has no os-release", { "host", "distro.os", NULL }, VERDICT_PASS, "unknown" },
	{ "nobody saw it open the file", { "musl", "distro.work", NULL }, VERDICT_PASS, "unknown" },
	{ "a single call in common", { "musl", "distro.names", "read exit_group" }, VERDICT_PASS,
		"2 of them are the same" },
	{ "no end seen", { "musl", "distro.names", "read" }, VERDICT_PASS,
		"1 of them are the same" },

	{ "no userland", { "musl", NULL, "no apt here" }, VERDICT_CANNOT, "musl: no apt here" },
	{ "no container", { "glibc", NULL, "no user namespaces" }, VERDICT_CANNOT,
		"glibc: no user namespaces" },
	{ "no word of one", { "glibc", NULL, NULL }, VERDICT_CANNOT, "glibc: it gave no answer" },
	{ "no word of the host", { "host", NULL, NULL }, VERDICT_CANNOT,
		"host: it gave no answer" },
	{ "not traced", { "glibc", "distro.names", NULL }, VERDICT_CANNOT, NULL },
	{ "no os-release", { "musl", "distro.os", NULL }, VERDICT_CANNOT, NULL },
	{ "no boot_id", { "host", "distro.boot_id", NULL }, VERDICT_CANNOT, NULL },

	{ "one distribution", { "musl", "distro.os", "Debian 12" }, VERDICT_FAIL,
		"both containers have the same: os-release" },
	{ "one C library", { "musl", "distro.libc", "glibc 2.36" }, VERDICT_FAIL,
		"both containers have the same: C library" },
	{ "another release", { "musl", "distro.release", "6.12.1" }, VERDICT_FAIL,
		"the container 'musl' differs from the host in: uname -r" },
	{ "another kernel of that release", { "glibc", "distro.boot_id", "0b" }, VERDICT_FAIL,
		"the container 'glibc' differs from the host in: boot_id" },
	{ "the host is the odd one", { "host", "distro.release", "6.12.1" }, VERDICT_FAIL, NULL },
	{ "nothing in common", { "musl", "distro.names", "int80_read int80_write" }, VERDICT_FAIL,
		"no system call in common" },
	{ "only the end in common", { "musl", "distro.names", "open exit_group" }, VERDICT_FAIL,
		"no system call in common" },
	{ "no call at all", { "glibc", "distro.names", "" }, VERDICT_FAIL, NULL },

	{ "garbage", { "glibc", "distro.release", "\033[31m$1\t\xff" }, VERDICT_FAIL, NULL },
	{ "garbage for names", { "glibc", "distro.names", "  $1   \033[31m  " }, VERDICT_FAIL,
		NULL },
	{ "a side that is not one of ours", { "nobody", "distro.release", "0" }, VERDICT_PASS,
		NULL },
};

static void judges_each_case(void **state)
{
	(void)state;
	check_demo_cases("distro", good, ARRAY_SIZE(good), cases, ARRAY_SIZE(cases));
}

static void names_the_choice(void **state)
{
	const struct fact none = { NULL, NULL, NULL };
	struct demo_facts *f = changed_facts("distro", good, ARRAY_SIZE(good), &none);
	struct page p;

	(void)state;
	free(page_of("distro", f, LANG_EN, 100, &p));
	assert_int_equal(p.seen, MSG_DISTRO_NOT_KERNEL);
	demo_facts_free(f);
}

/* More names than the page keeps, as anybody may write them into a recording. */
static void holds_with_many_names(void **state)
{
	struct fact change = { "glibc", "distro.names", NULL };
	char many[4096] = "";
	struct demo_facts *f;
	struct page p;

	(void)state;
	for (size_t i = 0; i + 3 < sizeof(many); i += 2)
		strcpy(many + i, "x ");
	change.value = many;
	f = changed_facts("distro", good, ARRAY_SIZE(good), &change);
	free(page_of("distro", f, LANG_EN, 100, &p));
	assert_int_equal(p.verdict, VERDICT_FAIL);
	demo_facts_free(f);
}

static void holds_without_any_facts(void **state)
{
	struct demo_facts *f = demo_facts_new("distro");
	struct page p;

	(void)state;
	assert_non_null(f);
	free(page_of("distro", f, LANG_EN, 100, &p));
	assert_int_equal(p.verdict, VERDICT_CANNOT);
	demo_facts_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judges_each_case),
		cmocka_unit_test(names_the_choice),
		cmocka_unit_test(holds_with_many_names),
		cmocka_unit_test(holds_without_any_facts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
