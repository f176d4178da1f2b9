/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An initramfs that holds a whole root file system, and our workload as the init that runs a
 * program in it. */
#ifndef BENCH_VMM_INITRAMFS_TREE_H
#define BENCH_VMM_INITRAMFS_TREE_H

#include <stdint.h>

#include "base/runtime.h"

#define INITRAMFS_INIT "/.bench/init" /* for rdinit=; init removes the folder when it is up */

/*
 * Make the archive of @program->tree as it stands: modes, owners (the user's own become root),
 * symlinks, hard links, devices. Left out: what lies below /dev, /proc and /sys, where the guest
 * mounts its own; other file systems that are mounted in it; sockets. No link is followed.
 * @init is the host's path of the init.
 *
 * 0 and the caller's *@memfd of *@size bytes; -E2BIG: too many files, too deep, or arguments that
 * are too long; -EINVAL: a tree with a /.bench of its own; or -errno with the name of the file.
 */
int initramfs_make_tree(const struct rt_program *program, const char *init, int *memfd,
	uint64_t *size, struct err *e);

/*
 * The file EXEC_FILE (base/report_abi.h) for @program: *@len bytes that the caller frees. -E2BIG
 * where they would be more than EXEC_FILE_MAX.
 */
int exec_file_make(const struct rt_program *program, char **out, size_t *len, struct err *e);

#endif
