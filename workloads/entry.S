/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where the program begins, before any libc: the init of a guest of our VMM says MARK_INIT here, as
 * near to the guest kernel's last instruction as a program can. Everybody else goes on at once,
 * without a system call.
 */
#include <sys/syscall.h>

#include "base/report_abi.h"

#define INIT_NAME 0x74696e692f /* "/init" and its NUL, as a number of 6 bytes */
#define EXEC_NAME 0x2f68636e65622e2f /* "/.bench/": the init beside a tree, of 8 */

	.text
	.globl	workload_entry
	.type	workload_entry, @function
workload_entry:
	/* The stack holds argc and argv (System V ABI, AMD64 supplement, 3.4.1), then more strings:
	   8 bytes can be read at any argument. */
	mov	8(%rsp), %rax
	test	%rax, %rax		/* there may be no argv[0] */
	jz	9f
	mov	(%rax), %rax
	movabs	$EXEC_NAME, %rcx
	cmp	%rcx, %rax
	je	2f
	shl	$16, %rax
	movabs	$(INIT_NAME << 16), %rcx
	cmp	%rcx, %rax
	jne	9f			/* only a guest's kernel gives these names */

2:	mov	$SYS_getpid, %eax
	syscall
	cmp	$1, %eax
	jne	9f
	mov	$SYS_ioperm, %eax	/* refused: a container, or a kernel without it */
	mov	$PORTS_FIRST, %edi
	mov	$PORTS_COUNT, %esi
	mov	$1, %edx
	syscall
	test	%rax, %rax
	jnz	8f

	mov	$ID_PORT, %edx
	in	%dx, %eax
	cmp	$ID_VALUE, %eax
	je	1f
	cmp	$ID_SNAPSHOT, %eax
	je	1f
	mov	$SYS_ioperm, %eax	/* somebody else's ports: away from them */
	xor	%edx, %edx
	syscall
	jmp	8f
1:	mov	%eax, guest_id(%rip)
	mov	$MARK_PORT, %edx
	mov	$MARK_INIT, %eax
	out	%eax, %dx
8:	xor	%edx, %edx		/* what the kernel left there: no function for atexit */
9:	jmp	_start
	.size	workload_entry, . - workload_entry

	.section .note.GNU-stack, "", @progbits
