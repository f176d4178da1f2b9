/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two ways into the kernel, both as a C function
 *	i64 way(u64 number, u64 a, u64 b)
 */
	.macro	arguments
	mov	%rdi, %rax
	mov	%rsi, %rdi
	mov	%rdx, %rsi
	.endm

	.text
	.globl	call_by_syscall
call_by_syscall:
	arguments
	syscall
	ret

/* An instruction that is invalid everywhere; at this address the kernel takes it for a call. */
	.globl	call_by_trap, program_trap
call_by_trap:
	arguments
program_trap:
	ud2
	ret

	.section .note.GNU-stack, "", @progbits
