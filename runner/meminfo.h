/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The whole host's memory: /proc/meminfo (proc_meminfo(5)). */
#ifndef BENCH_RUNNER_MEMINFO_H
#define BENCH_RUNNER_MEMINFO_H

#include "base/err.h"
#include "runner/amount.h"

enum mem_key {
	MEM_TOTAL,
	MEM_AVAILABLE,    /* of meminfo_read: with the free pages that CPUs keep at hand */
	MEM_KERNEL_STACK, /* the first of those that add up to the kernel's own for processes */
	MEM_PAGE_TABLES,
	MEM_SLAB,
	MEM_PERCPU,          /* the last of them */
	MEM_SEC_PAGE_TABLES, /* those of KVM's guests */
	MEM_KEYS
};

struct meminfo {
	struct amount at[MEM_KEYS];
};

void meminfo_parse(const char *text, struct meminfo *out);

/*
 * Bytes of the free pages that CPUs keep at hand, in the text of /proc/zoneinfo (proc_zoneinfo(5)).
 * MemAvailable leaves them out, and a start takes its first pages from there: some MiB a CPU that
 * would seem to cost nothing.
 */
uint64_t meminfo_at_hand(const char *zoneinfo, uint64_t page_bytes);

/*
 * As it is now. Where the host lets us (/proc/sys/vm/stat_refresh, for root), the counts that its
 * CPUs keep each for itself are folded in first: up to some 100 pages a CPU, and for a second.
 * 0 or -errno with @e.
 */
int meminfo_read(struct meminfo *out, struct err *e);

#endif
