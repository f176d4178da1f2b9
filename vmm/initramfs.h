/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guest's root file system: a cpio archive made in memory. */
#ifndef BENCH_VMM_INITRAMFS_H
#define BENCH_VMM_INITRAMFS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* A regular file of the host that the guest gets. */
struct initramfs_file {
	const char *name;      /* in the guest, relative to its root: "init", "bin/tool" */
	const char *host_path; /* symlinks are followed */
	unsigned mode;         /* permission bits */
};

/*
 * Make an initramfs ("newc" cpio, uncompressed: unpacking would cost the guest time) of @files, the
 * directories that they lie in, the directories dev, proc, sys and tmp, and /dev/console, without
 * which the kernel cannot give init a stdin, stdout and stderr.
 *
 * The bytes depend on names, modes and contents alone: owner 0, time 0, inode numbers counted, so
 * that the same program makes the same archive (and hash) everywhere.
 *
 * 0: *@memfd is a sealed memory file of *@size bytes that the caller closes. -EINVAL: a name that
 * is absolute or empty, has "." or ".." in it, is given twice, or would be a file and a directory;
 * or a host file that is not regular;
 * or -errno. The message names the file.
 */
int initramfs_make(
	const struct initramfs_file *files, size_t n, int *memfd, uint64_t *size, struct err *e);

#endif
