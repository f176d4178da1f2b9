/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a CPU does by itself, in general registers and the first-level cache: no system call, no
 * library, no vector register. The workload and the hello kernel's program compile the same file.
 * What an operation is: docs/benchmarks.md.
 */
#ifndef BENCH_WORKLOADS_CPU_LOOPS_H
#define BENCH_WORKLOADS_CPU_LOOPS_H

#include <stdint.h>

#define CPU_STEPS 64 /* of an operation: the loop around them is then nothing beside it */

/* @n operations from @seed. What comes out depends on every step: whoever keeps it keeps them. */
uint64_t cpu_integer_chain(uint64_t n, uint64_t seed);
uint64_t cpu_integer_mix(uint64_t n, uint64_t seed);
uint64_t cpu_branchy(uint64_t n, uint64_t seed);

/* FIPS 180-4, 5.3.3: where SHA-256 begins. */
extern const uint32_t cpu_sha256_start[8];

/* @n times the compression of SHA-256 (FIPS 180-4, 6.2.2) of the same @block into @state. */
void cpu_sha256(uint64_t n, uint32_t state[8], const uint32_t block[16]);

/* The four of them as a benchmark wants them: @n operations from a fixed beginning. */
typedef uint64_t cpu_loop_fn(uint64_t n);
cpu_loop_fn cpu_run_integer_chain, cpu_run_integer_mix, cpu_run_branchy, cpu_run_sha256;

/* For what both programs make of each: X(integer_chain) ... */
#define CPU_RUNS(X) X(integer_chain) X(integer_mix) X(branchy) X(sha256)

#endif
