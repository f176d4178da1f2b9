/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How a benchmark becomes numbers (docs/benchmarks.md): a batch is so many
 * iterations between two readings of the clock; the number is calibrated; the
 * same number of empty iterations is measured and handed on to be subtracted.
 */
#ifndef BENCH_WORKLOADS_MEASURE_H
#define BENCH_WORKLOADS_MEASURE_H

#include <stdint.h>

#include "workloads/args.h"
#include "workloads/bench.h"
#include "workloads/counts.h"

#define MEASURE_BATCHES_MIN 3   /* made whatever the budget says */
#define MEASURE_CLOCK_STEPS 100 /* a batch is at least so many steps of the clock */

/* What to measure with. The clock is a function, so that tests can have one of their own. */
struct meter {
	uint64_t (*now)(void); /* ns, never going back */
	uint64_t step_ns;      /* its smallest step seen, by meter_step() */
	uint64_t batch_ns;     /* wanted: a batch takes at least this */
	uint64_t budget_ns;
	unsigned batches;
	counts_read_fn *count; /* of exits, around each batch; NULL: nobody counts them */
};

struct measurement {
	uint64_t iterations;  /* of every batch */
	uint64_t overhead_ns; /* for all iterations of a batch together */
	unsigned batches;
	uint64_t elapsed_ns[ARGS_BATCHES_MAX];
	struct tally exits; /* of all batches together, what is done before each left out */
};

/* CLOCK_MONOTONIC_RAW in ns, through the vDSO where there is one. */
uint64_t meter_clock(void);

/* The smallest step of @now: what two readings that differ differ by, at least. Never 0. */
uint64_t meter_step(uint64_t (*now)(void));

/* A meter on @now with its step measured and the wishes of @a. */
struct meter meter_new(uint64_t (*now)(void), const struct args *a);

/*
 * The fewest iterations, roughly, for which a batch of @c->bench takes the meter's least time; its
 * max_iterations where that is fewer. The benchmark has been run at that size: it is warm.
 * 0 or what a run returned, with @c->why filled.
 */
long measure_calibrate(const struct meter *m, struct bench_ctx *c, uint64_t *iterations);

/* Calibrate, take the overhead, make the batches. As above; on failure @out means nothing. */
long measure(const struct meter *m, struct bench_ctx *c, struct measurement *out);

#endif
