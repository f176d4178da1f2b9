/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctr/rootfs.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/sys.h"
#include "base/util.h"

#define RDONLY MOUNT_ATTR_RDONLY
#define PLAIN (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)
#define DATA (PLAIN | MOUNT_ATTR_NOEXEC)
/*
 * A device on a read-only mount can be written to all the same; what cannot be done is to change
 * the node. It is the host's own, and so is root where there is no user namespace.
 */
#define NODE (RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC)

/*
 * What is laid over folders and files that must not be seen: an empty folder of the container's
 * own, and the null device. Each is a read-only mount, and so is every copy of it.
 */
#define EMPTY "dev/.empty"
#define NOTHING "dev/.null"

/* What a tree has in its /tmp, before it is bound into the new one. */
#define TREE_TMP "dev/.tmp"

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
	{ TREE_TMP, 0555 },
};

static const struct {
	const char *path, *to;
} links[] = {
	{ "dev/fd", "/proc/self/fd" },
	{ "dev/stdin", "/proc/self/fd/0" },
	{ "dev/stdout", "/proc/self/fd/1" },
	{ "dev/stderr", "/proc/self/fd/2" },
};

/* Numbers: Documentation/admin-guide/devices.txt. The null device twice: once as the mask. */
static const struct {
	const char *host, *path;
	unsigned minor;
} nodes[] = {
	{ "/dev/null", "dev/null", 3 },
	{ "/dev/null", NOTHING, 3 },
	{ "/dev/zero", "dev/zero", 5 },
	{ "/dev/full", "dev/full", 7 },
	{ "/dev/random", "dev/random", 8 },
	{ "/dev/urandom", "dev/urandom", 9 },
};
#define MEM_MAJOR 1

/* What of the kernel's files may be read but not written, and what not even read. */
static const char *const read_only[] = { "bus", "fs", "irq", "sys", "sysrq-trigger" };

static const char *const hidden_in_proc[] = { "acpi", "asound", "kcore", "keys", "latency_stats",
	"timer_list", "timer_stats", "sched_debug", "scsi" };
static const char *const hidden_in_sys[] = { "firmware", "devices/virtual/powercap" };

/* In the making: descriptors are closed by the close_range before exec, not one by one. */
struct making {
	const struct rootfs *rf;
	const struct mounter *m;
	int root;
	int node[ARRAY_SIZE(nodes)];
	int program;        /* or the tree */
	int proc;           /* the host's, where it is wanted */
	int empty, nothing; /* the masks */
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
	if (r >= 0 && !k->rf->tree) {
		*k->what = ROOTFS_PROGRAM;
		r = sys4(SYS_mknodat, k->root, &ROOTFS_PROGRAM[1], S_IFREG | 0555, 0);
	}
	return r;
}

/* As it was when it was looked at: what has become a link since would be bound as that link. */
CHILD_CODE static long open_entry(int from, const struct ctr_tree_entry *entry)
{
	long fd = sys4(SYS_openat, from, entry->name, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0), r;
	struct stat st;

	if (fd < 0)
		return fd;
	r = sys4(SYS_newfstatat, fd, "", &st, AT_EMPTY_PATH);
	if (!r && (entry->folder ? S_ISDIR(st.st_mode) : S_ISREG(st.st_mode)))
		return fd;
	sys1(SYS_close, fd);
	return r < 0 ? r : -ESTALE;
}

/*
 * Entries of the folder @from, by the same names in the folder @to, which is a file system of our
 * own: nobody can have put a link into the way.
 */
CHILD_CODE static long bind_entries(
	struct making *k, const struct ctr_tree_list *l, int from, int to)
{
	long r = 0;

	for (unsigned i = 0; i < l->n && r >= 0; i++) {
		const struct ctr_tree_entry *entry = &l->entries[i];
		long source;

		*k->what = entry->name;
		if (entry->target) {
			r = sys3(SYS_symlinkat, entry->target, to, entry->name);
			continue;
		}
		r = entry->folder ? sys3(SYS_mkdirat, to, entry->name, 0755)
				  : sys4(SYS_mknodat, to, entry->name, S_IFREG | 0444, 0);
		if (r < 0)
			return r;
		source = open_entry(from, entry);
		if (source < 0)
			return source;
		r = k->m->bind((int)source, RDONLY | PLAIN, to, entry->name);
		sys1(SYS_close, source);
	}
	return r;
}

/* The tree at the root; its /tmp at a place from where each launch takes it. */
CHILD_CODE static long bind_tree(struct making *k)
{
	const struct ctr_tree *t = k->rf->tree;
	long r = bind_entries(k, &t->top, k->program, k->root), tmp;

	if (r < 0 || !t->tmp.n)
		return r;
	*k->what = "/tmp";
	tmp = sys4(SYS_openat, k->program, "tmp", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
	if (tmp < 0)
		return tmp;
	r = k->m->bind((int)tmp, RDONLY | PLAIN, k->root, TREE_TMP);
	sys1(SYS_close, tmp);
	return r;
}

CHILD_CODE static long fill_tmp(struct making *k)
{
	const struct ctr_tree *t = k->rf->tree;
	long from, to, r;

	if (!t || !t->tmp.n)
		return 0;
	*k->what = "/tmp";
	from = mount_walk(k->root, TREE_TMP);
	if (from < 0)
		return from;
	to = mount_walk(k->root, "tmp");
	if (to < 0)
		return to;
	r = bind_entries(k, &t->tmp, (int)from, (int)to);
	sys1(SYS_close, to);
	sys1(SYS_close, from);
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

/* struct ctr_tree says why. */
CHILD_CODE static long check_tree(const struct making *k)
{
	const struct ctr_tree *t = k->rf->tree;
	struct stat st;
	long r = sys4(SYS_newfstatat, k->program, "", &st, AT_EMPTY_PATH);

	return r < 0 || (st.st_dev == t->dev && st.st_ino == t->ino) ? r : -ESTALE;
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
	*k->what = k->rf->tree ? k->rf->tree->path : k->rf->program;
	r = sys4(SYS_openat, AT_FDCWD, *k->what, O_PATH | O_CLOEXEC, 0);
	if (r < 0)
		return r;
	k->program = (int)r;
	return k->rf->tree ? check_tree(k) : 0;
}

CHILD_CODE static long bind_program(struct making *k)
{
	*k->what = k->rf->program;
	if (k->rf->program_mount >= 0)
		return mount_attach(
			k->rf->program_mount, RDONLY | PLAIN, k->root, &ROOTFS_PROGRAM[1]);
	return k->m->bind(k->program, RDONLY | PLAIN, k->root, &ROOTFS_PROGRAM[1]);
}

CHILD_CODE static long over_itself(struct making *k, int dir, const char *name, uint64_t attr)
{
	*k->what = name;
	return k->m->over_itself(dir, name, attr);
}

/* The root becomes read-only; what may be written is a mount of its own. */
CHILD_CODE static long fill_root(struct making *k)
{
	long r = k->rf->tree ? bind_tree(k) : bind_program(k);

	for (unsigned i = 0; i < ARRAY_SIZE(nodes) && r >= 0; i++) {
		*k->what = nodes[i].path;
		r = k->m->bind(k->node[i], NODE, k->root, nodes[i].path);
	}
	if (r >= 0)
		r = over_itself(k, k->root, EMPTY, RDONLY | DATA);
	return r;
}

/* Where everything is made anew for each launch, what may be written is a part of the same tmpfs.
 */
CHILD_CODE static long make_writable(struct making *k)
{
	long r = over_itself(k, k->root, "tmp", PLAIN);

	if (r >= 0)
		r = over_itself(k, k->root, "dev/shm", DATA);
	return r < 0 ? r : fill_tmp(k);
}

CHILD_CODE static long protect_root(struct making *k)
{
	*k->what = "/";
	return k->m->protect(k->root, RDONLY | PLAIN);
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
	if (!k->rf->host_proc)
		return k->m->fs("proc", DATA, k->root, "proc");
	fd = k->m->bind_tree(k->proc, RDONLY | DATA, k->root, "proc");
	return fd < 0 ? fd : mount_walk(k->root, "proc");
}

CHILD_CODE static long find_masks(struct making *k)
{
	long r;

	*k->what = EMPTY;
	r = mount_walk(k->root, EMPTY);
	if (r < 0)
		return r;
	k->empty = (int)r;
	*k->what = NOTHING;
	r = mount_walk(k->root, NOTHING);
	k->nothing = (int)r;
	return r < 0 ? r : 0;
}

/*
 * The names are fixed and the file system is the kernel's own, so what is looked at first is what
 * is covered then. To try and see would be dear: to throw away a copy of a mount that could not be
 * attached makes the kernel wait for a grace period.
 */
CHILD_CODE static long hide(struct making *k, int dir, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct stat st = { 0 };
		long r = sys4(SYS_newfstatat, dir, names[i], &st, AT_SYMLINK_NOFOLLOW);

		*k->what = names[i];
		if (r == -ENOENT) /* not in this kernel */
			continue;
		if (!r)
			r = k->m->cover(S_ISDIR(st.st_mode) ? k->empty : k->nothing, dir, names[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

CHILD_CODE static long protect_proc(struct making *k, int proc)
{
	long r = 0;

	/* The host's /proc is read-only as a whole. */
	for (unsigned i = 0; !k->rf->host_proc && i < ARRAY_SIZE(read_only) && r >= 0; i++) {
		r = over_itself(k, proc, read_only[i], RDONLY | DATA);
		if (r == -ENOENT)
			r = 0;
	}
	return r < 0 ? r : hide(k, proc, hidden_in_proc, ARRAY_SIZE(hidden_in_proc));
}

/* @proc is the descriptor of what was mounted there, or an error. */
CHILD_CODE static long finish_proc(struct making *k, long proc)
{
	if (proc < 0)
		return proc;
	if (k->rf->deny_userns && !k->rf->host_proc)
		deny_userns((int)proc);
	return protect_proc(k, (int)proc);
}

/*
 * sysfs shows a network namespace, so who has none of his own may not mount it: then /sys stays
 * empty, as it does in a kernel without sysfs.
 */
CHILD_CODE static long mount_sys(struct making *k)
{
	long fd = k->m->fs("sysfs", DATA | RDONLY, k->root, "sys");

	*k->what = "/sys";
	if (fd == -ENODEV || (fd == -EPERM && !k->rf->own_sys))
		return 0;
	return fd < 0 ? fd : hide(k, (int)fd, hidden_in_sys, ARRAY_SIZE(hidden_in_sys));
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
	return r < 0 ? r : sys1(SYS_chdir, "/");
}

/* All that is the same for every launch, up to the change of root. */
CHILD_CODE static long make_fixed(struct making *k)
{
	long r;

	*k->what = "/";
	r = mount_private();
	if (!r)
		r = open_sources(k);
	if (!r) {
		*k->what = "tmpfs";
		r = k->m->root();
		k->root = (int)r;
	}
	if (r >= 0)
		r = make_skeleton(k);
	return r < 0 ? r : fill_root(k);
}

CHILD_CODE long rootfs_enter(const struct rootfs *rf, const char **what)
{
	struct making k = { .rf = rf, .m = rf->mounter, .what = what };
	long r = make_fixed(&k);

	if (r >= 0)
		r = make_writable(&k);
	if (r >= 0)
		r = protect_root(&k);
	if (r >= 0)
		r = find_masks(&k);
	if (r >= 0)
		r = finish_proc(&k, mount_proc(&k));
	if (r >= 0)
		r = mount_sys(&k);
	return r < 0 ? r : change_root(&k);
}

/* --- the same in two parts: once, and for each launch --- */

CHILD_CODE long rootfs_make_fixed(const struct rootfs *rf, const char **what)
{
	struct making k = { .rf = rf, .m = rf->mounter, .what = what };
	long r = make_fixed(&k);

	/* mount_too_revealing() in fs/namespace.c: see rootfs.h */
	*what = "/sys";
	if (r >= 0 && rf->own_sys)
		r = k.m->fs("sysfs", DATA | RDONLY, k.root, "sys");
	if (r >= 0)
		r = protect_root(&k);
	return r < 0 ? r : change_root(&k);
}

CHILD_CODE long rootfs_leave_host(struct rootfs *rf, const char **what)
{
	long r;

	*what = "/proc";
	if (rf->host_proc) {
		r = sys4(SYS_openat, AT_FDCWD, "/proc", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
		if (r >= 0)
			r = mount_detached_tree((int)r, RDONLY | DATA);
	} else
		r = mount_new("proc", DATA);
	if (r < 0)
		return r;
	rf->proc = (int)r;
	*what = "the prepared mount namespace";
	return sys2(SYS_setns, rf->fixed, CLONE_NEWNS);
}

CHILD_CODE static long new_scratch(struct making *k, const char *path, uint64_t attr)
{
	long mount = mount_new_tmpfs("1777", attr), r;

	*k->what = path;
	if (mount < 0)
		return mount;
	r = mount_attach((int)mount, 0, k->root, path);
	sys1(SYS_close, mount);
	return r;
}

CHILD_CODE long rootfs_complete(struct rootfs *rf, const char **what)
{
	struct making k = { .rf = rf, .m = rf->mounter, .what = what };
	long r;

	*what = "/";
	r = sys4(SYS_openat, AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	if (r < 0)
		return r;
	k.root = (int)r;
	r = new_scratch(&k, "tmp", PLAIN);
	if (r >= 0)
		r = fill_tmp(&k);
	if (r >= 0)
		r = new_scratch(&k, "dev/shm", DATA);
	if (r >= 0)
		r = find_masks(&k);
	if (r >= 0) {
		*what = "/proc";
		r = mount_attach(rf->proc, 0, k.root, "proc");
	}
	if (r >= 0)
		r = finish_proc(&k, rf->proc);
	sys1(SYS_close, rf->proc);
	rf->root = k.root;
	rf->empty = k.empty;
	rf->nothing = k.nothing;
	*what = "/";
	return r < 0 ? r : sys1(SYS_chdir, "/");
}

CHILD_CODE long rootfs_add_sys(const struct rootfs *rf, const char **what)
{
	struct making k = { .rf = rf,
		.m = rf->mounter,
		.what = what,
		.root = rf->root,
		.empty = rf->empty,
		.nothing = rf->nothing };

	return mount_sys(&k);
}
