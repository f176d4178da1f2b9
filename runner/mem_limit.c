/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/mem_limit.h"

#include "ctr/ctr.h"
#include "runner/meminfo.h"

#define VMM_SPARE (UINT64_C(64) << 20) /* for the VMM, and for whoever else needs some now */

uint64_t mem_available(void)
{
	struct meminfo m;
	struct err ignored;

	if (meminfo_read(&m, &ignored) < 0 || !amount_known(&m.at[MEM_AVAILABLE]))
		return MEM_LIMIT_UNKNOWN;
	return m.at[MEM_AVAILABLE].bytes;
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
