/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * System calls that leave errno alone. Until its exec the child shares its memory with the parent,
 * which runs on (ctr/start.h, base/spawn.c): libc's wrappers would write the parent's errno. Each
 * returns what the kernel did: a result, or a negative errno.
 */
#ifndef BENCH_BASE_SYS_H
#define BENCH_BASE_SYS_H

#include <sys/syscall.h>

/*
 * Marks the functions that the child runs: the sanitizers keep state per thread and know nothing
 * of a child on a stack of its own.
 */
#define CHILD_CODE __attribute__((no_sanitize("address", "undefined", "thread")))

/* clang's analyzer does not know that assembler code writes to memory. */
#if defined(__x86_64__) && !defined(__clang_analyzer__)
#define SYS_IS_RAW 1

CHILD_CODE static inline long sys_raw(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "0"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}
#else
/* No memory is shared by a container here (ctr/start.c), so errno is the child's own. */
#include <errno.h>
#include <unistd.h>
#define SYS_IS_RAW 0

CHILD_CODE static inline long sys_raw(long nr, long a, long b, long c, long d, long e, long f)
{
	long ret = syscall(nr, a, b, c, d, e, f);

	return ret < 0 ? -errno : ret;
}
#endif

#define sys0(n) sys_raw(n, 0, 0, 0, 0, 0, 0)
#define sys1(n, a) sys_raw(n, (long)(a), 0, 0, 0, 0, 0)
#define sys2(n, a, b) sys_raw(n, (long)(a), (long)(b), 0, 0, 0, 0)
#define sys3(n, a, b, c) sys_raw(n, (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define sys4(n, a, b, c, d) sys_raw(n, (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)
#define sys5(n, a, b, c, d, e) sys_raw(n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), 0)

#endif
