/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/cpus.h"

#include <errno.h>
#include <sched.h>

#define KERNEL_CPUS 8192 /* the most that an x86-64 kernel can be built for (arch/x86/Kconfig) */

/* cpu_set_t has room for 1024, and sched_getaffinity fails where the kernel's mask is longer. */
union mask {
	cpu_set_t set;
	char room[KERNEL_CPUS / 8];
};

int cpus_pin_task(pid_t pid, int cpu)
{
	union mask m = { .room = { 0 } };

	CPU_SET_S((size_t)cpu, sizeof(m), &m.set);
	return sched_setaffinity(pid, sizeof(m), &m.set) < 0 ? -errno : 0;
}

struct cpus cpus_pin(void)
{
	struct cpus cpus = { .error = 0 };
	union mask m = { .room = { 0 } };

	if (sched_getaffinity(0, sizeof(m), &m.set) < 0) {
		cpus.error = errno;
		return cpus;
	}
	for (int i = 0; i < KERNEL_CPUS && cpus.count < BENCH_CPUS; i++)
		if (CPU_ISSET_S((size_t)i, sizeof(m), &m.set))
			cpus.first[cpus.count++] = i;
	cpus.error = -cpus_pin_task(0, cpus.first[0]);
	return cpus;
}
