/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/runtime.h"

const char *const phase_names[PHASE_COUNT] = {
	[PHASE_REQUESTED] = "requested",
	[PHASE_PROCESS] = "process",
	[PHASE_SANDBOX] = "sandbox",
	[PHASE_INIT] = "init",
	[PHASE_MAIN] = "main",
	[PHASE_WORK] = "work",
	[PHASE_EXIT] = "exit",
	[PHASE_RELEASED] = "released",
};

enum phase phases_disorder(const uint64_t at[PHASE_COUNT])
{
	uint64_t before = 0;

	for (enum phase p = PHASE_REQUESTED; p < PHASE_COUNT; p++) {
		if (at[p] && at[p] < before)
			return p;
		before = at[p] ? at[p] : before;
	}
	return PHASE_COUNT;
}
