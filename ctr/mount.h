/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Mounting, for the child. Two ways behind one interface: by descriptors (kernel 5.12 on), and by
 * mount(2) with /proc/self/fd paths where the kernel lacks those calls. In both a place is a
 * folder's descriptor and a path below it that is walked without ever leaving it.
 */
#ifndef BENCH_CTR_MOUNT_H
#define BENCH_CTR_MOUNT_H

#include <stdint.h>

/* Attributes are MOUNT_ATTR_* of mount_setattr(2). All functions: 0 (or a descriptor) or -errno. */
struct mounter {
	const char *name;

	/* As mount_new_tmpfs, somewhere on the old root, out of everyone's way: its descriptor. */
	long (*root)(void);

	/* A new instance of the file system @type at @path below @root; returns its descriptor. */
	long (*fs)(const char *type, uint64_t attr, int root, const char *path);

	/* What @source is open at also appears at @path below @root. */
	long (*bind)(int source, uint64_t attr, int root, const char *path);

	/* The same with all that is mounted below @source. */
	long (*bind_tree)(int source, uint64_t attr, int root, const char *path);

	/*
	 * The two below take fixed names in a file system of our own making, in which no symbolic
	 * link is on the way: they are walked by the call that mounts.
	 */

	/* A copy of the mount whose own root @source is, attributes included, over @name in @dir.
	 */
	long (*cover)(int source, int dir, const char *name);

	/* What is at @name in @dir once more on top of itself, as a mount of its own with @attr. */
	long (*over_itself)(int dir, const char *name, uint64_t attr);

	/* Add @attr to the mount whose own root @fd is. */
	long (*protect)(int fd, uint64_t attr);
};

extern const struct mounter mounter_by_fd;   /* fsopen, fsmount, open_tree, move_mount */
extern const struct mounter mounter_by_path; /* mount(2) */

/* The one that this kernel has. */
const struct mounter *mounter_choose(void);

/* Make everything private: what is mounted from here on stays in this namespace. */
long mount_private(void);

/*
 * A mount of its own of the file @fd, attached nowhere, ready for mount_attach: lets a privileged
 * runner hand over a file that the container's own user could not reach. -EPERM for anyone else.
 */
long mount_detached(int fd);

/* The same with all that is mounted below it, each with @attr. */
long mount_detached_tree(int fd, uint64_t attr);

/* A new file system, attached nowhere. */
long mount_new(const char *type, uint64_t attr);

/* One that may be written to: 256 MiB, and 65536 files and folders. @mode is octal. */
long mount_new_tmpfs(const char *mode, uint64_t attr);

long mount_attach(int mount, uint64_t attr, int root, const char *path);

/*
 * Open @path below @root (O_PATH): "/", ".." and symbolic links do not lead out of it, magic links
 * lead nowhere. A descriptor or -errno.
 */
long mount_walk(int root, const char *path);

/* The same without openat2, which a kernel before 5.6 or a filter around us may lack. */
long mount_walk_slowly(int root, const char *path);

#endif
