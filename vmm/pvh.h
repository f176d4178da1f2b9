/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The other way to enter an unpacked kernel: Xen's PVH entry, by which QEMU starts an ELF file. */
#ifndef BENCH_VMM_PVH_H
#define BENCH_VMM_PVH_H

#include <stdbool.h>

/*
 * Does the ELF64 file @fd have a note of Xen's that names a PVH entry point
 * (XEN_ELFNOTE_PHYS32_ENTRY, xen/include/public/elfnote.h; Linux: CONFIG_PVH)? false also where it
 * is damaged. The offset of
 * @fd is neither used nor moved.
 */
bool pvh_entry(int fd);

#endif
