/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory as the page tables see it: touched, walked through, mapped and unmapped. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "workloads/area.h"
#include "workloads/measure.h"
#include "workloads/paging.h"
#include "workloads/raw.h"
#include "workloads/room.h"

/* Nobody has touched it since the kernel gave it out; .arg is the number of small pages. */
long setup_cold_touch(struct bench_ctx *c)
{
	return area_map(c, c->bench->arg * BENCH_PAGE);
}

/* The first touch of a batch is that of the benchmark; this one is to see which pages come. */
long setup_touch(struct bench_ctx *c)
{
	long r = area_map(c, c->bench->arg * BENCH_PAGE);
	size_t filled = 0;

	if (r == 0)
		r = area_fill(c, c->mem, c->mem_len, &filled);
	if (r == 0 && c->bench->huge)
		r = area_check_huge(c, c->mem, c->mem_len);
	return r;
}

/* .arg is the area's size in bytes. The area itself is shared: the context only borrows it, and
 * c->mem, which would be unmapped, stays empty. */
long setup_walk(struct bench_ctx *c)
{
	return area_share(c, c->bench->arg, &c->lent);
}

/*
 * The walk is a full cycle of a linear congruential generator over the area's cache lines (Hull and
 * Dobell 1962: the increment odd, the multiplier 1 modulo 4, the modulus a power of two; the
 * constants are Knuth's for MMIX), to which what was read is added: that is 0, but the CPU has to
 * wait for it. So each read waits for the one before, no prefetcher knows where the next one is,
 * and nothing has to be written into the area beforehand.
 */
uint64_t walk_next(uint64_t line, uint64_t read, uint64_t lines)
{
	return (line * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407) + read) &
	       (lines - 1);
}

long run_walk(uint64_t iterations, struct bench_ctx *c)
{
	const volatile uint64_t *const area = (const uint64_t *)c->lent;
	const uint64_t lines = c->bench->arg / WALK_LINE;
	uint64_t line = c->cursor;

	for (uint64_t i = 0; i < iterations; i++)
		line = walk_next(line, area[line * (WALK_LINE / sizeof(*area))], lines);
	c->cursor = line;
	return 0;
}

/*
 * Room for twice .arg pages, every second of which will be mapped: with a gap between them no two
 * mappings become one.
 */
long setup_mmap_storm(struct bench_ctx *c)
{
	const size_t room = 2 * c->bench->arg * BENCH_PAGE;
	char *p;

	area_release();
	p = mmap(NULL, room, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		return bench_refused(c, "mmap", -errno);
	c->mem = p;
	c->mem_len = room;
	return 0;
}

static long unmap_storm(struct bench_ctx *c, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		long r = raw2(SYS_munmap, (long)(c->mem + 2 * i * BENCH_PAGE), BENCH_PAGE);

		if (unlikely(r < 0))
			return bench_refused(c, "munmap", r);
	}
	return 0;
}

static long map_storm(struct bench_ctx *c, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		char *at = c->mem + 2 * i * BENCH_PAGE;
		long r = raw6(SYS_mmap, (long)at, BENCH_PAGE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

		if (unlikely(r < 0))
			return bench_refused(c, "mmap", r);
		*(volatile char *)at = 1;
	}
	return 0;
}

/* In rounds: .arg mappings made and touched, then all of them unmapped; the last round has what is
 * left. */
long run_mmap_storm(uint64_t iterations, struct bench_ctx *c)
{
	for (uint64_t done = 0; done < iterations;) {
		uint64_t left = iterations - done, n = left < c->bench->arg ? left : c->bench->arg;
		long r = map_storm(c, n);

		if (r == 0)
			r = unmap_storm(c, n);
		if (unlikely(r < 0))
			return r;
		done += n;
	}
	return 0;
}

/* Twice .arg pages in one mapping, all there. */
long setup_mprotect_storm(struct bench_ctx *c)
{
	const size_t bytes = 2 * c->bench->arg * BENCH_PAGE;
	long r = area_map(c, (bytes + AREA_HUGE_PAGE - 1) & ~(AREA_HUGE_PAGE - 1));
	size_t filled = 0;

	return r < 0 ? r : area_fill(c, c->mem, bytes, &filled);
}

/*
 * Every second page is made read-only, one after the other, and then writable again: each call
 * parts a mapping into three, or makes one of three. The cursor goes on where the last batch
 * stopped, so that every call changes something.
 */
long run_mprotect_storm(uint64_t iterations, struct bench_ctx *c)
{
	const uint64_t mask = c->bench->arg - 1; /* a power of two */

	for (uint64_t i = 0; i < iterations; i++, c->cursor++) {
		char *at = c->mem + (2 * (c->cursor & mask) + 1) * BENCH_PAGE;
		long prot = c->cursor & c->bench->arg ? PROT_READ | PROT_WRITE : PROT_READ;
		long r = raw3(SYS_mprotect, (long)at, BENCH_PAGE, prot);

		if (unlikely(r < 0))
			return bench_refused(c, "mprotect", r);
	}
	return 0;
}

#define FILE_PART ((size_t)64 << 20)

static long fill_file(struct bench_ctx *c, size_t bytes)
{
	const uint64_t start = meter_clock();
	size_t done = 0;
	long r = 0;

	while (r == 0 && done < bytes) {
		size_t part = bytes - done < FILE_PART ? bytes - done : FILE_PART;

		r = raw4(SYS_fallocate, c->fd[0], 0, (long)done, (long)part);
		if (r < 0)
			return bench_refused(c, "fallocate", r);
		done += part;
		r = area_patience(c, start, done, bytes);
	}
	return r;
}

/* A file of .arg bytes in memory, all of it there, mapped. */
long setup_file_read(struct bench_ctx *c)
{
	const size_t bytes = c->bench->arg;

	area_release();
	long r = room_for(c, bytes, 0);

	if (r < 0)
		return r;
	c->fd[0] = memfd_create("bench", MFD_CLOEXEC);
	if (c->fd[0] < 0)
		return bench_refused(c, "memfd_create", -errno);
	r = fill_file(c, bytes);
	if (r < 0)
		return r;
	c->mem = mmap(NULL, bytes, PROT_READ, MAP_SHARED, c->fd[0], 0);
	if (c->mem == MAP_FAILED) {
		c->mem = NULL;
		return bench_refused(c, "mmap", -errno);
	}
	c->mem_len = bytes;
	return 0;
}

/* The file stays, what is mapped of it goes: every batch meets it as a program does that has just
 * mapped it. */
long before_file_read(struct bench_ctx *c)
{
	if (madvise(c->mem, c->mem_len, MADV_DONTNEED) < 0)
		return bench_refused(c, "madvise(MADV_DONTNEED)", -errno);
	return 0;
}

/* A unit is copied out whole; the next batch goes on at the next one, and from the beginning after
 * the last. */
long run_file_read(uint64_t iterations, struct bench_ctx *c)
{
	const uint64_t mask = c->bench->arg / BENCH_PAGE - 1; /* a power of two */

	for (uint64_t i = 0; i < iterations; i++, c->cursor++) {
		memcpy(c->block, c->mem + (c->cursor & mask) * BENCH_PAGE, BENCH_PAGE);
		__asm__ volatile("" : : "r"(c->block) : "memory"); /* somebody reads it */
	}
	return 0;
}
