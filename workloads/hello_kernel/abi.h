/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the hello kernel and its program agree on: the memory map, the descriptors and the calls.
 * Included by C, by the assembler and by the linker script.
 */
#ifndef HELLO_ABI_H
#define HELLO_ABI_H

#define HELLO_RELEASE "1.0"

/*
 * Physical and virtual addresses are the same. The first 2 MiB are the kernel's, and hold the boot
 * structures; the second 2 MiB are the program's. All of it fits into the 4 MiB of the smallest
 * guest. The stack lies at the bottom, so that an overflow runs into memory that is not the
 * program's.
 */
#define KERNEL_BASE 0x100000
#define PROGRAM_BASE 0x200000
#define PROGRAM_STACK_PAGES 4
#define PROGRAM_TEXT_PAGES 16
#define PROGRAM_DATA_PAGES 32
#define PAGE_SIZE 4096
#define PROGRAM_TEXT (PROGRAM_BASE + PROGRAM_STACK_PAGES * PAGE_SIZE)
#define PROGRAM_DATA (PROGRAM_TEXT + PROGRAM_TEXT_PAGES * PAGE_SIZE)
#define PROGRAM_END (PROGRAM_DATA + PROGRAM_DATA_PAGES * PAGE_SIZE)

/*
 * Selectors. 0x10 and 0x18 are the ones that the 64-bit boot protocol enters with (Linux,
 * Documentation/arch/x86/boot.rst), so that nothing has to be reloaded. SYSRET wants data before
 * code at a common base (AMD64 manual volume 3, SYSRET).
 */
#define KERNEL_CS 0x10
#define KERNEL_DS 0x18
#define SYSRET_BASE 0x23
#define PROGRAM_DS 0x2b
#define PROGRAM_CS 0x33
#define TSS_SELECTOR 0x40

/* Numbers of exceptions (AMD64 manual volume 2, 8.2), and one that no exception has. */
#define VECTOR_NMI 2
#define VECTOR_UD 6
#define VECTOR_DF 8
#define VECTOR_PF 14
#define VECTOR_MC 18
#define VECTORS 32
#define VECTOR_SYSCALL 0x100

/*
 * The ports that the program may use itself: power-on self test codes, where nobody listens, and
 * COUNTS_PORT of base/report_abi.h.
 */
#define POST_PORT 0x80

/* Where the program sees NOWHERE_ADDRESS: the page behind its data. */
#define PROGRAM_NOWHERE PROGRAM_END

/*
 * The calls. Linux's numbers are small; these are "hi" in the upper half. The number is passed in
 * rax, arguments in rdi, rsi and rdx, the result in rax; rcx, r10 and r11 are overwritten. A call
 * is made by SYSCALL, or by the instruction UD2 at one agreed address (program/calls.S).
 */
#define HELLO_CALL_FIRST 0x68690000
#define HELLO_CALLS(X)                                                                             \
	X(print)  /* (text, length): to the console; length or an error */                         \
	X(report) /* (text, length): to the report port; length or an error */                     \
	X(mark)   /* (enum mark): stamped by the VMM */                                            \
	X(ready)  /* (buffer, length): about to run, see call_ready(); bytes in the buffer */      \
	X(add)    /* (a, b): their sum; shows that arguments go in and results come out */         \
	X(loop)   /* (turns): TSC ticks that an empty loop takes in ring 0 */                      \
	X(halt)   /* (): the CPU stops, with interrupts off: for good */                           \
	X(crash)  /* (): a triple fault */                                                         \
	X(exit)   /* (status): the guest ends */

#ifndef __ASSEMBLER__

enum hello_call {
	HELLO_BEFORE_FIRST = HELLO_CALL_FIRST,
#define X(name) HELLO_##name,
	HELLO_CALLS(X)
#undef X
		HELLO_CALL_END
};

/* Results below zero. */
enum hello_error {
	HELLO_NO_SUCH_CALL = -1,
	HELLO_NOT_YOURS = -2,      /* memory that is not the program's, or a bad argument */
	HELLO_NOBODY_LISTENS = -3, /* report and mark: not our VMM */
	HELLO_NOT_ENTERED = -4,    /* SYSCALL did not change the ring: use the trap */
};

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;
typedef long i64;

/* From asm/e820.h and asm/bootparam.h: what the boot protocol's zero page says of the memory. */
struct e820_entry {
	u64 base;
	u64 size;
	u32 type;
} __attribute__((packed));

#define E820_RAM 1
#define E820_MAX 128      /* E820_MAX_ENTRIES_ZEROPAGE */
#define CMDLINE_SIZE 2048 /* COMMAND_LINE_SIZE */

/* Filled by the kernel before the program starts. */
struct boot_info {
	char cmdline[CMDLINE_SIZE];
	u32 e820_count;
	struct e820_entry e820[E820_MAX];
};

#endif
#endif
