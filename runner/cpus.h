/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which CPUs the workload runs on. */
#ifndef BENCH_RUNNER_CPUS_H
#define BENCH_RUNNER_CPUS_H

#include <sched.h>
#include <stddef.h>

#include "base/err.h"

/*
 * Parse a list like "0,2-3" (cpuset format) into @out. -EINVAL when it is not one, is empty, or
 * names a CPU that this process may not use.
 */
int cpus_parse(const char *list, cpu_set_t *out, struct err *e);

/*
 * Two of the CPUs that this process may use, on different cores where there are such, the highest
 * numbers first since CPU 0 takes more interrupts; fewer where there are not two.
 */
int cpus_choose(cpu_set_t *out, struct err *e);

/* "0,2-3" of @set, into @out. */
void cpus_format(const cpu_set_t *set, char *out, size_t size);

#endif
