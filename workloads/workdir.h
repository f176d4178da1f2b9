/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The directory in which the benchmarks' files are made. */
#ifndef BENCH_WORKLOADS_WORKDIR_H
#define BENCH_WORKLOADS_WORKDIR_H

/* Is @dir on a tmpfs? 1 or 0; a negative errno where it cannot be found out. */
int workdir_is_tmpfs(const char *dir);

/*
 * Change to @wanted; where that is NULL to the first of /tmp and /dev/shm that is a tmpfs and can
 * be written to, else to /tmp. Benchmarks use relative paths, so that a path is walked as far
 * everywhere. 0 or a negative errno.
 */
int workdir_enter(const char *wanted);

#endif
