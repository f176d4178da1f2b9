/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How often the vCPUs left guest mode, and why: for the VM's state, and for the guest
 * (COUNTS_PORT). */
#ifndef BENCH_VMM_EXIT_COUNTS_H
#define BENCH_VMM_EXIT_COUNTS_H

#include <stdint.h>

#include "base/report_abi.h"

struct vm;

/* All vCPUs of @vm together, up to now; COUNT_UNKNOWN where this KVM does not count. From a vCPU's
 * thread, or when none runs. */
void exit_counts_sum(struct vm *vm, uint64_t counts[COUNT_COUNT]);

/* The next @bytes of what COUNTS_PORT gives. */
void exit_counts_fill(struct vm *vm, uint8_t *data, uint32_t bytes);

#endif
