/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The workload's table and its way of measuring (workloads/measure.c) in whole numbers: a
 * batch is so many iterations between two readings of the clock, here the TSC; their number is
 * calibrated, and the same number of empty turns is subtracted.
 */
#include <stddef.h>

#include "workloads/counts.h"
#include "workloads/cpu_loops.h"
#include "workloads/hello_kernel/cpu.h"
#include "workloads/hello_kernel/program/program.h"

#define BATCHES_MIN 3 /* made whatever the budget says */
#define ITERATIONS_MAX (1ul << 40)

typedef void run_fn(u64 iterations);

struct meter {
	u64 khz;
	u64 batch_ticks, budget_ticks;
	u64 batches;
};

static void run_empty(u64 iterations)
{
	for (u64 i = 0; i < iterations; i++)
		__asm__ volatile("" : : : "memory");
}

static void run_cpuid(u64 iterations)
{
	u32 r[4];

	for (u64 i = 0; i < iterations; i++)
		cpuid(0, r);
}

static void run_rdtsc(u64 iterations)
{
	for (u64 i = 0; i < iterations; i++)
		__asm__ volatile("rdtsc" : : : "eax", "edx");
}

static void run_port_write(u64 iterations)
{
	for (u64 i = 0; i < iterations; i++)
		outb(POST_PORT, 0);
}

/* The suite cpu's loops are the workload's; what they compute is kept, so that it is computed. */
static volatile u64 result;

#define RUN(name)                                                                                  \
	static void run_##name(u64 iterations)                                                     \
	{                                                                                          \
		result = cpu_run_##name(iterations);                                               \
	}
CPU_RUNS(RUN)

static void run_mmio_read(u64 iterations)
{
	const volatile u32 *nowhere = (const volatile u32 *)PROGRAM_NOWHERE;

	for (u64 i = 0; i < iterations; i++)
		(void)*nowhere;
}

/* Those that need no Linux, by their names in the table. */
static const struct {
	const char *name, *params;
	run_fn *run;
} runs[] = {
	{ "cpuid", "", run_cpuid },
	{ "rdtsc", "", run_rdtsc },
	{ "port-write", "", run_port_write },
	{ "mmio-read", "", run_mmio_read },
	{ "integer", "chain", run_integer_chain },
	{ "integer", "mix", run_integer_mix },
	{ "branchy", "", run_branchy },
	{ "sha256", "block", run_sha256 },
};

static const struct benchmark {
	const char *suite, *name, *params;
} benchmarks[] = {
#define BENCHMARK(suite, name, params, ...) { suite, name, params },
#include "workloads/benchmarks.def"
#undef BENCHMARK
};

static u64 __attribute__((noinline)) timed(run_fn *run, u64 iterations)
{
	u64 start = rdtsc_ordered();

	run(iterations);
	return rdtsc_ordered() - start;
}

/* Aim a tenth above the goal, and trust one short batch for no more than ten times its size. */
static u64 grow(u64 n, u64 ticks, u64 goal)
{
	u64 most = n * 10, aim;

	if (ticks <= goal / 10)
		return most;
	aim = n * 11 / 10 * goal / ticks;
	if (aim <= n)
		aim = n + 1;
	return aim < most ? aim : most;
}

/* The first batch of a size is cold and may be slow for that alone: it takes two in a row. */
static u64 calibrate(const struct meter *m, run_fn *run)
{
	u64 n = 1;

	for (unsigned long_enough = 0; long_enough < 2;) {
		u64 ticks = timed(run, n);

		if (ticks >= m->batch_ticks || n >= ITERATIONS_MAX) {
			long_enough++;
		} else {
			long_enough = 0;
			n = grow(n, ticks, m->batch_ticks);
		}
	}
	return n;
}

/* The least of three: whatever disturbs an empty loop only lengthens it. */
static u64 overhead(u64 iterations)
{
	u64 least = ~0ul;

	for (int i = 0; i < 3; i++) {
		u64 ticks = timed(run_empty, iterations);

		if (ticks < least)
			least = ticks;
	}
	return least;
}

static const char *nanoseconds(const struct meter *m, u64 ticks, char out[DECIMAL_SIZE])
{
	return text_decimal(ticks * 1000000 / m->khz, out);
}

static void report_sample(
	const struct meter *m, const struct benchmark *b, u64 index, u64 n, u64 ticks, u64 empty)
{
	char at[DECIMAL_SIZE], iterations[DECIMAL_SIZE], elapsed[DECIMAL_SIZE], less[DECIMAL_SIZE];

	report("sample", b->name, b->params, text_decimal(index, at), text_decimal(n, iterations),
		nanoseconds(m, ticks, elapsed), nanoseconds(m, empty, less), NULL);
}

static struct tally exits; /* of the batches of one benchmark */

static void report_exits(const struct benchmark *b, u64 iterations)
{
	char n[DECIMAL_SIZE], total[DECIMAL_SIZE];

	for (u64 i = 0; i < COUNT_COUNT; i++) {
		if (exits.sum[i] != COUNT_UNKNOWN)
			report("value", b->name, b->params, counts_metrics[i], "count",
				text_decimal(iterations, n), text_decimal(exits.sum[i], total),
				NULL);
	}
}

static void report_counted(void)
{
	static struct counts now;

	counts_read(&now);
	report("info", COUNTS_INFO,
		now.n[COUNT_ALL] == COUNT_UNKNOWN ? COUNTS_INFO_NONE : COUNTS_INFO_ALL, NULL);
}

/* "begin" is sent before, so that a crash has a culprit; the samples are, all together, after. */
static void measure(const struct meter *m, const struct benchmark *b, run_fn *run)
{
	u64 n, empty, start, i;

	report("begin", b->name, b->params, NULL);
	report_flush();
	n = calibrate(m, run);
	empty = overhead(n);
	tally_begin(&exits, counts_read);
	start = rdtsc_ordered();
	for (i = 0; i < m->batches; i++) {
		u64 ticks;

		if (i >= BATCHES_MIN && rdtsc_ordered() - start >= m->budget_ticks)
			break;
		tally_before(&exits);
		ticks = timed(run, n);
		tally_after(&exits);
		report_sample(m, b, i, n, ticks, empty);
	}
	report_exits(b, i * n);
}

static run_fn *find_run(const struct benchmark *b)
{
	for (u64 i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
		if (text_equal(runs[i].name, b->name) && text_equal(runs[i].params, b->params))
			return runs[i].run;
	}
	return NULL;
}

/* Those that are left out for another reason than that they need Linux. */
static const struct {
	const char *name, *why;
} left_out[] = {
	{ "hypercall", "left to Linux guests: where KVM is software only, ring 3 would call the "
		       "hypervisor underneath it" },
	{ "float", "needs vector registers: the hello kernel keeps none" },
};

static const char *why_not(const char *name)
{
	for (u64 i = 0; i < sizeof(left_out) / sizeof(left_out[0]); i++) {
		if (text_equal(left_out[i].name, name))
			return left_out[i].why;
	}
	return "needs Linux: the hello kernel has no such call";
}

static bool is_chosen(const struct options *o, const struct benchmark *b)
{
	return text_equal(b->suite, o->suite) &&
	       (text_matches(b->name, "", "", o->filter) ||
		       text_matches(b->name, "/", b->params, o->filter));
}

/* Every benchmark that was asked for gets samples, or the reason why not. */
static void measure_or_skip(const struct meter *m, const struct benchmark *b)
{
	run_fn *run = find_run(b);

	if (!run)
		report("skip", b->name, b->params, why_not(b->name), NULL);
	else if (!m->khz)
		report("skip", b->name, b->params,
			"the TSC's frequency is unknown: neither tsc_khz=N on the command line nor "
			"CPUID tells it",
			NULL);
	else
		measure(m, b, run);
}

void measure_all(const struct options *o)
{
	const struct meter m = {
		.khz = o->tsc_khz,
		.batch_ticks = o->batch_ns * o->tsc_khz / 1000000,
		.budget_ticks = o->budget_ns / 1000 * o->tsc_khz / 1000,
		.batches = o->batches,
	};

	if (m.batches)
		report_counted();
	for (u64 i = 0; i < sizeof(benchmarks) / sizeof(benchmarks[0]); i++) {
		if (m.batches && is_chosen(o, &benchmarks[i]))
			measure_or_skip(&m, &benchmarks[i]);
	}
}

/* The least of a few, as above. */
static u64 least_ticks(u64 (*ticks)(void))
{
	u64 least = ~0ul;

	for (int i = 0; i < 4; i++) {
		u64 t = ticks();

		if (t < least)
			least = t;
	}
	return least;
}

#define RING0_TURNS 250 /* each may take 2 us, where ring 0 is interpreted */
#define RING3_TURNS 10000

static u64 ring0_ticks(void)
{
	return (u64)kernel_call(HELLO_loop, RING0_TURNS, 0);
}

static u64 ring3_ticks(void)
{
	return timed(spin_turns, RING3_TURNS);
}

static u64 call_ticks(void)
{
	u64 start = rdtsc_ordered();

	for (int i = 0; i < 10; i++)
		kernel_call(HELLO_add, 1, 1);
	return rdtsc_ordered() - start;
}

/* In ticks, which are known whether or not their frequency is. */
void measure_rings(void)
{
	report_info_number(
		"hello.ring0_ticks_1000_turns", least_ticks(ring0_ticks) * 1000 / RING0_TURNS);
	report_info_number(
		"hello.ring3_ticks_1000_turns", least_ticks(ring3_ticks) * 1000 / RING3_TURNS);
	report_info_number("hello.call_ticks_10", least_ticks(call_ticks));
}
