/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compressed kernels, unpacked on the host by libarchive. What they hold is untrusted. */
#ifndef BENCH_VMM_UNPACK_H
#define BENCH_VMM_UNPACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* The largest kernel that we unpack: some ten times a distribution's kernel with everything on. */
#define UNPACK_MAX (UINT64_C(1) << 30)
#define UNPACK_SIZE_UNKNOWN UINT64_MAX

/* How many bytes unpack_detect wants to see at most. */
#define UNPACK_MAGIC_MAX 16

struct unpack_format; /* one row of a table of constants */

/* A stretch of the file @fd that holds one compressed stream and nothing else. */
struct unpack_source {
	int fd;
	uint64_t offset;
	uint64_t length;
	uint64_t unpacked_size; /* as announced, or UNPACK_SIZE_UNKNOWN */
	const struct unpack_format *format;
};

/* The format that @len bytes at @head begin with, or NULL. */
const struct unpack_format *unpack_detect(const void *head, size_t len);

/* "gzip", "xz", ... for messages. */
const char *unpack_name(const struct unpack_format *format);

/* gzip keeps the unpacked size and a CRC in the last 8 bytes of its own stream. */
bool unpack_is_gzip(const struct unpack_format *format);

/*
 * Write what @src unpacks to into the empty file @out, stretches of zeros as holes; *@size is its
 * size, set on success only. 0; -EBADMSG: damaged, or not of the announced size; -EFBIG: more than
 * UNPACK_MAX; -ENOTSUP: a format that this libarchive cannot unpack; or -errno of reading or
 * writing. On failure some bytes may have been written.
 */
int unpack(const struct unpack_source *src, int out, uint64_t *size, struct err *e);

#endif
