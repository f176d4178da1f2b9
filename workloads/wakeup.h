/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BENCH_WORKLOADS_WAKEUP_H
#define BENCH_WORKLOADS_WAKEUP_H

#include <stdint.h>

#define LATENESS_MAX 4096 /* wake-ups of a row that are kept */

/* Of @n sorted numbers (one at least) the least that @percent of them do not exceed. */
uint64_t nearest_rank(const uint64_t *sorted, uint64_t n, unsigned percent);

#endif
