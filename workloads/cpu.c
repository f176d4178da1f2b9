/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plain computation: cpu_loops.c, and what needs vector registers. */
#include <emmintrin.h>

#include "workloads/bench.h"
#include "workloads/cpu_loops.h"

/* The compiler may neither work a step out beforehand nor put two of them into one register. */
#define KEEP(x) __asm__ volatile("" : "+x"(x))

/* Stays near 1 for ever: no overflow, and none of the tiny numbers that take a CPU longer. */
#define FACTOR 0.999
#define SUMMAND 0.001

static volatile uint64_t result; /* what was computed is kept: so it has to be computed */
static volatile double float_result;

#define RUN(name)                                                                                  \
	long run_##name(uint64_t iterations, struct bench_ctx *c)                                  \
	{                                                                                          \
		(void)c;                                                                           \
		result = cpu_run_##name(iterations);                                               \
		return 0;                                                                          \
	}
CPU_RUNS(RUN)

/* Each step waits for the one before: a multiplication, an addition. */
long run_float_chain(uint64_t iterations, struct bench_ctx *c)
{
	double x = 2;

	(void)c;
	for (uint64_t i = 0; i < iterations; i++) {
		for (unsigned k = 0; k < CPU_STEPS; k++) {
			x = x * FACTOR + SUMMAND;
			KEEP(x);
		}
	}
	float_result = x;
	return 0;
}

/* Eight chains of two doubles in a register each, which know nothing of each other. */
#define CHAINS(X) X(a) X(b) X(d) X(e) X(f) X(g) X(h) X(i)
#define START(x) __m128d x = _mm_set1_pd(2);
#define STEP(x)                                                                                    \
	x = _mm_add_pd(_mm_mul_pd(x, factor), summand);                                            \
	KEEP(x);
#define ADD(x) sum = _mm_add_pd(sum, x);

long run_float_sse2(uint64_t iterations, struct bench_ctx *c)
{
	const __m128d factor = _mm_set1_pd(FACTOR), summand = _mm_set1_pd(SUMMAND);
	__m128d sum = _mm_setzero_pd();

	(void)c;
	CHAINS(START)
	for (uint64_t n = 0; n < iterations; n++) {
		for (unsigned k = 0; k < CPU_STEPS; k++) {
			CHAINS(STEP)
		}
	}
	CHAINS(ADD)
	float_result = _mm_cvtsd_f64(sum);
	return 0;
}
