/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Being the init of a Linux guest of our VMM (base/report_abi.h). */
#ifndef BENCH_WORKLOADS_GUEST_INIT_H
#define BENCH_WORKLOADS_GUEST_INIT_H

#include <stdint.h>

#include "base/report_abi.h"
#include "workloads/report.h"

/* What entry.S read from ID_PORT: ID_VALUE or ID_SNAPSHOT, or 0 where this is no guest of ours. */
extern uint32_t guest_id;

/*
 * Is this process 1 of a guest of our VMM? Ports are looked at by process 1 of the name "/init"
 * with the right to do so and by nobody else (entry.S): on a real machine there might be something
 * behind them. Where it is, the VMM is told MARK_MAIN at once.
 */
int guest_enter(void);

/*
 * Mount what the benchmarks need; what cannot be had is left out, and they say so. Without
 * @own_tmp /tmp is left as it is in the root.
 */
void guest_setup(int own_tmp);

/* For a child that is about to become somebody else's program. */
void guest_drop_ports(void);

/*
 * Drop the words that do not start with "-": a kernel hands each word of its command line that it
 * does not know to init, beside what follows "--". Returns the new argc.
 */
int guest_args(int argc, char **argv);

/*
 * About to run: where the VMM wants a snapshot it takes one in here, and this returns once in every
 * VM that is restored from it, with that launch's own arguments in *@argc and *@argv,
 * CLOCK_REALTIME set and the random pool reseeded. Elsewhere it does nothing. 0, or a negative
 * errno with one line on stderr: a clone that draws the same random numbers as its siblings must
 * not go on.
 */
int guest_ready(int *argc, char ***argv);

/*
 * For tests: report what must differ between clones of a snapshot (random bytes), and how the
 * clocks go on ("clone.step_ns": CLOCK_MONOTONIC since guest_ready() was entered), after a sleep
 * that a lost timer would make endless.
 */
void guest_report_clone(struct report *r);

/* Tell the VMM of an event. @argument has 24 bits. Only after guest_enter() said yes. */
void guest_mark(enum mark mark, unsigned argument);

/* Report sink: REPORT_PORT. */
report_sink_fn report_to_port;

/* MARK_EXIT with @status; a VMM that does not end here is asked for a reset. */
void guest_exit(int status) __attribute__((noreturn));

#endif
