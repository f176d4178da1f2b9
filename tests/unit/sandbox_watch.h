/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A tracer of this process and all it starts: it notes which rows of sandbox_rows[] threads use
 * that have a list. A thread's list is known by the length of the program that it hands to
 * seccomp(2).
 */
#ifndef BENCH_TESTS_SANDBOX_WATCH_H
#define BENCH_TESTS_SANDBOX_WATCH_H

#include <errno.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/util.h"
#include "vmm/sandbox.h"

#define WATCH_ROWS 64
#define WATCH_THREADS 256 /* at a time */
#define NO_LIST (-1)
#define HELD_MS 3000 /* that nobody else has had anything to tell */

/* What is seen, in memory that both share. */
struct watched {
	uint32_t attached;
	unsigned used[WATCH_ROWS];       /* 1 << list, of each row */
	unsigned threads[SANDBOX_LISTS]; /* that got a list */
	int error;                       /* of the tracer's */
};

struct watch_thread {
	pid_t tid;        /* 0: unused */
	int list, wanted; /* wanted: asked for, by the call it is in */
	bool ends;
};

struct watcher {
	struct watched *seen;
	unsigned len[SANDBOX_LISTS]; /* of the lists' programs */
	struct watch_thread threads[WATCH_THREADS];
	pid_t held; /* 0: none */
};

static inline struct watch_thread *watch_find(struct watcher *w, pid_t tid)
{
	struct watch_thread *unused = NULL;

	for (size_t i = 0; i < WATCH_THREADS; i++) {
		if (w->threads[i].tid == tid)
			return &w->threads[i];
		if (!unused && !w->threads[i].tid)
			unused = &w->threads[i];
	}
	if (unused)
		*unused = (struct watch_thread){ tid, NO_LIST, NO_LIST, false };
	else
		w->seen->error = ENOSPC;
	return unused;
}

/* The first word of its struct sock_fprog is the length. */
static inline int watch_list_of(const struct watcher *w, pid_t tid, uint64_t program)
{
	long data = ptrace(PTRACE_PEEKDATA, tid, program, NULL);

	for (int list = 0; list < SANDBOX_LISTS; list++) {
		if (w->len[list] == (uint16_t)data)
			return list;
	}
	return NO_LIST;
}

static inline void watch_note(struct watched *seen, int list, int call, const uint64_t args[6])
{
	for (size_t i = 0; i < sandbox_rows_count; i++) {
		const struct sandbox_row *r = &sandbox_rows[i];

		if (r->call == call && (r->argument == SANDBOX_ANY || r->value == SANDBOX_SELF ||
					       r->value == (uint32_t)args[r->argument]))
			seen->used[i] |= 1u << list;
	}
}

static inline unsigned watch_count(const struct watcher *w, int list)
{
	unsigned n = 0;

	for (size_t i = 0; i < WATCH_THREADS; i++)
		n += w->threads[i].tid && w->threads[i].list == list;
	return n;
}

/*
 * A vCPU's thread that ends has musl's list of threads locked from its rt_sigprocmask to its end,
 * and wakes who joins it in between. There it is held, so that the others must wait for that lock,
 * as they do now and then where there are many CPUs.
 */
static inline bool watch_is_to_be_held(const struct watcher *w, struct watch_thread *t, int call)
{
	if (call == SYS_rt_sigprocmask)
		t->ends = true;
	return !w->held && t->ends && call == SYS_futex && t->list == SANDBOX_VCPU &&
	       watch_count(w, SANDBOX_VCPU) > 1;
}

static inline void watch_call(struct watcher *w, struct watch_thread *t)
{
	struct __ptrace_syscall_info si;

	if (!t || ptrace(PTRACE_GET_SYSCALL_INFO, t->tid, sizeof(si), &si) <= 0)
		return;
	if (si.op == PTRACE_SYSCALL_INFO_ENTRY) {
		t->wanted = NO_LIST;
		if (t->list != NO_LIST) {
			watch_note(w->seen, t->list, (int)si.entry.nr, si.entry.args);
			if (watch_is_to_be_held(w, t, (int)si.entry.nr))
				w->held = t->tid;
		} else if (si.entry.nr == SYS_seccomp &&
			   si.entry.args[0] == SECCOMP_SET_MODE_FILTER) {
			t->wanted = watch_list_of(w, t->tid, si.entry.args[2]);
		}
	} else if (si.op == PTRACE_SYSCALL_INFO_EXIT && t->wanted != NO_LIST && !si.exit.rval) {
		t->list = t->wanted;
		t->wanted = NO_LIST;
		w->seen->threads[t->list]++;
	}
}

/* What a stopped thread is to go on with: a signal of its own, none after a stop of ours. */
static inline int watch_stop(struct watcher *w, pid_t tid, int status)
{
	const int sig = WSTOPSIG(status);

	if (status >> 16) /* PTRACE_EVENT_*, with SIGTRAP */
		return 0;
	if (sig != (SIGTRAP | 0x80))
		return sig;
	watch_call(w, watch_find(w, tid));
	return 0;
}

/* The next one that has something to tell: the held one goes on when nobody has for a while. */
static inline pid_t watch_next(struct watcher *w, int *status)
{
	for (int quiet = 0; w->held && quiet < HELD_MS; quiet++) {
		pid_t tid = waitpid(-1, status, __WALL | WNOHANG);

		if (tid)
			return tid;
		usleep(1000);
	}
	if (w->held)
		ptrace(PTRACE_SYSCALL, w->held, NULL, 0);
	w->held = 0;
	return waitpid(-1, status, __WALL);
}

static inline void watch_loop(struct watcher *w, pid_t tracee)
{
	int status;
	pid_t tid;

	while ((tid = watch_next(w, &status)) > 0) {
		int sig;

		if (!WIFSTOPPED(status)) {
			watch_find(w, tid)->tid = 0;
			continue;
		}
		sig = watch_stop(w, tid, status);
		/* The tests' own process is only followed to what it starts. */
		if (tid != w->held)
			ptrace(tid == tracee ? PTRACE_CONT : PTRACE_SYSCALL, tid, NULL, sig);
	}
}

static inline void watch_from_child(struct watched *seen, pid_t tracee)
{
	static struct watcher w;
	const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
			     PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC;

	w.seen = seen;
	for (enum sandbox_list list = 0; list < SANDBOX_LISTS; list++) {
		struct sock_filter code[SANDBOX_CODE_MAX];

		w.len[list] = sandbox_program(list, 1, code);
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (ptrace(PTRACE_SEIZE, tracee, NULL, options) < 0)
		seen->error = errno;
	__atomic_store_n(&seen->attached, 1, __ATOMIC_RELEASE);
	if (!seen->error)
		watch_loop(&w, tracee);
	_exit(0);
}

/* Begin. Returns the tracer, to be ended with watch_end; @seen is memory that is shared with it. */
static inline pid_t watch_begin(struct watched *seen)
{
	const pid_t self = getpid();
	pid_t pid;

	*seen = (struct watched){ 0 };
	pid = fork();
	if (!pid)
		watch_from_child(seen, self);
	prctl(PR_SET_PTRACER, pid); /* where the kernel wants to be told (Yama) */
	while (pid > 0 && !__atomic_load_n(&seen->attached, __ATOMIC_ACQUIRE))
		usleep(1000);
	return pid;
}

/* Tracees go on untraced when their tracer ends: ptrace(2). */
static inline void watch_end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

#endif
