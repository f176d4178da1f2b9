/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The container's file system: a read-only tmpfs with the program, /dev, /proc, /sys and /tmp. */
#ifndef BENCH_CTR_ROOTFS_H
#define BENCH_CTR_ROOTFS_H

#include <stdbool.h>

#include "ctr/mount.h"
#include "ctr/tree.h"

#define ROOTFS_PROGRAM "/workload"
#define ROOTFS_DIR "/tmp" /* where the workload starts */

struct rootfs {
	const struct mounter *mounter;
	const char *program; /* path on the host, absolute */
	const struct ctr_tree
		*tree;     /* of a program of the user's own, in there; NULL: the workload */
	const char *dir;   /* where the program starts: child.c goes there, when nothing of the
			      host is open any more */
	int program_mount; /* mount_detached of it, or -1: opened by path */
	bool host_proc;    /* no pid namespace of our own, so no /proc of our own either */
	bool deny_userns;  /* the user namespace is our own: allow no other below it */
	bool own_sys;      /* own user and network namespace: /sys of its own, or fail */
	int fixed; /* mount namespace made by rootfs_make_fixed, or -1: made anew each time */

	/* Descriptors of one launch, between the parts below. */
	int proc, root, empty, nothing;
};

/*
 * For the child: build it and make it "/"; the old root is gone afterwards. *@what names the file
 * that failed. 0 or -errno.
 */
long rootfs_enter(const struct rootfs *rf, const char **what);

/*
 * The same in parts, for a privileged runner with mounter_by_fd. A mount namespace that holds only
 * what never changes is made once; each launch begins with a copy of that instead of one of the
 * host's, which may have hundreds of mounts, and has neither a root to change nor one to take away.
 *
 * 1. Once, by a process with a mount namespace of its own: make it. All is read-only. Where the
 *    container will have its own sysfs, one is mounted already, since the kernel lets a user
 *    namespace mount one only where it sees one; it is covered by the container's, for ever.
 */
long rootfs_make_fixed(const struct rootfs *rf, const char **what);

/* 2. With the rights of the runner: make /proc, for the pid namespace one is in; go there. */
long rootfs_leave_host(struct rootfs *rf, const char **what);

/* 3. In a copy of that mount namespace: /proc, /tmp, /dev/shm of its own. */
long rootfs_complete(struct rootfs *rf, const char **what);

/* 4. In the network namespace: /sys. */
long rootfs_add_sys(const struct rootfs *rf, const char **what);

#endif
