/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ELF64 kernels for x86-64: checked, and loaded by physical address. Every number in them is
 * untrusted. */
#ifndef BENCH_VMM_ELF_H
#define BENCH_VMM_ELF_H

#include <stdint.h>

#include "base/err.h"
#include "vmm/mem.h"

/* More than any kernel has (Linux: 5 to 8), few enough to be compared with each other. */
#define ELF_MAX_SEGMENTS 64

/*
 * Is the open file @fd an ELF that elf_load can load into a guest with memory enough? Everything
 * is checked that does not depend on the guest's memory. The offset of @fd is neither used nor
 * moved. 0; -ENOEXEC: no x86-64 kernel in ELF; -EBADMSG: it is one, but damaged; or -errno of
 * reading. Messages say what is wrong but not with which file: the caller knows its name.
 */
int elf_check(int fd, struct err *e);

/*
 * Load the PT_LOAD segments of @fd into @mem at their physical addresses. None may lie below
 * @min_gpa, which keeps the caller's own tables safe. *@entry is the guest physical address of the
 * first instruction, *@end the one behind the last byte of the kernel, its bss included; both are
 * set on success only.
 *
 * @mem must be fresh, that is, read as zero: neither the part of a segment that the file does not
 * hold (p_memsz beyond p_filesz) nor a page of zeros in the file is written. That would only touch
 * pages that the guest may never use, cost time at every boot, and count as the guest's memory.
 *
 * Errors as of elf_check, and -ERANGE where a segment does not fit @mem and @min_gpa. On failure
 * @mem may hold some of the segments.
 */
int elf_load(int fd, const struct guest_mem *mem, uint64_t min_gpa, uint64_t *entry, uint64_t *end,
	struct err *e);

#endif
