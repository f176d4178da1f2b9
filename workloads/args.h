/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The workload's arguments: each one word, so that they pass through a kernel command line. */
#ifndef BENCH_WORKLOADS_ARGS_H
#define BENCH_WORKLOADS_ARGS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* The only argument of a run that exits with 0 at once: what vfork-exec executes. */
#define ARG_TRUE "--true"

#define ARGS_BATCHES_MAX 256 /* 31 benchmarks of so many samples stay below REPORT_MAX */

struct args {
	const char *suite;    /* name of a suite of the table */
	const char *filter;   /* fnmatch(3) pattern for "name" or "name/params" */
	const char *tmp;      /* directory to work in; NULL: the first tmpfs among the usual ones */
	uint64_t seed;        /* of the benchmarks' order; 0: the table's own */
	uint64_t batch_ns;    /* a batch takes at least so long */
	uint64_t batches;     /* a benchmark has at most so many */
	uint64_t budget_ns;   /* time for a benchmark's batches, once three are made */
	uint64_t mem_limit;   /* bytes that the launcher lets us have; 0: no limit of its own */
	uint64_t clone_check; /* report what clones of a snapshot must not share */
	uint64_t list;        /* only print the table */
	uint64_t help;        /* only print the usage */
};

/*
 * Defaults, then argv[1] and so on over them; strings are borrowed from argv. 0, or -EINVAL with
 * one line in @why that names the word and what would be right.
 */
int args_parse(struct args *a, int argc, char *const *argv, char *why, size_t size);

/* A line an argument, with its default. */
void args_usage(FILE *f);

#endif
