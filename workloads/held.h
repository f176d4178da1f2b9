/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Being one of many that are held ("--hold=STATE"): come into the state, say that it is ready
 * (base/report_abi.h), and stay until killed. Whoever holds it looks at it from outside.
 */
#ifndef BENCH_WORKLOADS_HELD_H
#define BENCH_WORKLOADS_HELD_H

#include "workloads/args.h"
#include "workloads/report.h"

/* Is there such a state? */
int held_is_state(const char *state);

/*
 * Never returns where all is well. @mark_work tells a VMM that it is ready; NULL where there is
 * none. Where the state cannot be reached the report says why, and ends: then 0, or the first error
 * of the report.
 */
int held_run(struct report *r, const struct args *a, void (*mark_work)(void));

/* Send what has been reported, and say to whoever waits that all is there (report_abi.h). */
void held_say_ready(struct report *r, void (*mark_work)(void));

#endif
