/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/measure.h"

#include <time.h>

#include "workloads/raw.h"
#include "workloads/vdso.h"

#define NSEC_PER_SEC UINT64_C(1000000000)

uint64_t meter_clock(void)
{
	static vdso_clock_fn *vdso;
	static int searched;
	struct timespec ts = { 0 };

	if (!searched) {
		vdso = vdso_clock();
		searched = 1;
	}
	if (!vdso || vdso(CLOCK_MONOTONIC_RAW, &ts) != 0)
		raw2(SYS_clock_gettime, CLOCK_MONOTONIC_RAW, (long)&ts);
	return (uint64_t)ts.tv_sec * NSEC_PER_SEC + (uint64_t)ts.tv_nsec;
}

/* clock_getres says 1 ns of clocks that move on once in 4 ms. */
uint64_t meter_step(uint64_t (*now)(void))
{
	const unsigned readings = 1000000, enough = 32;
	uint64_t least = 0, last = now();
	unsigned steps = 0;

	for (unsigned i = 0; i < readings && steps < enough; i++) {
		uint64_t t = now();

		if (t == last)
			continue;
		if (steps++ == 0 || t - last < least)
			least = t - last;
		last = t;
	}
	return least ? least : NSEC_PER_SEC / 100; /* none in a million: slower than any tick */
}

struct meter meter_new(uint64_t (*now)(void), const struct args *a)
{
	struct meter m = {
		.now = now,
		.step_ns = meter_step(now),
		.batch_ns = a->batch_ns,
		.budget_ns = a->budget_ns,
		.batches = (unsigned)a->batches,
	};

	if (m.batch_ns < MEASURE_CLOCK_STEPS * m.step_ns)
		m.batch_ns = MEASURE_CLOCK_STEPS * m.step_ns;
	return m;
}

/* The only place where time is taken: benchmark and empty loop pass through the same call. */
static long __attribute__((noinline))
timed(const struct meter *m, bench_run_fn *run, uint64_t n, struct bench_ctx *c, uint64_t *elapsed)
{
	uint64_t start = m->now();
	long r = run(n, c);

	*elapsed = m->now() - start;
	return r;
}

static long prepare(struct bench_ctx *c)
{
	return c->bench->before ? c->bench->before(c) : 0;
}

static long batch(const struct meter *m, struct bench_ctx *c, uint64_t n, uint64_t *elapsed)
{
	long r = prepare(c);

	return r < 0 ? r : timed(m, c->bench->run, n, c, elapsed);
}

/* The counts are read outside of the time that is taken. */
static long counted_batch(const struct meter *m, struct bench_ctx *c, uint64_t n, uint64_t *elapsed,
	struct tally *exits)
{
	long r = prepare(c);

	if (r < 0)
		return r;
	tally_before(exits);
	r = timed(m, c->bench->run, n, c, elapsed);
	tally_after(exits);
	return r;
}

/* Aim a tenth above the goal, and trust one short batch for no more than ten times its size. */
static uint64_t grow(uint64_t n, uint64_t elapsed, uint64_t goal)
{
	double aim = elapsed ? 1.1 * (double)n * (double)goal / (double)elapsed : 10.0 * (double)n;

	if (aim > 10.0 * (double)n)
		return 10 * n;
	return aim > (double)n ? (uint64_t)aim + 1 : n + 1;
}

long measure_calibrate(const struct meter *m, struct bench_ctx *c, uint64_t *iterations)
{
	const uint64_t max =
		c->bench->max_iterations ? c->bench->max_iterations : UINT64_C(1) << 40;
	uint64_t n = c->bench->min_iterations ? c->bench->min_iterations : 1, elapsed;
	unsigned long_enough = 0;

	/* The first batch of a size is cold and may be slow for that alone: it takes two in a row.
	 */
	while (long_enough < 2) {
		long r = batch(m, c, n, &elapsed);

		if (r < 0)
			return r;
		if (elapsed >= m->batch_ns || n == max) {
			long_enough++;
			continue;
		}
		long_enough = 0;
		n = grow(n, elapsed, m->batch_ns);
		if (n > max)
			n = max;
	}
	*iterations = n;
	return 0;
}

/* The least of three: whatever disturbs an empty loop only lengthens it. */
static uint64_t overhead(const struct meter *m, struct bench_ctx *c, uint64_t n)
{
	uint64_t least = UINT64_MAX, elapsed;

	for (int i = 0; i < 3; i++) {
		timed(m, run_empty, n, c, &elapsed);
		if (elapsed < least)
			least = elapsed;
	}
	return least + n * c->bench->nominal_ns;
}

/* What can be had but once: nothing is known beforehand, and nothing is tried. */
static long measure_once(const struct meter *m, struct bench_ctx *c, struct measurement *out)
{
	out->iterations = c->bench->max_iterations;
	out->overhead_ns = overhead(m, c, out->iterations);
	out->batches = 1;
	tally_begin(&out->exits, m->count);
	return counted_batch(m, c, out->iterations, &out->elapsed_ns[0], &out->exits);
}

long measure(const struct meter *m, struct bench_ctx *c, struct measurement *out)
{
	if (c->bench->once)
		return measure_once(m, c, out);

	long r = measure_calibrate(m, c, &out->iterations);

	if (r < 0)
		return r;
	out->overhead_ns = overhead(m, c, out->iterations);
	tally_begin(&out->exits, m->count);

	const uint64_t start = m->now();

	for (out->batches = 0; out->batches < m->batches; out->batches++) {
		if (out->batches >= MEASURE_BATCHES_MIN && m->now() - start >= m->budget_ns)
			break;
		r = counted_batch(
			m, c, out->iterations, &out->elapsed_ns[out->batches], &out->exits);
		if (r < 0)
			return r;
	}
	return 0;
}
