/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a guest may do to its VMM: for the tests of the VMM and the runner, and to show in class. */
#include "workloads/hello_kernel/program/program.h"

static void spin(void)
{
	for (;;)
		__asm__ volatile("pause");
}

static void halt(void)
{
	kernel_call(HELLO_halt, 0, 0);
}

static void crash(void)
{
	kernel_call(HELLO_crash, 0, 0);
}

/* Reading the kernel's memory: its page is not ring 3's. */
static void fault(void)
{
	*(volatile const char *)KERNEL_BASE;
}

static void flood(void)
{
	for (;;)
		console("flood ");
}

static void garbage(void)
{
	report_raw("sample\t\x1b[2J\t-1\tnot a number\n\x7f\n");
	report_flush();
	kernel_call(HELLO_exit, STATUS_OK, 0);
}

/* Exits well, but the report stops in the middle of a record. */
static void cut_off(void)
{
	report_raw("info\tkernel.sysna");
	report_flush();
	kernel_call(HELLO_exit, STATUS_OK, 0);
}

static void silent(void)
{
	kernel_call(HELLO_exit, STATUS_OK, 0);
}

static const struct {
	const char *name;
	void (*run)(void);
} misdeeds[] = {
	{ "spin", spin },
	{ "halt", halt },
	{ "crash", crash },
	{ "fault", fault },
	{ "flood", flood },
	{ "garbage", garbage },
	{ "cut-off", cut_off },
	{ "silent", silent },
};

bool misbehave(const char *name)
{
	for (u64 i = 0; i < sizeof(misdeeds) / sizeof(misdeeds[0]); i++) {
		if (text_equal(name, misdeeds[i].name)) {
			misdeeds[i].run();
			return true;
		}
	}
	return false;
}
