/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A process that sleeps beside the runner and ends its containers should the runner be killed. The
 * parent-death signal does that too, and sooner, but a program can shed it: it need only call
 * prctl, or let a thread exec. This one is out of the program's reach, and a launch costs it
 * nothing but a word in memory.
 */
#ifndef BENCH_CTR_KEEPER_H
#define BENCH_CTR_KEEPER_H

#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

#define KEEPER_SLOTS 65536 /* containers at the same time; those beyond do without */

struct keeper {
	pid_t owner; /* who opened it: a process forked since uses it, but does not end it */
	pid_t pid;
	int pidfd;
	uint32_t *slots; /* process 1 of each container, or 0; shared with all forked processes */
	uint32_t *next;  /* where to look for a free one */
};

/* On success keeper_close ends it. 0 or -errno. */
int keeper_open(struct keeper *k, struct err *e);

/* End the process group @pid leads with the runner from here on: a slot for keeper_forget, or -1.
 */
int keeper_watch(struct keeper *k, pid_t pid);

/* It has ended but is not reaped, so that its number is not another's yet. @slot becomes -1. */
void keeper_forget(struct keeper *k, int *slot);

/* The same for one that may live: kills it first. Nothing for who is not watched. */
void keeper_kill(struct keeper *k, int *slot, pid_t pid);

/* Also for one that is zeroed, or was never opened. */
void keeper_close(struct keeper *k);

#endif
