/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The walks over a user's root file system: that for the archive that a guest gets of it, and that
 * for a container, of what lies at its top and in its /tmp. The tree is in
 * memory: the system calls of the walk are replaced, so that it may change under the walk, fail,
 * and be any tree at all, some ten thousand times a second.
 *
 * The input is a list of files, each u8 kind, u8 mood, u8 length of its name, the name. A folder
 * takes what follows until an entry of the kind UP.
 */
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/report_abi.h"
#include "base/util.h"
#include "ctr/tree.h"
#include "vmm/initramfs_tree.h"
#include "vmm/memfile.h"

#define NODES 100
#define TREE "/fuzz/tree"
#define INIT "/fuzz/init"
#define FIRST_FD (1 << 20) /* no descriptor of ours is as high */
#define INIT_FD (FIRST_FD - 1)
#define ARCHIVE_FD (FIRST_FD - 2)
#define INIT_BYTES 4
#define USER 1000
#define NAME_LEN 255 /* NAME_MAX */

enum kind { REGULAR, FOLDER, UP, SYMLINK, FIFO, DEVICE, SOCKET, TWIN, KINDS };

/* What happens to a file while it is walked; most are as they should be. */
enum mood {
	SHORTER = 1, /* than fstat said */
	LONGER,
	UNREADABLE, /* open: EACCES; of a symlink, readlink */
	GONE,       /* between readdir and fstatat */
	REPLACED,   /* by a FIFO, between fstatat and open */
	INTERRUPTED,
	LOST,     /* read: EIO */
	MOUNTED,  /* another file system */
	LONG_WAY, /* a symlink's target fills a page */
	MOODS
};

struct node {
	enum kind kind;
	unsigned mood;          /* 0 or enum mood */
	int parent, first_name; /* of a TWIN, the file that it is another name of */
	unsigned names;
	size_t len, done; /* bytes read so far */
	bool interrupted;
	char name[NAME_LEN + 1];
};

static struct node nodes[NODES]; /* [0]: the root */
static int n_nodes;
static bool sound; /* nothing is wrong with the tree: it must be taken */

/* --- the tree --- */

/* As a file system gives them: neither empty nor with a slash, and each once. */
static bool take_name(struct node *n, struct fuzz_bytes *in)
{
	size_t want = fuzz_number(in, 1);

	n->len = want < in->left ? want : in->left;
	memcpy(n->name, in->p, n->len);
	in->p += n->len;
	in->left -= n->len;
	for (size_t i = 0; i < n->len; i++) {
		if (!n->name[i] || n->name[i] == '/')
			n->name[i] = '_';
	}
	n->name[n->len] = '\0';
	if (!n->len || !strcmp(n->name, ".") || !strcmp(n->name, ".."))
		return false;
	for (int i = 1; i < n_nodes; i++) {
		if (nodes[i].parent == n->parent && !strcmp(nodes[i].name, n->name))
			return false;
	}
	return true;
}

/* The newest regular file; -1: there is none. */
static int last_regular(void)
{
	int i = n_nodes - 1;

	while (i > 0 && nodes[i].kind != REGULAR)
		i--;
	return i > 0 ? i : -1;
}

static void make_tree(struct fuzz_bytes *in)
{
	int at = 0, depth = 0;
	size_t all = 0; /* bytes of names: no path is longer */

	nodes[0] = (struct node){ .kind = FOLDER };
	n_nodes = 1;
	sound = true;
	while (in->left && n_nodes < NODES) {
		struct node *n = &nodes[n_nodes];
		enum kind kind = fuzz_number(in, 1) % KINDS;
		int twin = last_regular();

		if (kind == UP) {
			depth -= at > 0;
			at = nodes[at].parent;
			continue;
		}
		*n = (struct node){ .kind = kind, .parent = at, .names = 1 };
		n->mood = (unsigned)fuzz_number(in, 1);
		n->mood = n->mood < MOODS ? n->mood : 0;
		if (!take_name(n, in))
			continue;
		if (kind == TWIN && twin < 0)
			n->kind = REGULAR;
		n->first_name = n->kind == TWIN ? twin : n_nodes;
		nodes[n->first_name].names += n->kind == TWIN;
		if (kind == FOLDER) {
			at = n_nodes;
			depth++;
		}
		all += n->len + 1;
		sound &= !n->mood && depth < 60 && all < 4000;
		n_nodes++;
	}
}

static int find(int parent, const char *name)
{
	for (int i = 1; i < n_nodes; i++) {
		if (nodes[i].parent == parent && !strcmp(nodes[i].name, name))
			return i;
	}
	return -1;
}

static struct node *file_of(struct node *n)
{
	return n->kind == TWIN ? &nodes[n->first_name] : n;
}

/* A file's content is its name. */
static void describe(struct node *n, struct stat *st, bool opened)
{
	static const mode_t modes[KINDS] = { [REGULAR] = S_IFREG | 04755,
		[FOLDER] = S_IFDIR | 0700,
		[SYMLINK] = S_IFLNK | 0777,
		[FIFO] = S_IFIFO | 0600,
		[DEVICE] = S_IFCHR | 0666,
		[SOCKET] = S_IFSOCK | 0600 };
	struct node *f = file_of(n);

	*st = (struct stat){ .st_dev = n->mood == MOUNTED ? 2 : 1,
		.st_ino = (ino_t)(f - nodes) + 1,
		.st_mode = opened && n->mood == REPLACED ? modes[FIFO] : modes[f->kind],
		.st_nlink = f->names,
		.st_uid = USER,
		.st_rdev = f->kind == DEVICE ? 0x103 : 0,
		.st_size = f->kind == REGULAR ? (off_t)f->len : 4096 };
}

/* --- the system calls, replaced; what is not the tree's is whoever calls us --- */

__typeof__(opendir) __wrap_opendir, __real_opendir;
__typeof__(fdopendir) __wrap_fdopendir, __real_fdopendir;
__typeof__(readdir) __wrap_readdir, __real_readdir;
__typeof__(closedir) __wrap_closedir, __real_closedir;
__typeof__(dirfd) __wrap_dirfd, __real_dirfd;
__typeof__(fstat) __wrap_fstat, __real_fstat;
__typeof__(fstatat) __wrap_fstatat;
__typeof__(openat) __wrap_openat;
__typeof__(readlinkat) __wrap_readlinkat;
__typeof__(faccessat) __wrap_faccessat;
__typeof__(read) __wrap_read, __real_read;
__typeof__(close) __wrap_close, __real_close;
__typeof__(open) __wrap_open, __real_open;
__typeof__(write) __wrap_write, __real_write;
__typeof__(geteuid) __wrap_geteuid;
__typeof__(getegid) __wrap_getegid;
__typeof__(memfile_new) __wrap_memfile_new;
__typeof__(memfile_seal) __wrap_memfile_seal;

/* What a DIR is here; the walk never looks into one. */
struct folder {
	int node, next;
	bool used;
	struct dirent entry;
};

static struct folder folders[NODES];

static struct folder *folder_of(DIR *d)
{
	uintptr_t at = (uintptr_t)d, first = (uintptr_t)folders;

	return at >= first && at < first + sizeof(folders) ? (struct folder *)d : NULL;
}

static int open_files; /* and folders: none may be left */

/* The archive. A folder's name is in those of all below it. */
static char archive[NODES * 64 * 300];
static size_t archive_len, init_read;

static int fail(int code)
{
	errno = code;
	return -1;
}

static struct node *opened(int fd)
{
	MUST(fd >= FIRST_FD && fd < FIRST_FD + n_nodes);
	return &nodes[fd - FIRST_FD];
}

static DIR *open_folder(int node)
{
	MUST(!folders[node].used);
	folders[node] = (struct folder){ .node = node, .used = true };
	return (DIR *)&folders[node];
}

DIR *__wrap_opendir(const char *path)
{
	if (strcmp(path, TREE))
		return __real_opendir(path);
	open_files++;
	return open_folder(0);
}

DIR *__wrap_fdopendir(int fd)
{
	return fd < FIRST_FD ? __real_fdopendir(fd) : open_folder((int)(opened(fd) - nodes));
}

struct dirent *__wrap_readdir(DIR *d)
{
	static const char *const first[] = { ".", ".." };
	struct folder *f = folder_of(d);

	if (!f)
		return __real_readdir(d);
	if (f->next < 2) {
		strcpy(f->entry.d_name, first[f->next++]);
		return &f->entry;
	}
	for (int i = f->next - 1; i < n_nodes; i++) {
		if (nodes[i].parent != f->node)
			continue;
		f->next = i + 2;
		strcpy(f->entry.d_name, nodes[i].name);
		return &f->entry;
	}
	return NULL;
}

int __wrap_closedir(DIR *d)
{
	struct folder *f = folder_of(d);

	if (!f)
		return __real_closedir(d);
	f->used = false;
	open_files--;
	return 0;
}

int __wrap_dirfd(DIR *d)
{
	struct folder *f = folder_of(d);

	return f ? FIRST_FD + f->node : __real_dirfd(d);
}

int __wrap_fstat(int fd, struct stat *st)
{
	if (fd < ARCHIVE_FD)
		return __real_fstat(fd, st);
	*st = (struct stat){ .st_mode = S_IFREG | 0600 };
	if (fd == INIT_FD)
		st->st_size = INIT_BYTES;
	else if (fd == ARCHIVE_FD)
		st->st_size = (off_t)archive_len;
	else
		describe(opened(fd), st, true);
	return 0;
}

int __wrap_fstatat(int dir, const char *name, struct stat *st, int flags)
{
	int i = find((int)(opened(dir) - nodes), name);

	MUST(i > 0 && (flags & AT_SYMLINK_NOFOLLOW)); /* what is out of the tree is not asked for */
	if (nodes[i].mood == GONE)
		return fail(ENOENT);
	describe(&nodes[i], st, false);
	return 0;
}

int __wrap_openat(int dir, const char *name, int flags, ...)
{
	int parent = (int)(opened(dir) - nodes), i = find(parent, name);

	MUST((flags & O_NOFOLLOW) && (flags & O_CLOEXEC));
	if (!strcmp(name, ".")) { /* what was opened by O_PATH, to be read */
		open_files++;
		return FIRST_FD + parent;
	}
	MUST(i > 0);
	if (nodes[i].mood == UNREADABLE)
		return fail(EACCES);
	if (nodes[i].mood == REPLACED && (flags & O_DIRECTORY))
		return fail(ENOTDIR);
	if ((flags & O_DIRECTORY) && nodes[i].kind != FOLDER)
		return fail(nodes[i].kind == SYMLINK ? ELOOP : ENOTDIR);
	MUST((flags & (O_NONBLOCK | O_DIRECTORY)) != 0); /* a FIFO is not waited for */
	open_files++;
	nodes[i].done = 0;
	return FIRST_FD + i;
}

ssize_t __wrap_readlinkat(int dir, const char *name, char *buf, size_t size)
{
	int i = find((int)(opened(dir) - nodes), name);
	size_t len = nodes[i].len;

	MUST(i > 0 && nodes[i].kind == SYMLINK);
	if (nodes[i].mood == UNREADABLE)
		return fail(EINVAL);
	if (nodes[i].mood == LONG_WAY) {
		memset(buf, 'x', size);
		return (ssize_t)size;
	}
	len = len < size ? len : size;
	memcpy(buf, nodes[i].name, len);
	return (ssize_t)len;
}

int __wrap_faccessat(int dir, const char *name, int mode, int flags)
{
	MUST(flags & AT_SYMLINK_NOFOLLOW);
	(void)mode;
	return find((int)(opened(dir) - nodes), name) > 0 ? 0 : fail(ENOENT);
}

/* Some of what is left, so that more than one call is needed. */
static size_t give(void *buf, size_t size, size_t left)
{
	size = size < left ? size : left;
	size = size < 100 ? size : 100;
	memset(buf, 'c', size);
	return size;
}

ssize_t __wrap_read(int fd, void *buf, size_t size)
{
	struct node *n = fd >= FIRST_FD ? opened(fd) : NULL;
	size_t len, part;

	if (fd < ARCHIVE_FD)
		return __real_read(fd, buf, size);
	if (!n) {
		part = give(buf, size, INIT_BYTES - init_read);
		init_read += part;
		return (ssize_t)part;
	}
	if (n->mood == LOST)
		return fail(EIO);
	if (n->mood == INTERRUPTED && !n->interrupted) {
		n->interrupted = true;
		return fail(EINTR);
	}
	len = file_of(n)->len;
	len = n->mood == LONGER ? len + 3 : n->mood == SHORTER ? len / 2 : len;
	part = give(buf, size, len - n->done);
	n->done += part;
	return (ssize_t)part;
}

int __wrap_close(int fd)
{
	if (fd < ARCHIVE_FD)
		return __real_close(fd);
	open_files--;
	return 0;
}

int __wrap_open(const char *path, int flags, ...)
{
	bool tree = !strcmp(path, TREE);

	if (!tree && strcmp(path, INIT))
		return __real_open(path, flags, 0666);
	MUST(flags & O_CLOEXEC);
	open_files++;
	if (tree)
		return FIRST_FD;
	init_read = 0;
	return INIT_FD;
}

uid_t __wrap_geteuid(void)
{
	return USER;
}

gid_t __wrap_getegid(void)
{
	return USER;
}

int __wrap_memfile_new(const char *name, struct err *e)
{
	(void)name, (void)e;
	open_files++;
	archive_len = 0;
	return ARCHIVE_FD;
}

int __wrap_memfile_seal(int fd, struct err *e)
{
	(void)e;
	MUST(fd == ARCHIVE_FD);
	return 0;
}

ssize_t __wrap_write(int fd, const void *buf, size_t size)
{
	if (fd != ARCHIVE_FD)
		return __real_write(fd, buf, size);
	MUST(size <= sizeof(archive) - archive_len);
	memcpy(archive + archive_len, buf, size);
	archive_len += size;
	return (ssize_t)size;
}

/* --- what came out --- */

struct newc {
	char magic[6];
	char fields[13]
		   [8]; /* hexadecimal: Documentation/driver-api/early-userspace/buffer-format */
};
enum { NEWC_INO, NEWC_MODE, NEWC_NLINK = 4, NEWC_SIZE = 6, NEWC_NAMESIZE = 11 };

static size_t newc_number(const struct newc *h, unsigned field)
{
	char text[9] = "";

	memcpy(text, h->fields[field], 8);
	return strtoul(text, NULL, 16);
}

/* In the guest it is unpacked as root: nothing may go elsewhere, or stand in our files' place. */
static void check_name(const char *name, bool ours)
{
	MUST(*name && *name != '/');
	for (const char *p = name; p; p = strchr(p, '/') ? strchr(p, '/') + 1 : NULL)
		MUST(*p && *p != '/' && strncmp(p, "../", 3) && strcmp(p, ".."));
	if (!ours)
		MUST(strcmp(name, ".bench") && strncmp(name, ".bench/", 7));
	MUST(ours || (strncmp(name, "dev/", 4) && strncmp(name, "proc/", 5) &&
			     strncmp(name, "sys/", 4)));
}

static void check_archive(const char *at, size_t size)
{
	static const char *const last[] = { "dev", "dev/console", ".bench", ".bench/init",
		".bench/exec", "TRAILER!!!" };
	const char *end = at + size;
	size_t ours = 0;

	while (ours < ARRAY_SIZE(last)) {
		const struct newc *h = (const void *)at;
		size_t name_size, len;
		const char *name = at + sizeof(*h);

		MUST(end - at > (ptrdiff_t)sizeof(*h) && !memcmp(h->magic, "070701", 6));
		name_size = newc_number(h, NEWC_NAMESIZE);
		len = newc_number(h, NEWC_SIZE);
		MUST(name_size && name_size <= (size_t)(end - name) && !name[name_size - 1]);
		/* The tree's own come first, and its "dev" may be one of them. */
		if (ours && strcmp(name, last[ours]))
			ours = 0;
		ours += !strcmp(name, last[ours]);
		check_name(name, ours > 0);
		at += (sizeof(*h) + name_size + 3) / 4 * 4;
		MUST(len <= (size_t)(end - at));
		at += (len + 3) / 4 * 4;
	}
	MUST(at <= end);
}

/* --- the container's --- */

static bool is_bound(const struct node *n)
{
	return n->kind == REGULAR || n->kind == TWIN || n->kind == FOLDER || n->kind == SYMLINK;
}

static bool is_ours(const char *name)
{
	return !strcmp(name, "dev") || !strcmp(name, "proc") || !strcmp(name, "sys") ||
	       !strcmp(name, "tmp");
}

/* Each is in the tree, of a kind that can be had, and at a place of its own name. */
static void check_list(const struct ctr_tree_list *l, int parent, const char *below)
{
	unsigned all = 0;

	for (unsigned i = 0; i < l->n; i++) {
		const struct ctr_tree_entry *entry = &l->entries[i];
		int at = find(parent, entry->name);
		size_t len = strlen(below), host = sizeof(TREE) - 1;

		MUST(at > 0 && is_bound(&nodes[at]));
		MUST((parent || !is_ours(entry->name)) && !strchr(entry->name, '/'));
		MUST(!strncmp(entry->path, below, len) && !strcmp(entry->path + len, entry->name));
		MUST(!strncmp(entry->host_path, TREE, host) &&
			!strcmp(entry->host_path + host, entry->path));
		MUST(!entry->target == (nodes[at].kind != SYMLINK));
		MUST(entry->folder == (nodes[at].kind == FOLDER));
	}
	for (int i = 1; i < n_nodes; i++)
		all += nodes[i].parent == parent && is_bound(&nodes[i]) &&
		       (parent || !is_ours(nodes[i].name));
	MUST(l->n == all);
}

static void scan_for_container(void)
{
	struct ctr_tree *t = NULL;
	struct err e = { 0 };
	int tmp = find(0, "tmp");
	int r = ctr_tree_scan(TREE, &t, &e);

	if (r) {
		fuzz_check_error(r, &e);
		MUST(!t && (!sound || (tmp > 0 && nodes[tmp].kind != FOLDER)));
	} else {
		MUST(tmp < 0 || nodes[tmp].kind == FOLDER);
		check_list(&t->top, 0, "/");
		if (tmp > 0)
			check_list(&t->tmp, tmp, "/tmp/");
		else
			MUST(!t->tmp.n);
	}
	ctr_tree_free(t);
	MUST(!open_files);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char name[] = "tool";
	char *const words[] = { name, NULL };
	const struct rt_program program = {
		.tree = TREE, .path = "/bin/tool", .dir = "/", .argv = words, .envp = words + 1
	};
	struct fuzz_bytes in = { data, len };
	struct err e = { 0 };
	uint64_t size = 0;
	int fd = -1, r;

	make_tree(&in);
	open_files = 0;
	r = initramfs_make_tree(&program, INIT, &fd, &size, &e);
	MUST(open_files == (fd >= 0));
	if (r) {
		fuzz_check_error(r, &e);
		MUST(fd == -1);
		MUST(!sound || find(0, ".bench") > 0);
	} else {
		MUST(fd == ARCHIVE_FD && size == archive_len && find(0, ".bench") < 0);
		check_archive(archive, size);
	}
	open_files = 0;
	scan_for_container();
	return 0;
}
