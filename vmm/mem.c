/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vmm/mem.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/mman.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/util.h"
#include "vmm/layout.h"

int guest_mem_check(uint64_t bytes, struct err *e)
{
	const char *why = NULL;

	if (bytes < RAM_MIN)
		why = "is too little";
	else if (bytes > RAM_MAX)
		why = "is too much";
	else if (bytes % RAM_ALIGN)
		why = "is not a whole number of 2 MiB pages";
	if (!why)
		return 0;
	err_set(e, -EINVAL, "guest memory", "%" PRIu64 " bytes (%.1f MiB) of RAM for the guest %s",
		bytes, (double)bytes / (1 << 20), why);
	return err_help(
		e, "give an even number of MiB from %lu to %lu", RAM_MIN >> 20, RAM_MAX >> 20);
}

/* Addresses for @bytes that begin at a 2 MiB boundary: only then can the host back the guest with
 * huge pages. One huge page more is asked for, and what is too much given back. */
static int reserve(uint64_t bytes, uint8_t **at, struct err *e)
{
	uint8_t *p = mmap(NULL, bytes + RAM_ALIGN, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	size_t head;

	if (p == MAP_FAILED) {
		err_sys(e, "mmap", "%" PRIu64 " MiB of memory for the guest", bytes >> 20);
		return err_help(e, "give the guest less memory, or raise the limit (ulimit -v)");
	}
	head = -(uintptr_t)p & (RAM_ALIGN - 1);
	*at = p + head;
	if (head)
		munmap(p, head);
	munmap(*at + bytes, RAM_ALIGN - head);
	return 0;
}

/* Also where the host is set to use huge pages always: the two are to be compared. */
static int map_small(uint64_t bytes, uint8_t **at, struct err *e)
{
	int r = reserve(bytes, at, e);

	if (!r)
		madvise(*at, bytes, MADV_NOHUGEPAGE); /* fails on a kernel that has none */
	return r;
}

static int map_pool(uint64_t bytes, uint8_t **at, struct err *e)
{
	/* Without MAP_NORESERVE: what the pool lacks is told now, and is no SIGBUS of the guest's.
	 */
	*at = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_HUGE_2MB, -1, 0);
	if (*at != MAP_FAILED)
		return 0;
	err_sys(e, "mmap", "%" PRIu64 " MiB of memory for the guest on 2 MiB pages of the pool",
		bytes >> 20);
	return err_help(
		e, "have more of them (sysctl vm.nr_hugepages), or run fewer guests at once");
}

static int map_transparent(uint64_t bytes, uint8_t **at, struct err *e)
{
	int r = reserve(bytes, at, e);

	if (r < 0)
		return r;
	if (madvise(*at, bytes, MADV_HUGEPAGE) == 0)
		return 0;
	r = err_sys(e, "madvise", "huge pages for the guest's memory");
	munmap(*at, bytes);
	return r;
}

int guest_mem_map(struct guest_mem *m, uint64_t bytes, enum vm_pages pages, struct err *e)
{
	static int (*const maps[VM_PAGES_COUNT])(uint64_t, uint8_t **, struct err *) = {
		[VM_PAGES_SMALL] = map_small,
		[VM_PAGES_HUGETLB] = map_pool,
		[VM_PAGES_THP] = map_transparent,
	};
	uint8_t *at = NULL;
	int r = guest_mem_check(bytes, e);

	if (!r)
		r = maps[pages](bytes, &at, e);
	if (r < 0)
		return r;
	m->base = at;
	m->size = bytes;
	return 0;
}

int guest_mem_map_file(
	struct guest_mem *m, uint64_t bytes, int fd, uint64_t offset, bool shared, struct err *e)
{
	int flags = MAP_FIXED | MAP_NORESERVE | (shared ? MAP_SHARED : MAP_PRIVATE);
	int r = guest_mem_map(m, bytes, VM_PAGES_SMALL, e);

	if (r < 0)
		return r;
	if (mmap(m->base, bytes, PROT_READ | PROT_WRITE, flags, fd, (off_t)offset) != MAP_FAILED)
		return 0;
	r = err_sys(e, "mmap", "the snapshot's memory");
	guest_mem_unmap(m);
	return r;
}

static int read_extent(int fd, uint8_t *to, off_t from, off_t end, struct err *e)
{
	ssize_t n = pread_all(fd, to, (size_t)(end - from), from);

	if (n < 0)
		return err_sys(e, "snapshot", "reading its memory");
	return n < end - from ? err_set(e, -EIO, "snapshot", "its memory is cut off") : 0;
}

int guest_mem_read(const struct guest_mem *m, int fd, uint64_t offset, struct err *e)
{
	off_t end = (off_t)(offset + m->size), at = (off_t)offset, hole;
	int r = 0;

	for (; !r && at < end; at = hole) {
		at = lseek(fd, at, SEEK_DATA);
		if (at < 0 && errno == ENXIO) /* nothing but holes */
			return 0;
		hole = at < 0 ? -1 : lseek(fd, at, SEEK_HOLE);
		if (at < 0 || hole < 0)
			return err_sys(e, "lseek", "looking for what the snapshot holds");
		if (hole > end)
			hole = end;
		if (at < hole)
			r = read_extent(fd, m->base + (at - (off_t)offset), at, hole, e);
	}
	return r;
}

void guest_mem_unmap(struct guest_mem *m)
{
	if (m->base)
		munmap(m->base, m->size);
	m->base = NULL;
	m->size = 0;
}
