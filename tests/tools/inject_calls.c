/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/tools/inject_calls.h"

#include <errno.h>
#include <stddef.h>
#include <sys/syscall.h>

#include "base/util.h"

static const struct call calls[] = {
#define CALL(name, error, mode, how)                                                               \
	{                                                                                          \
#name, SYS_##name, error, mode, how                                                \
	}
#define SKIP(name) CALL(name, 0, SKIPPED, 0)
#define FAIL(name, error) CALL(name, error, REFUSED, 0)
#define INTR(name, error) CALL(name, error, REFUSED, INTERRUPTIBLE)
#define PARTS(name, error) CALL(name, error, REFUSED, INTERRUPTIBLE | IN_PARTS)
#define STREAM(name, error) CALL(name, error, REFUSED, INTERRUPTIBLE | IN_PARTS | BY_STREAM)
	SKIP(exit),
	SKIP(exit_group),
	SKIP(rt_sigreturn),
	SKIP(rt_sigprocmask),
	SKIP(rt_sigaction),
	SKIP(restart_syscall),
	SKIP(uname), /* EFAULT is all that it knows */
	SKIP(getpid),
	SKIP(getppid),
	SKIP(gettid),
	SKIP(getuid),
	SKIP(geteuid),
	SKIP(getgid),
	SKIP(getegid),
	SKIP(umask),
	SKIP(arch_prctl),
	SKIP(set_tid_address),
	SKIP(set_robust_list),
	SKIP(rseq),
	SKIP(futex), /* libc aborts on an error that is not known there */
	SKIP(sched_yield),
	SKIP(clock_gettime),
	FAIL(brk, ENOMEM),
	FAIL(mmap, ENOMEM),
	FAIL(mremap, ENOMEM),
	SKIP(munmap),
	FAIL(mprotect, ENOMEM),
	FAIL(madvise, ENOMEM),
	FAIL(memfd_create, EMFILE),
	FAIL(clone, EAGAIN),
	FAIL(clone3, EAGAIN),
	FAIL(fork, EAGAIN),
	FAIL(vfork, EAGAIN),
	FAIL(execve, ENOMEM),
	INTR(wait4, ECHILD),
	INTR(waitid, ECHILD),
	FAIL(open, EMFILE),
	FAIL(openat, EMFILE),
	FAIL(openat2, EMFILE),
	FAIL(pipe2, EMFILE),
	FAIL(dup, EMFILE),
	FAIL(dup2, EMFILE),
	FAIL(dup3, EMFILE),
	FAIL(eventfd2, EMFILE),
	FAIL(signalfd4, EMFILE),
	FAIL(epoll_create1, EMFILE),
	FAIL(timerfd_create, EMFILE),
	FAIL(socket, EMFILE),
	FAIL(socketpair, EMFILE),
	FAIL(pidfd_open, EMFILE),
	FAIL(fsopen, EMFILE),
	FAIL(fsmount, EMFILE),
	FAIL(open_tree, EMFILE),
	CALL(close, EIO, DONE, 0),
	FAIL(close_range, EINVAL),
	STREAM(read, EIO),
	PARTS(pread64, EIO),
	STREAM(write, ENOSPC),
	PARTS(pwrite64, ENOSPC),
	INTR(writev, ENOSPC),
	FAIL(ftruncate, ENOSPC),
	FAIL(fallocate, ENOSPC),
	FAIL(mkdir, ENOSPC),
	FAIL(mkdirat, ENOSPC),
	FAIL(rename, ENOSPC),
	FAIL(symlinkat, ENOSPC),
	FAIL(mount, ENOMEM),
	INTR(poll, ENOMEM),
	FAIL(ppoll, ENOMEM),
	INTR(epoll_wait, EINVAL),
	INTR(recvmsg, ENOMEM),
	INTR(sendmsg, ENOMEM),
	INTR(recvfrom, ENOMEM),
	INTR(sendto, ENOMEM),
	INTR(connect, ENOMEM),
	FAIL(getrandom, EIO),
	INTR(nanosleep, EINTR),
	INTR(clock_nanosleep, EINTR),
	FAIL(flock, ENOLCK),
	FAIL(fcntl, EMFILE),
	FAIL(ioctl, ENOMEM),
};

const struct call *find_call(long nr)
{
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		if (calls[i].nr == nr)
			return &calls[i];
	}
	return NULL;
}
