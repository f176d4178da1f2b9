/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The hello kernel: it starts one program in ring 3 and serves its calls. As little as possible
 * is done here, since ring 0 may be interpreted (docs/hello-kernel.md).
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/report_abi.h"
#include "workloads/hello_kernel/abi.h"
#include "workloads/hello_kernel/cpu.h"

#define UART_PORT 0x3f8
#define I8042_PORT 0x64
#define I8042_RESET 0xfe

/* struct boot_params of asm/bootparam.h */
#define ZERO_PAGE_EXT_CMDLINE 0x0c8
#define ZERO_PAGE_E820_COUNT 0x1e8
#define ZERO_PAGE_CMDLINE 0x228
#define ZERO_PAGE_E820 0x2d0

/* AMD64 manual volume 2, 3.1.7 and 6.1.1 */
#define MSR_EFER 0xc0000080
#define MSR_STAR 0xc0000081
#define MSR_LSTAR 0xc0000082
#define MSR_FMASK 0xc0000084
#define EFER_SCE 1
#define FMASK_FLAGS 0x44700 /* alignment check, nested task, direction, interrupts, trap */

/* What entry.S saves of whoever was interrupted. */
struct frame {
	u64 r15, r14, r13, r12, r11, r10, r9, r8, rdi, rsi, rbp, rbx, rdx, rcx, rax;
	u64 vector, error;
	u64 rip, cs, rflags, rsp, ss;
};

/* entry.S and program/calls.S */
extern const u8 syscall_entry[], syscall_entry_end[], program_trap[];
extern struct boot_info program_boot_info;
void load_tables(void);
void __attribute__((noreturn)) enter_program(u64 entry, u64 stack, u64 argument);
void __attribute__((noreturn)) triple_fault(void);
void program_main(const struct boot_info *boot);

void kernel_main(const u8 *zero_page);
void kernel_enter(struct frame *f);

static bool our_vmm;        /* there is somebody behind the report and mark ports */
static bool wants_snapshot; /* who takes a snapshot at MARK_READY */

static void print(const char *text, u64 len)
{
	outs(UART_PORT, text, len);
}
#define PRINT(literal) print(literal, sizeof(literal) - 1)

static void print_hex(u64 value)
{
	char digits[18] = "0x";
	u64 n = 2;

	for (int shift = 60; shift >= 0; shift -= 4) {
		u64 digit = value >> shift & 15;

		if (digit || n > 2 || shift == 0)
			digits[n++] = "0123456789abcdef"[digit];
	}
	print(digits, n);
}

static void __attribute__((noreturn)) halt(void)
{
	for (;;)
		__asm__ volatile("cli; hlt");
}

/* A foreign VMM knows no MARK_EXIT: ask for a reset, which ends it if told not to reboot. */
static void __attribute__((noreturn)) end(u64 status)
{
	outl(MARK_PORT, MARK_EXIT | (u32)(status & 0xff) << 8);
	outb(I8042_PORT, I8042_RESET);
	halt();
}

static void __attribute__((noreturn)) panic(const struct frame *f)
{
	u64 cr2;

	__asm__ volatile("mov %%cr2, %0" : "=r"(cr2));
	PRINT("hello: unexpected exception ");
	print_hex(f->vector);
	PRINT(" error ");
	print_hex(f->error);
	PRINT(" rip ");
	print_hex(f->rip);
	PRINT(" cs ");
	print_hex(f->cs);
	PRINT(" rsp ");
	print_hex(f->rsp);
	if (f->vector == VECTOR_PF) {
		PRINT(" address ");
		print_hex(cr2);
	}
	PRINT("\n");
	end(1);
}

/* The kernel could touch all memory for the program: it must not. */
static bool is_programs(u64 address, u64 len)
{
	return address >= PROGRAM_BASE && address <= PROGRAM_END && len <= PROGRAM_END - address;
}

static i64 call_print(u64 text, u64 len)
{
	if (!is_programs(text, len))
		return HELLO_NOT_YOURS;
	print((const char *)text, len);
	return (i64)len;
}

static i64 call_report(u64 text, u64 len)
{
	if (!is_programs(text, len))
		return HELLO_NOT_YOURS;
	if (!our_vmm)
		return HELLO_NOBODY_LISTENS;
	outs_wide(REPORT_PORT, (const void *)text, len);
	return (i64)len;
}

static i64 call_mark(u64 mark, u64 unused)
{
	(void)unused;
	if (mark == MARK_NONE || mark >= MARK_EXIT)
		return HELLO_NOT_YOURS;
	if (!our_vmm)
		return HELLO_NOBODY_LISTENS;
	outl(MARK_PORT, (u32)mark);
	return 0;
}

/*
 * Where the VMM wants a snapshot it takes one in here, and each VM that is restored from it goes on
 * with its own arguments, which it asks for: as the workload does (workloads/guest_restore.c).
 */
static i64 call_ready(u64 buffer, u64 len)
{
	if (buffer < PROGRAM_DATA || !is_programs(buffer, len))
		return HELLO_NOT_YOURS;
	if (!wants_snapshot)
		return 0;
	outl(MARK_PORT, MARK_READY);
	outl(MARK_PORT, MARK_MAIN);
	ins(ARGS_PORT, (void *)buffer, len);
	return (i64)len;
}

static i64 call_add(u64 a, u64 b)
{
	return (i64)(a + b);
}

static i64 call_loop(u64 turns, u64 unused)
{
	u64 start = rdtsc_ordered();

	(void)unused;
	if (turns == 0)
		return HELLO_NOT_YOURS;
	spin_turns(turns);
	return (i64)(rdtsc_ordered() - start);
}

static i64 call_halt(u64 unused, u64 unused2)
{
	(void)unused;
	(void)unused2;
	halt();
}

static i64 call_crash(u64 unused, u64 unused2)
{
	(void)unused;
	(void)unused2;
	triple_fault();
}

static i64 call_exit(u64 status, u64 unused)
{
	(void)unused;
	end(status);
}

/* In the order of their numbers: the same list makes both. */
static i64 (*const calls[])(u64, u64) = {
#define X(name) call_##name,
	HELLO_CALLS(X)
#undef X
};

static void serve(struct frame *f)
{
	u64 index = f->rax - (HELLO_CALL_FIRST + 1);

	f->rax = index < sizeof(calls) / sizeof(calls[0]) ? (u64)calls[index](f->rdi, f->rsi)
							  : (u64)HELLO_NO_SUCH_CALL;
}

/*
 * Everything that enters ring 0 comes here. A fault of ring 3 inside of SYSCALL's entry tells that
 * SYSCALL jumped, but did not change the ring: go back to where it left its return address.
 */
void kernel_enter(struct frame *f)
{
	bool ring3 = (f->cs & 3) == 3;

	if (f->vector == VECTOR_SYSCALL) {
		serve(f);
	} else if (ring3 && f->vector == VECTOR_UD && f->rip == (u64)program_trap) {
		f->rip += 2; /* length of UD2 */
		serve(f);
	} else if (ring3 && f->rip >= (u64)syscall_entry && f->rip < (u64)syscall_entry_end) {
		f->rip = f->rcx;
		f->rflags = f->r11;
		f->rax = (u64)HELLO_NOT_ENTERED;
	} else {
		panic(f);
	}
}

static u64 read32(const u8 *at)
{
	return *(const u32 *)at;
}

/* Before our own page tables are loaded: these may not reach to where the VMM put its data. */
static void take_boot_info(const u8 *zero_page)
{
	struct boot_info *b = &program_boot_info;
	u64 cmdline = read32(zero_page + ZERO_PAGE_CMDLINE) |
		      read32(zero_page + ZERO_PAGE_EXT_CMDLINE) << 32;
	u32 n = zero_page[ZERO_PAGE_E820_COUNT];

	if (cmdline)
		copy_quads(b->cmdline, (const void *)cmdline, CMDLINE_SIZE / 8);
	b->cmdline[CMDLINE_SIZE - 1] = '\0';
	b->e820_count = n < E820_MAX ? n : E820_MAX;
	copy_quads(b->e820, zero_page + ZERO_PAGE_E820,
		(b->e820_count * sizeof(struct e820_entry) + 7) / 8);
}

void kernel_main(const u8 *zero_page)
{
	u32 id;

	outl(MARK_PORT, MARK_KERNEL);
	id = inl(ID_PORT);
	wants_snapshot = id == ID_SNAPSHOT;
	our_vmm = wants_snapshot || id == ID_VALUE;
	take_boot_info(zero_page);
	load_tables();
	wrmsr(MSR_STAR, (u64)SYSRET_BASE << 48 | (u64)KERNEL_CS << 32);
	wrmsr(MSR_LSTAR, (u64)syscall_entry);
	wrmsr(MSR_FMASK, FMASK_FLAGS);
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE);
	PRINT("hello: a kernel of our own, not Linux\n");
	outl(MARK_PORT, MARK_INIT);
	enter_program((u64)program_main, PROGRAM_TEXT - 8, (u64)&program_boot_info);
}
