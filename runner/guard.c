/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/guard.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/proc.h"
#include "base/util.h"

static void close_all_but(int fd)
{
	if (fd > 0)
		syscall(SYS_close_range, 0u, (unsigned)fd - 1, 0);
	syscall(SYS_close_range, (unsigned)fd + 1, ~0u, 0);
}

/* Until the runner behind @runner is no more. */
static _Noreturn void keep_guard(int runner, const uint32_t *group)
{
	struct pollfd p = { .fd = runner, .events = POLLIN };
	uint32_t last;

	prctl(PR_SET_NAME, "bench-guard");
	setsid(); /* whoever kills the runner's group or terminal does not mean us */
	(void)!chdir("/");
	close_all_but(runner); /* a pipe of the runner's must end with it */
	while (poll(&p, 1, -1) < 0 && errno == EINTR)
		;
	last = __atomic_load_n(group, __ATOMIC_ACQUIRE);
	if (last > 1)
		kill(-(pid_t)last, SIGKILL);
	_exit(0);
}

int guard_start(struct guard *g, struct err *e)
{
	cleanup_fd int runner = proc_pidfd(getpid());

	*g = (struct guard){ .pid = 0 };
	if (runner < 0)
		return err_set(e, runner, "pidfd_open", "a descriptor of the runner: %s",
			strerror(-runner));
	g->group = mmap(
		NULL, sizeof(*g->group), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (g->group == MAP_FAILED) {
		g->group = NULL;
		return err_sys(e, "mmap", "a word shared with the guard");
	}
	g->pid = fork();
	if (!g->pid)
		keep_guard(runner, g->group);
	if (g->pid > 0)
		return 0;
	err_sys(e, "fork", "a guard beside the runner");
	g->pid = 0;
	guard_stop(g);
	return e ? e->code : -EAGAIN;
}

void guard_forget(const struct guard *g)
{
	if (g->group)
		__atomic_store_n(g->group, 0, __ATOMIC_RELEASE);
}

void guard_stop(struct guard *g)
{
	if (g->pid > 0) {
		kill(g->pid, SIGKILL);
		while (waitpid(g->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	if (g->group)
		munmap(g->group, sizeof(*g->group));
	*g = (struct guard){ .pid = 0 };
}
