/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The hello kernel's program: finds out where it is, tells, measures, exits. */
#include <stddef.h>

#include "workloads/hello_kernel/cpu.h"
#include "workloads/hello_kernel/program/program.h"

#define WORK_PAGES 16   /* of the 32 that its data may have */
#define WORK_CALLS 4    /* each may take 0.1 ms, where ring 0 is interpreted */
#define LINUX_GETPID 39 /* any number of Linux's would do */

i64 (*kernel_call)(u64 number, u64 a, u64 b) = call_by_trap;
struct boot_info program_boot_info; /* filled by the kernel */

/*
 * SYSCALL is tried once. Where it does not change the ring the kernel notices (kernel_enter), and
 * the trap it is, which works everywhere.
 */
static void find_entry(void)
{
	if (call_by_syscall(HELLO_add, 40, 2) == 42)
		kernel_call = call_by_syscall;
}

static u64 ram_bytes(const struct boot_info *b)
{
	u64 sum = 0;

	for (u32 i = 0; i < b->e820_count; i++) {
		if (b->e820[i].type == E820_RAM)
			sum += b->e820[i].size;
	}
	return sum;
}

/*
 * Intel's leaf 0x15: the crystal in ecx (Hz) times ebx / eax (Intel SDM 2, CPUID). Leaf 0x40000010:
 * kHz in eax, VMware's proposal that KVM's VMMs follow. 0: not told.
 */
static u64 cpuid_tsc_khz(void)
{
	u32 r[4];

	cpuid(0, r);
	if (r[0] >= 0x15) {
		cpuid(0x15, r);
		if (r[0] && r[1] && r[2])
			return (u64)r[2] * r[1] / r[0] / 1000;
	}
	cpuid(1, r);
	if (!(r[2] >> 31)) /* no hypervisor, no such leaves */
		return 0;
	cpuid(0x40000000, r);
	if (r[0] < 0x40000010 || r[0] > 0x400000ff)
		return 0;
	cpuid(0x40000010, r);
	return r[0];
}

static void find_frequency(struct options *o)
{
	const char *from = "command line";

	if (!o->tsc_khz) {
		o->tsc_khz = cpuid_tsc_khz();
		from = "CPUID";
	}
	if (!o->tsc_khz)
		return;
	report_info_number("hello.tsc_khz", o->tsc_khz);
	report("info", "hello.tsc_khz_from", from, NULL);
}

static void report_kernel(const struct boot_info *boot)
{
	report("info", "kernel.sysname", "hello", NULL);
	report("info", "kernel.release", HELLO_RELEASE, NULL);
	report("info", "kernel.machine", "x86_64", NULL);
	report("info", "hello.entry", kernel_call == call_by_syscall ? "syscall" : "trap", NULL);
	report("info", "hello.linux_getpid",
		kernel_call(LINUX_GETPID, 0, 0) == HELLO_NO_SUCH_CALL ? "no such call" : "answered",
		NULL);
	report_info_number("hello.add", (u64)kernel_call(HELLO_add, 40, 2));
	report_info_number("hello.ram_bytes", ram_bytes(boot));
}

/* Where the kernel's own options end: at "--", and at the end where there is none. */
static u64 kernel_part(const char *cmdline)
{
	u64 n = 0;

	while (cmdline[n] && !(cmdline[n] == '-' && cmdline[n + 1] == '-' && cmdline[n + 2] <= ' '))
		n++;
	return n;
}

/*
 * Perhaps a snapshot is taken in here. Then what comes out has this launch's arguments, after the
 * time of day, which means nothing to us, and argv[0]; they replace those of the command line.
 */
static void be_ready(struct boot_info *boot)
{
	static char args[ARGS_MAX];
	i64 len = kernel_call(HELLO_ready, (u64)args, sizeof(args));
	u64 at = kernel_part(boot->cmdline);
	const char *p = args;

	if (len <= 0)
		return;
	p += text_length(p) + 1;
	p += text_length(p) + 1;
	for (; at < CMDLINE_SIZE - 1 && (p[0] || p[1]); p++)
		boot->cmdline[at++] = *p ? *p : ' ';
	boot->cmdline[at] = '\0';
}

/*
 * The first useful work, as near to Linux's (workloads/startup.c) as can be without Linux: pages
 * touched and read back, and a few calls. False: what is read is not what was written.
 */
static bool first_work(void)
{
	static volatile u64 pages[WORK_PAGES][PAGE_SIZE / sizeof(u64)];
	u64 wrong = 0;

	for (u64 i = 0; i < WORK_PAGES; i++)
		pages[i][i] = i + 1;
	for (u64 i = 0; i < WORK_PAGES; i++)
		wrong += pages[i][i] != i + 1;
	for (u64 i = 0; i < WORK_CALLS; i++)
		wrong += (u64)kernel_call(HELLO_add, i, i) != 2 * i;
	return !wrong;
}

static enum status work(struct boot_info *boot)
{
	struct options options;
	const char *wrong = options_parse(&options, boot->cmdline);

	if (!wrong && options.misbehave && !misbehave(options.misbehave))
		wrong = options.misbehave;
	if (wrong) {
		console("hello: not understood: ");
		console(wrong);
		console("\n");
		return STATUS_USAGE;
	}
	if (!first_work()) {
		console("hello: what was written is not what is read\n");
		return STATUS_FAILED;
	}
	if (options.hold) {
		report_kernel(boot);
		return be_held(options.hold) ? STATUS_OK : STATUS_USAGE;
	}
	kernel_call(HELLO_mark, MARK_WORK, 0);
	report_kernel(boot);
	if (text_equal(options.suite, "startup")) /* nothing more is to be measured in here */
		return STATUS_OK;
	find_frequency(&options);
	measure_rings();
	measure_all(&options);
	return STATUS_OK;
}

void program_main(const struct boot_info *boot)
{
	char digit[DECIMAL_SIZE];
	enum status status;

	(void)boot;
	find_entry();
	kernel_call(HELLO_mark, MARK_MAIN, 0);
	be_ready(&program_boot_info);
	report(REPORT_MAGIC, text_decimal(REPORT_VERSION, digit), NULL);
	status = work(&program_boot_info);
	report("end", text_decimal(status, digit), NULL);
	report_flush();
	kernel_call(HELLO_exit, status, 0);
	for (;;)
		;
}
