/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The random walk's steps, for its test. */
#ifndef BENCH_WORKLOADS_PAGING_H
#define BENCH_WORKLOADS_PAGING_H

#include <stdint.h>

#include "workloads/bench.h"

#define WALK_LINE 64 /* bytes of a cache line */

/* The line after @line of @lines (a power of two), where @read is what stands there: 0. */
uint64_t walk_next(uint64_t line, uint64_t read, uint64_t lines);

#endif
