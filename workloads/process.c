/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Processes and threads: made, ended, waited for. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "workloads/args.h"
#include "workloads/bench.h"
#include "workloads/raw.h"

#define STACK_SIZE (64 * 1024)

/* Wait for @pid, which must have exited with 0. */
static long wait_for(struct bench_ctx *c, long pid)
{
	int status = 0;
	long r = raw4(SYS_wait4, pid, (long)&status, 0, 0);

	if (unlikely(r != pid))
		return bench_refused(c, "wait4", r);
	if (unlikely(status != 0))
		return bench_refused(c, "child, wait status", status);
	return 0;
}

long run_fork(uint64_t iterations, struct bench_ctx *c)
{
	for (uint64_t i = 0; i < iterations; i++) {
		long pid = raw0(SYS_fork);

		if (pid == 0)
			raw_exit(0);
		if (unlikely(pid < 0))
			return bench_refused(c, "fork", pid);
		long r = wait_for(c, pid);

		if (unlikely(r < 0))
			return r;
	}
	return 0;
}

/*
 * This program itself by descriptor, so that neither the working directory nor a private root
 * matters; by the name it was started with where there is no /proc.
 */
long setup_exec(struct bench_ctx *c)
{
	const char *name = (const char *)getauxval(AT_EXECFN);

	c->fd[0] = open("/proc/self/exe", O_PATH | O_CLOEXEC);
	if (c->fd[0] < 0 && name)
		c->fd[0] = open(name, O_PATH | O_CLOEXEC);
	return c->fd[0] < 0 ? bench_refused(c, "open of /proc/self/exe", -errno) : 0;
}

/* The child has the parent's memory until it execs: the failure travels in @error. */
static long __attribute__((noinline)) vfork_exec(int fd, volatile long *error)
{
	static char *const argv[] = { (char *)"workload", (char *)ARG_TRUE, NULL };
	static char *const envp[] = { NULL };
	pid_t pid = vfork(); /* NOLINT: no call but the two that vfork(2) allows, one of them by its
				number */

	if (pid == 0) { /* an exec by its number is what vfork(2) allows */
		*error = syscall(SYS_execveat, fd, "", argv, envp, AT_EMPTY_PATH); /* NOLINT */
		*error = *error < 0 ? -errno : 0;
		_exit(127);
	}
	return pid < 0 ? -errno : pid;
}

/* vfork is libc's: its return address must outlive the child on the shared stack, which no inline
 * instruction can see to. It is a bare system call in musl. */
long run_vfork_exec(uint64_t iterations, struct bench_ctx *c)
{
	for (uint64_t i = 0; i < iterations; i++) {
		volatile long error = 0;
		long pid = vfork_exec(c->fd[0], &error);

		if (unlikely(pid < 0))
			return bench_refused(c, "vfork", pid);
		long r = wait_for(c, pid);

		if (unlikely(error != 0))
			return bench_refused(c, "execveat", error);
		if (unlikely(r < 0))
			return r;
	}
	return 0;
}

long setup_thread(struct bench_ctx *c)
{
	c->mem_len = STACK_SIZE;
	c->mem = mmap(NULL, c->mem_len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (c->mem == MAP_FAILED) {
		c->mem = NULL;
		return bench_refused(c, "mmap", -errno);
	}
	return 0;
}

/*
 * clone(2) of a thread that exits at once; the caller gets its id or a negative errno. In assembly,
 * since on its own empty stack the thread cannot return from here. libc's clone() is no way:
 * musl's refuses CLONE_THREAD since 1.2.5.
 */
static long clone_thread(long flags, char *stack, int *tid)
{
	register int *child_tid __asm__("r10") = tid;
	register long tls __asm__("r8") = 0;
	long nr = SYS_clone;

	__asm__ volatile(
		"syscall\n\t"
		"test %%rax, %%rax\n\t"
		"jnz 1f\n\t"
		"mov %[exit], %%eax\n\t"
		"xor %%edi, %%edi\n\t"
		"syscall\n"
		"1:"
		: "+a"(nr)
		: "D"(flags), "S"(stack), "d"(tid), "r"(child_tid), "r"(tls), [exit] "i"(SYS_exit)
		: "rcx", "r11", "memory", "cc");
	return nr;
}

/*
 * What a thread library asks for, without the library: no mapping of a stack, no thread-local
 * storage. The kernel writes the thread's id to @tid before clone returns, and on its exit clears
 * it and wakes who waits there (CLONE_CHILD_CLEARTID, clone(2)); from then on the stack is free.
 */
long run_thread(uint64_t iterations, struct bench_ctx *c)
{
	const int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
			  CLONE_SYSVSEM | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID;
	char *const stack = c->mem + c->mem_len;
	static int tid;

	for (uint64_t i = 0; i < iterations; i++) {
		long r = clone_thread(flags, stack, &tid);
		int now;

		if (unlikely(r < 0))
			return bench_refused(c, "clone", r);
		while ((now = __atomic_load_n(&tid, __ATOMIC_ACQUIRE)) != 0)
			raw4(SYS_futex, (long)&tid, FUTEX_WAIT, now, 0);
	}
	return 0;
}
