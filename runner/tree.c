/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/util.h"
#include "runner/needs.h"
#include "runner/temp_dir.h"

#define PAGE UINT64_C(4096)
#define INTERPRETERS_MAX 6 /* of a script: fs/exec.c follows five scripts, and then a loader */

static const char STEP[] = "tree";

/* What every way of running mounts; a tree's own files there would not be seen. */
static const struct {
	const char *path;
	mode_t mode;
	bool keeps; /* what a tree has in it is shown all the same */
} mount_points[] = {
	{ "/proc", 0555, false },
	{ "/sys", 0555, false },
	{ "/dev", 0755, false },
	{ "/tmp", 01777, true },
};

/* --- making and removing --- */

int tree_make(struct tree *t, struct err *e)
{
	*t = (struct tree){ .bytes = 0 };
	/* For our eyes only: it may hold copies of what others may not read. */
	if (temp_dir_make_in(temp_dir_tmp(), STEP, t->folder, PATH_SIZE - 8, e) < 0)
		return err_help(e, "name a folder that you may write in TMPDIR");
	snprintf(t->root, sizeof(t->root), "%.*s/root", PATH_SIZE - 8, t->folder);
	if (mkdir(t->root, 0755) < 0 || chmod(t->root, 0755) < 0)
		return err_sys(e, "mkdir", "making the folder '%s'", t->root);
	return 0;
}

void tree_close(struct tree *t)
{
	if (*t->folder)
		remove_tree(t->folder);
	*t = (struct tree){ .bytes = 0 };
}

/* --- filling --- */

static int check_place(const char *path, struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(mount_points); i++) {
		size_t len = strlen(mount_points[i].path);

		if (!mount_points[i].keeps && !strncmp(path, mount_points[i].path, len) &&
			(path[len] == '/' || !path[len])) {
			err_set(e, -EINVAL, STEP, "'%s' cannot be taken along: %s is made anew",
				path, mount_points[i].path);
			return err_help(e, "copy it to another place first");
		}
	}
	return 0;
}

/*
 * The folder that @path lies in, below the tree's root and made where it is missing; *@leaf is its
 * last part. No symlink is followed: one that was copied could lead out of the tree.
 */
static int open_parent(const struct tree *t, const char *path, const char **leaf, struct err *e)
{
	int dir = open(t->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const char *at = path + strspn(path, "/"), *slash;

	*leaf = at;
	while (dir >= 0 && (slash = strchr(at, '/'))) {
		char part[NAME_MAX + 1];
		int next, made;

		if (snprintf(part, sizeof(part), "%.*s", (int)(slash - at), at) >
				(int)sizeof(part) - 1 ||
			!strcmp(part, "..")) {
			close_fd(&dir);
			return err_set(
				e, -EINVAL, STEP, "'%s' has '..' or a name that is too long", path);
		}
		made = mkdirat(dir, part, 0755);
		next = openat(dir, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (!made && next >= 0)
			fchmod(next, 0755);
		close_fd(&dir);
		dir = next;
		at = slash + 1 + strspn(slash + 1, "/");
	}
	*leaf = at;
	return dir < 0 ? err_sys(e, STEP, "making the folders of '%s' in the tree", path) : dir;
}

static int copy_bytes(int from, int to, const char *path, struct err *e)
{
	static char buf[128 * 1024];
	ssize_t n;

	/* A clone or a copy inside of the kernel, where file systems can; else by hand. */
	do
		n = copy_file_range(from, NULL, to, NULL, SSIZE_MAX / 2, 0);
	while (n > 0);
	while (n < 0 && (n = read(from, buf, sizeof(buf)))) {
		if (n < 0 || write_all(to, buf, (size_t)n) < 0)
			break;
		n = -1;
	}
	return n < 0 ? err_sys(e, "copy", "copying '%s' into the tree", path) : 0;
}

static int count_bytes(struct tree *t, off_t size, struct err *e)
{
	/* As they lie in memory. */
	t->bytes += ((uint64_t)size + PAGE - 1) / PAGE * PAGE;
	if (t->bytes <= TREE_BYTES_MAX)
		return 0;
	return err_set(e, -EFBIG, STEP, "the tree has more than %ju MiB",
		(uintmax_t)(TREE_BYTES_MAX >> 20));
}

/* What a file must be to be copied, asked of the file that was opened; NULL: anything. */
typedef int check_file(int fd, const char *path, struct err *e);

static int put_file(struct tree *t, const char *path, check_file *check, struct err *e)
{
	cleanup_fd int from = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	cleanup_fd int dir = -1, to = -1;
	const char *leaf = NULL;
	struct stat st;

	if (from < 0 || fstat(from, &st) < 0)
		return err_sys(e, "open", "'%s' cannot be read", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, -EINVAL, STEP, "'%s' is not a regular file", path);
	if (check && check(from, path, e) < 0)
		return e->code;
	dir = open_parent(t, path, &leaf, e);
	if (dir < 0)
		return dir;
	to = openat(dir, leaf, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (to < 0 && errno == EEXIST)
		return 0;
	if (to < 0)
		return err_sys(e, "open", "making '%s' in the tree", path);
	if (count_bytes(t, st.st_size, e) < 0)
		return e->code;
	if (copy_bytes(from, to, path, e) < 0)
		return e->code;
	return fchmod(to, st.st_mode & 0111 ? 0755 : 0644) < 0
		       ? err_sys(e, "fchmod", "'%s' in the tree", path)
		       : 0;
}

static int put_link(struct tree *t, const char *source, struct err *e)
{
	cleanup_fd int dir = -1;
	const char *leaf = NULL;
	char target[PATH_SIZE];
	ssize_t n = readlink(source, target, sizeof(target) - 1);

	if (n < 0)
		return err_sys(e, "readlink", "'%s'", source);
	target[n] = '\0';
	dir = open_parent(t, source, &leaf, e);
	if (dir < 0)
		return dir;
	if (symlinkat(target, dir, leaf) < 0 && errno != EEXIST)
		return err_sys(e, "symlink", "making '%s' in the tree", source);
	return 0;
}

int tree_put_folder(struct tree *t, const char *path, struct err *e)
{
	cleanup_free char *inside = format_text("%s/.", path);
	const char *leaf = NULL;
	int dir = check_place(path, e);

	if (dir < 0)
		return dir;
	dir = inside ? open_parent(t, inside, &leaf, e)
		     : err_set(e, -ENOMEM, STEP, "out of memory");
	if (dir < 0)
		return dir;
	close(dir);
	return 0;
}

/* Sockets and devices are left out: they mean nothing in a copy. */
static int put_entry(struct tree *t, const FTSENT *entry, struct err *e)
{
	switch (entry->fts_info) {
	case FTS_D:
		return tree_put_folder(t, entry->fts_path, e);
	case FTS_F:
		return put_file(t, entry->fts_path, NULL, e);
	case FTS_SL:
	case FTS_SLNONE:
		return put_link(t, entry->fts_path, e);
	case FTS_DNR:
	case FTS_ERR:
	case FTS_NS:
		errno = entry->fts_errno;
		return err_sys(e, "read", "'%s' cannot be read", entry->fts_path);
	default:
		return 0;
	}
}

/* The tree itself may lie in a folder that is to be copied. */
static bool is_own(const struct tree *t, const FTSENT *entry)
{
	struct stat own;

	return entry->fts_info == FTS_D && !stat(t->folder, &own) &&
	       own.st_ino == entry->fts_statp->st_ino && own.st_dev == entry->fts_statp->st_dev;
}

static int put_all_below(struct tree *t, const char *path, struct err *e)
{
	char *paths[] = { (char *)path, NULL };
	FTS *walk = fts_open(paths, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, NULL);
	FTSENT *entry;
	int r = 0;

	if (!walk)
		return err_sys(e, "fts", "'%s'", path);
	while (!r && (entry = fts_read(walk))) {
		if (is_own(t, entry))
			fts_set(walk, entry, FTS_SKIP);
		else
			r = put_entry(t, entry, e);
	}
	fts_close(walk);
	return r;
}

int tree_put(struct tree *t, const char *path, struct err *e)
{
	struct stat st;
	int r = check_place(path, e);

	if (r < 0)
		return r;
	if (stat(path, &st) < 0)
		return err_sys(e, "stat", "'%s'", path);
	return S_ISDIR(st.st_mode) ? put_all_below(t, path, e) : put_file(t, path, NULL, e);
}

int tree_put_needs(struct tree *t, const struct needs *needs, struct err *e)
{
	int r = 0;

	for (size_t i = 0; i < needs->n && !r; i++) {
		r = check_place(needs->paths[i], e);
		if (!r)
			r = put_file(t, needs->paths[i], needs_check, e);
	}
	return r;
}

int tree_put_text(struct tree *t, const char *path, const char *text, struct err *e)
{
	cleanup_fd int dir = -1, to = -1;
	const char *leaf = NULL;

	dir = open_parent(t, path, &leaf, e);
	if (dir < 0)
		return dir;
	to = openat(dir, leaf, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (to < 0 && errno == EEXIST)
		return 0;
	if (to < 0 || write_all(to, text, strlen(text)) < 0 || fchmod(to, 0644) < 0)
		return err_sys(e, "write", "making '%s' in the tree", path);
	return 0;
}

int tree_finish(struct tree *t, struct err *e)
{
	static const struct {
		const char *path, *text;
	} files[] = {
		{ "/etc/passwd", "root:x:0:0:root:/:/bin/sh\n"
				 "nobody:x:65534:65534:nobody:/:/bin/false\n" },
		{ "/etc/group", "root:x:0:\nnogroup:x:65534:\n" },
		{ "/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n" },
		{ "/etc/hosts", "127.0.0.1 localhost\n" },
	};
	/* A Linux kernel brings /root along in its own initramfs (usr/default_cpio_list). */
	int r = tree_put_folder(t, "/root", e);

	for (size_t i = 0; i < ARRAY_SIZE(files) && !r; i++)
		r = tree_put_text(t, files[i].path, files[i].text, e);
	for (size_t i = 0; i < ARRAY_SIZE(mount_points) && !r; i++) {
		cleanup_free char *path = format_text("%s%s", t->root, mount_points[i].path);

		if (!path || (mkdir(path, 0755) < 0 && errno != EEXIST) ||
			chmod(path, mount_points[i].mode) < 0)
			r = err_sys(e, "mkdir", "making '%s' in the tree", mount_points[i].path);
	}
	return r;
}

/* --- a whole one --- */

static int check_mount_points(const struct tree *t, struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(mount_points); i++) {
		cleanup_free char *path = format_text("%s%s", t->root, mount_points[i].path);
		struct stat st;

		if (path && !lstat(path, &st) && S_ISDIR(st.st_mode))
			continue;
		err_set(e, -EINVAL, STEP, "'%s' has no folder '%s' to mount on", t->root,
			mount_points[i].path);
		return err_help(e, "mkdir %s", path ? path : "");
	}
	return 0;
}

/* Each hard link counts, which is a bit too much; what lies below /proc, /sys, /dev too. */
static int add_sizes(struct tree *t, struct err *e)
{
	char *paths[] = { t->root, NULL };
	FTS *walk = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, NULL);
	FTSENT *entry;
	int r = 0;

	if (!walk)
		return err_sys(e, "fts", "'%s'", t->root);
	while (!r && (entry = fts_read(walk))) {
		if (entry->fts_info == FTS_F)
			r = count_bytes(t, entry->fts_statp->st_size, e);
	}
	fts_close(walk);
	return r;
}

int tree_use(struct tree *t, const char *path, struct err *e)
{
	struct stat st, host;
	char real[PATH_MAX];
	int r;

	*t = (struct tree){ .bytes = 0 };
	if (!realpath(path, real) || stat(real, &st) < 0 || stat("/", &host) < 0) {
		err_sys(e, STEP, "the root file system '%s'", path);
		return e->code = -EINVAL;
	}
	if (strlen(real) >= PATH_SIZE)
		return err_set(e, -EINVAL, STEP, "'%s' is too long", path);
	/* By any name: a link that was followed, or a mount of it at another place. */
	if (st.st_dev == host.st_dev && st.st_ino == host.st_ino)
		return err_set(e, -EINVAL, STEP,
			"'%s' is the host's own root and cannot be the root file system of others",
			path);
	strcpy(t->root, real);
	r = check_mount_points(t, e);
	return r < 0 ? r : add_sizes(t, e);
}

/* As the program will see it: symlinks are followed, and "/" and ".." do not lead out. */
static int open_inside(int root, const char *path)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };

	return (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
}

/*
 * Where @at really is, all links followed. A tree of somebody else's may have files of its own
 * below /proc, which are not those that will be there: /proc/self/exe is then the program that
 * makes the container, on the host (CVE-2019-5736).
 */
static int check_real_place(int root, int at, const char *path, struct err *e)
{
	char root_link[64], link[64], top[PATH_MAX], real[PATH_MAX];
	ssize_t top_len, len;

	snprintf(root_link, sizeof(root_link), "/proc/self/fd/%d", root);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", at);
	top_len = readlink(root_link, top, sizeof(top) - 1);
	len = readlink(link, real, sizeof(real) - 1);
	if (top_len < 0 || len < 0)
		return err_sys(e, STEP, "where '%s' is in the tree", path);
	real[len] = '\0';
	if (len <= top_len || memcmp(real, top, (size_t)top_len) || real[top_len] != '/')
		return err_set(e, -EINVAL, STEP, "'%s' is no longer in the tree", path);
	return check_place(real + top_len, e);
}

/* The program @path, or the interpreter of one; *@interpreter is what that asks for in turn. */
static int check_one(int root, const char *path, char *interpreter, struct err *e)
{
	char argument[PATH_SIZE], link[64];
	cleanup_fd int at = open_inside(root, path), fd = -1;
	struct stat st;
	int r;

	if (at < 0 && errno != ENOENT && errno != ENOTDIR)
		return err_sys(e, "openat2", "'%s' in the tree", path);
	if (at < 0)
		return err_set(e, -ENOENT, STEP, "there is no '%s' in the tree", path);
	if (fstat(at, &st) < 0 || !S_ISREG(st.st_mode) || !(st.st_mode & 0111))
		return err_set(
			e, -EACCES, STEP, "'%s' in the tree is not an executable file", path);
	r = check_real_place(root, at, path, e);
	if (r < 0)
		return r;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", at);
	fd = open(link, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(e, "open", "'%s' in the tree", path);
	return needs_interpreter(fd, path, interpreter, argument, PATH_SIZE, e);
}

/* 0; -ENOENT: it is not there; or what is wrong with it, or with one of its interpreters. */
static int check_inside(int root, const char *path, struct err *e)
{
	char at[PATH_SIZE], next[PATH_SIZE];
	int r = check_one(root, path, next, e);

	for (unsigned i = 0; !r && *next; i++) {
		if (i == INTERPRETERS_MAX)
			return err_set(e, -ELOOP, STEP,
				"'%s' in the tree is interpreted by scripts upon scripts", path);
		strcpy(at, next);
		r = check_one(root, at, next, e);
		if (r == -ENOENT)
			return err_set(e, -ENOEXEC, STEP,
				"'%s' in the tree needs '%s', which is not in the tree", path, at);
	}
	return r;
}

int tree_find_program(
	const struct tree *t, const char *name, const char *search, char *out, struct err *e)
{
	cleanup_fd int root = open(t->root, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (root < 0)
		return err_sys(e, "open", "the tree '%s'", t->root);
	if (!*name)
		return err_set(e, -ENOENT, STEP, "the program has an empty name");
	if (strchr(name, '/')) {
		if (snprintf(out, PATH_SIZE, "%s%s", *name == '/' ? "" : "/", name) >= PATH_SIZE)
			return err_set(e, -ENAMETOOLONG, STEP, "'%s' is too long", name);
		return check_inside(root, out, e);
	}
	while (search && *search) {
		size_t len = strcspn(search, ":");

		if (*search == '/' &&
			snprintf(out, PATH_SIZE, "%.*s/%s", (int)len, search, name) < PATH_SIZE) {
			int r = check_inside(root, out, e);

			if (r != -ENOENT)
				return r;
		}
		search += len + (search[len] == ':');
	}
	return err_set(e, -ENOENT, STEP, "there is no program '%s' in '%s'", name, t->root);
}
