/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Launches that are themselves what is measured: ways and their variants, phases, rows. */
#include "tests/unit/check.h"

#include <errno.h>
#include <string.h>

#include "base/report_abi.h"
#include "base/util.h"
#include "runner/plan.h"
#include "runner/rows_start.h"
#include "runner/rt_null.h"
#include "runner/schedule.h"

static void set(struct run_options *o, const char *name, const char *value)
{
	struct err e;

	for (size_t i = 0; run_option_specs[i].name; i++) {
		if (!strcmp(run_option_specs[i].name, name))
			assert_int_equal(run_option_specs[i].set(o, value, &e), 0);
	}
}

/* What is asked for, and the names of the ways that come of it. */
static const struct {
	const char *runtimes, *kernels, *start, *pages;
	bool quick, steps;
	const char *ways;
} variants[] = {
	{ "host,ctr", NULL, NULL, NULL, false, false, "host host:null ctr " },
	{ "host,ctr", NULL, NULL, NULL, true, false, "host ctr " },
	{ "vm", "distro", NULL, NULL, false, false, "vm/distro vm:restore/distro " },
	{ "vm", "distro", NULL, NULL, true, false, "vm/distro " },
	{ "vm", "distro", "restore", NULL, false, false, "vm:restore/distro " },
	{ "vm", "distro,hello", "cold", "4k,huge", false, false,
		"vm/distro vm:huge/distro vm/hello vm:huge/hello " },
	{ "vm", "distro", "cold,restore", "huge", false, false,
		"vm:huge/distro vm:restore:huge/distro " },
	{ "vm", "empty", "restore", "huge", false, false, "vm/empty " },
	{ "ctr", NULL, NULL, NULL, false, true,
		"ctr ctr:00-bare ctr:01-user ctr:02-mount ctr:03-pid ctr:04-net ctr:05-ipc "
		"ctr:06-uts ctr:07-cgroupns ctr:08-cgroup ctr:09-caps ctr:10-seccomp " },
};

static void ways_and_their_variants(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(variants); i++) {
		char names[512] = "", label[128];
		struct run_options o;
		struct plan p;
		struct err e;

		run_options_init(&o);
		set(&o, "suite", "startup");
		set(&o, "runtime", variants[i].runtimes);
		if (variants[i].kernels)
			set(&o, "kernel", variants[i].kernels);
		if (variants[i].start)
			set(&o, "start", variants[i].start);
		if (variants[i].pages)
			set(&o, "pages", variants[i].pages);
		o.quick = variants[i].quick;
		o.ctr_steps = variants[i].steps;
		assert_int_equal(run_options_finish(&o, &e), 0);
		assert_int_equal(plan_build(&o, &p, &e), 0);
		for (size_t k = 0; k < p.n_ways; k++) {
			size_t used = strlen(names);

			snprintf(names + used, sizeof(names) - used, "%s ",
				way_label(&p.ways[k], label, sizeof(label)));
		}
		assert_string_equal(names, variants[i].ways);
		plan_free(&p);
		run_options_free(&o);
	}
}

static const struct {
	const char *suite, *option, *value, *words;
} contradictions[] = {
	{ "syscalls", "concurrency", "4", "belong to the suite startup" },
	{ "syscalls", "sustain", "1", "belong to the suite startup" },
	{ "syscalls", "ctr-steps", NULL, "belong to the suite startup" },
	{ "startup", "machine", "native", "cannot be native" },
	{ "startup", "vcpus", "2", "has one CPU" },
};

static void contradictions_are_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(contradictions); i++) {
		struct run_options o;
		struct err e = { 0 };

		run_options_init(&o);
		set(&o, "suite", contradictions[i].suite);
		set(&o, contradictions[i].option, contradictions[i].value);
		o.deterministic = true;
		assert_int_equal(run_options_finish(&o, &e), -EINVAL);
		if (!strstr(e.message, contradictions[i].words))
			fail_msg("%s: '%s'", contradictions[i].option, e.message);
		run_options_free(&o);
	}
}

/* Rows by what they are about. */
struct seen {
	double phases, whole; /* sums over all launches */
	unsigned rows, ok, failed, skipped, rates, totals;
	char reason[256];
	unsigned exit_rows;
	enum sample_status exits_status; /* of the metric "exits" */
	double exits_user;
};

static int see(void *ctx, const struct sample *s, struct err *e)
{
	struct seen *t = ctx;

	(void)e;
	t->rows++;
	t->ok += s->status == SAMPLE_OK;
	t->failed += s->status == SAMPLE_FAILED;
	t->skipped += s->status == SAMPLE_SKIPPED;
	if (*s->reason)
		snprintf(t->reason, sizeof(t->reason), "%s", s->reason);
	if (!strncmp(s->metric, "exits", 5)) {
		assert_string_equal(s->unit, "count");
		t->exit_rows++;
		if (!strcmp(s->metric, "exits"))
			t->exits_status = s->status;
		else
			t->exits_user = s->value;
	}
	if (s->status != SAMPLE_OK)
		return 0;
	if (!strcmp(s->metric, "phase"))
		t->phases += s->value;
	if (!strcmp(s->metric, "since-request") && !strcmp(s->phase, "released"))
		t->whole += s->value;
	t->totals += !strcmp(s->metric, "since-request");
	t->rates += !strcmp(s->metric, "rate");
	return 0;
}

static struct seen run_null(const char *mode, unsigned concurrency, unsigned sustain_s)
{
	struct run_options o;
	struct plan p;
	struct err e = { 0 };
	struct seen t = { 0 };
	struct schedule s = { .run_id = "test",
		.trial = { .timeout_ns = 50 * 1000 * 1000, .cancel_fd = -1, .log_fd = -1 },
		.put = see,
		.ctx = &t };

	setenv("BENCH_NULL", mode, 1);
	run_options_init(&o);
	set(&o, "suite", "startup");
	set(&o, "runtime", "null");
	o.launches = 2;
	o.warmup_given = true;
	o.concurrency = concurrency;
	o.sustain_s = sustain_s;
	o.sustain_given = true;
	assert_int_equal(run_options_finish(&o, &e), 0);
	assert_int_equal(plan_build(&o, &p, &e), 0);
	p.ways[0].cfg.cancel_fd = -1;
	p.ways[0].usable = true;
	assert_int_equal(null_runtime.open(&p.ways[0].cfg, &p.ways[0].rt, &e), 0);
	s.plan = &p;
	if (schedule_run(&s, &e))
		fail_msg("%s: %s", e.step, e.message);
	null_runtime.close(p.ways[0].rt);
	plan_free(&p);
	run_options_free(&o);
	unsetenv("BENCH_NULL");
	return t;
}

static void phases_add_up_to_the_whole(void **state)
{
	struct seen t = run_null("", 0, 0);

	(void)state;
	assert_true(t.whole > 0);
	assert_true(t.phases == t.whole); /* whole nanoseconds far below 2^53 */
	assert_int_equal(t.failed, 0);
	assert_int_equal(t.skipped, 0);
	assert_int_equal(t.totals, 2 * 4);
}

static void many_at_once_and_a_rate(void **state)
{
	struct seen t = run_null("", 5, 1);

	(void)state;
	assert_int_equal(t.failed, 0);
	assert_int_equal(t.totals, 2 * 4 + 2 * 5 * 4);
	assert_int_equal(t.rates, 2 + 2); /* of two blocks: all at once, and sustained */
}

static void a_bad_launch_is_in_every_row(void **state)
{
	static const struct {
		const char *mode, *reason;
	} cases[] = {
		{ "crash", "signal 11" },
		{ "refuse", "told to refuse" },
		{ "garbage", "not understood" },
		{ "disorder", "'work' is earlier" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct seen t = run_null(cases[i].mode, 3, 1);

		if (t.ok || t.failed != t.rows || !t.rows || !strstr(t.reason, cases[i].reason))
			fail_msg("%s: %u of %u failed, '%s'", cases[i].mode, t.failed, t.rows,
				t.reason);
	}
}

/* An event that was not seen is a row that says so, and its time is in the next phase. */
static void an_event_that_is_not_told_apart(void **state)
{
	const struct way w = { .ops = &null_runtime, .name = "null", .kernel = "" };
	const struct sample base = { .phase = "", .reason = "", .unit = "ns" };
	struct outcome out = { .at = { 100, 110, 0, 0, 150, 160, 170, 200 } };
	struct seen t = { 0 };
	struct err e;

	(void)state;
	assert_int_equal(rows_start(&w, base, &out, see, &t, &e), 0);
	assert_int_equal(t.skipped, 1); /* sandbox; init is nothing that a process has */
	assert_true(t.phases == 100 && t.whole == 100);
}

/* Exits of a whole launch: where KVM counts, where only the VMM does, and where nobody does. */
static void exits_of_a_guest(void **state)
{
	static const struct {
		bool has;
		uint64_t all;
		enum sample_status given, status;
		unsigned rows, skipped;
	} cases[] = {
		{ false, 0, SAMPLE_OK, SAMPLE_OK, 0, 0 },
		{ true, 139, SAMPLE_OK, SAMPLE_OK, 2, 0 },
		{ true, 139, SAMPLE_WARMUP, SAMPLE_WARMUP, 2, 0 },
		{ true, 0, SAMPLE_OK, SAMPLE_SKIPPED, 2, 1 },
		{ true, 0, SAMPLE_FAILED, SAMPLE_FAILED, 2, 0 },
	};
	const struct way w = { .ops = &null_runtime, .name = "null", .kernel = "" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct sample base = {
			.phase = "", .reason = "", .unit = "ns", .status = cases[i].given
		};
		struct outcome out = { .at = { 100, 110, 120, 0, 150, 160, 170, 200 },
			.has_exits = cases[i].has,
			.exits = cases[i].all,
			.exits_user = 91 };
		struct seen t = { 0 };
		struct err e;

		assert_int_equal(rows_start(&w, base, &out, see, &t, &e), 0);
		assert_int_equal(t.exit_rows, cases[i].rows);
		assert_int_equal(t.skipped, cases[i].skipped);
		if (cases[i].rows)
			assert_int_equal(t.exits_status, cases[i].status);
		if (cases[i].rows && cases[i].given == SAMPLE_OK)
			assert_true(t.exits_user == 91);
		if (t.skipped)
			assert_string_equal(t.reason, COUNTS_INFO_NONE);
	}
}

static void disorder(void **state)
{
	static const struct {
		uint64_t at[PHASE_COUNT];
		enum phase first;
	} cases[] = {
		{ { 1, 2, 3, 4, 5, 6, 7, 8 }, PHASE_COUNT },
		{ { 1, 1, 1, 1, 1, 1, 1, 1 }, PHASE_COUNT },
		{ { 0 }, PHASE_COUNT },
		{ { 5, 0, 0, 0, 0, 0, 4, 0 }, PHASE_EXIT },
		{ { 5, 6, 4, 0, 0, 0, 7, 8 }, PHASE_SANDBOX },
		{ { 5, 6, 7, 8, 9, 10, 11, 10 }, PHASE_RELEASED },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(phases_disorder(cases[i].at), cases[i].first);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ways_and_their_variants),
		cmocka_unit_test(contradictions_are_named),
		cmocka_unit_test(phases_add_up_to_the_whole),
		cmocka_unit_test(many_at_once_and_a_rate),
		cmocka_unit_test(a_bad_launch_is_in_every_row),
		cmocka_unit_test(an_event_that_is_not_told_apart),
		cmocka_unit_test(exits_of_a_guest),
		cmocka_unit_test(disorder),
	};

	return cmocka_run_group_tests_name("runner/startup", tests, NULL, NULL);
}
