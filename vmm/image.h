/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any distribution's kernel image made into an ELF vmlinux that a VM can be booted from. */
#ifndef BENCH_VMM_IMAGE_H
#define BENCH_VMM_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct kernel_image {
	int fd;          /* an ELF64 vmlinux that passed elf_check: read-only, close-on-exec */
	uint64_t size;   /* of the vmlinux, bytes */
	char sha256[65]; /* of the image file as the user gave it */
	char path[4096]; /* of the vmlinux: the user's own or the cached one; "" in memory only */
	bool from_cache; /* an earlier call had unpacked it */
};

/*
 * Open the kernel image @path: an ELF vmlinux as it is; a bzImage, or a vmlinux that is compressed
 * as a whole, unpacked into @cache_dir/images/ under the hash of @path's content, so that it is
 * done once. @cache_dir is made where it does not exist; it may be NULL, and where it cannot be
 * used the kernel is unpacked into memory and not kept. Any number of processes may use one cache.
 *
 * 0: the caller ends @img with image_close. -ENOEXEC: not a kernel for x86-64 that we can boot;
 * -EBADMSG: damaged; -EFBIG: a decompression bomb; -ENOTSUP: an unknown compression; -EISDIR,
 * -EINVAL: not a regular file; or -errno. The message names @path. On failure nothing is left in
 * the cache.
 */
int image_open(const char *path, const char *cache_dir, struct kernel_image *img, struct err *e);

/*
 * Have @img in a sealed memory file, whatever becomes of the file it came from: all VMs of a run
 * boot from the same bytes, and may map them. Nothing is done where it is in one already. 0 or
 * -errno; after a failure @img is as it was.
 */
int image_freeze(struct kernel_image *img, struct err *e);

/* Closes the descriptor; the cached file stays. An image that is all zero but fd -1 is allowed. */
void image_close(struct kernel_image *img);

#endif
