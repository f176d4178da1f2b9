/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The suites and their benchmarks: the workload's own table (workloads/benchmarks.def), read here.
 */
#ifndef BENCH_RUNNER_SUITES_H
#define BENCH_RUNNER_SUITES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct schedule;

/* What a launch of a suite is for. */
enum suite_kind {
	SUITE_TIMED,  /* benchmarks are timed inside of it */
	SUITE_STARTS, /* it is itself what is measured: floors belong in such a suite */
	SUITE_HOLDS,  /* it is held when ready, beside others, and looked at from outside */
};

struct suite {
	const char *name;
	const char *summary;
	const char *runtimes; /* what it runs on where nothing is said */
	enum suite_kind kind;

	/* Of a suite that holds: carries out launch @i of the plan (schedule.c); and the metric,
	 * with its unit, that a row without a value stands for. */
	int (*hold)(struct schedule *s, size_t i, struct err *e);
	const char *metric, *unit;
};

struct bench {
	const char *suite;
	const char *name;
	const char *params; /* "" where a benchmark has no variants */
	const char *summary;
};

extern const struct suite suites[];
extern const size_t n_suites;
extern const struct suite exec_suite; /* of "bench exec": not in the table, it has no benchmarks */
extern const struct bench benches[];
extern const size_t n_benches;

/* The exec suite too. NULL where there is none of that name. */
const struct suite *suite_find(const char *name);

/*
 * Does @glob name the benchmark? It is matched with fnmatch(3) against its name and against
 * "name/params", as the workload does. NULL matches everything.
 */
bool bench_matches(const struct bench *b, const char *glob);

/* Benchmarks of @suite that match @glob. */
size_t suite_count(const char *suite, const char *glob);

#endif
