/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What this very process runs on: hardware, a hypervisor, or an emulator. */
#ifndef BENCH_BASE_HYPERVISOR_H
#define BENCH_BASE_HYPERVISOR_H

#include <stdbool.h>

#define HYPERVISOR_TCG "TCGTCGTCGTCG" /* target/i386/cpu.c of QEMU: its emulator */

/*
 * What a hypervisor calls itself in CPUID leaf 0x40000000 (EBX, ECX, EDX: 12 characters and NUL).
 * false and "" where the CPU does not say that it is virtual (leaf 1, ECX bit 31).
 */
bool hypervisor_signature(char signature[13]);

/* QEMU's emulator: not the hardware, nor its speed, and with faults of its own. */
bool hypervisor_is_emulator(void);

#endif
