/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vmm/huge.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "base/util.h"
#include "vmm/layout.h"

/* The one-line file @sys/@name; "" where there is none. */
static void read_setting(const char *sys, const char *name, char *out, size_t size)
{
	cleanup_free char *path = format_text("%s/%s", sys, name);

	if (!path || read_line(path, out, size) < 0)
		*out = '\0';
}

/* "always [madvise] never": the word in brackets is the one that holds. */
static bool allows_transparent(const char *enabled)
{
	return *enabled && !strstr(enabled, "[never]");
}

int huge_choose(const char *sys, uint64_t bytes, enum vm_pages *pages, struct err *e)
{
	char free_pages[32], enabled[64];
	uint64_t n = 0;

	read_setting(
		sys, "hugepages/hugepages-2048kB/free_hugepages", free_pages, sizeof(free_pages));
	if (!parse_u64(free_pages, 0, UINT64_MAX, &n) && n >= bytes / RAM_ALIGN) {
		*pages = VM_PAGES_HUGETLB;
		return 0;
	}
	read_setting(sys, "transparent_hugepage/enabled", enabled, sizeof(enabled));
	if (allows_transparent(enabled)) {
		*pages = VM_PAGES_THP;
		return 0;
	}
	err_set(e, -ENOTSUP, "huge pages",
		"this host has none for the guest's %" PRIu64 " MiB: %" PRIu64
		" free in its pool, transparent ones '%s'",
		bytes >> 20, n, *enabled ? enabled : "unknown to its kernel");
	return err_help(e,
		"sysctl vm.nr_hugepages=%" PRIu64
		", or write madvise to /sys/kernel/mm/transparent_hugepage/enabled",
		(uint64_t)(bytes / RAM_ALIGN));
}
