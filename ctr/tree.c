/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctr/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/util.h"

static const char STEP[] = "tree";

static bool is_ours(const char *name)
{
	static const char *const ours[] = { "dev", "proc", "sys", "tmp" };

	for (size_t i = 0; i < ARRAY_SIZE(ours); i++) {
		if (!strcmp(name, ours[i]))
			return true;
	}
	return false;
}

static int read_target(int dir, struct ctr_tree_entry *entry)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(dir, entry->name, target, sizeof(target) - 1);

	if (n < 0)
		return errno == EINVAL ? -ESTALE : -errno; /* it was a link a moment ago */
	target[n] = '\0';
	entry->target = strdup(target);
	return entry->target ? 0 : -ENOMEM;
}

static int add(struct ctr_tree_list *l, const char *folder, int dir, bool top, const char *name,
	struct err *e)
{
	struct ctr_tree_entry *entry = &l->entries[l->n];
	struct stat st;
	int r = 0;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(e, STEP, "'%s' in the tree", name);
	if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode))
		return 0;
	if (l->n == TREE_TOP_MAX)
		return err_set(e, -E2BIG, STEP, "the tree has more than %d entries at its top",
			TREE_TOP_MAX);
	*entry = (struct ctr_tree_entry){ .name = strdup(name),
		.host_path = format_text("%s/%s", folder, name),
		.path = format_text("%s/%s", top ? "" : "/tmp", name),
		.folder = S_ISDIR(st.st_mode) };
	l->n++;
	if (!entry->name || !entry->host_path || !entry->path)
		r = -ENOMEM;
	else if (S_ISLNK(st.st_mode))
		r = read_target(dir, entry);
	return r < 0 ? err_set(e, r, STEP, "'%s' in the tree: %s", name, strerror(-r)) : 0;
}

/* The folder @name in @dir, which is @path on the host. Links are not followed: they are the
 * tree's, and may lead anywhere. */
static int scan(struct ctr_tree_list *l, int dir, const char *name, const char *path, bool top,
	struct err *e)
{
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int r = 0;

	if (!d) {
		r = err_sys(e, STEP, "the folder '%s'", path);
		close_fd(&fd);
		return r;
	}
	while (!r && (entry = readdir(d))) {
		const char *found = entry->d_name;

		if (strcmp(found, ".") && strcmp(found, "..") && !(top && is_ours(found)))
			r = add(l, path, dirfd(d), top, found, e);
	}
	closedir(d);
	return r;
}

static int open_folder(struct ctr_tree *t, struct err *e)
{
	struct stat st;

	t->fd = open(t->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (t->fd < 0 || fstat(t->fd, &st) < 0)
		return err_sys(e, STEP, "the folder '%s'", t->path);
	t->dev = st.st_dev;
	t->ino = st.st_ino;
	return 0;
}

static int scan_all(struct ctr_tree *t, const char *tmp, struct err *e)
{
	int r = open_folder(t, e);

	if (!r)
		r = scan(&t->top, t->fd, ".", t->path, true, e);
	if (!r && !faccessat(t->fd, "tmp", F_OK, AT_SYMLINK_NOFOLLOW))
		r = scan(&t->tmp, t->fd, "tmp", tmp, false, e);
	return r;
}

int ctr_tree_scan(const char *path, struct ctr_tree **out, struct err *e)
{
	cleanup_free char *tmp = format_text("%s/tmp", path);
	struct ctr_tree *t = calloc(1, sizeof(*t));
	int r;

	if (t) {
		t->fd = -1;
		t->path = strdup(path);
	}
	if (!tmp || !t || !t->path) {
		ctr_tree_free(t);
		return err_set(e, -ENOMEM, STEP, "out of memory");
	}
	r = scan_all(t, tmp, e);
	if (r < 0) {
		ctr_tree_free(t);
		return r;
	}
	*out = t;
	return 0;
}

static void free_list(struct ctr_tree_list *l)
{
	for (unsigned i = 0; i < l->n; i++) {
		free(l->entries[i].name);
		free(l->entries[i].host_path);
		free(l->entries[i].path);
		free(l->entries[i].target);
	}
}

void ctr_tree_free(struct ctr_tree *t)
{
	if (!t)
		return;
	free_list(&t->top);
	free_list(&t->tmp);
	close_fd(&t->fd);
	free(t->path);
	free(t);
}
