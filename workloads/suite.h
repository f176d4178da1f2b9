/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A suite's benchmarks, chosen, put in order, run one by one. */
#ifndef BENCH_WORKLOADS_SUITE_H
#define BENCH_WORKLOADS_SUITE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "workloads/args.h"
#include "workloads/bench.h"
#include "workloads/cpus.h"
#include "workloads/report.h"

struct meter;

/* The most rows that a run can hold. */
#define SUITE_MAX 256

struct suite_plan {
	const struct benchmark *rows[SUITE_MAX];
	size_t count;
};

/*
 * The rows of @a->suite that @a->filter lets through, shuffled by @a->seed. 0, or -EINVAL with one
 * line in @why: no such suite, no such benchmark.
 */
int suite_plan(struct suite_plan *p, const struct args *a, char *why, size_t size);

/*
 * Run all rows and report each: what one could not do or failed to do is a record, and the next
 * one follows. @done, may be NULL, is called after the first row.
 */
void suite_run(const struct suite_plan *p, const struct meter *m, const struct cpus *cpus,
	struct report *r, void (*done)(void));

/* The table for a person. */
void suite_list(FILE *f);

#endif
