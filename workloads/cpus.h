/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The CPUs that this task was given. */
#ifndef BENCH_WORKLOADS_CPUS_H
#define BENCH_WORKLOADS_CPUS_H

#include <sys/types.h>

#include "workloads/bench.h"

struct cpus {
	int first[BENCH_CPUS]; /* the first of the inherited mask */
	unsigned count;        /* how many of first[] are filled: 0 if the mask is unknown */
	int error;             /* why the mask is unknown or the pinning failed; 0: all is well */
};

/* Read the inherited mask and pin this task, with what it will start, to the first CPU of it. */
struct cpus cpus_pin(void);

/* Pin task @pid (0: this one) to @cpu. 0 or a negative errno. */
int cpus_pin_task(pid_t pid, int cpu);

#endif
