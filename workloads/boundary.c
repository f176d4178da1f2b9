/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Instructions that show the boundary itself: what a hypervisor has to step in for. */
#include "workloads/boundary.h"

#include <errno.h>
#include <sys/io.h>
#include <sys/prctl.h>

#include "workloads/bench.h"
#include "workloads/raw.h"

#define ARCH_GET_CPUID 0x1011 /* asm/prctl.h; the answer is 0 where CPUID faults */

int cpuid_allowed(void)
{
	return raw2(SYS_arch_prctl, ARCH_GET_CPUID, 0) != 0;
}

long setup_cpuid(struct bench_ctx *c)
{
	return cpuid_allowed() ? 0 : bench_refused(c, "arch_prctl(ARCH_GET_CPUID)", -EACCES);
}

long run_cpuid(uint64_t iterations, struct bench_ctx *c)
{
	uint32_t r[4];

	(void)c;
	for (uint64_t i = 0; i < iterations; i++)
		cpuid(0, r);
	return 0;
}

long setup_rdtsc(struct bench_ctx *c)
{
	int mode = PR_TSC_ENABLE;

	if (prctl(PR_GET_TSC, &mode) == 0 && mode == PR_TSC_SIGSEGV)
		return bench_refused(c, "prctl(PR_GET_TSC)", -EACCES);
	return 0;
}

long run_rdtsc(uint64_t iterations, struct bench_ctx *c)
{
	(void)c;
	for (uint64_t i = 0; i < iterations; i++) {
		uint32_t low, high;

		__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	}
	return 0;
}

/*
 * The port of the power-on self test's codes: nothing listens but a diagnostic card, and the
 * kernel itself writes there to pass the time (arch/x86/kernel/io_delay.c).
 */
long setup_port(struct bench_ctx *c)
{
	return ioperm(c->bench->arg, 1, 1) < 0 ? bench_refused(c, "ioperm", -errno) : 0;
}

long teardown_port(struct bench_ctx *c)
{
	return ioperm(c->bench->arg, 1, 0);
}

long run_port_write(uint64_t iterations, struct bench_ctx *c)
{
	const unsigned short port = (unsigned short)c->bench->arg;

	for (uint64_t i = 0; i < iterations; i++)
		outb(0, port);
	return 0;
}
