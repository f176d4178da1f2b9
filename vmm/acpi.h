/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ACPI tables for a machine without a chip set ("hardware-reduced", ACPI 6.4, 4.1): they tell the
 * guest of its CPUs, its interrupt controller and its serial port, and of nothing to probe for.
 */
#ifndef BENCH_VMM_ACPI_H
#define BENCH_VMM_ACPI_H

#include <stdint.h>

#include "base/err.h"
#include "vmm/mem.h"

/*
 * Write the tables for @vcpus CPUs (APIC ids from 0) into [GPA_ACPI, GPA_ACPI_END). *@rsdp is the
 * address of the root pointer. -EINVAL when @mem is too small or the CPUs are too many.
 */
int acpi_write(const struct guest_mem *mem, unsigned vcpus, uint64_t *rsdp, struct err *e);

#endif
