/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BENCH_WORKLOADS_BOUNDARY_H
#define BENCH_WORKLOADS_BOUNDARY_H

#include <stdint.h>

/* Will CPUID be executed, rather than fault (arch_prctl(2), ARCH_GET_CPUID)? */
int cpuid_allowed(void);

/* CPUID leaf @leaf, sub-leaf 0: eax, ebx, ecx, edx. */
static inline void cpuid(uint32_t leaf, uint32_t r[4])
{
	__asm__ volatile("cpuid"
			 : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3])
			 : "a"(leaf), "c"(0));
}

#endif
