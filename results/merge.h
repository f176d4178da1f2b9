/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "bench merge": the runs of many hosts as one data set, the host being a column (docs/fleet.md).
 */
#ifndef BENCH_RESULTS_MERGE_H
#define BENCH_RESULTS_MERGE_H

#include <stddef.h>

#include "base/err.h"

/* Of a host's name: it goes into headings and legends. */
#define MERGE_MAX_NAME 60

struct merge_source {
	const char *dir;
	const char
		*name; /* of the host it is from; NULL: the last part of the folder's real path */
};

/*
 * Write samples.csv and manifest.json of all @n runs in @sources into the folder @out, which is
 * there and holds neither. A folder that was merged before keeps its hosts. All is read and checked
 * before anything is written: -EINVAL where a name is bad or two folders would get the same one
 * without its being given; -EEXIST where the same run comes twice. @warn is told of runs that
 * were cut short.
 */
int merge_runs(const struct merge_source *sources, size_t n, const char *out,
	void (*warn)(void *ctx, const char *text), void *ctx, struct err *e);

#endif
