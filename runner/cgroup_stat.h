/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a cgroup's memory controller tells, v2 or v1 (Documentation/admin-guide/cgroup-v2.rst,
 * cgroup-v1/memory.rst). */
#ifndef BENCH_RUNNER_CGROUP_STAT_H
#define BENCH_RUNNER_CGROUP_STAT_H

#include "runner/amount.h"

enum cgroup_amount {
	CG_CURRENT,
	CG_PEAK,
	CG_ANON,
	CG_FILE,
	CG_SHMEM,
	CG_KERNEL_STACK,
	CG_PAGE_TABLES,
	CG_SLAB,
	CG_PERCPU,
	CG_KVM_PAGE_TABLES,
	CG_KERNEL,
	CG_AMOUNTS
};

/* As they are called in samples.csv: "cgroup-current", "cgroup-peak", "anon", ... */
extern const char *const cgroup_amount_names[CG_AMOUNTS];

struct cgroup_stat {
	struct amount at[CG_AMOUNTS];
};

/* Read @folder. What it does not tell is unknown with its reason. */
void cgroup_stat_read(const char *folder, struct cgroup_stat *out);

/* All unknown for the one reason @why. */
void cgroup_stat_none(const char *why, struct cgroup_stat *out);

#endif
