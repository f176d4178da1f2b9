/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Late release: when the last process has been reaped the kernel is not through. Network
 * namespaces, memory that waits for a grace period, VMs go later, and would be part of the next
 * sample.
 */
#ifndef BENCH_RUNNER_SETTLE_H
#define BENCH_RUNNER_SETTLE_H

#include <stddef.h>

#include "runner/meminfo.h"

/* What was there before. */
struct settle {
	struct meminfo memory;
	struct amount netns; /* network namespaces, in numbers; unknown where nobody tells */
	unsigned children;   /* processes of ours */
};

/* What did not go. */
struct left_behind {
	uint64_t bytes;     /* of MemAvailable */
	uint64_t netns;     /* 0 where nobody tells */
	uint64_t processes; /* of ours, living or not reaped */
	uint64_t cgroups;   /* for the caller to fill */
};

/*
 * Until MemAvailable has stopped rising, for five seconds at most: what went before gives back its
 * last MiB while the next one starts, which would make the first instances seem cheap. 0,
 * -ECANCELED or -errno with @e.
 */
int settle_still(int cancel_fd, struct err *e);

/* What is there now, before anything is started. 0, or -errno where memory cannot be read. */
int settle_note(struct settle *s, struct err *e);

/*
 * Wait until what was noted in @s is so again, after @taken_bytes had been taken: until nothing has
 * come back for twenty seconds, and at most a minute. MemAvailable may differ by 4 MiB and 2 % of
 * what was taken, since the host lives on.
 * *@left is what is missing at the end; processes and cgroups are not waited for. -ECANCELED.
 */
int settle_wait(const struct settle *s, uint64_t taken_bytes, int cancel_fd,
	struct left_behind *left, struct err *e);

/* "17 network namespaces, 3.0 MiB": what is left, for a warning; "" where nothing is. */
const char *settle_text(const struct left_behind *left, char *buf, size_t size);

#endif
