/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Unpacked kernels by the SHA-256 of what they were unpacked from: DIR/images/HASH.elf. A cache is
 * a help, never a condition: its failures are for the caller to pass over.
 */
#ifndef BENCH_VMM_IMAGE_CACHE_H
#define BENCH_VMM_IMAGE_CACHE_H

#include <stddef.h>
#include <stdint.h>

/* Where the entry for @sha256 is, or would be. 0 or -ENAMETOOLONG. */
int image_cache_path(const char *dir, const char *sha256, char *path, size_t size);

/*
 * Open the entry @path read-only. It must be a regular file that only we or root can have written,
 * of @size bytes (UNPACK_SIZE_UNKNOWN: any) and pass elf_check; else -ESTALE, and the entry
 * should be made anew. A descriptor, *@size set to the file's size, or -errno.
 */
int image_cache_open(const char *path, uint64_t *size);

/*
 * Make the entry @path in @dir from the file @fd of @size bytes: complete or not at all. -EBUSY:
 * another process is about it. 0 or -errno.
 */
int image_cache_store(const char *dir, const char *path, int fd, uint64_t size);

#endif
