/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One launch of the suite memory: a stair of instances for each state. */
#ifndef BENCH_RUNNER_HELD_MEMORY_H
#define BENCH_RUNNER_HELD_MEMORY_H

#include "runner/schedule.h"

/* As carry[] of schedule.c: launch @i of the plan. s->failed is set where one fails. */
int held_memory(struct schedule *s, size_t i, struct err *e);

#endif
