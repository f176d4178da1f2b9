/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/forward.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/io.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/report_abi.h"

/* One page, so that it is one piece of physical memory. */
static unsigned char *buffer;
static int pagemap = -1;

/* Locked pages stay in memory, but may be moved unless the kernel is told not to. */
static void keep_pages_in_place(void)
{
	int fd = open("/proc/sys/vm/compact_unevictable_allowed", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, "0", 1) != 1 && pagemap >= 0) {
		close(pagemap);
		pagemap = -1;
	}
	close(fd);
}

void forward_open(void)
{
	buffer = mmap(NULL, OUTPUT_PAGE_SIZE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED | MAP_POPULATE, -1, 0);
	if (buffer == MAP_FAILED)
		buffer = NULL;
	pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	keep_pages_in_place();
}

/*
 * The number of the physical page (Documentation/admin-guide/mm/pagemap.rst: bits 0-54, present is
 * bit 63); 0: unknown. Asked each time: a locked page cannot go, but the kernel may move it.
 */
static uint64_t page_number(void)
{
	uint64_t entry = 0;
	off_t at = (off_t)((uintptr_t)buffer / OUTPUT_PAGE_SIZE * sizeof(entry));

	if (pagemap < 0 || pread(pagemap, &entry, sizeof(entry), at) != sizeof(entry) ||
		!(entry >> 63))
		return 0;
	return entry & ((UINT64_C(1) << 55) - 1);
}

/* An exit for four bytes: a slow way out, for kernels without pagemap. */
static void put_bytes(size_t len, unsigned short port)
{
	const unsigned char *at = buffer;
	size_t words = len / 4;

	len %= 4;
	__asm__ volatile("cld; rep outsl" : "+S"(at), "+c"(words) : "d"(port) : "memory");
	__asm__ volatile("rep outsb" : "+S"(at), "+c"(len) : "d"(port) : "memory");
}

static void put(size_t len, int is_error)
{
	uint64_t page = page_number();

	if (page && page < UINT64_C(1) << 20)
		outl((unsigned)(page << 12) | (unsigned)(len % OUTPUT_PAGE_SIZE),
			is_error ? ERROR_PAGE_PORT : OUTPUT_PAGE_PORT);
	else
		put_bytes(len, is_error ? ERROR_PORT : OUTPUT_PORT);
}

int forward_all(int fd, int is_error)
{
	ssize_t n = 0;

	while (buffer && (n = read(fd, buffer, OUTPUT_PAGE_SIZE)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN;
		put((size_t)n, is_error);
	}
	return 0;
}
