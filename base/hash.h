/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SHA-256 (libmd) of what was run, for the manifest and for cache names. */
#ifndef BENCH_BASE_HASH_H
#define BENCH_BASE_HASH_H

#include <stddef.h>

#define SHA256_HEX_SIZE 65 /* 64 digits and NUL */

/* Of the open file @fd from its beginning; its offset is neither used nor moved. 0 or -errno. */
int sha256_fd(int fd, char hex[SHA256_HEX_SIZE]);

/* Of the file @path. 0 or -errno. */
int sha256_path(const char *path, char hex[SHA256_HEX_SIZE]);

/* Of @len bytes in memory. */
void sha256_mem(const void *buf, size_t len, char hex[SHA256_HEX_SIZE]);

#endif
