/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/fds.h"
#include "base/proc.h"
#include "base/util.h"

#define MAP_BYTES ((GUARD_SLOTS + 1) * sizeof(uint32_t))

/*
 * The process as well as its group: it may not have become the leader of one yet.
 *
 * By number, although the runner that kept the numbers from being given to others (guard_release)
 * is gone: whom it left is init's now, and who of them has ended is reaped. That is all right,
 * since numbers are given round and round: a freed one comes again when all others up to pid_max
 * (32768 or 4194304, unless somebody lowered it) have had their turn, and a group's not before its
 * last member is gone; while we are woken by the very death that lets init reap, and are done at
 * once. A start time beside each number would leave the gap between looking and killing, and a
 * pidfd takes somebody who hears of each launch.
 */
static void end_all(const struct guard *g)
{
	for (unsigned i = 0; i < GUARD_SLOTS; i++) {
		uint32_t pid = __atomic_load_n(&g->slots[i], __ATOMIC_ACQUIRE);

		if (pid <= GUARD_NOBODY)
			continue;
		kill((pid_t)pid, SIGKILL);
		kill(-(pid_t)pid, SIGKILL);
	}
}

/* Descriptors of the guard. */
enum { FD_RUNNER, FD_TELL, FD_FIRST_FREE };

/*
 * Nothing of the runner's stays open in here: whoever waits for the end of its output would wait
 * for us. That all is as it should be the runner hears by the end of @tell, which is the last to
 * go.
 */
static void take_post(int runner, int tell)
{
	int lifted = fcntl(tell, F_DUPFD, FD_FIRST_FREE);
	long r = 0;

	if (lifted < 0 || dup2(runner, FD_RUNNER) < 0 || dup2(lifted, FD_TELL) < 0 ||
		chdir("/") < 0)
		r = -errno;
	if (!r) {
		tell = FD_TELL;
		r = fds_close_from(FD_FIRST_FREE);
	}
	if (r < 0) {
		while (write(tell, &r, sizeof(r)) < 0 && errno == EINTR)
			;
		_exit(1);
	}
	close(tell);
}

/* Does it stand? 0, or what it failed at. */
static int await_post(int told)
{
	long failure = 0;
	ssize_t n;

	do
		n = read(told, &failure, sizeof(failure));
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : (int)failure;
}

/* Signals are blocked, since those of a terminal are meant for the runner, which may go on. */
static _Noreturn void stand_guard(
	const struct guard *g, int runner, int tell, void (*last)(void *ctx), void *ctx)
{
	struct pollfd p = { .fd = FD_RUNNER, .events = POLLIN };
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	prctl(PR_SET_NAME, "bench-guard");
	setsid(); /* whoever kills the runner's group does not mean us */
	take_post(runner, tell);
	while (poll(&p, 1, -1) < 1)
		;
	end_all(g);
	if (last)
		last(ctx);
	_exit(0);
}

static int start_guard(struct guard *g, int runner, void (*last)(void *ctx), void *ctx)
{
	cleanup_fd int told = -1, tell = -1;
	int post[2];

	if (pipe2(post, O_CLOEXEC) < 0)
		return -errno;
	told = post[0];
	tell = post[1];
	g->pid = fork();
	if (!g->pid)
		stand_guard(g, runner, tell, last, ctx);
	if (g->pid < 0)
		return -errno;
	close_fd(&tell);
	g->pidfd = proc_pidfd(g->pid);
	return g->pidfd < 0 ? g->pidfd : await_post(told);
}

int guard_open(struct guard *g, void (*last)(void *ctx), void *ctx, struct err *e)
{
	cleanup_fd int runner = proc_pidfd(getpid());
	uint32_t *words;
	int r;

	*g = (struct guard){ .owner = getpid(), .pidfd = -1 };
	if (runner < 0)
		return err_set(e, runner, "pidfd_open", "a descriptor of the runner: %s",
			strerror(-runner));
	words = mmap(NULL, MAP_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (words == MAP_FAILED)
		return err_sys(e, "mmap", "what the guard beside the runner is told");
	g->next = words;
	g->slots = words + 1;
	r = start_guard(g, runner, last, ctx);
	if (r < 0) {
		err_set(e, r, "fork", "a guard beside the runner: %s", strerror(-r));
		guard_close(g);
	}
	return r;
}

uint32_t *guard_slot(struct guard *g)
{
	for (unsigned tries = 0; g->slots && tries < GUARD_SLOTS; tries++) {
		unsigned i = __atomic_fetch_add(g->next, 1, __ATOMIC_RELAXED) % GUARD_SLOTS;
		uint32_t free = 0;

		if (__atomic_compare_exchange_n(&g->slots[i], &free, GUARD_NOBODY, false,
			    __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
			return &g->slots[i];
	}
	return NULL;
}

void guard_watch(uint32_t *slot, pid_t pid)
{
	if (slot)
		__atomic_store_n(slot, (uint32_t)pid, __ATOMIC_RELEASE);
}

void guard_release(uint32_t **slot)
{
	if (*slot)
		__atomic_store_n(*slot, 0, __ATOMIC_RELEASE);
	*slot = NULL;
}

void guard_close(struct guard *g)
{
	if (!g->slots)
		return;
	if (g->pid > 0 && g->owner == getpid())
		proc_kill_child(g->pid, &g->pidfd);
	close_fd(&g->pidfd);
	munmap(g->next, MAP_BYTES);
	*g = (struct guard){ .pidfd = -1 };
}
