/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Being one of many that are held, as far as this kernel can (workloads/held.c is Linux's). */
#include <stddef.h>

#include "workloads/hello_kernel/program/program.h"

static const struct {
	const char *name, *bench;
	const char *lacks; /* NULL: nothing */
	bool stays;        /* all the same, without what it lacks */
} states[] = {
	{ "idle", "idle", NULL, true },
	{ "touched", "touched", "the hello kernel maps 4 MiB only: it has no 64 MiB to touch",
		false },
	{ "returned", "returned", "the hello kernel maps 4 MiB only: it has no 64 MiB to touch",
		false },
	{ "beat", "hold", "the hello kernel has no timer that could wake it", true },
};

/* Halted with interrupts off: nothing wakes it any more, and who ends it kills its VMM. */
static void stay(void)
{
	kernel_call(HELLO_mark, MARK_WORK, 0);
	kernel_call(HELLO_halt, 0, 0);
}

bool be_held(const char *name)
{
	for (u64 i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		if (!text_equal(states[i].name, name))
			continue;
		if (states[i].lacks)
			report("skip", states[i].bench, "", states[i].lacks, NULL);
		report_flush();
		if (states[i].stays)
			stay();
		return true;
	}
	return false;
}
