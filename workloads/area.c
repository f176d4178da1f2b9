/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/area.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "workloads/measure.h"
#include "workloads/room.h"
#include "workloads/slurp.h"

#define POPULATE_WRITE 23 /* MADV_POPULATE_WRITE, Linux 5.14, asm-generic/mman-common.h */
#define AREA_PART ((size_t)64 << 20)            /* after each a look at the clock */
#define PATIENCE_NS (UINT64_C(15) * 1000000000) /* for one filling; a launch has 120 s */
#define ROUND_MASK (AREA_HUGE_PAGE - 1)

/* What the rows of a group share: [mem, mem + AREA_MOST) is mapped, the first @filled are touched,
 * and the first @huge are known to have come as huge pages. */
static struct {
	char *mem;
	size_t filled, huge;
	int slow; /* to fill it took too long once: it stays as it is */
	enum bench_group group;
} shared;

/*
 * Of @bytes, aligned: what hangs over at both ends is unmapped again. MAP_NORESERVE: what is
 * touched is checked by room_for(), and what is not costs nothing.
 */
static long map_aligned(struct bench_ctx *c, size_t bytes, char **mem)
{
	char *p = mmap(NULL, bytes + AREA_HUGE_PAGE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED) {
		if (errno != ENOMEM)
			return bench_refused(c, "mmap", -errno);
		snprintf(c->why, sizeof(c->why),
			"needs %zu MiB of address space: mmap: Out of memory (ulimit -v, "
			"vm.overcommit_memory)",
			bytes >> 20);
		return -EOPNOTSUPP;
	}
	size_t before = (AREA_HUGE_PAGE - ((uintptr_t)p & ROUND_MASK)) & ROUND_MASK;

	if (before)
		munmap(p, before);
	munmap(p + before + bytes, AREA_HUGE_PAGE - before);
	*mem = p + before;
	return 0;
}

/* Linux switches them off by itself below 512 MiB of memory (hugepage_init, mm/huge_memory.c),
 * which a small guest has. */
int area_huge_are_off(const char *enabled)
{
	return strstr(enabled, "[never]") != NULL;
}

static long refuse_huge(struct bench_ctx *c)
{
	char text[64];

	slurp("/sys/kernel/mm/transparent_hugepage/enabled", text, sizeof(text));
	if (!area_huge_are_off(text))
		return 0;
	snprintf(c->why, sizeof(c->why),
		"transparent huge pages are off (transparent_hugepage/enabled: never); by default "
		"a guest has them from --mem 576 on");
	return -EOPNOTSUPP;
}

/* EINVAL: a kernel that has no huge pages, which is what small ones want. */
static long choose_pages(struct bench_ctx *c, char *mem, size_t bytes)
{
	const int advice = c->bench->huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE;

	if (madvise(mem, bytes, advice) == 0)
		return c->bench->huge ? refuse_huge(c) : 0;
	if (errno != EINVAL)
		return bench_refused(c, "madvise for huge pages or none", -errno);
	if (!c->bench->huge)
		return 0;
	snprintf(c->why, sizeof(c->why),
		"the kernel has no transparent huge pages (CONFIG_TRANSPARENT_HUGEPAGE)");
	return -EOPNOTSUPP;
}

long area_map(struct bench_ctx *c, size_t bytes)
{
	area_release();
	long r = room_for(c, bytes, 0);

	if (r == 0)
		r = map_aligned(c, bytes, &c->mem);
	if (r < 0)
		return r;
	c->mem_len = bytes;
	return choose_pages(c, c->mem, bytes);
}

long area_patience(struct bench_ctx *c, uint64_t since, size_t done, size_t bytes)
{
	const uint64_t took = meter_clock() - since;

	if (took < PATIENCE_NS || done >= bytes)
		return 0;
	snprintf(c->why, sizeof(c->why),
		"too slow here: %zu of %zu MiB were touched for the first time in %llu s",
		done >> 20, bytes >> 20, (unsigned long long)(took / 1000000000));
	return -EOPNOTSUPP;
}

/* One call where the kernel knows it, else a fault a page. */
static long fill_part(struct bench_ctx *c, char *mem, size_t bytes)
{
	volatile char *p = mem;

	if (madvise(mem, bytes, POPULATE_WRITE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return bench_refused(c, "madvise(MADV_POPULATE_WRITE)", -errno);
	for (size_t i = 0; i < bytes; i += BENCH_PAGE)
		p[i] = 0;
	return 0;
}

long area_fill(struct bench_ctx *c, char *mem, size_t bytes, size_t *filled)
{
	const uint64_t start = meter_clock();
	long r = 0;

	while (r == 0 && *filled < bytes) {
		size_t part = bytes - *filled < AREA_PART ? bytes - *filled : AREA_PART;

		r = fill_part(c, mem + *filled, part);
		if (r == 0) {
			*filled += part;
			r = area_patience(c, start, *filled, bytes);
		}
	}
	return r;
}

/* "FROM-TO perms ...", in hexadecimal: the first line about a mapping. sscanf would make the
 * program 12 KB longer. */
static int is_range(const char *line, unsigned long *from, unsigned long *to)
{
	char *end;

	*from = strtoul(line, &end, 16);
	if (end == line || *end != '-')
		return 0;
	line = end + 1;
	*to = strtoul(line, &end, 16);
	return end != line && *end == ' ';
}

void smaps_line(struct smaps_sum *s, const char *line)
{
	static const char key[] = "AnonHugePages:";
	unsigned long from, to;

	if (is_range(line, &from, &to))
		s->inside = from >= s->from && to <= s->to;
	else if (s->inside && strncmp(line, key, sizeof(key) - 1) == 0)
		s->bytes += strtoul(line + sizeof(key) - 1, NULL, 10) << 10;
}

/*
 * A mapping has one count, however far it is touched: @bytes is all of that. The advice parts ours
 * from its neighbours; ends that were merged would count as none.
 */
static unsigned long huge_bytes(const char *mem, size_t mapped)
{
	struct smaps_sum s = { .from = (unsigned long)mem, .to = (unsigned long)mem + mapped };
	FILE *f = fopen("/proc/self/smaps", "re");
	char line[256];

	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f))
		smaps_line(&s, line);
	fclose(f);
	return s.bytes;
}

static long check_huge(struct bench_ctx *c, const char *mem, size_t mapped, size_t bytes)
{
	unsigned long huge = huge_bytes(mem, mapped);

	if (huge >= bytes)
		return 0;
	snprintf(c->why, sizeof(c->why),
		"%lu of %zu MiB came as huge pages (AnonHugePages of /proc/self/smaps): memory is "
		"fragmented",
		huge >> 20, bytes >> 20);
	return -EOPNOTSUPP;
}

long area_check_huge(struct bench_ctx *c, const char *mem, size_t bytes)
{
	return check_huge(c, mem, bytes, bytes);
}

void area_release(void)
{
	if (shared.mem)
		munmap(shared.mem, AREA_MOST);
	memset(&shared, 0, sizeof(shared));
}

static long open_shared(struct bench_ctx *c)
{
	long r = map_aligned(c, AREA_MOST, &shared.mem);

	if (r < 0)
		return r;
	shared.group = c->bench->group;
	r = choose_pages(c, shared.mem, AREA_MOST);
	if (r < 0)
		area_release();
	return r;
}

static long grow_shared(struct bench_ctx *c, size_t bytes)
{
	long r = shared.slow ? -EOPNOTSUPP : room_for(c, bytes, shared.filled);

	if (shared.slow)
		snprintf(c->why, sizeof(c->why),
			"too slow here: memory is touched for the first time at %zu MiB in more "
			"than "
			"%u s",
			shared.filled >> 20, (unsigned)(PATIENCE_NS / 1000000000));
	if (r == 0) {
		r = area_fill(c, shared.mem, bytes, &shared.filled);
		shared.slow = r < 0;
	}
	return r;
}

/*
 * Read each page, when all are there: the kernel filled them through another mapping, and what a
 * hypervisor below keeps for this one may be missing, or have been taken back while the others were
 * filled (seen: 10 to 100 us for the first read in each 2 MiB, which a walk meets again and again).
 */
static void look_through(const char *mem, size_t bytes)
{
	const volatile char *p = mem;

	for (size_t i = 0; i < bytes; i += BENCH_PAGE)
		(void)p[i];
}

long area_share(struct bench_ctx *c, size_t bytes, char **mem)
{
	long r = 0;

	if (shared.mem && shared.group != c->bench->group)
		area_release();
	if (!shared.mem)
		r = open_shared(c);
	if (r == 0 && bytes > shared.filled)
		r = grow_shared(c, bytes);
	if (r == 0 && c->bench->huge && bytes > shared.huge) {
		r = check_huge(c, shared.mem, AREA_MOST, shared.filled);
		shared.huge = r == 0 ? shared.filled : shared.huge;
	}
	if (r < 0)
		return r;
	look_through(shared.mem, bytes);
	*mem = shared.mem;
	return 0;
}
