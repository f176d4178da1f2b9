/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which CPUs the workload runs on. */
#ifndef BENCH_RUNNER_CPUS_H
#define BENCH_RUNNER_CPUS_H

#include <sched.h>
#include <stddef.h>

#include "base/err.h"

#define CPUS_DEFAULT 2 /* the benchmarks across CPUs want two */

/*
 * Parse a list like "0,2-3" (cpuset format) into @out. -EINVAL when it is not one, is empty, or
 * names a CPU that this process may not use.
 */
int cpus_parse(const char *list, cpu_set_t *out, struct err *e);

/*
 * @n of the CPUs that this process may use, on different cores where there are such, the highest
 * numbers first since CPU 0 takes more interrupts; fewer where there are not so many.
 */
int cpus_choose(unsigned n, cpu_set_t *out, struct err *e);

/* The first @n of @from, in the order of their numbers; all where it has fewer. */
void cpus_first(const cpu_set_t *from, unsigned n, cpu_set_t *out);

/* "0,2-3" of @set, into @out. */
void cpus_format(const cpu_set_t *set, char *out, size_t size);

#endif
