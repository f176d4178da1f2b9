/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The suite "startup": nothing is timed in here. The program says when its main began and when its
 * first useful work was done, and ends; whoever launched it has the clock.
 */
#ifndef BENCH_WORKLOADS_STARTUP_H
#define BENCH_WORKLOADS_STARTUP_H

#include <time.h>

#include "workloads/report.h"

#define SUITE_STARTUP "startup"

/*
 * Do the work once, tell, and end the report. @main_began is CLOCK_MONOTONIC at main's first
 * statement, and @mark_work tells a VMM that the work is done; NULL where there is none: then the
 * launcher shares our clock, and both moments stand in the report. 0, or a negative errno with one
 * line on stderr.
 */
int startup_run(struct report *r, const struct timespec *main_began, void (*mark_work)(void));

#endif
