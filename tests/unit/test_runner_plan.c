/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From options to a plan, and from launches of the null runtime to rows. */
#include "tests/unit/check.h"

#include <errno.h>
#include <string.h>

#include "base/util.h"
#include "runner/plan.h"
#include "runner/rows.h"
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

static void options(struct run_options *o, const char *runtimes, const char *kernels)
{
	run_options_init(o);
	set(o, "runtime", runtimes);
	if (kernels)
		set(o, "kernel", kernels);
	set(o, "seed", "7");
}

static void every_block_holds_every_way_once(void **state)
{
	struct run_options o;
	struct plan p;
	struct err e;

	(void)state;
	options(&o, "host,ctr,vm", "host,distro");
	o.launches = 20;
	assert_int_equal(run_options_finish(&o, &e), 0);
	assert_int_equal(plan_build(&o, &p, &e), 0);
	assert_int_equal(p.n_ways, 5); /* vm twice, once a kernel; host twice */
	assert_int_equal(p.n_launches, 5 * 21);
	for (unsigned b = 0; b < 21; b++) {
		unsigned seen = 0;

		for (unsigned i = 0; i < 5; i++) {
			const struct launch *l = &p.launches[b * 5 + i];

			assert_int_equal(l->block, b);
			assert_int_equal(l->warmup, b == 0);
			seen |= 1u << l->way;
		}
		assert_int_equal(seen, 0x1f);
	}
	plan_free(&p);
	run_options_free(&o);
}

static const struct {
	const char *suites, *runtimes, *launches, *flag;
	size_t n_null; /* launches of host:null, without a warm-up */
} nulls[] = {
	{ "syscalls", "host,ctr", "10", NULL, 10 },
	{ "syscalls", "ctr,host", "4", NULL, 4 },
	{ "syscalls", "host", "5", NULL, 5 },
	{ "syscalls", "host,ctr", "3", NULL, 0 }, /* could find nothing */
	{ "syscalls", "ctr,null", "10", NULL, 0 },
	{ "syscalls", "host,ctr", "10", "quick", 0 },
	{ "syscalls", "host,ctr", "10", "no-null", 0 },
	{ "startup", "host,vfork", "10", NULL, 10 },
	{ "startup,syscalls", "host,ctr", "10", NULL, 20 },
};

static void host_is_launched_twice_in_full_runs(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(nulls); i++) {
		struct run_options o;
		size_t n = 0, n_ways = 0;
		struct plan p;
		struct err e;

		options(&o, nulls[i].runtimes, NULL);
		set(&o, "suite", nulls[i].suites);
		set(&o, "launches", nulls[i].launches);
		set(&o, "warmup", "0");
		if (!strncmp(nulls[i].suites, "startup", 7)) { /* they are not launched so */
			set(&o, "concurrency", "4");
			set(&o, "sustain", "1");
		}
		if (nulls[i].flag)
			set(&o, nulls[i].flag, NULL);
		assert_int_equal(run_options_finish(&o, &e), 0);
		assert_int_equal(plan_build(&o, &p, &e), 0);
		for (size_t k = 0; k < p.n_ways; k++) {
			n_ways += p.ways[k].null;
			assert_int_equal(p.ways[k].null, !strcmp(p.ways[k].name, "host:null"));
		}
		for (size_t k = 0; k < p.n_launches; k++)
			n += p.ways[p.launches[k].way].null;
		if (n != nulls[i].n_null || n_ways != (n > 0))
			fail_msg("%s of %s: %zu ways, %zu launches", nulls[i].suites,
				nulls[i].runtimes, n_ways, n);
		plan_free(&p);
		run_options_free(&o);
	}
}

static unsigned long order_of(uint64_t seed)
{
	struct run_options o;
	unsigned long hash = 0;
	struct plan p;
	struct err e;

	options(&o, "host,ctr,vm", "host");
	o.launches = 10;
	o.seed = seed;
	assert_int_equal(run_options_finish(&o, &e), 0);
	assert_int_equal(plan_build(&o, &p, &e), 0);
	for (size_t i = 0; i < p.n_launches; i++)
		hash = hash * 31 + p.launches[i].way;
	plan_free(&p);
	run_options_free(&o);
	return hash;
}

static void the_seed_decides_the_order(void **state)
{
	(void)state;
	assert_int_equal(order_of(1), order_of(1));
	assert_int_not_equal(order_of(1), order_of(2));
}

static const struct {
	const char *option, *value, *words;
} bad_values[] = {
	{ "suite", "sycalls", "did you mean 'syscalls'" },
	{ "suite", "", "empty name" },
	{ "suite", "syscalls,syscalls", "named twice" },
	{ "runtime", "hots", "did you mean 'host'" },
	{ "runtime", "host,,ctr", "empty name" },
	{ "launches", "0", "not between" },
	{ "launches", "-3", "not a whole number" },
	{ "launches", "1e9", "not a whole number" },
	{ "launches", "99999999999999999999", "not between" },
	{ "launches", "", "not a whole number" },
	{ "launches", " 3", "not a whole number" },
	{ "warmup", "x", "not a whole number" },
	{ "mem", "0", "not between" },
	{ "mem", "18446744073709551615", "not between" },
	{ "vcpus", "0", "not between" },
	{ "timeout", "0", "not between" },
	{ "seed", "0", "not between" },
	{ "seed", "4294967296", "not between" },
	{ "machine", "emulatd", "did you mean 'emulated'" },
	{ "format", "xml", "unknown --format 'xml'" },
	{ "cpus", "0-", "not a list" },
	{ "cpus", "1023", "may not be used" },
	{ "cpus", "3-1", "not a list" },
	{ "cpus", "", "not a list" },
	{ "filter", "a b", "blanks" },
	{ "filter", "", "empty" },
	{ "out", "", "empty" },
	{ "ctr-seccomp", "maybe", "unknown --ctr-seccomp" },
	{ "ctr-without", "mnt", "did you mean" },
	{ "start", "restor", "did you mean 'restore'" },
	{ "start", "cold,", "unknown --start ''" },
	{ "pages", "2m", "unknown --pages '2m'" },
	{ "concurrency", "0", "not between" },
	{ "concurrency", "1000", "not between" },
	{ "sustain", "-1", "not a whole number" },
	{ "ctr-cgroup", "v2", "unknown --ctr-cgroup" },
	{ "instances", "0", "not between" },
	{ "instances", "1", "not between" }, /* no slope */
	{ "instances", "many", "not a whole number" },
	{ "count", "0", "not between" },
	{ "count", "-1", "not a whole number" },
	{ "keep-free", "0", "not between" },
	{ "keep-free", "101", "not between" },
	{ "keep-free", "10%", "not a whole number" },
};

static void bad_values_are_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad_values); i++) {
		struct run_options o;
		struct err e = { 0 };
		int r = 1;

		run_options_init(&o);
		for (size_t k = 0; run_option_specs[k].name; k++) {
			if (!strcmp(run_option_specs[k].name, bad_values[i].option))
				r = run_option_specs[k].set(&o, bad_values[i].value, &e);
		}
		if (r != -EINVAL || !strstr(e.message, bad_values[i].words))
			fail_msg("--%s '%s': %d '%s'", bad_values[i].option, bad_values[i].value, r,
				e.message);
		run_options_free(&o);
	}
}

static void a_filter_that_matches_nothing_is_refused(void **state)
{
	struct run_options o;
	struct err e;

	(void)state;
	run_options_init(&o);
	o.filter = "no-such-benchmark";
	assert_int_equal(run_options_finish(&o, &e), -EINVAL);
	assert_non_null(strstr(e.message, "no-such-benchmark"));
	run_options_free(&o);
}

/* The null runtime's modes, and what becomes of all the rows. */
struct tally {
	unsigned n[SAMPLE_STATUS_COUNT];
	unsigned rows;
	char reason[256]; /* of the last row with one */
	unsigned facts;
};

static int count_row(void *ctx, const struct sample *s, struct err *e)
{
	struct tally *t = ctx;

	(void)e;
	t->n[s->status]++;
	t->rows++;
	if (*s->reason)
		snprintf(t->reason, sizeof(t->reason), "%s", s->reason);
	if (s->status == SAMPLE_OK)
		assert_true(s->value > 50 && s->value < 200);
	return 0;
}

static void count_fact(void *ctx, unsigned way, const char *key, const char *value)
{
	(void)way;
	(void)key;
	(void)value;
	((struct tally *)ctx)->facts++;
}

static struct tally run_null(const char *mode, bool *failed)
{
	struct run_options o;
	struct plan p;
	struct err e = { 0 };
	struct tally t = { 0 };
	struct schedule s = { .run_id = "test",
		.trial = { .timeout_ns = 50 * 1000 * 1000, .cancel_fd = -1, .log_fd = -1 },
		.put = count_row,
		.inside = count_fact,
		.ctx = &t };

	setenv("BENCH_NULL", mode, 1);
	options(&o, "null", NULL);
	o.launches = 2;
	o.warmup = 1;
	o.warmup_given = true;
	assert_int_equal(run_options_finish(&o, &e), 0);
	assert_int_equal(plan_build(&o, &p, &e), 0);
	p.ways[0].cfg.cancel_fd = -1;
	p.ways[0].usable = true;
	assert_int_equal(null_runtime.open(&p.ways[0].cfg, &p.ways[0].rt, &e), 0);
	s.plan = &p;
	assert_int_equal(schedule_run(&s, &e), 0);
	assert_int_equal(s.done, 3);
	*failed = s.failed;
	null_runtime.close(p.ways[0].rt);
	plan_free(&p);
	run_options_free(&o);
	unsetenv("BENCH_NULL");
	return t;
}

static const struct {
	const char *mode;
	bool failed;
	enum sample_status status; /* that must occur */
	const char *reason;
} modes[] = {
	{ "", false, SAMPLE_OK, "" }, { "skip", false, SAMPLE_SKIPPED, "made up" },
	{ "fail", true, SAMPLE_FAILED, "made up" }, { "crash", true, SAMPLE_FAILED, "signal 11" },
	{ "short", true, SAMPLE_FAILED, "did not report it" },
	{ "refuse", true, SAMPLE_FAILED, "told to refuse" },
	{ "hang", true, SAMPLE_OK, "" }, /* it had reported everything: no value is lost */
};

static void every_benchmark_has_a_row_whatever_happens(void **state)
{
	size_t n = suite_count("syscalls", NULL);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		bool failed;
		struct tally t = run_null(modes[i].mode, &failed);

		if (failed != modes[i].failed || !t.n[modes[i].status] || t.rows < 3 * n ||
			!strstr(t.reason, modes[i].reason))
			fail_msg("mode '%s': failed %d, %u rows, reason '%s'", modes[i].mode,
				failed, t.rows, t.reason);
	}
}

static void warm_up_launches_are_marked(void **state)
{
	size_t n = suite_count("syscalls", NULL);
	bool failed;
	struct tally t = run_null("", &failed);

	(void)state;
	assert_int_equal(t.n[SAMPLE_WARMUP], n * 5);
	assert_int_equal(t.n[SAMPLE_OK], n * 5 * 2);
	assert_int_equal(t.facts, 1); /* once a way, not once a launch */
}

/* Suites that hold instances have few long launches; beside others those keep their number. */
static void held_launches_are_few(void **state)
{
	static const struct {
		const char *suite, *launches;
		bool quick;
		size_t held, others;
	} cases[] = {
		{ "memory", NULL, false, 3, 0 },
		{ "memory", NULL, true, 1, 0 },
		{ "memory,density", "5", false, 10, 0 },
		{ "syscalls,memory", NULL, false, 3, 11 },
		{ "memory,syscalls", "2", false, 2, 3 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t held = 0, others = 0;
		struct run_options o;
		struct plan p;
		struct err e;

		options(&o, "ctr", NULL); /* host has its null comparison besides */
		set(&o, "suite", cases[i].suite);
		if (cases[i].launches)
			set(&o, "launches", cases[i].launches);
		o.quick = cases[i].quick;
		assert_int_equal(run_options_finish(&o, &e), 0);
		run_options_default_held(&o, false);
		assert_int_equal(plan_build(&o, &p, &e), 0);
		for (size_t k = 0; k < p.n_launches; k++) {
			held += p.launches[k].kind == LAUNCH_HELD;
			others += p.launches[k].kind != LAUNCH_HELD;
		}
		if (held != cases[i].held || others != cases[i].others)
			fail_msg("%s: %zu held, %zu others", cases[i].suite, held, others);
		assert_true(p.instances >= 2 && p.count >= 1 && p.keep_free == 10);
		plan_free(&p);
		run_options_free(&o);
	}
}

static void numbers_to_hold(void **state)
{
	static const struct {
		const char *count, *keep_free;
		bool quick, emulated;
		uint64_t least, most;
	} cases[] = {
		{ NULL, NULL, false, false, 100, 100 }, { NULL, NULL, true, false, 2, 50 },
		{ NULL, NULL, false, true, 2, 20 }, { "700", NULL, true, true, 700, 700 },
		{ "700", "30", false, false, 700, 700 },
		{ NULL, "30", false, false, 10000, UINT64_MAX }, /* until the floor */
		{ NULL, "30", false, true, 2, 20 },              /* there each takes many seconds */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct run_options o;
		struct err e;

		options(&o, "host", NULL);
		set(&o, "suite", "density");
		if (cases[i].count)
			set(&o, "count", cases[i].count);
		if (cases[i].keep_free)
			set(&o, "keep-free", cases[i].keep_free);
		o.quick = cases[i].quick;
		assert_int_equal(run_options_finish(&o, &e), 0);
		run_options_default_held(&o, cases[i].emulated);
		if (o.count < cases[i].least || o.count > cases[i].most)
			fail_msg("case %zu: %ju", i, (uintmax_t)o.count);
		run_options_free(&o);
	}
}

static void holding_is_for_suites_that_hold(void **state)
{
	static const struct {
		const char *suite, *option, *value, *words;
	} cases[] = {
		{ "syscalls", "count", "5", "belong to the suites memory and density" },
		{ "startup", "instances", "5", "belong to the suites memory and density" },
		{ "syscalls", "keep-free", "5", "belong to the suites memory and density" },
		{ "memory", "mem", "1048576", "this host has" },
		{ "density", "concurrency", "5", "belong to the suite startup" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct err e = { 0 };
		struct run_options o;

		options(&o, "host", NULL);
		set(&o, "suite", cases[i].suite);
		set(&o, cases[i].option, cases[i].value);
		if (run_options_finish(&o, &e) != -EINVAL || !strstr(e.message, cases[i].words))
			fail_msg("--suite %s --%s: %s", cases[i].suite, cases[i].option, e.message);
		run_options_free(&o);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_block_holds_every_way_once),
		cmocka_unit_test(host_is_launched_twice_in_full_runs),
		cmocka_unit_test(the_seed_decides_the_order),
		cmocka_unit_test(bad_values_are_named),
		cmocka_unit_test(a_filter_that_matches_nothing_is_refused),
		cmocka_unit_test(every_benchmark_has_a_row_whatever_happens),
		cmocka_unit_test(warm_up_launches_are_marked),
		cmocka_unit_test(held_launches_are_few),
		cmocka_unit_test(numbers_to_hold),
		cmocka_unit_test(holding_is_for_suites_that_hold),
	};

	return cmocka_run_group_tests_name("runner/plan", tests, NULL, NULL);
}
