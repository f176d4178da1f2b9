/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The instruction itself, inline: no wrapper, no errno, no cached answer, no cancellation point.
 * A call returns what the kernel left in rax: a negative errno is a failure. rcx and r11 are
 * overwritten by the instruction (AMD64 manual volume 3, SYSCALL).
 */
#ifndef BENCH_WORKLOADS_RAW_H
#define BENCH_WORKLOADS_RAW_H

#include <sys/syscall.h>

#define FUTEX_WAIT 0 /* linux/futex.h, which musl does not carry */
#define FUTEX_WAKE 1

static inline long raw6(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;

	__asm__ volatile("syscall"
			 : "+a"(nr)
			 : "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return nr;
}

static inline long raw4(long nr, long a, long b, long c, long d)
{
	register long r10 __asm__("r10") = d;

	__asm__ volatile("syscall"
			 : "+a"(nr)
			 : "D"(a), "S"(b), "d"(c), "r"(r10)
			 : "rcx", "r11", "memory");
	return nr;
}

static inline long raw3(long nr, long a, long b, long c)
{
	__asm__ volatile("syscall" : "+a"(nr) : "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
	return nr;
}

static inline long raw2(long nr, long a, long b)
{
	__asm__ volatile("syscall" : "+a"(nr) : "D"(a), "S"(b) : "rcx", "r11", "memory");
	return nr;
}

static inline long raw1(long nr, long a)
{
	__asm__ volatile("syscall" : "+a"(nr) : "D"(a) : "rcx", "r11", "memory");
	return nr;
}

static inline long raw0(long nr)
{
	__asm__ volatile("syscall" : "+a"(nr) : : "rcx", "r11", "memory");
	return nr;
}

/* For the child of a raw fork, which must not run the parent's exit handlers. */
static inline void __attribute__((noreturn)) raw_exit(int status)
{
	for (;;)
		raw1(SYS_exit_group, status);
}

#define unlikely(x) __builtin_expect(!!(x), 0)

#endif
