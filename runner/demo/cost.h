/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The demonstration "cost": what its halves agree on. */
#ifndef BENCH_RUNNER_DEMO_COST_H
#define BENCH_RUNNER_DEMO_COST_H

#include "runner/demo/demo.h"

/*
 * Facts of a side, each a decimal number with an interval beside it (".low", ".high") where there
 * is one: "start.<phase>" (ns, base/runtime.h), "start.total" (ns, to exit), "start.ratio" (to the
 * side host), "start.launches"; "call.<benchmark>" (ns), "call.<benchmark>.ratio",
 * "call.<benchmark>.launches".
 */
#define COST_CALL "getppid"     /* a system call: it stays in the guest; this one is judged */
#define COST_READ "read/1B"     /* one with some work */
#define COST_EXIT "cpuid"       /* an instruction that always leaves the guest */
#define COST_CALLS "[gcr]*[dB]" /* these, and few more of the suite syscalls */

/* Side of the guest that is our own kernel and not Linux: how little a VM takes without one. */
#define COST_HELLO "vm:hello"

/* runner/demo/cost_measure.c */
int cost_collect(struct demo_run *run, struct demo_facts *f, struct err *e);

#endif
