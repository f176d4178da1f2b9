/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls that need next to nothing: the way into the kernel and back. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "workloads/bench.h"
#include "workloads/raw.h"

long run_getppid(uint64_t iterations, struct bench_ctx *c)
{
	for (uint64_t i = 0; i < iterations; i++) {
		long r = raw0(SYS_getppid);

		if (unlikely(r < 0))
			return bench_refused(c, "getppid", r);
	}
	return 0;
}

long run_sched_yield(uint64_t iterations, struct bench_ctx *c)
{
	for (uint64_t i = 0; i < iterations; i++) {
		long r = raw0(SYS_sched_yield);

		if (unlikely(r < 0))
			return bench_refused(c, "sched_yield", r);
	}
	return 0;
}

long run_getrandom(uint64_t iterations, struct bench_ctx *c)
{
	const long len = (long)c->bench->arg;

	for (uint64_t i = 0; i < iterations; i++) {
		long r = raw3(SYS_getrandom, (long)c->block, len, 0);

		if (unlikely(r != len))
			return bench_refused(c, "getrandom", r);
	}
	return 0;
}

long setup_epoll(struct bench_ctx *c)
{
	struct epoll_event ev = { .events = EPOLLIN };

	c->fd[0] = epoll_create1(EPOLL_CLOEXEC);
	if (c->fd[0] < 0)
		return bench_refused(c, "epoll_create1", -errno);
	c->fd[1] = eventfd(0, EFD_CLOEXEC);
	if (c->fd[1] < 0)
		return bench_refused(c, "eventfd", -errno);
	if (epoll_ctl(c->fd[0], EPOLL_CTL_ADD, c->fd[1], &ev) < 0)
		return bench_refused(c, "epoll_ctl", -errno);
	return 0;
}

long run_epoll_wait(uint64_t iterations, struct bench_ctx *c)
{
	const int fd = c->fd[0];

	for (uint64_t i = 0; i < iterations; i++) {
		long r = raw4(SYS_epoll_wait, fd, (long)c->block, 1, 0);

		if (unlikely(r != 0))
			return bench_refused(c, "epoll_wait", r);
	}
	return 0;
}

static volatile sig_atomic_t signals_seen;
static long self_pid, self_tid; /* asked for once, outside the timed loop */

static void count_signal(int sig)
{
	(void)sig;
	signals_seen++;
}

long setup_signal(struct bench_ctx *c)
{
	struct sigaction sa = { .sa_handler = count_signal };
	sigset_t set;

	self_pid = raw0(SYS_getpid);
	self_tid = raw0(SYS_gettid);
	if (sigaction(SIGUSR1, &sa, NULL) < 0)
		return bench_refused(c, "sigaction", -errno);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	if (sigprocmask(SIG_UNBLOCK, &set, NULL) < 0)
		return bench_refused(c, "sigprocmask", -errno);
	return 0;
}

/* A signal to the calling thread is delivered before tgkill returns: kill(2). */
long run_signal(uint64_t iterations, struct bench_ctx *c)
{
	const long pid = self_pid, tid = self_tid;

	signals_seen = 0;
	for (uint64_t i = 0; i < iterations; i++) {
		long r = raw3(SYS_tgkill, pid, tid, SIGUSR1);

		if (unlikely(r < 0))
			return bench_refused(c, "tgkill", r);
	}
	if ((sig_atomic_t)iterations != signals_seen)
		return bench_refused(c, "signal handler, times run", signals_seen);
	return 0;
}
