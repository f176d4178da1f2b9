/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The container's file system: a read-only tmpfs with the program, /dev, /proc, /sys and /tmp. */
#ifndef BENCH_CTR_ROOTFS_H
#define BENCH_CTR_ROOTFS_H

#include <stdbool.h>

#include "ctr/mount.h"

#define ROOTFS_PROGRAM "/workload"
#define ROOTFS_DIR "/tmp" /* the program starts here */

struct rootfs {
	const struct mounter *mounter;
	const char *program; /* path on the host, absolute */
	int program_mount;   /* mount_detached of it, or -1: opened by path */
	bool host_proc;      /* no pid namespace of our own, so no /proc of our own either */
	bool deny_userns;    /* the user namespace is our own: allow no other below it */
};

/*
 * For the child: build it and make it "/"; the old root is gone afterwards. *@what names the file
 * that failed. 0 or -errno.
 */
long rootfs_enter(const struct rootfs *rf, const char **what);

#endif
