/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which kind of huge pages this host has to give. */
#ifndef BENCH_VMM_HUGE_H
#define BENCH_VMM_HUGE_H

#include <stdint.h>

#include "base/err.h"
#include "vmm/vm_proto.h"

/*
 * Choose for @bytes of guest memory: the pool (hugetlb) where it has as many free pages, else
 * transparent ones where the host allows them. @sys is "/sys/kernel/mm", elsewhere in a test.
 * -ENOTSUP with the remedy in @e where the host has neither.
 */
int huge_choose(const char *sys, uint64_t bytes, enum vm_pages *pages, struct err *e);

#endif
