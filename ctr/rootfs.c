/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctr/rootfs.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/util.h"
#include "ctr/sys.h"

#define TMPFS_SIZE "268435456" /* bytes; /tmp and /dev/shm together */
#define RDONLY MOUNT_ATTR_RDONLY
#define PLAIN (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)
#define DATA (PLAIN | MOUNT_ATTR_NOEXEC)

/* An empty folder of the container's own: what is laid over folders that must not be seen. */
#define EMPTY "dev/.empty"

static const struct {
	const char *path;
	unsigned mode;
} folders[] = {
	{ "proc", 0555 },
	{ "sys", 0555 },
	{ "tmp", 01777 },
	{ "dev", 0755 },
	{ "dev/shm", 01777 },
	{ EMPTY, 0555 },
};

static const struct {
	const char *path, *to;
} links[] = {
	{ "dev/fd", "/proc/self/fd" },
	{ "dev/stdin", "/proc/self/fd/0" },
	{ "dev/stdout", "/proc/self/fd/1" },
	{ "dev/stderr", "/proc/self/fd/2" },
};

/* Numbers: Documentation/admin-guide/devices.txt. The first one is also the mask for files. */
static const struct {
	const char *host, *path;
	unsigned minor;
} nodes[] = {
	{ "/dev/null", "dev/null", 3 },
	{ "/dev/zero", "dev/zero", 5 },
	{ "/dev/full", "dev/full", 7 },
	{ "/dev/random", "dev/random", 8 },
	{ "/dev/urandom", "dev/urandom", 9 },
};
#define MEM_MAJOR 1
#define NODE_NULL 0

/* What of the kernel's files may be read but not written, and what not even read. */
static const char *const read_only[] = { "proc/bus", "proc/fs", "proc/irq", "proc/sys",
	"proc/sysrq-trigger" };
static const char *const masked[] = { "proc/acpi", "proc/asound", "proc/kcore", "proc/keys",
	"proc/latency_stats", "proc/timer_list", "proc/timer_stats", "proc/sched_debug",
	"proc/scsi", "sys/firmware", "sys/devices/virtual/powercap" };

/* In the making: descriptors are closed by the close_range before exec, not one by one. */
struct making {
	const struct rootfs *rf;
	const struct mounter *m;
	int root;
	int node[ARRAY_SIZE(nodes)];
	int program;
	int proc; /* the host's, where it is wanted */
	const char **what;
};

CHILD_CODE static long make_skeleton(struct making *k)
{
	long r = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(folders) && r >= 0; i++) {
		*k->what = folders[i].path;
		r = sys3(SYS_mkdirat, k->root, folders[i].path, folders[i].mode);
	}
	for (unsigned i = 0; i < ARRAY_SIZE(links) && r >= 0; i++) {
		*k->what = links[i].path;
		r = sys3(SYS_symlinkat, links[i].to, k->root, links[i].path);
	}
	for (unsigned i = 0; i < ARRAY_SIZE(nodes) && r >= 0; i++) {
		*k->what = nodes[i].path;
		r = sys4(SYS_mknodat, k->root, nodes[i].path, S_IFREG | 0444, 0);
	}
	if (r >= 0) {
		*k->what = ROOTFS_PROGRAM;
		r = sys4(SYS_mknodat, k->root, &ROOTFS_PROGRAM[1], S_IFREG | 0555, 0);
	}
	return r;
}

/*
 * The host's own nodes, since a user namespace may not make any. Each is checked by its number once
 * it is open: a path could have been swapped for a link to something worth writing to, which would
 * then also be "masked" into view (CVE-2025-31133).
 */
CHILD_CODE static long open_nodes(struct making *k)
{
	for (unsigned i = 0; i < ARRAY_SIZE(nodes); i++) {
		struct stat st;
		long fd, r;

		*k->what = nodes[i].host;
		fd = sys4(SYS_openat, AT_FDCWD, nodes[i].host, O_PATH | O_CLOEXEC | O_NOFOLLOW, 0);
		if (fd < 0)
			return fd;
		r = sys4(SYS_newfstatat, fd, "", &st, AT_EMPTY_PATH);
		if (r < 0)
			return r;
		if (!S_ISCHR(st.st_mode) || st.st_rdev != makedev(MEM_MAJOR, nodes[i].minor))
			return -ENODEV;
		k->node[i] = (int)fd;
	}
	return 0;
}

/* Everything of the host that is needed is opened before anything is mounted in its way. */
CHILD_CODE static long open_sources(struct making *k)
{
	long r = open_nodes(k);

	if (r >= 0 && k->rf->host_proc) {
		*k->what = "/proc";
		r = sys4(SYS_openat, AT_FDCWD, "/proc", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
		k->proc = (int)r;
	}
	if (r < 0 || k->rf->program_mount >= 0)
		return r < 0 ? r : 0;
	*k->what = k->rf->program;
	r = sys4(SYS_openat, AT_FDCWD, k->rf->program, O_PATH | O_CLOEXEC, 0);
	k->program = (int)r;
	return r < 0 ? r : 0;
}

CHILD_CODE static long bind_program(struct making *k)
{
	*k->what = k->rf->program;
	if (k->rf->program_mount >= 0)
		return mount_attach(
			k->rf->program_mount, RDONLY | PLAIN, k->root, &ROOTFS_PROGRAM[1]);
	return k->m->bind(k->program, RDONLY | PLAIN, k->root, &ROOTFS_PROGRAM[1]);
}

CHILD_CODE static long bind_own(struct making *k, const char *path, uint64_t attr)
{
	long fd = mount_walk(k->root, path);

	*k->what = path;
	return fd < 0 ? fd : k->m->bind((int)fd, attr, k->root, path);
}

/* The root becomes read-only; what may be written is a mount of its own, made before. */
CHILD_CODE static long fill_root(struct making *k)
{
	long r = bind_program(k);

	for (unsigned i = 0; i < ARRAY_SIZE(nodes) && r >= 0; i++) {
		*k->what = nodes[i].path;
		r = k->m->bind(
			k->node[i], MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, k->root, nodes[i].path);
	}
	if (r >= 0)
		r = bind_own(k, "tmp", PLAIN);
	if (r >= 0)
		r = bind_own(k, "dev/shm", DATA);
	*k->what = "/";
	return r < 0 ? r : k->m->protect(k->root, RDONLY | PLAIN);
}

/*
 * No user namespace inside this one: the limit is this namespace's own, so the host does not
 * notice. It needs a file of /proc/sys that is still writable, and is worth trying only: the filter
 * forbids the calls as well.
 */
CHILD_CODE static void deny_userns(int proc)
{
	long fd = sys4(SYS_openat, proc, "sys/user/max_user_namespaces", O_WRONLY | O_CLOEXEC, 0);

	if (fd < 0)
		return;
	sys3(SYS_write, fd, "0", 1);
	sys1(SYS_close, fd);
}

CHILD_CODE static long mount_proc(struct making *k)
{
	long fd;

	*k->what = "/proc";
	/* A user namespace may show no processes but those of a pid namespace that belongs to it.
	 */
	if (k->rf->host_proc)
		return k->m->bind_tree(k->proc, RDONLY | DATA, k->root, "proc");
	fd = k->m->fs("proc", DATA, k->root, "proc");
	if (fd >= 0 && k->rf->deny_userns)
		deny_userns((int)fd);
	return fd;
}

/*
 * sysfs shows a network namespace, so who has none of his own may not mount it: then /sys stays
 * empty, as it does in a kernel without sysfs.
 */
CHILD_CODE static long mount_sys(struct making *k)
{
	long fd = k->m->fs("sysfs", DATA | RDONLY, k->root, "sys");

	*k->what = "/sys";
	return fd == -EPERM || fd == -ENODEV ? 0 : fd;
}

CHILD_CODE static long hide(struct making *k, const char *path, int empty)
{
	long fd = mount_walk(k->root, path), r;
	struct stat st;

	*k->what = path;
	if (fd == -ENOENT) /* not in this kernel */
		return 0;
	if (fd < 0)
		return fd;
	r = sys4(SYS_newfstatat, fd, "", &st, AT_EMPTY_PATH);
	sys1(SYS_close, fd);
	if (r < 0)
		return r;
	if (S_ISDIR(st.st_mode))
		return k->m->bind(empty, RDONLY | DATA, k->root, path);
	return k->m->bind(k->node[NODE_NULL], RDONLY, k->root, path);
}

CHILD_CODE static long protect_kernel_files(struct making *k)
{
	long empty = mount_walk(k->root, EMPTY), r = 0;

	if (empty < 0)
		return empty;
	/* The host's /proc is read-only as a whole. */
	for (unsigned i = 0; !k->rf->host_proc && i < ARRAY_SIZE(read_only) && r >= 0; i++) {
		r = bind_own(k, read_only[i], RDONLY | DATA);
		if (r == -ENOENT)
			r = 0;
	}
	for (unsigned i = 0; i < ARRAY_SIZE(masked) && r >= 0; i++)
		r = hide(k, masked[i], (int)empty);
	return r;
}

/*
 * pivot_root(2), "pivot_root(".", ".")": the old root lies on top of the new one for a moment and
 * is taken away with all that hangs on it, so that no path and no descriptor leads there. An
 * initramfs cannot be pivoted away from (it has no parent mount): there the new root is moved over
 * it. What lies beneath can be reached by nobody without CAP_SYS_ADMIN or CAP_SYS_CHROOT.
 */
CHILD_CODE static long change_root(struct making *k)
{
	long r = sys1(SYS_fchdir, k->root);

	*k->what = "/";
	if (r < 0)
		return r;
	r = sys2(SYS_pivot_root, ".", ".");
	if (!r)
		r = sys2(SYS_umount2, ".", MNT_DETACH);
	else if (r == -EINVAL) {
		sys5(SYS_mount, ".", "/", NULL, MS_MOVE,
			NULL); /* by descriptor it is there already */
		r = sys1(SYS_chroot, ".");
	}
	return r < 0 ? r : sys1(SYS_chdir, ROOTFS_DIR);
}

CHILD_CODE long rootfs_enter(const struct rootfs *rf, const char **what)
{
	struct making k = { .rf = rf, .m = rf->mounter, .what = what };
	long r;

	*what = "/";
	r = mount_private();
	if (!r)
		r = open_sources(&k);
	if (!r) {
		*what = "tmpfs";
		r = k.m->root(TMPFS_SIZE);
		k.root = (int)r;
	}
	if (r >= 0)
		r = make_skeleton(&k);
	if (r >= 0)
		r = fill_root(&k);
	if (r >= 0)
		r = mount_proc(&k);
	if (r >= 0)
		r = mount_sys(&k);
	if (r >= 0)
		r = protect_kernel_files(&k);
	return r < 0 ? r : change_root(&k);
}
