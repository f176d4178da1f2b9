/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page "cost" on measurements that are made up. */
#include "tests/unit/check.h"

#include "base/util.h"
#include "tests/unit/demo_page_fixture.h"

#define RATIO(side, key, value, low, high)                                                         \
	{ side, key ".ratio", value }, { side, key ".ratio.low", low },                            \
	{                                                                                          \
		side, key ".ratio.high", high                                                      \
	}

static const struct fact good[] = {
	{ DEMO_ABOUT, "release", "6.1.0" },
	{ "host", "start.process", "100000" },
	{ "host", "start.main", "400000" },
	{ "host", "start.total", "500000" },
	{ "host", "start.launches", "3" },
	{ "host", "call.getppid", "98.5" },
	{ "host", "call.getppid.launches", "3" },
	{ "ctr", "start.sandbox", "1500000" },
	{ "ctr", "start.total", "2000000" },
	RATIO("ctr", "start", "4", "3.5", "4.5"),
	RATIO("ctr", "call.getppid", "1.25", "1.2", "1.3"),
	RATIO("ctr", "call.cpuid", "1", "0.99", "1.01"),
	{ "vm:hello", "start.total", "5000000" },
	{ "vm:hello", "start.init", "2000000" },
	{ "vm", "side.kernel", "host" },
	{ "vm", "side.release", "6.1.0" },
	{ "vm", "start.init", "90000000" },
	{ "vm", "start.total", "100000000" },
	RATIO("vm", "start", "200", "190", "210"),
	RATIO("vm", "call.getppid", "1.02", "0.98", "1.06"),
	RATIO("vm", "call.cpuid", "40", "38", "43"),
};

static const struct demo_case cases[] = {
	{ "all as expected", { NULL, NULL, NULL }, VERDICT_PASS,
		"A process was through after 500 us; the container after 2.00 ms, 4.00 [3.50, "
		"4.50] times as long; the VM after 100 ms, 200 [190, 210] times as long, of which "
		"its kernel took 90.0 ms." },
	{ "the interval holds 1", { NULL, NULL, NULL }, VERDICT_PASS,
		"1.25 [1.20, 1.30] times the process's time in the container and 1.02 [0.98, "
		"1.06] times in the VM: this interval holds 1" },
	{ "it does not", { "vm", "call.getppid.ratio.low", "1.01" }, VERDICT_PASS,
		"1.02 [1.01, 1.06] times in the VM. Only" },
	{ "what leaves the guest", { NULL, NULL, NULL }, VERDICT_PASS,
		"the instruction cpuid took 40.0 [38.0, 43.0] times" },
	{ "no such instruction", { "vm", "call.cpuid.ratio", NULL }, VERDICT_PASS, NULL },
	{ "our own kernel did not start", { "vm:hello", NULL, "no /dev/kvm" }, VERDICT_PASS, NULL },
	{ "another kernel", { "vm", "side.release", "6.12" }, VERDICT_PASS,
		"another kernel than the host (6.12 beside 6.1.0)" },
	{ "emulated", { DEMO_ABOUT, "machine", "emulated" }, VERDICT_PASS,
		"absolute times do not" },
	{ "no interval of the call", { "vm", "call.getppid.ratio.low", NULL }, VERDICT_PASS,
		"1.02 times in the VM." },
	{ "the container is not found slower", { "ctr", "start.ratio.low", "0.7" }, VERDICT_PASS,
		"4.00 [0.70, 4.50]" },

	{ "no VM", { "vm", NULL, "no /dev/kvm" }, VERDICT_CANNOT, "VM: no /dev/kvm" },
	{ "no container", { "ctr", NULL, "no user namespaces" }, VERDICT_CANNOT, "container: no" },
	{ "no host", { "host", NULL, NULL }, VERDICT_CANNOT, "host: it gave no answer" },
	{ "no word of the VM", { "vm", NULL, NULL }, VERDICT_CANNOT, NULL },
	{ "the VM was not timed", { "vm", "start.total", NULL }, VERDICT_CANNOT, NULL },
	{ "its kernel was not", { "vm", "start.init", NULL }, VERDICT_CANNOT, NULL },
	{ "no call", { "vm", "call.getppid.ratio", NULL }, VERDICT_CANNOT, NULL },
	{ "no call of the container", { "ctr", "call.getppid.ratio", NULL }, VERDICT_CANNOT, NULL },
	{ "a word", { "vm", "start.total", "long" }, VERDICT_CANNOT, NULL },
	{ "nothing", { "vm", "start.total", "0" }, VERDICT_CANNOT, NULL },
	{ "less than nothing", { "host", "start.total", "-5" }, VERDICT_CANNOT, NULL },
	{ "endless", { "vm", "start.ratio", "inf" }, VERDICT_CANNOT, NULL },
	{ "no number", { "vm", "call.getppid.ratio", "nan" }, VERDICT_CANNOT, NULL },
	{ "empty", { "ctr", "start.ratio", "" }, VERDICT_CANNOT, NULL },
	{ "escapes", { "ctr", "start.ratio", "\033[31m4" }, VERDICT_CANNOT, NULL },

	{ "the VM before the container", { "vm", "start.total", "1900000" }, VERDICT_FAIL,
		"the VM was through after 1.90 ms, no later than the container (2.00 ms)" },
	{ "a cheap VM", { "vm", "start.ratio", "1.9" }, VERDICT_FAIL, "only 1.90 times" },
	{ "huge", { "ctr", "start.total", "1e300" }, VERDICT_FAIL, NULL },
};

static void judges_each_case(void **state)
{
	(void)state;
	check_demo_cases("cost", good, ARRAY_SIZE(good), cases, ARRAY_SIZE(cases));
}

/* A ratio and its interval are changed together. */
static const struct {
	const char *side, *key, *value, *low, *high;
	enum verdict verdict;
	const char *says;
} ratios[] = {
	{ "ctr", "start.ratio", "0.9", "0.8", "0.95", VERDICT_FAIL,
		"the container was through after 2.00 ms, earlier than the process (500 us)" },
	{ "ctr", "start.ratio", "0.9", "0.8", "1.2", VERDICT_PASS, NULL },
	{ "ctr", "start.ratio", "0.9", "", "", VERDICT_FAIL, NULL },
	{ "vm", "call.getppid.ratio", "3", "2.5", "3.5", VERDICT_FAIL,
		"a system call in the VM took 3.00 [2.50, 3.50] times" },
	{ "vm", "call.getppid.ratio", "3", "1.5", "3.5", VERDICT_CANNOT, "scatter too much" },
	{ "vm", "call.getppid.ratio", "1.9", "1.5", "3.5", VERDICT_PASS, NULL },
	{ "vm", "call.getppid.ratio", "3", "", "", VERDICT_FAIL, NULL },
	{ "vm", "call.getppid.ratio", "0.4", "0.3", "0.5", VERDICT_PASS, "0.40 [0.30, 0.50]" },
};

static void judges_by_intervals(void **state)
{
	const struct fact none = { NULL, NULL, NULL };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ratios); i++) {
		struct demo_facts *f = changed_facts("cost", good, ARRAY_SIZE(good), &none);
		cleanup_free char *low = format_text("%s.low", ratios[i].key);
		cleanup_free char *high = format_text("%s.high", ratios[i].key);
		struct page p;
		char *text;

		demo_put(f, ratios[i].side, ratios[i].key, "%s", ratios[i].value);
		demo_put(f, ratios[i].side, low, "%s", ratios[i].low);
		demo_put(f, ratios[i].side, high, "%s", ratios[i].high);
		text = page_of("cost", f, LANG_EN, 100, &p);
		if (p.verdict != ratios[i].verdict ||
			(ratios[i].says && !page_says(text, ratios[i].says)))
			fail_msg("%zu: verdict %d, page:\n%s", i, p.verdict, text);
		assert_int_equal(p.verdict == VERDICT_PASS, p.seen == MSG_COST_START);
		free(text);
		demo_facts_free(f);
	}
}

/* What is there is drawn, whatever is missing. */
static void draws_what_is_there(void **state)
{
	const struct fact no_vm = { "vm", NULL, "no /dev/kvm" }, none = { NULL, NULL, NULL };
	struct demo_facts *f = changed_facts("cost", good, ARRAY_SIZE(good), &no_vm);
	struct page p;
	char *text = page_of("cost", f, LANG_EN, 100, &p);

	(void)state;
	assert_true(page_says(text, "median of 3 launches"));
	assert_true(page_says(text, "getppid, container"));
	assert_false(page_says(text, "getppid, VM"));
	assert_false(page_says(text, "another kernel"));
	assert_false(page_says(text, "a scale of their own")); /* none is that short */
	free(text);
	demo_facts_free(f);
	f = changed_facts("cost", good, ARRAY_SIZE(good), &none);
	text = page_of("cost", f, LANG_EN, 100, &p);
	assert_true(page_says(text, "a scale of their own"));
	assert_true(page_says(text, "VM (same kernel) ###"));
	free(text);
	demo_facts_free(f);
}

static void holds_without_any_facts(void **state)
{
	struct demo_facts *f = demo_facts_new("cost");
	struct page p;

	(void)state;
	assert_non_null(f);
	free(page_of("cost", f, LANG_ZH, 40, &p));
	assert_int_equal(p.verdict, VERDICT_CANNOT);
	demo_facts_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judges_each_case),
		cmocka_unit_test(judges_by_intervals),
		cmocka_unit_test(draws_what_is_there),
		cmocka_unit_test(holds_without_any_facts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
