/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The CPUs by the MultiProcessor Specification 1.4, for kernels without ACPI: an interpreter of
 * tables costs them more than the table of CPUs is worth. Others look at ours and prefer ACPI's.
 */
#ifndef BENCH_VMM_MPTABLE_H
#define BENCH_VMM_MPTABLE_H

#include "base/err.h"
#include "vmm/mem.h"

/*
 * Write the tables for @vcpus CPUs whose APIC ids count from 0. They name no I/O APIC though there
 * is one: its pins cost a guest 400 emulated accesses at every boot, and the console's interrupt
 * comes by the PIC as well.
 */
int mptable_write(const struct guest_mem *mem, unsigned vcpus, struct err *e);

#endif
