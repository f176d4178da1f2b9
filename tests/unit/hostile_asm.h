/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What hostile guests have in common, in assembly. They start with CATCH; numbers of labels from
 * 200 on are taken.
 */
#ifndef BENCH_TESTS_HOSTILE_ASM_H
#define BENCH_TESTS_HOSTILE_ASM_H

#include "tests/unit/tiny_guest.h"

#define HOLE "0xd0000000" /* NOWHERE_ADDRESS */
#define BUFFER "0x1a0000" /* free memory, as all from IDT on */
#define IDT "0x180000"
#define STACK "0x7000"
#define TRAMPOLINE "0x8000" /* a page below 1 MiB, where another vCPU starts */

/*
 * From here on exceptions and interrupts are counted in %r14, and go on at %r15 with the stack as
 * it was at first: the guest survives what it tries. %rsi, the zero page, is kept.
 */
#define CATCH                                                                                      \
	"200: mov $" IDT ", %edi\n lea 290f(%rip), %eax\n mov $256, %ecx\n"                        \
	"1: movzwl %ax, %ebx\n or $0x100000, %ebx\n mov %ebx, (%rdi)\n"              /* BOOT_CS */ \
	"mov %eax, %ebx\n mov $0x8e00, %bx\n mov %ebx, 4(%rdi)\n movq $0, 8(%rdi)\n" /* gate */    \
	"add $16, %edi\n dec %ecx\n jnz 1b\n"                                                      \
	"movw $0xfff, -10(%rsp)\n movq $" IDT ", -8(%rsp)\n lidt -10(%rsp)\n"                      \
	"xor %r14d, %r14d\n jmp 291f\n"                                                            \
	"290: mov $" STACK ", %esp\n inc %r14\n jmp *%r15\n 291:\n"

#define TRY(code) "lea 277f(%rip), %r15\n" code "\n 277:\n"

/* The end of RAM into %rbp: of the third entry in the zero page's E820 table. */
#define RAM_END "mov 0x2f8(%rsi), %rbp\n add 0x300(%rsi), %rbp\n"

/* Write %eax to the interrupt command register, for APIC 1 or by a shorthand. */
#define ICR "mov $0xfee00000, %ebx\n movl $0x1000000, 0x310(%rbx)\n mov %eax, 0x300(%rbx)\n"
#define SEND(command) "mov $" command ", %eax\n" ICR

/*
 * vCPU 1 begins at AP, in 64-bit mode; vCPU 0 goes on behind START_AP. It takes the way that Intel
 * SDM 3, 9.8.5 allows: from real mode at once.
 */
#define START_AP                                                                                   \
	"lea 202f(%rip), %rsi\n mov $" TRAMPOLINE                                                  \
	", %edi\n mov $(204f - 202f), %ecx\n rep movsb\n" SEND("0x4500") SEND("0x4608")
#define AP                                                                                         \
	".code16\n 202: cli\n lgdtl " TRAMPOLINE " + 203f - 202b\n mov %cr4, %eax\n"               \
	"or $0x20, %eax\n mov %eax, %cr4\n mov $0x9000, %eax\n mov %eax, %cr3\n"                   \
	"mov $0xc0000080, %ecx\n rdmsr\n or $0x100, %eax\n wrmsr\n"                                \
	"mov %cr0, %eax\n or $0x80000001, %eax\n mov %eax, %cr0\n"                                 \
	"ljmpl $0x10, $(0x100000 + 204f - 200b)\n 203: .word 0x2f\n .long 0x500\n"                 \
	".code64\n 204: mov $0x18, %eax\n mov %eax, %ss\n mov $0x6000, %esp\n"

#endif
