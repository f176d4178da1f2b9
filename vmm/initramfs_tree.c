/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vmm/initramfs_tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/memstream.h"
#include "base/report_abi.h"
#include "base/util.h"
#include "vmm/cpio.h"

#define DEPTH_MAX 64
#define ENTRIES_MAX 500000u
#define NAME_SIZE 4096 /* PATH_MAX, beyond which the kernel's unpacker leaves a file out */

static const char STEP[] = "initramfs";

/* A file with more than one name: which number its first one got. */
struct link {
	dev_t dev;
	ino_t ino;
	unsigned number;
};

struct walk {
	struct cpio *cpio;
	dev_t dev; /* of the tree's root: what is mounted in it is another */
	unsigned entries, depth;
	struct link *links;
	size_t n_links;
	char name[NAME_SIZE]; /* of the entry in hand, relative to the root */
};

/* --- one entry --- */

static struct cpio_entry describe(const struct walk *w, const struct stat *st)
{
	return (struct cpio_entry){ .name = w->name,
		.mode = st->st_mode,
		/* A tree that a user made for himself: in the guest he is root. */
		.uid = st->st_uid == geteuid() ? 0 : st->st_uid,
		.gid = st->st_gid == getegid() ? 0 : st->st_gid,
		.major = major(st->st_rdev),
		.minor = minor(st->st_rdev) };
}

/* The number of a file with several names; *@known: an earlier one of them was put. */
static int find_link(struct walk *w, const struct stat *st, unsigned *number, bool *known)
{
	struct link *more;

	*known = true;
	for (size_t i = 0; i < w->n_links; i++) {
		*number = w->links[i].number;
		if (w->links[i].ino == st->st_ino && w->links[i].dev == st->st_dev)
			return 0;
	}
	more = reallocarray(w->links, w->n_links + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	w->links = more;
	*number = cpio_ino(w->cpio);
	w->links[w->n_links++] = (struct link){ st->st_dev, st->st_ino, *number };
	*known = false;
	return 0;
}

static int put_regular(struct walk *w, int dir, const char *leaf, struct err *e)
{
	cleanup_fd int fd =
		openat(dir, leaf, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct cpio_entry entry;
	bool known = false;
	struct stat st;
	int r;

	if (fd < 0 || fstat(fd, &st) < 0) {
		err_sys(e, STEP, "'%s' in the tree cannot be read", w->name);
		return err_help(e, "let it be readable, or run as root");
	}
	entry = describe(w, &st);
	if (st.st_nlink > 1 && find_link(w, &st, &entry.ino, &known) < 0)
		return err_set(e, -ENOMEM, STEP, "out of memory");
	entry.nlink = (unsigned)st.st_nlink;
	entry.size = known ? 0 : st.st_size;
	r = cpio_put(w->cpio, &entry, e);
	return r < 0 || known ? r : cpio_content(w->cpio, fd, (uint64_t)st.st_size, w->name, e);
}

static int put_symlink(
	struct walk *w, int dir, const char *leaf, const struct stat *st, struct err *e)
{
	struct cpio_entry entry = describe(w, st);
	char target[NAME_SIZE];
	ssize_t n = readlinkat(dir, leaf, target, sizeof(target) - 1);

	if (n < 0)
		return err_sys(e, STEP, "the link '%s' in the tree", w->name);
	target[n] = '\0';
	entry.target = target;
	return cpio_put(w->cpio, &entry, e);
}

static int put_folder(struct walk *w, int dir, const char *leaf, struct err *e);

static int put_one(struct walk *w, int dir, const char *leaf, struct err *e)
{
	struct cpio_entry entry;
	struct stat st;

	if (fstatat(dir, leaf, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(e, STEP, "'%s' in the tree", w->name);
	if (++w->entries > ENTRIES_MAX)
		return err_set(e, -E2BIG, STEP, "the tree has more than %u files", ENTRIES_MAX);
	switch (st.st_mode & S_IFMT) {
	case S_IFREG:
		return put_regular(w, dir, leaf, e);
	case S_IFLNK:
		return put_symlink(w, dir, leaf, &st, e);
	case S_IFSOCK:
		return 0;
	default:
		entry = describe(w, &st);
		if (cpio_put(w->cpio, &entry, e) < 0)
			return e->code;
		return S_ISDIR(st.st_mode) && st.st_dev == w->dev ? put_folder(w, dir, leaf, e) : 0;
	}
}

/* --- folders --- */

/* The guest mounts something there. */
static bool is_hidden(const char *name)
{
	return !strcmp(name, "dev") || !strcmp(name, "proc") || !strcmp(name, "sys");
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void free_names(char **names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(names[i]);
	free(names);
}

/* The names in @d, sorted: the same tree makes the same archive. */
static int read_names(DIR *d, char ***out, size_t *n)
{
	char **names = NULL;
	struct dirent *entry;

	*n = 0;
	while ((entry = readdir(d))) {
		char **more;

		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		more = reallocarray(names, *n + 1, sizeof(*more));
		if (more)
			names = more;
		if (!more || !(names[*n] = strdup(entry->d_name))) {
			free_names(names, *n);
			return -ENOMEM;
		}
		++*n;
	}
	if (*n)
		qsort(names, *n, sizeof(*names), by_name);
	*out = names;
	return 0;
}

/* All that is in the open folder @d. */
static int put_entries(struct walk *w, DIR *d, struct err *e)
{
	size_t n = 0, used = strlen(w->name);
	char **names = NULL;
	int r = read_names(d, &names, &n);

	if (r < 0)
		return err_set(e, r, STEP, "out of memory");
	for (size_t i = 0; i < n && !r; i++) {
		if (snprintf(w->name + used, NAME_SIZE - used, "%s%s", used ? "/" : "", names[i]) >=
			(int)(NAME_SIZE - used))
			r = err_set(e, -ENAMETOOLONG, STEP, "'%.200s...' is too long", w->name);
		else
			r = put_one(w, dirfd(d), names[i], e);
		w->name[used] = '\0';
	}
	free_names(names, n);
	return r;
}

static int put_folder(struct walk *w, int dir, const char *leaf, struct err *e)
{
	int fd, r;
	DIR *d;

	if (is_hidden(w->name))
		return 0;
	if (w->depth == DEPTH_MAX)
		return err_set(e, -E2BIG, STEP, "'%.200s' is nested too deep", w->name);
	fd = openat(dir, leaf, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	d = fd < 0 ? NULL : fdopendir(fd);
	if (!d) {
		err_sys(e, STEP, "the folder '%s' in the tree cannot be read", w->name);
		close_fd(&fd);
		return err_help(e, "let it be readable, or run as root");
	}
	w->depth++;
	r = put_entries(w, d, e);
	w->depth--;
	closedir(d);
	return r;
}

static int put_tree(struct walk *w, const char *tree, struct err *e)
{
	struct stat st;
	DIR *d = opendir(tree);
	int r;

	if (!d || fstat(dirfd(d), &st) < 0) {
		r = err_sys(e, STEP, "the tree '%s'", tree);
		if (d)
			closedir(d);
		return r;
	}
	if (!faccessat(dirfd(d), ".bench", F_OK, AT_SYMLINK_NOFOLLOW)) {
		closedir(d);
		return err_set(e, -EINVAL, STEP, "the tree '%s' has a '.bench' of its own", tree);
	}
	w->dev = st.st_dev;
	r = put_entries(w, d, e);
	closedir(d);
	return r;
}

/* --- what is ours --- */

static int put_init(struct cpio *c, const char *init, struct err *e)
{
	cleanup_fd int fd = open(init, O_RDONLY | O_CLOEXEC);
	struct cpio_entry entry = { .name = &INITRAMFS_INIT[1], .mode = S_IFREG | 0755 };
	struct stat st;
	int r;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(e, STEP, "cannot open %s", init);
	entry.size = st.st_size;
	r = cpio_put(c, &entry, e);
	return r < 0 ? r : cpio_content(c, fd, (uint64_t)st.st_size, init, e);
}

static int put_ours(
	struct cpio *c, const struct rt_program *program, const char *init, struct err *e)
{
	const struct cpio_entry folders[] = {
		{ .name = "dev", .mode = S_IFDIR | 0755 },
		/* Without it the kernel cannot give init a stdin, stdout and stderr. */
		{ .name = "dev/console", .mode = S_IFCHR | 0600, .major = 5, .minor = 1 },
		{ .name = ".bench", .mode = S_IFDIR | 0700 },
	};
	struct cpio_entry entry = { .name = &EXEC_FILE[1], .mode = S_IFREG | 0600 };
	cleanup_free char *text = NULL;
	size_t len = 0;
	int r = exec_file_make(program, &text, &len, e);

	for (size_t i = 0; i < ARRAY_SIZE(folders) && !r; i++)
		r = cpio_put(c, &folders[i], e);
	if (!r)
		r = put_init(c, init, e);
	entry.size = (int64_t)len;
	if (!r)
		r = cpio_put(c, &entry, e);
	return r ? r : cpio_bytes(c, text, len, e);
}

int initramfs_make_tree(const struct rt_program *program, const char *init, int *memfd,
	uint64_t *size, struct err *e)
{
	struct cpio c = { .fd = -1 };
	struct walk w = { .cpio = &c };
	int r = cpio_open(&c, e);

	/* The tree's own come first: a folder that is there already stays as it is. */
	if (!r)
		r = put_tree(&w, program->tree, e);
	if (!r)
		r = put_ours(&c, program, init, e);
	if (!r)
		r = cpio_finish(&c, memfd, size, e);
	free(w.links);
	cpio_close(&c);
	return r;
}

int exec_file_make(const struct rt_program *program, char **out, size_t *len, struct err *e)
{
	struct memstream file;
	unsigned argc = 0;

	if (memstream_open(&file) < 0)
		return err_set(e, -ENOMEM, STEP, "out of memory");
	while (program->argv[argc])
		argc++;
	fprintf(file.f, EXEC_MAGIC "%c%s%c%s%c%u%c", '\0', program->dir, '\0', program->path, '\0',
		argc, '\0');
	for (char *const *word = program->argv; *word; word++)
		fwrite(*word, strlen(*word) + 1, 1, file.f);
	for (char *const *word = program->envp; *word; word++)
		fwrite(*word, strlen(*word) + 1, 1, file.f);
	*out = memstream_close(&file);
	*len = file.len;
	if (!*out)
		return err_set(e, -ENOMEM, STEP, "out of memory");
	if (*len > EXEC_FILE_MAX)
		return err_set(e, -E2BIG, STEP,
			"arguments and environment of the program are longer than %u bytes",
			EXEC_FILE_MAX);
	return 0;
}
