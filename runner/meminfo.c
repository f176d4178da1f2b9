/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/meminfo.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/util.h"

#define TEXT_MAX 65536
#define ZONEINFO_MAX (8u << 20) /* some 100 bytes a CPU and zone */

static const char *const names[MEM_KEYS] = {
	[MEM_TOTAL] = "MemTotal",
	[MEM_AVAILABLE] = "MemAvailable", /* Linux 3.14 */
	[MEM_KERNEL_STACK] = "KernelStack",
	[MEM_PAGE_TABLES] = "PageTables",
	[MEM_SLAB] = "Slab",
	[MEM_PERCPU] = "Percpu",                 /* Linux 4.20 */
	[MEM_SEC_PAGE_TABLES] = "SecPageTables", /* Linux 6.1 */
};

void meminfo_parse(const char *text, struct meminfo *out)
{
	for (unsigned i = 0; i < MEM_KEYS; i++)
		out->at[i] = amount_find(text, names[i], "kB", "/proc/meminfo");
}

uint64_t meminfo_at_hand(const char *zoneinfo, uint64_t page_bytes)
{
	uint64_t pages = 0, n;

	for (const char *at = zoneinfo; (at = strstr(at, " count: ")); at++) {
		if (sscanf(at, " count: %" SCNu64, &n) == 1)
			pages += n;
	}
	return pages * page_bytes;
}

/* Where it cannot be read, MemAvailable is what it is. */
static void add_at_hand(struct amount *available)
{
	cleanup_free char *text = NULL;

	if (amount_known(available) && !read_file("/proc/zoneinfo", ZONEINFO_MAX, &text, NULL))
		available->bytes += meminfo_at_hand(text, (uint64_t)sysconf(_SC_PAGESIZE));
}

static void refresh(void)
{
	cleanup_fd int fd = open("/proc/sys/vm/stat_refresh", O_RDONLY | O_CLOEXEC);
	char nothing;

	if (fd >= 0 && read(fd, &nothing, 1) < 0)
		return; /* then the counts are some pages off, as docs/memory.md says */
}

int meminfo_read(struct meminfo *out, struct err *e)
{
	cleanup_free char *text = NULL;
	int r;

	refresh();
	r = read_file("/proc/meminfo", TEXT_MAX, &text, NULL);
	if (r < 0)
		return err_set(e, r, "meminfo", "reading '/proc/meminfo': %s", strerror(-r));
	meminfo_parse(text, out);
	add_at_hand(&out->at[MEM_AVAILABLE]);
	return 0;
}
