/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small files of /proc and /sys. */
#ifndef BENCH_WORKLOADS_SLURP_H
#define BENCH_WORKLOADS_SLURP_H

#include <stddef.h>

/*
 * The start of the file @path in @buf, by one read of at most @size - 1 bytes, NUL-terminated: ""
 * if it failed. 0 or a negative errno.
 */
int slurp(const char *path, char *buf, size_t size);

#endif
