/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The hello kernel: where it is entered and left. What can be data is data (page tables,
 * descriptors), since instructions of ring 0 may be interpreted one by one.
 */
#include "base/report_abi.h"
#include "workloads/hello_kernel/abi.h"

#define KERNEL_STACK_SIZE 4096

/* Page table entries (AMD64 manual volume 2, 5.4) */
#define PRESENT 1
#define WRITE 2
#define USER 4
#define UNCACHED 0x10
#define LARGE 0x80

	.section .text.start, "ax"

/* In: rsi is the zero page (64-bit boot protocol). */
	.globl	hello_start
hello_start:
	lea	kernel_stack_top(%rip), %rsp
	mov	%rsi, %rdi
	call	kernel_main
	ud2				/* it does not return */

/* void load_tables(void): our own memory map, descriptors and task */
	.globl	load_tables
load_tables:
	mov	$pml4, %eax
	mov	%rax, %cr3
	lgdt	gdt_pointer(%rip)
	lidt	idt_pointer(%rip)
	mov	$TSS_SELECTOR, %eax
	ltr	%ax
	ret

/* void enter_program(u64 entry, u64 stack, u64 argument) */
	.globl	enter_program
enter_program:
	mov	$PROGRAM_DS, %eax
	mov	%eax, %ds
	mov	%eax, %es
	push	$PROGRAM_DS
	push	%rsi
	push	$2			/* rflags: nothing but the bit that is always set */
	push	$PROGRAM_CS
	push	%rdi
	mov	%rdx, %rdi
	xor	%ebp, %ebp
	iretq

/* void triple_fault(void): an exception without any handler */
	.globl	triple_fault
triple_fault:
	lidt	no_idt(%rip)
	ud2

/* The order of struct frame. */
	.macro	save_registers
	push	%rax
	push	%rcx
	push	%rdx
	push	%rbx
	push	%rbp
	push	%rsi
	push	%rdi
	push	%r8
	push	%r9
	push	%r10
	push	%r11
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	cld
	mov	%rsp, %rdi
	.endm

	.macro	restore_registers
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%r11
	pop	%r10
	pop	%r9
	pop	%r8
	pop	%rdi
	pop	%rsi
	pop	%rbp
	pop	%rbx
	pop	%rdx
	pop	%rcx
	pop	%rax
	add	$16, %rsp		/* vector and error code */
	.endm

/*
 * What SYSCALL enters: in ring 0 with the program's stack, or, where KVM is software only, still in
 * ring 3. There it raises a fault, which does enter ring 0; and if this page is not even visible to
 * ring 3, fetching the first instruction is the fault. See kernel_enter().
 */
	.globl	syscall_entry
syscall_entry:
	mov	%cs, %r10d
	test	$3, %r10b
	jnz	1f
	mov	%rsp, program_rsp(%rip)
	lea	kernel_stack_top(%rip), %rsp
	push	$PROGRAM_DS
	push	program_rsp(%rip)
	push	%r11			/* SYSCALL left rflags here */
	push	$PROGRAM_CS
	push	%rcx			/* and rip here */
	push	$0
	push	$VECTOR_SYSCALL
	save_registers
	call	kernel_enter
	restore_registers
	pop	%rcx
	add	$8, %rsp
	pop	%r11
	pop	%rsp
	sysretq
1:	ud2
	.globl	syscall_entry_end
syscall_entry_end:

	.text
trap_common:
	save_registers
	call	kernel_enter
	restore_registers
	iretq

/*
 * An entry for each exception, 16 bytes each, so that the IDT below can be data. The CPU itself
 * pushes an error code for some of them (AMD64 manual volume 2, 8.2).
 */
#define HAS_ERROR_CODE 0x60227d00
	.section .text.vectors, "ax"
	.globl	vector_entries
vector_entries:
	.set	vector, 0
	.rept	VECTORS
	.balign	16
	.if	((1 << vector) & HAS_ERROR_CODE) == 0
	push	$0
	.endif
	push	$vector
	jmp	trap_common
	.set	vector, vector + 1
	.endr

	.data
	.balign	8
gdt:	.quad	0, 0
	.quad	0x00af9b000000ffff	/* KERNEL_CS: 64-bit code */
	.quad	0x00cf93000000ffff	/* KERNEL_DS */
	.quad	0			/* SYSRET to 32-bit code would come here */
	.quad	0x00cff3000000ffff	/* PROGRAM_DS */
	.quad	0x00affb000000ffff	/* PROGRAM_CS */
	.quad	0
	.word	tss_end - tss - 1	/* TSS_SELECTOR: limit, */
	.long	tss + 0x89000000	/* base below 16 MiB and type, */
	.word	0
	.quad	0			/* upper base */
gdt_end:

/* Unexpected ones at any moment (IST 1) need a stack that is surely there. */
	.balign	16
idt:	.set	vector, 0
	.rept	VECTORS
	.word	(KERNEL_BASE & 0xffff) + 16 * vector, KERNEL_CS
	.byte	vector == VECTOR_NMI || vector == VECTOR_DF || vector == VECTOR_MC, 0x8e
	.word	KERNEL_BASE >> 16
	.quad	0
	.set	vector, vector + 1
	.endr
idt_end:

/* Stacks for entering ring 0, and which ports ring 3 may use: a clear bit allows one. */
	.balign	16
tss:	.long	0
	.quad	kernel_stack_top, 0, 0	/* rings 0 to 2 */
	.quad	0
	.quad	emergency_stack_top	/* IST 1 */
	.fill	6, 8, 0
	.quad	0
	.word	0, io_bitmap - tss
io_bitmap:
	.fill	POST_PORT / 8, 1, 0xff
	.byte	0xff ^ (1 << (POST_PORT % 8))
	.fill	COUNTS_PORT / 8 - POST_PORT / 8 - 1, 1, 0xff
	.byte	0xff ^ (15 << (COUNTS_PORT % 8)) /* read as 32 bits: four ports */
	.byte	0xff			/* the CPU reads two bytes at a time */
tss_end:

gdt_pointer:
	.word	gdt_end - gdt - 1
	.quad	gdt
idt_pointer:
	.word	idt_end - idt - 1
	.quad	idt
no_idt:
	.word	0
	.quad	0

/* The memory map of abi.h: the kernel's 2 MiB, the program's pages, and nothing else. */
	.balign	PAGE_SIZE
pml4:	.quad	pdpt + (PRESENT | WRITE | USER)
	.fill	511, 8, 0
pdpt:	.quad	pd + (PRESENT | WRITE | USER)
	.fill	511, 8, 0
pd:	.quad	PRESENT | WRITE | LARGE
	.quad	page_table + (PRESENT | WRITE | USER)
	.fill	510, 8, 0
page_table:
	.set	page, PROGRAM_BASE
	.rept	PROGRAM_STACK_PAGES
	.quad	page + (PRESENT | WRITE | USER)
	.set	page, page + PAGE_SIZE
	.endr
	.rept	PROGRAM_TEXT_PAGES
	.quad	page + (PRESENT | USER)
	.set	page, page + PAGE_SIZE
	.endr
	.rept	PROGRAM_DATA_PAGES
	.quad	page + (PRESENT | WRITE | USER)
	.set	page, page + PAGE_SIZE
	.endr
	.quad	NOWHERE_ADDRESS + (PRESENT | WRITE | USER | UNCACHED)
	.balign	PAGE_SIZE, 0

	.bss
	.balign	16
program_rsp:
	.skip	16
	.skip	KERNEL_STACK_SIZE
kernel_stack_top:
	.skip	KERNEL_STACK_SIZE
emergency_stack_top:

	.section .note.GNU-stack, "", @progbits
