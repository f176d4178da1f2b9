/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Processes: waiting for a child by pidfd, with deadline and cancellation; telling one from
 * another. */
#ifndef BENCH_BASE_PROC_H
#define BENCH_BASE_PROC_H

#include <stdint.h>
#include <sys/types.h>

#include "base/runtime.h"

/* pidfd_open(2), for libcs without the wrapper. A descriptor (close-on-exec) or -errno. */
int proc_pidfd(pid_t pid);

/*
 * Wait until the child behind @pidfd has ended, and reap it. At @deadline_ns (CLOCK_MONOTONIC) it
 * is killed with SIGKILL and @out->kind is OUTCOME_TIMEOUT. Fills kind, code, usage, reason and
 * at[PHASE_EXIT]; the other times are left alone.
 * Returns 0; -ECANCELED when @cancel_fd (or -1) became readable first: the child lives on, and the
 * caller reaps it; or another negative errno with @e filled.
 */
int proc_wait(int pidfd, uint64_t deadline_ns, int cancel_fd, struct outcome *out, struct err *e);

/*
 * The two halves of proc_wait, for who has something to do between a child's end and its reaping
 * (its pid and process group cannot be reused until then). proc_await sets *@late and kills the
 * child when the deadline came first; pass it on to proc_reap.
 */
int proc_await(int pidfd, uint64_t deadline_ns, int cancel_fd, struct outcome *out, bool *late,
	struct err *e);
int proc_reap(int pidfd, bool late, struct outcome *out, struct err *e);

/* Milliseconds for poll(2) until @deadline_ns, rounded up so that it never fires early. */
int proc_poll_ms(uint64_t deadline_ns);

/*
 * When @pid was started, in clock ticks since boot (proc_pid_stat(5), field 22): pid and start time
 * together name a process for good. 0: there is no such process.
 */
uint64_t proc_start_time(pid_t pid);

/*
 * Has the process @pid that was started at @start ended, zombies included? What cannot be found out
 * (no descriptor, no memory) is no.
 */
bool proc_is_gone(pid_t pid, uint64_t start);

/* Has @pid ended, with a parent that has not asked yet how (Z or X in proc_pid_stat(5))? */
bool proc_is_zombie(pid_t pid);

/* The parent of @pid; 0: there is no such process, or it has none. */
pid_t proc_parent(pid_t pid);

/*
 * The same for who holds so many children that each start would copy all their descriptors: *@pidfd
 * may be -1 by then, since the number @pid of a child that is not reaped is not given to another.
 * It is closed. @pid 0: there is no child.
 */
void proc_kill_child(pid_t pid, int *pidfd);

/* SIGKILL and reap, whatever state the child is in; a child already reaped is fine. */
void proc_kill(int pidfd);

#endif
