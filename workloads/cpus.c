/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/cpus.h"

#include <errno.h>
#include <sched.h>

struct cpus cpus_pin(void)
{
	struct cpus cpus = { 0 };
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) < 0) {
		cpus.error = errno;
		return cpus;
	}
	for (int i = 0; i < CPU_SETSIZE && cpus.count < BENCH_CPUS; i++)
		if (CPU_ISSET(i, &set))
			cpus.first[cpus.count++] = i;
	CPU_ZERO(&set);
	CPU_SET(cpus.first[0], &set);
	if (sched_setaffinity(0, sizeof(set), &set) < 0)
		cpus.error = errno;
	return cpus;
}
