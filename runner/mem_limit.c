/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/mem_limit.h"

#include <stdio.h>
#include <string.h>

#include "base/util.h"
#include "ctr/ctr.h"

#define VMM_SPARE (UINT64_C(64) << 20) /* for the VMM, and for whoever else needs some now */

uint64_t mem_available(void)
{
	FILE *f = fopen("/proc/meminfo", "re");
	unsigned long long kib;
	bool found = false;
	char line[128];

	if (!f)
		return MEM_LIMIT_UNKNOWN;
	while (!found && fgets(line, sizeof(line), f))
		found = sscanf(line, "MemAvailable: %llu kB", &kib) == 1;
	fclose(f);
	return found ? (uint64_t)kib << 10 : MEM_LIMIT_UNKNOWN;
}

uint64_t mem_limit(const struct way *w, uint64_t available)
{
	const uint64_t wanted = w->cfg.mem_bytes;

	if (w->ops == &ctr_runtime)
		return w->cfg.ctr_mem_limit ? wanted : 0;
	/* Huge pages are set aside beforehand: they are no part of what is available. */
	if (!(w->ops->caps & RT_OWN_KERNEL) || w->cfg.huge_pages ||
		available == MEM_LIMIT_UNKNOWN || wanted + VMM_SPARE <= available)
		return 0;
	return available > VMM_SPARE ? available - VMM_SPARE : 1;
}
