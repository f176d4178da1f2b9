/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much memory a launch may touch, where it cannot see that itself. */
#ifndef BENCH_RUNNER_MEM_LIMIT_H
#define BENCH_RUNNER_MEM_LIMIT_H

#include <stdint.h>

#include "runner/plan.h"

#define MEM_LIMIT_UNKNOWN UINT64_MAX

/* MemAvailable of this host in bytes, now; MEM_LIMIT_UNKNOWN where it does not say. */
uint64_t mem_available(void);

/*
 * Bytes, or 0 where there is nothing to be told: a container's own limit, since its cgroup does not
 * show inside; and of a guest with more memory than is @available on the host, what is.
 */
uint64_t mem_limit(const struct way *w, uint64_t available);

#endif
