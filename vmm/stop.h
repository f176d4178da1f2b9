/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What ends a guest from outside: its deadline, and signals to the VMM process. */
#ifndef BENCH_VMM_STOP_H
#define BENCH_VMM_STOP_H

#include <signal.h>
#include <stdint.h>
#include <time.h>

#include "base/err.h"

#define STOP_SIGNAL_KICK SIGUSR1 /* makes a thread leave KVM_RUN; does nothing else */

struct vm;

struct stop {
	timer_t timer;
	int armed;
};

/*
 * From now on SIGTERM, SIGINT and, at @deadline_ns (CLOCK_MONOTONIC, 0: never), a timer end @vm.
 * One VM a process. stop_disarm before @vm goes away.
 */
int stop_arm(struct stop *s, struct vm *vm, uint64_t deadline_ns, struct err *e);
void stop_disarm(struct stop *s);

#endif
