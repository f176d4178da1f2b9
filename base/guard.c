/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/guard.h"

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/proc.h"
#include "base/util.h"

#define MAP_BYTES ((GUARD_SLOTS + 1) * sizeof(uint32_t))

/* The process as well as its group: it may not have become the leader of one yet. */
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

/*
 * Nothing of the runner's stays open in here: whoever waits for the end of its output would wait
 * for us. Signals are blocked, since those of a terminal are meant for the runner, which may go on.
 */
static _Noreturn void stand_guard(
	const struct guard *g, int runner, void (*last)(void *ctx), void *ctx)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	prctl(PR_SET_NAME, "bench-guard");
	setsid(); /* whoever kills the runner's group does not mean us */
	if (chdir("/") < 0 || dup2(runner, p.fd) < 0 ||
		syscall(SYS_close_range, p.fd + 1, ~0u, 0) < 0)
		_exit(1);
	while (poll(&p, 1, -1) < 1)
		;
	end_all(g);
	if (last)
		last(ctx);
	_exit(0);
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
	g->pid = fork();
	if (!g->pid)
		stand_guard(g, runner, last, ctx);
	if (g->pid > 0)
		g->pidfd = proc_pidfd(g->pid);
	if (g->pidfd >= 0)
		return 0;
	r = err_sys(e, "fork", "a guard beside the runner");
	guard_close(g);
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
