/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One launch of a program of the user's own, from its output file to its rows. */
#ifndef BENCH_RUNNER_EXEC_LAUNCH_H
#define BENCH_RUNNER_EXEC_LAUNCH_H

#include "runner/schedule.h"

/* Carry out launch @i of a plan with a program. As schedule_run; s->failed is set. */
int exec_launch(struct schedule *s, size_t i, struct err *e);

#endif
