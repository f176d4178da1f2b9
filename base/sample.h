/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sample is one number with everything that is needed to read it: one row of samples.csv. */
#ifndef BENCH_BASE_SAMPLE_H
#define BENCH_BASE_SAMPLE_H

#include <stdint.h>

#define SAMPLE_SCHEMA 1

enum sample_status {
	SAMPLE_OK,
	SAMPLE_WARMUP,  /* a declared warm-up launch: kept, not summarised */
	SAMPLE_SKIPPED, /* cannot run here: the reason says why */
	SAMPLE_FAILED,  /* tried and failed: the reason says how */
	SAMPLE_TIMEOUT, /* still running at the deadline */
	SAMPLE_STATUS_COUNT
};

/* "ok", "warmup", "skipped", "failed", "timeout": as they stand in the CSV. */
extern const char *const sample_status_names[SAMPLE_STATUS_COUNT];

/*
 * A runtime so called is another one, named without this, launched once more for the null
 * comparison (docs/method.md): it is no way of its own.
 */
#define NULL_SUFFIX ":null"

/*
 * Strings are borrowed: they live as long as whoever filled the sample says. None is NULL; unknown
 * or not applicable is "". Where status is neither OK nor WARMUP, value, overhead_ns and iterations
 * mean nothing and their fields of the CSV are empty.
 */
struct sample {
	const char *run_id;
	const char *suite;
	const char *benchmark;
	const char *params;  /* e.g. "4KiB" or "cross-cpu" */
	const char *runtime; /* "host", "ctr", "vm", ... */
	const char *kernel;  /* guest kernel's name; "" for a runtime without one of its own */
	unsigned replicate;  /* the how-manieth launch of this runtime, from 0 */
	unsigned block;      /* each block holds every runtime once, from 0 */
	const char *phase;   /* phase of a launch; "" where the number is not about start-up */
	unsigned sample;     /* batch within the launch, from 0 */
	uint64_t iterations; /* operations in the batch */
	const char *metric;  /* "latency", ... */
	const char *unit;    /* base units only: "ns", "bytes", "count" */
	double value;        /* per operation, overhead already subtracted */
	double overhead_ns;  /* per operation: what was subtracted */
	enum sample_status status;
	const char *reason;
	const char *host; /* of a data set of many: which one; "" or NULL in a run's own file */
};

#endif
