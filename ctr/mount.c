/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctr/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/sys.h"
#include "base/util.h"

#define WALK_FLAGS (O_PATH | O_CLOEXEC | O_NOFOLLOW)
#define AT_SELF AT_EMPTY_PATH
#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000 /* linux/fcntl.h, kernel 5.2 */
#endif

/*
 * Of each tmpfs, whichever way it is made: the kernel's own limits would be half of the memory, and
 * as many files as there are pages in the other half. An empty file takes no page of a tmpfs, but a
 * kilobyte of the kernel's; so there are as many as could have a page each.
 */
#define TMPFS_SIZE "268435456" /* bytes: 256 MiB */
#define TMPFS_INODES "65536"   /* TMPFS_SIZE / 4096 */

CHILD_CODE long mount_walk(int root, const char *path)
{
	struct open_how how = {
		.flags = WALK_FLAGS,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	long fd = sys4(SYS_openat2, root, path, &how, sizeof(how));

	if (fd == -ENOSYS || fd == -EPERM)
		return mount_walk_slowly(root, path);
	return fd;
}

/* One name at a time, and a symbolic link anywhere is an error: stricter, and needs no openat2. */
CHILD_CODE long mount_walk_slowly(int root, const char *path)
{
	long at = root;
	char name[NAME_MAX + 1]; /* a tree of the user's own has names of any length */

	do {
		size_t n = 0;
		long next;

		while (path[n] && path[n] != '/')
			n++;
		if (!n || n >= sizeof(name) || (n == 2 && path[0] == '.' && path[1] == '.'))
			next = -EINVAL;
		else {
			for (size_t i = 0; i < n; i++)
				name[i] = path[i];
			name[n] = '\0';
			next = sys4(SYS_openat, at, name,
				path[n] ? WALK_FLAGS | O_DIRECTORY : WALK_FLAGS, 0);
		}
		if (at != root)
			sys1(SYS_close, at);
		if (next < 0)
			return next;
		at = next;
		path += n + (path[n] == '/');
	} while (*path);
	return at;
}

CHILD_CODE long mount_private(void)
{
	return sys5(SYS_mount, "none", "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

/* --- by descriptors --- */

CHILD_CODE static long set_attr(int fd, uint64_t attr)
{
	struct mount_attr ma = { .attr_set = attr };

	return attr ? sys5(SYS_mount_setattr, fd, "", AT_SELF, &ma, sizeof(ma)) : 0;
}

CHILD_CODE static long attach(int mount, int root, const char *path)
{
	long target = mount_walk(root, path), r;

	if (target < 0)
		return target;
	r = sys5(SYS_move_mount, mount, "", target, "",
		MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
	sys1(SYS_close, target);
	return r;
}

CHILD_CODE long mount_attach(int mount, uint64_t attr, int root, const char *path)
{
	long r = set_attr(mount, attr);

	return r < 0 ? r : attach(mount, root, path);
}

CHILD_CODE long mount_detached(int fd)
{
	return sys3(SYS_open_tree, fd, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SELF);
}

struct fs_option {
	const char *name, *value;
};

CHILD_CODE static long new_with(const char *type, const struct fs_option *options, uint64_t attr)
{
	long fs = sys2(SYS_fsopen, type, FSOPEN_CLOEXEC), r = 0, mount;

	if (fs < 0)
		return fs;
	for (; options->name && !r; options++)
		r = sys5(SYS_fsconfig, fs, FSCONFIG_SET_STRING, options->name, options->value, 0);
	if (!r)
		r = sys5(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
	mount = r < 0 ? r : sys3(SYS_fsmount, fs, FSMOUNT_CLOEXEC, attr);
	sys1(SYS_close, fs);
	return mount;
}

CHILD_CODE long mount_new(const char *type, uint64_t attr)
{
	static const struct fs_option none = { NULL, NULL };

	return new_with(type, &none, attr);
}

CHILD_CODE long mount_new_tmpfs(const char *mode, uint64_t attr)
{
	const struct fs_option options[] = { { "size", TMPFS_SIZE }, { "nr_inodes", TMPFS_INODES },
		{ "mode", mode }, { NULL, NULL } };

	return new_with("tmpfs", options, attr);
}

/* On top of "/" itself: the one folder that every host has. Who looks up "/" does not see it. */
CHILD_CODE static long fd_root(void)
{
	long mount = mount_new_tmpfs("0755", 0), r;

	if (mount < 0)
		return mount;
	r = sys5(SYS_move_mount, mount, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH);
	return r < 0 ? r : mount;
}

CHILD_CODE static long fd_fs(const char *type, uint64_t attr, int root, const char *path)
{
	long mount = mount_new(type, attr), r;

	if (mount < 0)
		return mount;
	r = attach((int)mount, root, path);
	return r < 0 ? r : mount;
}

CHILD_CODE static long fd_bind(int source, uint64_t attr, int root, const char *path)
{
	long mount = mount_detached(source), r;

	if (mount < 0)
		return mount;
	r = mount_attach((int)mount, attr, root, path);
	sys1(SYS_close, mount);
	return r;
}

CHILD_CODE long mount_detached_tree(int fd, uint64_t attr)
{
	struct mount_attr ma = { .attr_set = attr };
	long mount = sys3(SYS_open_tree, fd, "",
		OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SELF | AT_RECURSIVE);
	long r;

	if (mount < 0)
		return mount;
	r = sys5(SYS_mount_setattr, mount, "", AT_SELF | AT_RECURSIVE, &ma, sizeof(ma));
	if (!r)
		return mount;
	sys1(SYS_close, mount);
	return r;
}

CHILD_CODE static long fd_bind_tree(int source, uint64_t attr, int root, const char *path)
{
	long mount = mount_detached_tree(source, attr), r;

	if (mount < 0)
		return mount;
	r = attach((int)mount, root, path);
	sys1(SYS_close, mount);
	return r;
}

/*
 * Closed at once, as all descriptors of mounts are: each costs a moment under the lock of all
 * mounts, and at the exec, where they would go as well, somebody waits for it.
 */
CHILD_CODE static long move_to_name(long mount, int dir, const char *name)
{
	long r = sys5(SYS_move_mount, mount, "", dir, name, MOVE_MOUNT_F_EMPTY_PATH);

	sys1(SYS_close, mount);
	return r;
}

/* A copy of a mount has its attributes, so two calls are enough. */
CHILD_CODE static long fd_cover(int source, int dir, const char *name)
{
	long mount = mount_detached(source);

	return mount < 0 ? mount : move_to_name(mount, dir, name);
}

CHILD_CODE static long fd_over_itself(int dir, const char *name, uint64_t attr)
{
	long mount = sys3(SYS_open_tree, dir, name,
		OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW);
	long r;

	if (mount < 0)
		return mount;
	r = set_attr((int)mount, attr);
	if (!r)
		return move_to_name(mount, dir, name);
	sys1(SYS_close, mount);
	return r;
}

CHILD_CODE static long fd_protect(int fd, uint64_t attr)
{
	return set_attr(fd, attr);
}

const struct mounter mounter_by_fd = {
	.name = "fsopen, open_tree, move_mount",
	.root = fd_root,
	.fs = fd_fs,
	.bind = fd_bind,
	.bind_tree = fd_bind_tree,
	.cover = fd_cover,
	.over_itself = fd_over_itself,
	.protect = fd_protect,
};

/* --- by mount(2) --- */

struct fd_path {
	char text[32];
};

CHILD_CODE static const char *fd_path(struct fd_path *p, long fd)
{
	static const char prefix[] = "/proc/self/fd/";
	char digits[12];
	unsigned n = 0, used = 0;

	for (; prefix[used]; used++)
		p->text[used] = prefix[used];
	do
		digits[n++] = (char)('0' + fd % 10);
	while (fd /= 10);
	while (n)
		p->text[used++] = digits[--n];
	p->text[used] = '\0';
	return p->text;
}

CHILD_CODE static unsigned long attr_to_ms(uint64_t attr)
{
	static const struct {
		uint64_t attr;
		unsigned long ms;
	} map[] = {
		{ MOUNT_ATTR_RDONLY, MS_RDONLY },
		{ MOUNT_ATTR_NOSUID, MS_NOSUID },
		{ MOUNT_ATTR_NODEV, MS_NODEV },
		{ MOUNT_ATTR_NOEXEC, MS_NOEXEC },
	};
	unsigned long ms = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(map); i++)
		ms |= attr & map[i].attr ? map[i].ms : 0;
	return ms;
}

/* statfs(2): bits 0-3 of f_flags are the MS_* ones, ST_NOATIME to ST_RELATIME are not all. */
#define SAME_BITS (MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME | MS_NODIRATIME)
#define STATFS_RELATIME 4096

/* A remount replaces all flags: those that the mount came with must be said again. */
CHILD_CODE static long path_protect(int fd, uint64_t attr)
{
	struct statfs sf;
	struct fd_path p;
	unsigned long old;
	long r = sys2(SYS_fstatfs, fd, &sf);

	if (r < 0)
		return r;
	old = (unsigned long)sf.f_flags & SAME_BITS;
	old |= sf.f_flags & STATFS_RELATIME ? MS_RELATIME : 0;
	return sys5(SYS_mount, NULL, fd_path(&p, fd), NULL,
		MS_REMOUNT | MS_BIND | old | attr_to_ms(attr), NULL);
}

CHILD_CODE static long path_root(void)
{
	static const char options[] = "size=" TMPFS_SIZE ",nr_inodes=" TMPFS_INODES ",mode=0755";
	static const char *const places[] = { "/tmp", "/mnt", "/var" };
	long r = -ENOENT;

	for (unsigned i = 0; i < ARRAY_SIZE(places); i++) {
		r = sys5(SYS_mount, "tmpfs", places[i], "tmpfs", 0, options);
		if (!r)
			return sys4(SYS_openat, AT_FDCWD, places[i],
				O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	}
	return r;
}

CHILD_CODE static long path_fs(const char *type, uint64_t attr, int root, const char *path)
{
	long target = mount_walk(root, path), r;
	struct fd_path p;

	if (target < 0)
		return target;
	r = sys5(SYS_mount, type, fd_path(&p, target), type, attr_to_ms(attr), NULL);
	sys1(SYS_close, target);
	return r < 0 ? r : mount_walk(root, path);
}

CHILD_CODE static long path_mount_bind(
	int source, unsigned long ms, uint64_t attr, int root, const char *path)
{
	long target = mount_walk(root, path), r;
	struct fd_path s, t;

	if (target < 0)
		return target;
	r = sys5(SYS_mount, fd_path(&s, source), fd_path(&t, target), NULL, MS_BIND | ms, NULL);
	sys1(SYS_close, target);
	if (r < 0 || !attr)
		return r;
	target = mount_walk(root, path); /* once more: now it is what was mounted there */
	if (target < 0)
		return target;
	r = path_protect((int)target, attr);
	sys1(SYS_close, target);
	return r;
}

CHILD_CODE static long path_bind(int source, uint64_t attr, int root, const char *path)
{
	return path_mount_bind(source, 0, attr, root, path);
}

/* mount(2) changes attributes one mount at a time: those below keep theirs. */
CHILD_CODE static long path_bind_tree(int source, uint64_t attr, int root, const char *path)
{
	return path_mount_bind(source, MS_REC, attr, root, path);
}

CHILD_CODE static long path_cover(int source, int dir, const char *name)
{
	return path_mount_bind(source, 0, 0, dir, name);
}

CHILD_CODE static long path_over_itself(int dir, const char *name, uint64_t attr)
{
	long source = mount_walk(dir, name), r;

	if (source < 0)
		return source;
	r = path_mount_bind((int)source, 0, attr, dir, name);
	sys1(SYS_close, source);
	return r;
}

const struct mounter mounter_by_path = {
	.name = "mount(2)",
	.root = path_root,
	.fs = path_fs,
	.bind = path_bind,
	.bind_tree = path_bind_tree,
	.cover = path_cover,
	.over_itself = path_over_itself,
	.protect = path_protect,
};

const struct mounter *mounter_choose(void)
{
	/* The newest of the calls: where it is known, all are. Bad arguments: it does nothing. */
	return syscall(SYS_mount_setattr, -1, "", 0, NULL, 0) < 0 && errno == ENOSYS
		       ? &mounter_by_path
		       : &mounter_by_fd;
}
