/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calibration and batches on a clock that the tests move: no test here takes time. */
#include "tests/unit/check.h"

#include <errno.h>
#include <string.h>

#include "workloads/measure.h"

#define ROWS(a) (sizeof(a) / sizeof((a)[0]))

/* The world: what time it is, and what things cost. */
static struct {
	uint64_t time, tick; /* the clock shows whole ticks */
	uint64_t reading;    /* cost of reading the clock */
	uint64_t each;       /* cost of an iteration */
	uint64_t cold;       /* extra cost of the first run */
	uint64_t runs, befores, iterations, fail_at;
} world;

static uint64_t fake_now(void)
{
	world.time += world.reading;
	return world.time / world.tick * world.tick;
}

static uint64_t stopped_clock(void)
{
	return 42;
}

static long fake_run(uint64_t iterations, struct bench_ctx *c)
{
	if (++world.runs == world.fail_at)
		return bench_refused(c, "fake", -EPERM);
	world.iterations += iterations;
	world.time += iterations * world.each + (world.runs == 1 ? world.cold : 0);
	return 0;
}

static long fake_before(struct bench_ctx *c)
{
	(void)c;
	world.time += 1000000000; /* must not show in any batch */
	world.befores++;
	return 0;
}

static void reset(uint64_t each, uint64_t cold, uint64_t tick, uint64_t reading)
{
	memset(&world, 0, sizeof(world));
	world.each = each;
	world.cold = cold;
	world.tick = tick;
	world.reading = reading;
}

static const struct args wishes = { .batch_ns = 1000000, .budget_ns = 10000000, .batches = 20 };

static void calibrates(void **state)
{
	static const struct {
		const char *name;
		uint64_t each, cold, tick, max;
		uint64_t least, most; /* iterations that are right */
	} cases[] = {
		{ "a fast call", 100, 0, 1, 0, 10000, 12000 },
		{ "an instruction", 1, 0, 1, 0, 1000000, 1200000 },
		{ "slower than a batch", 50000000, 0, 1, 0, 1, 1 },
		{ "as long as a batch", 1000000, 0, 1, 0, 1, 1 },
		{ "just below", 999000, 0, 1, 0, 2, 2 },
		{ "a slow first run", 100, 5000000, 1, 0, 10000, 12000 },
		{ "not many allowed", 100, 0, 1, 4096, 4096, 4096 },
		{ "only one allowed", 100, 0, 1, 1, 1, 1 },
		{ "more allowed than needed", 1000, 0, 1, 4096, 1000, 1200 },
		{ "a clock of 4 ms", 100, 0, 4000000, 0, 4000000, 5000000 },
		{ "a clock of 1 us", 7, 0, 1000, 0, 142857, 172000 },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++) {
		struct benchmark b = { .run = fake_run, .max_iterations = cases[i].max };
		struct bench_ctx c = { .bench = &b };
		uint64_t n = 0;

		reset(cases[i].each, cases[i].cold, cases[i].tick, 20);
		struct meter m = meter_new(fake_now, &wishes);

		assert_int_equal(measure_calibrate(&m, &c, &n), 0);
		if (n < cases[i].least || n > cases[i].most)
			fail_msg("%s: %ju iterations", cases[i].name, (uintmax_t)n);
	}
}

static void a_batch_has_a_least_size(void **state)
{
	static const struct {
		uint64_t min, max, each, right;
	} cases[] = { { 8, 0, 10000000, 8 }, { 4096, 4096, 1, 4096 }, { 4096, 4096, 1000000, 4096 },
		{ 1, 0, 2000000, 1 } };

	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++) {
		struct benchmark b = { .run = fake_run,
			.min_iterations = cases[i].min,
			.max_iterations = cases[i].max };
		struct bench_ctx c = { .bench = &b };
		uint64_t n = 0;

		reset(cases[i].each, 0, 1, 20);
		struct meter m = meter_new(fake_now, &wishes);

		assert_int_equal(measure_calibrate(&m, &c, &n), 0);
		assert_int_equal(n, cases[i].right);
	}
}

/* What is cold but once: the first run of all is the sample. */
static void once_is_once(void **state)
{
	struct benchmark b = {
		.run = fake_run, .before = fake_before, .max_iterations = 4096, .once = 1
	};
	struct bench_ctx c = { .bench = &b };
	static struct measurement r;

	(void)state;
	reset(100, 5000, 1, 20);
	struct meter m = meter_new(fake_now, &wishes);

	assert_int_equal(measure(&m, &c, &r), 0);
	assert_int_equal(r.batches, 1);
	assert_int_equal(r.iterations, 4096);
	assert_int_equal(world.runs, 1);
	assert_int_equal(world.befores, 1);
	assert_int_equal(r.elapsed_ns[0] - r.overhead_ns, 4096 * 100 + 5000);
	reset(100, 0, 1, 20);
	world.fail_at = 1;
	assert_int_equal(measure(&m, &c, &r), -EPERM);
}

static void finds_the_clocks_step(void **state)
{
	(void)state;
	reset(0, 0, 1, 20);
	assert_int_equal(meter_step(fake_now), 20);
	reset(0, 0, 1000, 20);
	assert_int_equal(meter_step(fake_now), 1000);
	reset(0, 0, 4000000, 50);
	assert_int_equal(meter_step(fake_now), 4000000);
	assert_true(meter_step(stopped_clock) > 0);
}

static void a_coarse_clock_lengthens_the_batch(void **state)
{
	(void)state;
	reset(0, 0, 1, 20);
	assert_int_equal(meter_new(fake_now, &wishes).batch_ns, 1000000);
	reset(0, 0, 1000000, 20);
	assert_int_equal(meter_new(fake_now, &wishes).batch_ns, 100 * 1000000);
}

static void budget_and_batches(void **state)
{
	static const struct {
		const char *name;
		uint64_t each, budget;
		unsigned batches, made;
	} cases[] = {
		{ "as many as asked for", 100, 1000000000, 20, 20 },
		{ "the budget ends it", 10000000, 95000000, 20, 10 },
		{ "three whatever the budget", 1000000000, 1, 20, 3 },
		{ "fewer than three asked for", 100, 1000000000, 2, 2 },
		{ "the most there can be", 100, 1000000000000, ARGS_BATCHES_MAX, ARGS_BATCHES_MAX },
	};
	static struct measurement r;

	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++) {
		struct benchmark b = { .run = fake_run };
		struct bench_ctx c = { .bench = &b };
		struct args a = wishes;

		a.budget_ns = cases[i].budget;
		a.batches = cases[i].batches;
		reset(cases[i].each, 0, 1, 20);
		struct meter m = meter_new(fake_now, &a);

		assert_int_equal(measure(&m, &c, &r), 0);
		if (r.batches != cases[i].made)
			fail_msg("%s: %u batches", cases[i].name, r.batches);
	}
}

/* The clock's own cost is in both, and goes away when one is subtracted from the other. */
static void value_is_the_cost_of_an_iteration(void **state)
{
	struct benchmark b = { .run = fake_run, .before = fake_before };
	struct bench_ctx c = { .bench = &b };
	static struct measurement r;

	(void)state;
	reset(100, 0, 1, 20);
	struct meter m = meter_new(fake_now, &wishes);

	m.budget_ns = UINT64_MAX;
	assert_int_equal(measure(&m, &c, &r), 0);
	assert_int_equal(r.batches, 20);
	assert_int_equal(r.overhead_ns, 20);
	for (unsigned i = 0; i < r.batches; i++)
		assert_int_equal(r.elapsed_ns[i] - r.overhead_ns, 100 * r.iterations);
	assert_int_equal(world.befores, world.runs);
}

static void nominal_time_is_overhead(void **state)
{
	struct benchmark b = { .run = fake_run, .nominal_ns = 100000 };
	struct bench_ctx c = { .bench = &b };
	static struct measurement r;

	(void)state;
	reset(155000, 0, 1, 20);
	struct meter m = meter_new(fake_now, &wishes);

	assert_int_equal(measure(&m, &c, &r), 0);
	assert_int_equal(r.overhead_ns, 20 + r.iterations * 100000);
	assert_int_equal(r.elapsed_ns[0] - r.overhead_ns, 55000 * r.iterations);
}

static void a_failing_run_ends_it(void **state)
{
	struct benchmark b = { .run = fake_run };
	static struct measurement r;

	(void)state;
	for (uint64_t fail_at = 1; fail_at < 10; fail_at += 4) {
		struct bench_ctx c = { .bench = &b };

		reset(100, 0, 1, 20);
		world.fail_at = fail_at;
		struct meter m = meter_new(fake_now, &wishes);

		assert_int_equal(measure(&m, &c, &r), -EPERM);
		assert_int_equal(world.runs, fail_at);
		assert_non_null(strstr(c.why, "fake: "));
	}
}

static void a_short_result_is_an_error(void **state)
{
	struct bench_ctx c = { 0 };

	(void)state;
	assert_int_equal(bench_refused(&c, "read", 0), -EIO);
	assert_string_equal(c.why, "read: returned 0");
	assert_int_equal(bench_refused(&c, "ioperm", -EPERM), -EPERM);
	assert_non_null(strstr(c.why, "ioperm: "));
	assert_non_null(strstr(c.why, "(errno 1)"));
}

static void tells_refusal_from_failure(void **state)
{
	static const int refusals[] = { EPERM, EACCES, ENOSYS, EOPNOTSUPP, ENOENT, ENODEV };
	static const int failures[] = { EIO, ENOMEM, EFAULT, EBADF, EINVAL, EPIPE };

	(void)state;
	for (size_t i = 0; i < ROWS(refusals); i++)
		assert_true(bench_is_refusal(-refusals[i]));
	for (size_t i = 0; i < ROWS(failures); i++)
		assert_false(bench_is_refusal(-failures[i]));
	assert_false(bench_is_refusal(0));
}

static void the_real_clock_moves_on(void **state)
{
	uint64_t first = meter_clock(), second;

	(void)state;
	while ((second = meter_clock()) == first)
		;
	assert_true(second > first);
	assert_true(meter_step(meter_clock) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calibrates),
		cmocka_unit_test(a_batch_has_a_least_size),
		cmocka_unit_test(once_is_once),
		cmocka_unit_test(finds_the_clocks_step),
		cmocka_unit_test(a_coarse_clock_lengthens_the_batch),
		cmocka_unit_test(budget_and_batches),
		cmocka_unit_test(value_is_the_cost_of_an_iteration),
		cmocka_unit_test(nominal_time_is_overhead),
		cmocka_unit_test(a_failing_run_ends_it),
		cmocka_unit_test(a_short_result_is_an_error),
		cmocka_unit_test(tells_refusal_from_failure),
		cmocka_unit_test(the_real_clock_moves_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
