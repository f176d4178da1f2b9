/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bzImage ("vmlinuz") of x86: a setup header, a decompressor, and the compressed vmlinux. */
#ifndef BENCH_VMM_BZIMAGE_H
#define BENCH_VMM_BZIMAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "vmm/unpack.h"

/* Bytes at the beginning of a file that hold the whole setup header: 0x202 plus at most 0x7f. */
#define BZIMAGE_HEAD 0x290

/* Do @len bytes at @head begin a bzImage, good or bad? */
bool bzimage_detect(const void *head, size_t len);

/*
 * Check the setup header of the bzImage @fd and tell where its compressed vmlinux is. 0;
 * -ENOEXEC: a kernel that we cannot boot; -EBADMSG: damaged; or -errno of reading. Messages do not
 * name the file.
 *
 * Source: Documentation/arch/x86/boot.rst of Linux; boot protocol 2.08 brought the payload fields
 * (Linux 2.6.26), 2.12 the flag for the 64-bit entry (3.8).
 */
int bzimage_payload(int fd, struct unpack_source *payload, struct err *e);

#endif
