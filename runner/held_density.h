/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One launch of the suite density: as many instances as asked for, or as the host has room for. */
#ifndef BENCH_RUNNER_HELD_DENSITY_H
#define BENCH_RUNNER_HELD_DENSITY_H

#include "runner/schedule.h"

/* As carry[] of schedule.c: launch @i of the plan. s->failed is set where one fails. */
int held_density(struct schedule *s, size_t i, struct err *e);

#endif
