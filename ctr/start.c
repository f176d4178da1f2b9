/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctr/start.h"

#include <errno.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "base/sys.h"
#include "ctr/ns.h"

#define STACK_SIZE (64 * 1024)

#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP 0x200000000ULL /* linux/sched.h, kernel 5.7 */
#endif

const char *const start_way_names[START_WAYS] = {
	[START_CLONE3_VM] = "clone3, memory shared until exec",
	[START_CLONE3] = "clone3",
	[START_CLONE_VM] = "clone, memory shared until exec",
	[START_CLONE] = "clone",
};

static const struct {
	bool clone3, vm;
} ways[START_WAYS] = {
	[START_CLONE3_VM] = { true, true },
	[START_CLONE3] = { true, false },
	[START_CLONE_VM] = { false, true },
	[START_CLONE] = { false, false },
};

int starter_open(struct starter *st, struct err *e)
{
	st->stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	if (st->stack == MAP_FAILED) {
		st->stack = NULL;
		return err_sys(e, "mmap", "a stack for the container's first process");
	}
	st->way = SYS_IS_RAW ? START_CLONE3_VM : START_CLONE;
	return 0;
}

void starter_close(struct starter *st)
{
	if (st->stack)
		munmap(st->stack, STACK_SIZE);
	st->stack = NULL;
}

/*
 * libc has no wrapper for clone3: the child comes up on an empty stack, where a C function cannot
 * return, so what it does next is written here. The three values it needs are in registers, which
 * the system call keeps (all but rax, rcx and r11).
 */
static long clone3_run(struct clone_args *ca, size_t size, int (*fn)(void *), void *arg)
{
#if SYS_IS_RAW
	long ret;

	__asm__ volatile("syscall\n\t"
			 "testq %%rax, %%rax\n\t"
			 "jnz 1f\n\t"
			 "xorl %%ebp, %%ebp\n\t" /* the outermost frame, for debuggers */
			 "movq %[arg], %%rdi\n\t"
			 "callq *%[fn]\n\t"
			 "hlt\n" /* fn never returns */
			 "1:"
			 : "=a"(ret)
			 : "0"(SYS_clone3), "D"(ca), "S"(size), [fn] "r"(fn), [arg] "r"(arg)
			 : "rcx", "r11", "memory");
	return ret;
#else
	(void)ca, (void)size, (void)fn, (void)arg;
	return -ENOSYS;
#endif
}

static long try_clone3(struct starter *st, unsigned flags, int cgroup_fd, int (*fn)(void *),
	void *arg, struct started *out)
{
	struct clone_args ca = {
		.flags = flags | CLONE_PIDFD | (ways[st->way].vm ? CLONE_VM : 0),
		.pidfd = (uintptr_t)&out->pidfd,
		.exit_signal = SIGCHLD,
		.stack = (uintptr_t)st->stack,
		.stack_size = STACK_SIZE,
	};

	if (cgroup_fd >= 0) {
		ca.flags |= CLONE_INTO_CGROUP;
		ca.cgroup = (uint64_t)cgroup_fd;
	}
	out->in_cgroup = cgroup_fd >= 0;
	return clone3_run(&ca, sizeof(ca), fn, arg);
}

static long try_clone(
	struct starter *st, unsigned flags, int (*fn)(void *), void *arg, struct started *out)
{
	int all = (int)(flags | CLONE_PIDFD | (ways[st->way].vm ? CLONE_VM : 0) | SIGCHLD);
	int pid = clone(fn, (char *)st->stack + STACK_SIZE, all, arg, &out->pidfd);

	out->in_cgroup = false;
	return pid < 0 ? -errno : pid;
}

/* Refusals that mean "this way is not known here", not "you may not" or "there is no room". */
static bool way_unknown(long r)
{
	return r == -ENOSYS || r == -EINVAL || r == -E2BIG;
}

int start_child(struct starter *st, unsigned flags, int cgroup_fd, int (*fn)(void *), void *arg,
	struct started *out, struct err *e)
{
	sigset_t all, old;
	char names[64];
	long r;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &old); /* no handler of ours may run in the child */
	for (;; st->way++) {
		r = ways[st->way].clone3 ? try_clone3(st, flags, cgroup_fd, fn, arg, out)
					 : try_clone(st, flags, fn, arg, out);
		if (!way_unknown(r) || st->way + 1 == START_WAYS)
			break;
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
	if (r < 0) {
		ns_list(flags, names, sizeof(names));
		return err_set(e, (int)r, "clone", "a process with the namespaces %s: %s", names,
			strerror((int)-r));
	}
	out->pid = (pid_t)r;
	return 0;
}
