/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Address space and pages. */
#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>

#include "workloads/bench.h"
#include "workloads/raw.h"

long bench_map_small(struct bench_ctx *c, size_t len, int flags)
{
	c->mem_len = len;
	c->mem =
		mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
	if (c->mem == MAP_FAILED) {
		c->mem = NULL;
		return bench_refused(c, "mmap", -errno);
	}
	/* Huge pages would make one fault of 512. EINVAL: a kernel that has none. */
	if (madvise(c->mem, c->mem_len, MADV_NOHUGEPAGE) < 0 && errno != EINVAL)
		return bench_refused(c, "madvise(MADV_NOHUGEPAGE)", -errno);
	return 0;
}

static long map_pages(struct bench_ctx *c, size_t pages)
{
	return bench_map_small(c, pages * BENCH_PAGE, 0);
}

long run_mmap_munmap(uint64_t iterations, struct bench_ctx *c)
{
	for (uint64_t i = 0; i < iterations; i++) {
		long p = raw6(SYS_mmap, 0, BENCH_PAGE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (unlikely(p < 0))
			return bench_refused(c, "mmap", p);
		long r = raw2(SYS_munmap, p, BENCH_PAGE);

		if (unlikely(r < 0))
			return bench_refused(c, "munmap", r);
	}
	return 0;
}

long setup_one_page(struct bench_ctx *c)
{
	long r = map_pages(c, 1);

	if (r == 0)
		*(volatile char *)c->mem = 1;
	return r;
}

/* Read-only and writable in turn: a change each time, never the same protection again. */
long run_mprotect(uint64_t iterations, struct bench_ctx *c)
{
	for (uint64_t i = 0; i < iterations; i++) {
		long prot = i & 1 ? PROT_READ | PROT_WRITE : PROT_READ;
		long r = raw3(SYS_mprotect, (long)c->mem, BENCH_PAGE, prot);

		if (unlikely(r < 0))
			return bench_refused(c, "mprotect", r);
	}
	return 0;
}

long setup_first_touch(struct bench_ctx *c)
{
	return map_pages(c, c->bench->arg);
}

/* Give the pages back, so that the batch meets none. */
long before_first_touch(struct bench_ctx *c)
{
	if (madvise(c->mem, c->mem_len, MADV_DONTNEED) < 0)
		return bench_refused(c, "madvise(MADV_DONTNEED)", -errno);
	return 0;
}

long setup_second_touch(struct bench_ctx *c)
{
	long r = map_pages(c, c->bench->arg);

	return r < 0 ? r : run_page_touch(c->bench->arg, c);
}

/*
 * One byte of each page, again from the start when the region ends. The byte moves on by a cache
 * line from page to page: at the same offset in each, all of them would fall into one set of the
 * cache, and the second touch would be a measurement of that.
 */
long run_page_touch(uint64_t iterations, struct bench_ctx *c)
{
	volatile char *const mem = c->mem;
	const size_t mask = c->bench->arg - 1; /* the number of pages is a power of two */

	for (uint64_t i = 0; i < iterations; i++) {
		size_t page = i & mask;

		mem[page * BENCH_PAGE + page % 64 * 64] = 1;
	}
	return 0;
}
