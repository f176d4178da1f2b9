/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vmm/mem.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/mman.h>

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

int guest_mem_map(struct guest_mem *m, uint64_t bytes, struct err *e)
{
	uint8_t *p, *aligned;
	size_t head;
	int r = guest_mem_check(bytes, e);

	if (r < 0)
		return r;
	/* One huge page more than asked for, so that the start can be moved to a 2 MiB boundary:
	 * only then can the host back the guest with huge pages. */
	p = mmap(NULL, bytes + RAM_ALIGN, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED) {
		err_sys(e, "mmap", "%" PRIu64 " MiB of memory for the guest", bytes >> 20);
		return err_help(e, "give the guest less memory, or raise the limit (ulimit -v)");
	}
	head = -(uintptr_t)p & (RAM_ALIGN - 1);
	aligned = p + head;
	if (head)
		munmap(p, head);
	munmap(aligned + bytes, RAM_ALIGN - head);
	m->base = aligned;
	m->size = bytes;
	return 0;
}

void guest_mem_unmap(struct guest_mem *m)
{
	if (m->base)
		munmap(m->base, m->size);
	m->base = NULL;
	m->size = 0;
}
