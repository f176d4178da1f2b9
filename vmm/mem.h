/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Guest physical memory, and the one bounds-checked way into it. */
#ifndef BENCH_VMM_MEM_H
#define BENCH_VMM_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "vmm/vm_proto.h"

/* RAM of the guest from physical address 0, mapped at base. Below the PCI hole: at most 3 GiB. */
struct guest_mem {
	uint8_t *base;
	uint64_t size; /* bytes, a multiple of 2 MiB */
};

/*
 * A guest physical address is an integer from an untrusted source: this is the
 * one place where it becomes a host pointer. NULL unless [@gpa, @gpa + @len) lies in RAM.
 */
static inline void *guest_ptr(const struct guest_mem *m, uint64_t gpa, uint64_t len)
{
	if (gpa > m->size || len > m->size - gpa)
		return NULL;
	return m->base + gpa;
}

/* Is this much RAM possible? 0, or -EINVAL with the limits in @e. */
int guest_mem_check(uint64_t bytes, struct err *e);

/*
 * Reserve @bytes of RAM, zero and not yet backed by pages, aligned to 2 MiB. The caller owns *@m
 * and ends it with guest_mem_unmap. -EINVAL (see guest_mem_check), -ENOMEM where the host's pool of
 * huge pages is too small, or what mmap(2) says.
 */
int guest_mem_map(struct guest_mem *m, uint64_t bytes, enum vm_pages pages, struct err *e);

/* The same, but RAM is what @fd holds from @offset on; the guest's writes go there if @shared, and
 * are its own if not. */
int guest_mem_map_file(
	struct guest_mem *m, uint64_t bytes, int fd, uint64_t offset, bool shared, struct err *e);
/* Copy what @fd holds from @offset on into all of RAM, which is still zero; holes stay untouched.
 */
int guest_mem_read(const struct guest_mem *m, int fd, uint64_t offset, struct err *e);

void guest_mem_unmap(struct guest_mem *m); /* one that was never mapped is fine */

#endif
