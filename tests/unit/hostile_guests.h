/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hostile guests: what each tries is in its comment, what must come of it in test_vmm_attacks.c. */
#ifndef BENCH_TESTS_HOSTILE_GUESTS_H
#define BENCH_TESTS_HOSTILE_GUESTS_H

#include "tests/unit/hostile_asm.h"

/* Lines as they belong together in assembly. */
/* clang-format off */

/* --- ports --- */

/* All below 0x600, where our devices are, and every 251st of the others, up to the last one. */
#define EACH_PORT(code)                                                                            \
	"xor %r12d, %r12d\n 2: mov %r12d, %edx\n" code                                             \
	"lea 1(%r12), %ecx\n cmp $0x600, %r12d\n jb 3f\n lea 251(%r12), %ecx\n"                   \
	"3: cmp $0xffff, %r12d\n je 4f\n mov %ecx, %r12d\n cmp $0xffff, %ecx\n jbe 2b\n"           \
	"mov $0xffff, %r12d\n jmp 2b\n 4:\n"

/* Every port read in every width; at 0xffff that is beyond the last one. */
GUEST(ports_read,
	CATCH EACH_PORT("in %dx, %al\n in %dx, %ax\n in %dx, %eax\n")
	EXIT_WITH(0));

/* Every port written in every width: all ones, and zero. That programs the PIC and the PIT too. */
GUEST(ports_write,
	CATCH EACH_PORT("mov $-1, %eax\n out %al, %dx\n out %ax, %dx\n out %eax, %dx\n"
		"xor %eax, %eax\n out %al, %dx\n out %ax, %dx\n out %eax, %dx\n")
	EXIT_WITH(0));

/* From %r8 up to %r9, which are addresses of a table of quads. */
#define EACH_QUAD(from, to, code)                                                                  \
	"lea " from "(%rip), %r8\n lea " to "(%rip), %r9\n"                                        \
	"5: mov (%r8), %r10\n" code "add $8, %r8\n cmp %r9, %r8\n jb 5b\n"

#define INS(width) "mov $" BUFFER "+1, %edi\n mov $1100, %ecx\n rep ins" width "\n"
#define OUTS(width)                                                                                \
	"mov $" BUFFER ", %edi\n mov $50, %ecx\n mov $-1, %eax\n rep stosl\n"                      \
	"mov $" BUFFER "+3, %esi\n mov $20, %ecx\n rep outs" width "\n"

/* Blocks from and to each of our devices, unaligned, in every width, more than fits into one exit.
 */
GUEST(strings,
	CATCH
	EACH_QUAD("6f", "7f", "mov %r10d, %edx\n"
		INS("b") INS("w") INS("l") OUTS("b") OUTS("w") OUTS("l"))
	EXIT_WITH(0)
	"6: .quad 0x20, 0x40, 0x60, 0x61, 0x64, 0x80, 0xcf8, 0x3f8, 0x3f9, 0x3fa, 0x3fb, 0x3fc\n"
	".quad 0x3fd, 0x3fe, 0x3ff, 0x5d0, 0x5d4, 0x5d8, 0x5d9, 0x5dc, 0x5e0, 0x5e2, 0x5ec\n"
	".quad 0x5ed, 0x5f0, 0x5f1, 0x5f4, 0x5f5, 0x5f8, 0x5fb, 0x5fc, 0x5ff\n"
	"7:");

/* The same downwards, and to and from places that are no RAM, or only half: the report's text from
 * a hole, entropy into it, over the end of RAM, over the end of what is mapped. */
GUEST(strings_elsewhere,
	CATCH RAM_END "std\n mov $0x5fc, %edx\n" INS("l") "cld\n lea -5(%rbp), %r13\n"
	"mov %r13, 9f(%rip)\n"
	EACH_QUAD("8f", "10f",
		TRY("mov $0x5f0, %edx\n mov %r10, %rsi\n mov $16, %ecx\n rep outsb\n")
		TRY("mov $0x5f0, %edx\n mov %r10, %rsi\n mov $4, %ecx\n rep outsl\n")
		TRY("mov $0x5fc, %edx\n mov %r10, %rdi\n mov $16, %ecx\n rep insb\n")
		TRY("mov $0x5fc, %edx\n mov %r10, %rdi\n mov $4, %ecx\n rep insl\n"))
	EXIT_WITH(0)
	"8: .quad " HOLE ", 0xfffffff8, 0x100000000, 0x7fffffffffff, 0xffff800000000000\n"
	"9: .quad 0\n"
	"10:");

/* A block that goes over the end of the address space: its last page is mapped to the last one
 * below 4 GiB, and after it comes address 0. */
GUEST(wrap_around,
	CATCH "movq $0xa003, 0x9000+511*8\n movq $0xe003, 0xa000+511*8\n"
	TRY("mov $0x5f0, %edx\n mov $-8, %rsi\n mov $16, %ecx\n rep outsb\n")
	TRY("mov $0x5fc, %edx\n mov $-8, %rdi\n mov $16, %ecx\n rep insb\n")
	TRY("mov $-1, %rsi\n mov (%rsi), %rax\n mov %rax, (%rsi)\n")
	EXIT_WITH(0));

/* Pages of output that are not there: beyond RAM, the last of all, at a port beside the right one.
 * A good one last. */
GUEST(pages_lie,
	CATCH EACH_QUAD("6f", "7f", "mov %r10d, %eax\n mov $0x5d8, %edx\n out %eax, %dx\n"
		"mov $0x5dc, %edx\n out %eax, %dx\n mov $0x5d9, %edx\n out %eax, %dx\n"
		"out %al, %dx\n") "mov $0x1a0005, %eax\n mov $0x5d8, %edx\n out %eax, %dx\n"
	EXIT_WITH(0)
	"6: .quad 0x1000000, 0x1000001, 0x1000fff, 0x1ffffff\n"
	".quad 0xd0000000, 0xfee00000, 0xfffff000\n"
	".quad 0xffffffff, 0x80000000\n"
	"7:");

/* 200 pages of output, whose bytes vCPU 1 changes all the time. */
GUEST(pages_change,
	CATCH START_AP "mov $200, %r12d\n"
	"2: mov $" BUFFER ", %eax\n mov $0x5d8, %edx\n out %eax, %dx\n dec %r12d\n jnz 2b\n"
	EXIT_WITH(0)
	AP "mov $" BUFFER ", %ebx\n"
	"3: inc %ecx\n and $0xfff, %ecx\n notb (%rbx,%rcx)\n jmp 3b");

/* So many pages each, to stdout and to stderr. */
#define FLOOD(pages)                                                                               \
	"mov $" pages ", %r12d\n 2: mov $" BUFFER ", %eax\n mov $0x5d8, %edx\n"                    \
	"out %eax, %dx\n mov $0x5dc, %edx\n out %eax, %dx\n dec %r12d\n jnz 2b\n"
GUEST(pages_flood, CATCH FLOOD("4200") EXIT_WITH(0));
GUEST(pages_fewer, CATCH FLOOD("1100") EXIT_WITH(0));

/* All that the devices can give, 64 KiB each. */
GUEST(reads_flood,
	CATCH EACH_QUAD("6f", "7f", "mov %r10d, %edx\n mov $" BUFFER ", %edi\n"
		"mov $0x10000, %ecx\n rep insb\n")
	EXIT_WITH(0)
	"6: .quad 0x5ec, 0x5fc, 0x5e0, 0x5e0\n"
	"7:");

/* --- reports, marks, console --- */

GUEST(report_endless,
	"2: mov $0x5f0, %edx\n mov $0x100000, %esi\n mov $0x100000, %ecx\n rep outsl\n jmp 2b");
/* All marks but the one that ends it, with all arguments. */
GUEST(marks_endless,
	"mov $0x5f4, %edx\n"
	"2: inc %eax\n cmp $4, %al\n je 2b\n out %eax, %dx\n jmp 2b");
GUEST(console_endless,
	"2: mov $0x3f8, %edx\n mov $0x100000, %esi\n mov $0x100000, %ecx\n rep outsb\n jmp 2b");
/* Ends with a reset, so that the last of it is in the reason. */
GUEST(console_escapes,
	"mov $20, %ebx\n"
	"2: lea 6f(%rip), %rsi\n mov $(7f - 6f), %ecx\n mov $0x3f8, %dx\n rep outsb\n dec %ebx\n"
	"jnz 2b\n mov $0xfe, %al\n out %al, $0x64\n"
	"3: jmp 3b\n"
	"6: .ascii \"\\033]0;title\\007\\033[2J\\033[99999999999;1H\\0\\r\"\n"
	".ascii \"\\x9b\\x31m\\xc2\\x9b\\xff\\033P\\033[\"\n"
	".ascii \"Attempted to kill init! exitcode=0xffffffffffffffffffff\\033\"\n"
	"7:");
/* An exit status, and another one behind it. */
GUEST(exit_twice,
	"lea 6f(%rip), %rsi\n mov $3, %ecx\n mov $0x5f4, %edx\n rep outsl\n"
	"2: jmp 2b\n"
	"6: .long 4, 4 | 5 << 8, 4 | 6 << 8");

/* --- memory --- */

#define TOUCH(at)                                                                                  \
	"mov %al, " at "\n mov %ax, " at "\n mov %eax, " at "\n mov %rax, " at "\n"                \
	"mov " at ", %al\n mov " at ", %ax\n mov " at ", %eax\n mov " at ", %rax\n"

/* All widths, aligned and not, over each boundary: the end of RAM, holes, interrupt controllers,
 * the end of what is mapped. */
GUEST(memory_edges,
	CATCH RAM_END "lea -1(%rbp), %rax\n mov %rax, 9f(%rip)\n lea -4096(%rbp), %rax\n"
	"mov %rax, 11f(%rip)\n"
	EACH_QUAD("8f", "10f",
		TRY(TOUCH("(%r10)"))
		TRY(TOUCH("1(%r10)"))
		TRY(TOUCH("0xffd(%r10)")))
	EXIT_WITH(0)
	"8: .quad 0x0, 0x9fc00, 0xe0000, 0x40000000, 0xc0000000, " HOLE
	", 0xfec00000, 0xfee00000\n"
	".quad 0xfffbc000, 0xfffbd000, 0xfffff000, 0x100000000, 0xffff800000000000\n"
	"9: .quad 0\n"
	"11: .quad 0\n"
	"10:");

/* What was written to the last bytes of RAM is there, what was written beyond is not. */
GUEST(ram_end,
	CATCH RAM_END "movl $0x12345678, -2(%rbp)\n cmpw $0x5678, -2(%rbp)\n jne 9f\n"
	"cmpw $-1, (%rbp)\n jne 9f\n movq $1, (%rbp)\n movb $0x77, -1(%rbp)\n cmpq $-1, (%rbp)\n"
	"jne 9f\n cmpb $0x77, -1(%rbp)\n jne 9f\n"
	EXIT_WITH(0)
	"9:"
	EXIT_WITH(1));

/* The first addresses beyond 4 GiB, and the highest ones that a page table can name, through a
 * window of 2 MiB pages at 4 GiB. Those that this CPU has not are faults. */
GUEST(memory_above,
	CATCH "movq $0x190003, 0xa000+4*8\n mov $0x190000, %edi\n mov $1024, %ecx\n"
	"xor %eax, %eax\n rep stosl\n mov $0x190000, %r12d\n mov $0x100000000, %r13\n"
	EACH_QUAD("6f", "7f", "or $0x83, %r10\n mov %r10, (%r12)\n"
		TRY(TOUCH("(%r13)"))
		TRY(TOUCH("0x1ffffd(%r13)")) "add $8, %r12\n add $0x200000, %r13\n")
	EXIT_WITH(0)
	"6: .quad 0x100000000, 0xfe0000000, 0x1000000000\n"
	".quad 0x7fffe00000, 0x8000000000, 0xffffe00000\n"
	".quad 0x10000000000, 0x3fffffe00000, 0xfffffffe00000, 0x8000000000000000\n"
	"7:");

/* What KVM's emulator may not know, on memory that it must emulate. */
GUEST(memory_exotic,
	CATCH "mov %cr4, %rax\n or $0x600, %eax\n mov %rax, %cr4\n mov $" HOLE ", %r10d\n"
	TRY("movups %xmm0, 1(%r10)\n")
	TRY("movups 4088(%r10), %xmm0\n")
	TRY("lock xadd %rax, (%r10)\n")
	TRY("lock cmpxchg %rcx, 4092(%r10)\n")
	TRY("push (%r10)\n")
	TRY("pop (%r10)\n")
	TRY("mov %r10, %rsi\n lea 2(%r10), %rdi\n mov $9, %ecx\n rep movsq\n")
	TRY("lock cmpxchg16b (%r10)\n")
	TRY("fxsave (%r10)\n")
	EXIT_WITH(0));

GUEST(run_in_apic,
	CATCH TRY("mov $0xfee00000, %eax\n jmp *%rax\n")
	EXIT_WITH(0));
/* An instruction whose first byte is RAM's last one. */
GUEST(run_over_ram_end,
	CATCH RAM_END "movb $0xb8, -1(%rbp)\n"
	TRY("lea -1(%rbp), %rax\n jmp *%rax\n")
	EXIT_WITH(0));
GUEST(idt_in_hole,
	"movw $0xfff, -10(%rsp)\n movl $" HOLE ", -8(%rsp)\n movl $0, -4(%rsp)\n lidt -10(%rsp)\n"
	"int3\n"
	"2: jmp 2b");
GUEST(stack_in_hole,
	CATCH "mov $" HOLE ", %esp\n"
	TRY("int3\n")
	TRY("mov $" HOLE ", %esp\n call 2f\n"
		"2:")
	EXIT_WITH(0));
GUEST(page_tables_in_hole,
	"mov $" HOLE ", %eax\n mov %rax, %cr3\n"
	"2: jmp 2b");

/* --- the CPU --- */

#define MSR_TRY(code) TRY("mov %r10d, %ecx\n" code)
/* Registers in ranges: read, written back, all ones, zero. EFER is left: with it goes this code. */
GUEST(msrs,
	CATCH "lea 6f(%rip), %r8\n"
	"5: mov (%r8), %r10d\n"
	"2: cmp $0xc0000080, %r10d\n je 3f\n"
	MSR_TRY("rdmsr\n wrmsr\n")
	MSR_TRY("mov $-1, %eax\n mov $-1, %edx\n wrmsr\n")
	MSR_TRY("xor %eax, %eax\n xor %edx, %edx\n wrmsr\n")
	"3: inc %r10d\n cmp 4(%r8), %r10d\n jb 2b\n add $8, %r8\n lea 7f(%rip), %r9\n"
	"cmp %r9, %r8\n jb 5b\n"
	EXIT_WITH(0)
	"6: .long 0, 0x420, 0x480, 0x4a0, 0x560, 0x5a0, 0x600\n"
	".long 0x620, 0x6e0, 0x6e1, 0x800, 0x840, 0xd90, 0xdb0\n"
	".long 0x40000000, 0x40000120, 0x4b564d00, 0x4b564d10\n"
	".long 0xc0000080, 0xc0000110, 0xc0010000, 0xc0010150\n"
	".long 0xfffffff0, 0xffffffff\n"
	"7:");

/* Where KVM is asked to write time, faults and acknowledgements: places that are no RAM. */
GUEST(shared_with_kvm,
	CATCH EACH_QUAD("6f", "7f", "lea 8f(%rip), %r12\n"
		"2: mov (%r12), %ecx\n mov %r10, %rdx\n shr $32, %rdx\n"
		TRY("mov %r10d, %eax\n wrmsr\n") "add $4, %r12\n lea 9f(%rip), %r13\n"
		"cmp %r13, %r12\n jb 2b\n mov $3000, %ecx\n"
		"3: pause\n loop 3b\n")
	EXIT_WITH(0)
	"6: .quad 0xd0000001, 0xfee00001, 0xfffffffffffff001\n"
	".quad 0x7ffffffffffff001, 0x100000001, 0xfff001\n"
	".quad 0xfffffd, 0xffffffffffffffff\n"
	"7:\n"
	"8: .long 0x11, 0x12, 0x4b564d00, 0x4b564d01\n"
	".long 0x4b564d02, 0x4b564d03, 0x4b564d04, 0x4b564d06\n"
	"9:");

/* Every leaf that there may be, and many that there are not, with eight of their parts. */
GUEST(cpuids,
	CATCH EACH_QUAD("6f", "7f", "mov $64, %r12d\n"
		"2: xor %r13d, %r13d\n"
		"3: mov %r10d, %eax\n mov %r13d, %ecx\n cpuid\n inc %r13d\n cmp $8, %r13d\n"
		"jb 3b\n inc %r10d\n dec %r12d\n jnz 2b\n")
	EXIT_WITH(0)
	"6: .quad 0, 0x40000000, 0x80000000, 0x8fffffff, 0xc0000000, 0xffffffc0\n"
	"7:");

#define ALL_ONES "mov $-1, %rbx\n mov %rbx, %rcx\n mov %rbx, %rdx\n mov %rbx, %rsi\n"
/* Calls to the hypervisor of all numbers, by either vendor's instruction, with wild arguments. */
GUEST(hypercalls,
	CATCH "xor %r10d, %r10d\n"
	"2:" TRY(ALL_ONES "mov %r10, %rax\n vmmcall\n")
	TRY(ALL_ONES "mov %r10, %rax\n vmcall\n") "inc %r10\n cmp $300, %r10\n jb 2b\n"
	"mov $-1, %r10\n"
	TRY(ALL_ONES "mov %r10, %rax\n vmmcall\n")
	EXIT_WITH(0));

/* Guests of its own: neither vendor's extension is told of or can be turned on. */
GUEST(nested,
	CATCH "mov $1, %eax\n cpuid\n test $0x20, %ecx\n jnz 9f\n mov $0x80000001, %eax\n cpuid\n"
	"test $4, %ecx\n jnz 9f\n"
	TRY("mov $0xc0000080, %ecx\n rdmsr\n or $0x1000, %eax\n wrmsr\n")
	TRY("mov %cr4, %rax\n or $0x2000, %eax\n mov %rax, %cr4\n")
	TRY("mov $" BUFFER ", %eax\n vmrun\n")
	TRY("vmxon 6f(%rip)\n")
	TRY("mov $" BUFFER ", %eax\n vmload\n") "cmp $5, %r14\n jne 9f\n"
	EXIT_WITH(0)
	"9:"
	EXIT_WITH(1)
	"6: .quad 0x1a0000");

#define FLIP(reg)                                                                                  \
	TRY("mov %" reg ", %rax\n mov %rax, %r13\n btc %r10, %rax\n mov %rax, %" reg               \
	    "\n mov %r13, %" reg "\n")
/* Every bit of the control registers the other way round, one by one. Not CR3, which would take the
 * code away. */
GUEST(control_registers,
	CATCH TRY("mov %cr4, %rax\n bts $18, %rax\n mov %rax, %cr4\n") /* for XSETBV */
	"xor %r10d, %r10d\n"
	"2:"
	FLIP("cr0")
	FLIP("cr4")
	FLIP("cr8")
	TRY("xor %ecx, %ecx\n xor %edx, %edx\n xor %eax, %eax\n bts %r10, %rax\n xsetbv\n")
	"inc %r10\n cmp $64, %r10\n jb 2b\n"
	EXIT_WITH(0));

/* Debug registers full of ones, every kind of trap, a single step. */
GUEST(debug_registers,
	CATCH TRY("int3\n")
	TRY(".byte 0xf1\n")
	TRY("mov $-1, %rax\n mov %rax, %dr7\n")
	TRY("mov $-1, %rax\n mov %rax, %dr6\n")
	TRY("mov %dr4, %rax\n")
	TRY("pushf\n orl $0x100, (%rsp)\n popf\n nop\n nop\n")
	EXIT_WITH(0));

/* The stack is watched, and an exception delivered onto it. */
GUEST(debug_watch,
	CATCH "mov $" STACK "-8, %eax\n mov %rax, %dr1\n mov $0xd00408, %eax\n mov %rax, %dr7\n"
	TRY("ud2\n")
	TRY("push %rax\n") "xor %eax, %eax\n mov %rax, %dr7\n"
	EXIT_WITH(0));

/* A breakpoint on the first instruction of the handler of breakpoints: it never gets there. */
GUEST(debug_loop,
	CATCH "lea 290b(%rip), %rax\n mov %rax, %dr0\n mov $0x402, %eax\n mov %rax, %dr7\n ud2");

/* --- interrupts, and the other CPU --- */

/* The PIT as fast as it goes, the UART's interrupt on and off, the APIC's timer: 300 of them are
 * counted. */
GUEST(interrupt_storm,
	CATCH "lea 8f(%rip), %eax\n mov $" IDT "+0x200, %edi\n mov $224, %ecx\n"
	"2: mov %ax, (%rdi)\n mov %eax, %ebx\n shr $16, %ebx\n mov %bx, 6(%rdi)\n add $16, %edi\n"
	"dec %ecx\n jnz 2b\n mov $0x11, %al\n out %al, $0x20\n mov $0x20, %al\n out %al, $0x21\n"
	"mov $4, %al\n out %al, $0x21\n mov $1, %al\n out %al, $0x21\n xor %eax, %eax\n"
	"out %al, $0x21\n" /* vectors from 0x20, none masked */
	"mov $0x34, %al\n out %al, $0x43\n mov $1, %al\n out %al, $0x40\n xor %eax, %eax\n"
	"out %al, $0x40\n mov $0xfee00000, %ebx\n movl $0x1ff, 0xf0(%rbx)\n"
	"movl $0xb, 0x3e0(%rbx)\n movl $0x20040, 0x320(%rbx)\n movl $1, 0x380(%rbx)\n sti\n"
	"3: mov $0x3f9, %edx\n mov $2, %al\n out %al, %dx\n xor %eax, %eax\n out %al, %dx\n"
	"cmp $300, %r14\n jb 3b\n"
	EXIT_WITH(0)
	"8: push %rax\n push %rbx\n inc %r14\n mov $0x20, %al\n out %al, $0x20\n"
	"mov $0xfee00000, %ebx\n movl $0, 0xb0(%rbx)\n pop %rbx\n pop %rax\n iretq");

/* Every kind of message between CPUs, with every vector, to itself and to all, but for INIT and
 * SMI; into every pin of the IOAPIC what makes no sense; and an end of interrupt without one, again
 * and again. */
GUEST(apic_nonsense,
	CATCH START_AP "movl $0x1ff, 0xf0(%rbx)\n xor %r10d, %r10d\n"
	"2: mov %r10d, %eax\n and $0xfff, %eax\n mov %eax, %ecx\n and $0x700, %ecx\n"
	"cmp $0x500, %ecx\n jae 3f\n cmp $0x200, %ecx\n je 3f\n or $0x44000, %eax\n"
	TRY("mov %eax, 0x300(%rbx)\n movl $0, 0xb0(%rbx)\n sti\n nop\n nop\n")
	"3: cli\n add $7, %r10d\n cmp $0x1000, %r10d\n jb 2b\n mov $0xfec00000, %ebx\n"
	"xor %r10d, %r10d\n"
	"4: mov %r10d, (%rbx)\n movl $0xffff80ff, 0x10(%rbx)\n movl $0x8010, 0x10(%rbx)\n"
	"movl $-1, 0x40(%rbx)\n inc %r10d\n cmp $0x100, %r10d\n jb 4b\n"
	EXIT_WITH(0)
	AP "7: pause\n jmp 7b");

/* System management mode, 20 times; then with a handler that fills the state to go back to with
 * ones. */
GUEST(management_mode,
	CATCH "movw $0xaa0f, 0x38000\n mov $20, %r12d\n" /* RSM */
	"2:" TRY("mov $0x40200, %eax\n" ICR) "dec %r12d\n jnz 2b\n lea 6f(%rip), %rsi\n"
	"mov $0x38000, %edi\n mov $(7f - 6f), %ecx\n rep movsb\n"
	TRY("mov $0x40200, %eax\n" ICR)
	EXIT_WITH(0) ".code16\n"
	"6: mov $0x3fe00, %edi\n mov $0x80, %ecx\n mov $-1, %eax\n addr32 rep stosl\n rsm\n"
	"7: .code64");

GUEST(init_to_itself,
	CATCH "mov $0x40500, %eax\n" ICR
	"2: jmp 2b");
/* INIT and start messages, 1000 times, each to another page below 1 MiB, full of whatever is there.
 */
GUEST(start_storm,
	CATCH "xor %r12d, %r12d\n"
	"2:" SEND("0x4500") "movzbl %r12b, %eax\n or $0x4600, %eax\n" ICR
	"mov %eax, 0x300(%rbx)\n inc %r12d\n cmp $1000, %r12d\n jb 2b\n"
	EXIT_WITH(0));
/* The other CPU starts with an instruction that is none, and no table to tell of it. */
GUEST(start_badly,
	CATCH START_AP
	"2: jmp 2b\n .code16\n"
	"202: lidtl " TRAMPOLINE " + 203f - 202b\n ud2\n"
	"203: .word 0\n .long 0\n .code64\n"
	"204:");

GUEST(resets,
	CATCH START_AP
	"2: mov $0xfe, %al\n out %al, $0x64\n jmp 2b\n"
	AP "3: mov $0xfe, %al\n out %al, $0x64\n jmp 3b");
/* The other ways in which a PC is reset: this one has them not. */
GUEST(resets_elsewhere,
	CATCH "mov $0xcf9, %edx\n mov $2, %al\n out %al, %dx\n mov $6, %al\n out %al, %dx\n"
	"mov $0xe, %al\n out %al, %dx\n mov $1, %al\n out %al, $0x92\n mov $0xf0, %al\n"
	"out %al, $0x64\n"
	EXIT_WITH(0));
GUEST(all_halted,
	CATCH START_AP
	"2: cli\n hlt\n jmp 2b\n"
	AP "3: hlt\n jmp 3b");

/* --- changed while it is looked at --- */

/* An instruction that KVM emulates, of which vCPU 1 changes the opcode all the time. */
GUEST(code_changes,
	CATCH START_AP "mov $" HOLE ", %r10d\n mov $500, %r12d\n"
	"2:" TRY("5: mov %al, (%r10)\n nop\n") "dec %r12d\n jnz 2b\n"
	EXIT_WITH(0)
	AP "lea 5b(%rip), %rbx\n"
	"3: xorb $2, 1(%rbx)\n pause\n xorb $1, 1(%rbx)\n jmp 3b");

/* A block of 64 bytes out of a page, and into it, that vCPU 1 moves between RAM, a hole and
 * nothing. */
GUEST(pages_move,
	CATCH "movq $0x190003, 0xa000+4*8\n movq $0x200083, 0x190000\n" START_AP
	"mov $200, %r12d\n mov $0x100000000, %r13\n"
	"2: mov %r13, %rax\n invlpg (%rax)\n"
	TRY("mov $0x5f0, %edx\n mov %r13, %rsi\n mov $64, %ecx\n rep outsb\n")
	TRY("mov $0x5fc, %edx\n mov %r13, %rdi\n mov $64, %ecx\n rep insb\n") "dec %r12d\n"
	"jnz 2b\n"
	EXIT_WITH(0)
	AP "mov $0x190000, %ebx\n"
	"3: movl $0xd0000083, (%rbx)\n pause\n movl $0, (%rbx)\n pause\n movl $0x200083, (%rbx)\n"
	"jmp 3b");

/* --- snapshots --- */

#define READY "mov $6, %eax\n mov $0x5f4, %edx\n out %eax, %dx\n"
/* It asks for one in the middle of a block, and then again and again. */
GUEST(ready_storm,
	"lea 6f(%rip), %rsi\n mov $4, %ecx\n mov $0x5f4, %edx\n rep outsl\n"
	"2:" READY "jmp 2b\n"
	"6: .long 6, 6, 6, 6");
/* It asks while the other CPU reads a block that takes several exits, or copies from a hole. */
GUEST(ready_while_reading,
	CATCH START_AP "mov $" BUFFER ", %ebx\n"
	"2: pause\n cmpl $3, (%rbx)\n jb 2b\n" READY
	EXIT_WITH(0)
	AP "3: incl " BUFFER "\n mov $" BUFFER "+0x1000, %edi\n"
	"mov $4096, %ecx\n mov $0x5fc, %edx\n rep insb\n"
	"mov $" HOLE ", %esi\n mov $" BUFFER "+0x1000, %edi\n mov $64, %ecx\n rep movsq\n jmp 3b");

/* clang-format on */

#endif
