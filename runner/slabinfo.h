/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What lies free in the kernel's slabs: /proc/slabinfo (slabinfo(5)), for root. */
#ifndef BENCH_RUNNER_SLABINFO_H
#define BENCH_RUNNER_SLABINFO_H

#include <stdbool.h>

#include "runner/amount.h"

/*
 * Bytes of the objects that are not in use, in the text of /proc/slabinfo, of all caches but those
 * that @leave_out says yes to (NULL: of all). Objects of slabs that a CPU works with count as used
 * ones (SLUB). Unknown with its reason where the text is not of version 2, is cut off or makes no
 * sense.
 */
struct amount slabinfo_free(const char *text, bool (*leave_out)(const char *cache));

/* The number of objects of @cache that are in use, in the same text. Unknown: no such cache. */
struct amount slabinfo_active(const char *text, const char *cache);

/* The text as it is now, the caller's to free. 0, or -EACCES without root, or another -errno. */
int slabinfo_text(char **text);

/*
 * As it is now, of the caches whose slabs MemAvailable does not count as available anyhow: not of
 * those that can be reclaimed (/sys/kernel/slab/CACHE/reclaim_account of SLUB; without that file
 * a cache counts as one that cannot).
 */
struct amount slabinfo_read(void);

#endif
