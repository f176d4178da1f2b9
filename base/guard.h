/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A process that sleeps beside the runner and kills what is being run should the runner be killed.
 * Each child asks for that itself, by the parent-death signal, which comes sooner. But a program
 * can shed it (by prctl, or by an exec in a thread), and what the program starts in turn never had
 * it. The guard is out of their reach, and a launch costs it a word in memory.
 */
#ifndef BENCH_BASE_GUARD_H
#define BENCH_BASE_GUARD_H

#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

#define GUARD_SLOTS 65536u /* launches at the same time; those beyond do without */
#define GUARD_NOBODY 1u    /* in a slot: taken, and nothing to be killed; process 1 is never ours */

struct guard {
	pid_t owner; /* who opened it: a process forked since uses it, but does not end it */
	pid_t pid;
	int pidfd;
	uint32_t *slots; /* shared with all that are forked; 0: free. NULL: not open */
	uint32_t *next;  /* where to look for a free one */
};

/*
 * In a session of its own; once this has returned 0 it holds none of this process's descriptors.
 * @last, or NULL, is called with @ctx in the guard after those of the slots were killed: for what
 * has no number yet. 0 or -errno, and then nothing is left of it.
 */
int guard_open(struct guard *g, void (*last)(void *ctx), void *ctx, struct err *e);

/*
 * A slot for one launch: the process whose number is in there, and the process group that it leads,
 * are killed with the runner. NULL where all are taken, or @g, all zero, was never opened: then the
 * launch does without.
 */
uint32_t *guard_slot(struct guard *g);

/* From here on @slot, or NULL, is @pid's. What a spawned child does itself (struct spawn.slot). */
void guard_watch(uint32_t *slot, pid_t pid);

/*
 * Give *@slot back; it becomes NULL. To be called when the process has ended or been killed, and
 * before it is reaped: until then its number is nobody else's.
 */
void guard_release(uint32_t **slot);

/* Also for one that is all zero, or was not opened. */
void guard_close(struct guard *g);

#endif
