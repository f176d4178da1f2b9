/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/leftovers.h"

#include "base/util.h"
#include "ctr/ctr.h"
#include "runner/rt_oci.h"
#include "runner/temp_dir.h"

/* Where their makers choose among places in memory (temp_dir_make). */
static const char *const in_memory[] = { "host", "demo" };

/* In $TMPDIR: a program's tree, and the emulated machine's folder (scripts/emulated-machine). */
static const char *const in_tmp[] = { "tree", "machine" };

/* Below the user's cache: what scripts/kernel-* and scripts/userland were making. */
static const char *const in_cache[] = { "kernels", "userlands" };

void leftovers_sweep(const struct paths *paths)
{
	for (size_t i = 0; i < ARRAY_SIZE(in_memory); i++)
		temp_dir_sweep(in_memory[i], NULL, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(in_tmp); i++)
		temp_dir_sweep_in(temp_dir_tmp(), in_tmp[i], NULL, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(in_cache); i++) {
		cleanup_free char *place = format_text("%s/%s", paths->cache, in_cache[i]);

		if (place)
			temp_dir_sweep_in(place, "making", NULL, NULL);
	}
	oci_sweep();
	ctr_sweep();
}
