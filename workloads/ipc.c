/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Round trips between two processes. The benchmark's own runs on the first CPU
 * of the mask, the peer on the same one or on the second (.cpus of the row).
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "workloads/bench.h"
#include "workloads/cpus.h"
#include "workloads/raw.h"

/* The word that both wait on says whose turn it is. */
enum turn { TURN_OURS, TURN_PEER };

static long pin_peer(struct bench_ctx *c)
{
	if (c->cpus == 0)
		return bench_refused(c, "sched_getaffinity", -EOPNOTSUPP);
	int r = cpus_pin_task(c->peer, c->cpu[c->bench->cpus == 2]);

	return r < 0 ? bench_refused(c, "sched_setaffinity of the peer", r) : 0;
}

/* A filter that refuses getppid is no death: a peer that left for that would never answer. */
void die_with_parent(pid_t parent)
{
	raw2(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL);
	long now = raw0(SYS_getppid);

	if (now >= 0 && now != parent)
		raw_exit(1);
}

static void __attribute__((noreturn)) echo_peer(int in, int out)
{
	char byte;

	while (raw3(SYS_read, in, (long)&byte, 1) == 1 && raw3(SYS_write, out, (long)&byte, 1) == 1)
		;
	raw_exit(0);
}

/* Fork the peer that echoes from @in to @out; both stay open in it alone. */
static long start_echo(struct bench_ctx *c, int in, int out)
{
	pid_t parent = getpid();
	long pid = raw0(SYS_fork);

	if (pid == 0) {
		die_with_parent(parent);
		close(c->fd[0]);
		close(c->fd[1]);
		echo_peer(in, out);
	}
	close(in);
	if (out != in)
		close(out);
	if (pid < 0)
		return bench_refused(c, "fork", pid);
	c->peer = (pid_t)pid;
	return pin_peer(c);
}

/* fd[0] is read from, fd[1] written to. */
long setup_pipe(struct bench_ctx *c)
{
	int there[2], back[2];

	if (pipe2(there, O_CLOEXEC) < 0)
		return bench_refused(c, "pipe2", -errno);
	if (pipe2(back, O_CLOEXEC) < 0) {
		long r = bench_refused(c, "pipe2", -errno);

		close(there[0]);
		close(there[1]);
		return r;
	}
	c->fd[0] = back[0];
	c->fd[1] = there[1];
	return start_echo(c, there[0], back[1]);
}

long setup_unix_socket(struct bench_ctx *c)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return bench_refused(c, "socketpair", -errno);
	c->fd[0] = pair[0];
	c->fd[1] = fcntl(pair[0], F_DUPFD_CLOEXEC, 0);
	if (c->fd[1] < 0) {
		close(pair[1]);
		return bench_refused(c, "fcntl(F_DUPFD_CLOEXEC)", -errno);
	}
	return start_echo(c, pair[1], pair[1]);
}

long run_ping_pong(uint64_t iterations, struct bench_ctx *c)
{
	const int in = c->fd[0], out = c->fd[1];

	for (uint64_t i = 0; i < iterations; i++) {
		long r = raw3(SYS_write, out, (long)c->block, 1);

		if (unlikely(r != 1))
			return bench_refused(c, "write", r);
		r = raw3(SYS_read, in, (long)c->block, 1);
		if (unlikely(r != 1))
			return bench_refused(c, "read", r);
	}
	return 0;
}

/* Hand the turn over to @other, and come back when it is @self's again. */
static inline long pass_turn(uint32_t *word, enum turn self, enum turn other)
{
	__atomic_store_n(word, other, __ATOMIC_SEQ_CST);
	long r = raw3(SYS_futex, (long)word, FUTEX_WAKE, 1);

	while (r >= 0 && __atomic_load_n(word, __ATOMIC_SEQ_CST) != self) {
		r = raw4(SYS_futex, (long)word, FUTEX_WAIT, other, 0);
		if (r == -EAGAIN || r == -EINTR) /* the word had changed: look again */
			r = 0;
	}
	return r;
}

static void __attribute__((noreturn)) futex_peer(uint32_t *word)
{
	while (__atomic_load_n(word, __ATOMIC_SEQ_CST) != TURN_PEER)
		raw4(SYS_futex, (long)word, FUTEX_WAIT, TURN_OURS, 0);
	while (pass_turn(word, TURN_PEER, TURN_OURS) >= 0)
		;
	raw_exit(1);
}

long setup_futex(struct bench_ctx *c)
{
	pid_t parent = getpid();

	c->mem_len = BENCH_PAGE;
	c->mem = mmap(NULL, c->mem_len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (c->mem == MAP_FAILED) {
		c->mem = NULL;
		return bench_refused(c, "mmap", -errno);
	}
	long pid = raw0(SYS_fork);

	if (pid == 0) {
		die_with_parent(parent);
		futex_peer((uint32_t *)c->mem);
	}
	if (pid < 0)
		return bench_refused(c, "fork", pid);
	c->peer = (pid_t)pid;
	return pin_peer(c);
}

long run_futex(uint64_t iterations, struct bench_ctx *c)
{
	uint32_t *const word = (uint32_t *)c->mem;

	for (uint64_t i = 0; i < iterations; i++) {
		long r = pass_turn(word, TURN_OURS, TURN_PEER);

		if (unlikely(r < 0))
			return bench_refused(c, "futex", r);
	}
	return 0;
}
