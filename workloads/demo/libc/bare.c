/* SPDX-License-Identifier: GPL-3.0-or-later */
/* build/demo-libc-bare: the same two calls without any C library, by the instruction itself. */
#include <sys/syscall.h>

void bare_start(void) __attribute__((noreturn));

/* Number in rax, arguments in rdi, rsi, rdx; rcx and r11 are lost (SysV ABI for x86-64, A.2.1). */
static long system_call(long nr, long a, long b, long c)
{
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(nr), "D"(a), "S"(b), "d"(c)
			 : "rcx", "r11", "memory");
	return result;
}

void bare_start(void)
{
	static const char text[] = "hello\n";
	long written;

	system_call(SYS_getppid, 0, 0, 0);
	written = system_call(SYS_write, 1, (long)text, sizeof(text) - 1);
	for (;;)
		system_call(SYS_exit_group, written != sizeof(text) - 1, 0, 0);
}
