/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page "libc" on facts that are made up. */
#include "tests/unit/check.h"

#include "base/util.h"
#include "tests/unit/demo_page_fixture.h"

#define PROGRAM(side, library)                                                                     \
	{ side, "libc.calls", "31" }, { side, "libc.output", "hello" },                            \
		{ side, "libc.first.nr", "110" }, { side, "libc.first.name", "getppid" },          \
		{ side, "libc.first.code", "0f 05" },                                              \
		{ side, "libc.first.instruction", "syscall" },                                     \
		{ side, "libc.first.file", library }, { side, "libc.second.nr", "1" },             \
		{ side, "libc.second.name", "write" }, { side, "libc.second.code", "0f 05" },      \
	{                                                                                          \
		side, "libc.second.args", "1, \"hello\\n\", 6"                                     \
	}

static const struct fact good[] = {
	PROGRAM("glibc", "/usr/lib/x86_64-linux-gnu/libc.so.6"),
	PROGRAM("ctr:glibc", "/lib/x86_64-linux-gnu/libc.so.6"),
	PROGRAM("musl", "/lib/ld-musl-x86_64.so.1"),
	PROGRAM("ctr:musl", "/lib/ld-musl-x86_64.so.1"),
	PROGRAM("bare", "/opt/demo-libc-bare"),
	PROGRAM("ctr:bare", "/opt/demo-libc-bare"),
};

static const struct demo_case cases[] = {
	{ "all as expected", { NULL, NULL, NULL }, VERDICT_PASS, "(110 for getppid, 1 for write)" },
	{ "the three places", { NULL, NULL, NULL }, VERDICT_PASS,
		"glibc's libc.so.6, musl's ld-musl-x86_64.so.1, the program itself "
		"(demo-libc-bare)" },
	{ "the instruction", { NULL, NULL, NULL }, VERDICT_PASS, "0f 05 (syscall)" },
	{ "no container", { "ctr:musl", NULL, "no user namespaces" }, VERDICT_PASS, NULL },
	{ "no word of the container", { "ctr:bare", NULL, NULL }, VERDICT_PASS, NULL },
	{ "nobody counted", { "musl", "libc.calls", NULL }, VERDICT_PASS, "unknown" },
	{ "no folder before the name", { "bare", "libc.first.file", "x" }, VERDICT_PASS,
		"itself (x)" },

	{ "no musl here", { "musl", NULL, "starting it: No such file" }, VERDICT_CANNOT,
		"musl: starting it: No such file" },
	{ "no tracing", { "glibc", NULL, "ptrace: not allowed" }, VERDICT_CANNOT,
		"glibc: ptrace: not allowed" },
	{ "no word of one", { "bare", NULL, NULL }, VERDICT_CANNOT,
		"no C library: it gave no answer" },
	{ "it broke", { "musl", "side.ended", "killed by SIGSEGV" }, VERDICT_CANNOT,
		"musl: killed by SIGSEGV" },
	{ "its code could not be read", { "glibc", "libc.first.code", NULL }, VERDICT_CANNOT,
		NULL },
	{ "an instruction without a name", { "bare", "libc.first.instruction", NULL },
		VERDICT_CANNOT, NULL },
	{ "code in no file", { "musl", "libc.first.file", NULL }, VERDICT_CANNOT, NULL },
	{ "a call without a name", { "bare", "libc.second.name", NULL }, VERDICT_CANNOT, NULL },

	{ "another number", { "musl", "libc.first.nr", "39" }, VERDICT_FAIL,
		"glibc and musl differ in: first call" },
	{ "another second number", { "bare", "libc.second.nr", "20" }, VERDICT_FAIL,
		"glibc and bare differ in: second call" },
	{ "glibc is the odd one", { "glibc", "libc.first.nr", "39" }, VERDICT_FAIL, NULL },
	{ "another instruction", { "bare", "libc.first.code", "cd 80" }, VERDICT_FAIL,
		"glibc and bare differ in: instruction" },
	{ "another second instruction", { "musl", "libc.second.code", "0f 34" }, VERDICT_FAIL,
		NULL },
	{ "other arguments", { "musl", "libc.second.args", "1, \"hell\", 4" }, VERDICT_FAIL,
		"glibc and musl differ in: its arguments" },
	{ "other output", { "bare", "libc.output", "" }, VERDICT_FAIL, "differ in: output" },
	{ "another number in the container", { "ctr:musl", "libc.first.nr", "111" }, VERDICT_FAIL,
		"ctr:musl and musl differ in: first call" },
	{ "another instruction in the container", { "ctr:bare", "libc.second.code", "cd 80" },
		VERDICT_FAIL, NULL },
	{ "musl is glibc", { "musl", "libc.first.file", "/usr/lib/x86_64-linux-gnu/libc.so.6" },
		VERDICT_FAIL, "glibc and musl enter from the same file" },
	{ "the bare one has musl", { "bare", "libc.first.file", "/lib/ld-musl-x86_64.so.1" },
		VERDICT_FAIL, "musl and bare enter from the same file" },

	{ "garbage", { "glibc", "libc.first.nr", "\033[31m$1\t\xff" }, VERDICT_FAIL, NULL },
	{ "a folder for a file", { "bare", "libc.first.file", "/" }, VERDICT_PASS, NULL },
	{ "a side that is not one of ours", { "nobody", "libc.first.nr", "0" }, VERDICT_PASS,
		NULL },
};

static void judges_each_case(void **state)
{
	(void)state;
	check_demo_cases("libc", good, ARRAY_SIZE(good), cases, ARRAY_SIZE(cases));
}

static void names_the_choice(void **state)
{
	const struct fact none = { NULL, NULL, NULL };
	struct demo_facts *f = changed_facts("libc", good, ARRAY_SIZE(good), &none);
	struct page p;

	(void)state;
	free(page_of("libc", f, LANG_EN, 100, &p));
	assert_int_equal(p.seen, MSG_LIBC_ALL_SAME);
	demo_facts_free(f);
}

static void holds_without_any_facts(void **state)
{
	struct demo_facts *f = demo_facts_new("libc");
	struct page p;

	(void)state;
	assert_non_null(f);
	free(page_of("libc", f, LANG_EN, 100, &p));
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
