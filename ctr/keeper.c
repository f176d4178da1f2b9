/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctr/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/proc.h"
#include "base/util.h"

#define MAP_BYTES ((KEEPER_SLOTS + 1) * sizeof(uint32_t))

/* The group as well: without a pid namespace the program's children do not end with it. */
static void end_all(const struct keeper *k)
{
	for (unsigned i = 0; i < KEEPER_SLOTS; i++) {
		pid_t pid = (pid_t)__atomic_load_n(&k->slots[i], __ATOMIC_ACQUIRE);

		if (pid <= 0)
			continue;
		kill(pid, SIGKILL);
		kill(-pid, SIGKILL);
	}
}

/*
 * Nothing of the runner's stays open in here: whoever waits for the end of its output would wait
 * for us. Signals are blocked, since those of a terminal are meant for the runner, which may go on.
 */
static void keep(const struct keeper *k, int runner)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	prctl(PR_SET_NAME, "bench-keeper");
	if (dup2(runner, p.fd) < 0 || syscall(SYS_close_range, p.fd + 1, ~0u, 0) < 0)
		_exit(1);
	while (poll(&p, 1, -1) < 1)
		;
	end_all(k);
	_exit(0);
}

int keeper_open(struct keeper *k, struct err *e)
{
	cleanup_fd int runner = proc_pidfd(getpid());
	uint32_t *words;

	*k = (struct keeper){ .owner = getpid(), .pidfd = -1 };
	if (runner < 0)
		return err_sys(e, "pidfd_open", "the runner, for the keeper of its containers");
	words = mmap(NULL, MAP_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (words == MAP_FAILED)
		return err_sys(e, "mmap", "what the keeper of containers is told");
	k->next = words;
	k->slots = words + 1;
	k->pid = fork();
	if (!k->pid)
		keep(k, runner);
	if (k->pid > 0)
		k->pidfd = proc_pidfd(k->pid);
	if (k->pid < 0 || k->pidfd < 0) {
		err_sys(e, "fork", "the keeper of containers");
		keeper_close(k);
		return e ? e->code : -EAGAIN;
	}
	return 0;
}

int keeper_watch(struct keeper *k, pid_t pid)
{
	for (unsigned tries = 0; tries < KEEPER_SLOTS; tries++) {
		unsigned i = __atomic_fetch_add(k->next, 1, __ATOMIC_RELAXED) % KEEPER_SLOTS;
		uint32_t free = 0;

		if (__atomic_compare_exchange_n(&k->slots[i], &free, (uint32_t)pid, false,
			    __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
			return (int)i;
	}
	return -1;
}

void keeper_forget(struct keeper *k, int *slot)
{
	if (*slot >= 0)
		__atomic_store_n(&k->slots[*slot], 0, __ATOMIC_RELEASE);
	*slot = -1;
}

void keeper_kill(struct keeper *k, int *slot, pid_t pid)
{
	if (*slot >= 0)
		kill(pid, SIGKILL);
	keeper_forget(k, slot);
}

void keeper_close(struct keeper *k)
{
	if (!k->next)
		return;
	if (k->pid > 0 && k->owner == getpid())
		proc_kill_child(k->pid, &k->pidfd);
	close_fd(&k->pidfd);
	munmap(k->next, MAP_BYTES);
	k->next = k->slots = NULL;
}
