/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vmm/initramfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "base/util.h"
#include "vmm/cpio.h"

static const char STEP[] = "initramfs";

/* Directories and devices of every archive; a directory stands before what it holds. */
static const struct node {
	const char *name;
	mode_t mode;
	unsigned major, minor;
} nodes[] = {
	{ "dev", S_IFDIR | 0755, 0, 0 },
	{ "dev/console", S_IFCHR | 0600, 5, 1 },
	{ "proc", S_IFDIR | 0555, 0, 0 },
	{ "sys", S_IFDIR | 0555, 0, 0 },
	{ "tmp", S_IFDIR | 01777, 0, 0 },
};

struct builder {
	struct cpio cpio;
	const struct initramfs_file *files;
};

static int put_header(struct builder *b, const struct node *node, int64_t size, struct err *e)
{
	const struct cpio_entry entry = { .name = node->name,
		.mode = node->mode,
		.size = size,
		.major = node->major,
		.minor = node->minor };

	return cpio_put(&b->cpio, &entry, e);
}

/* Relative, and without empty, "." and ".." parts: the kernel takes names as they come. */
static bool name_is_clean(const char *name)
{
	for (;;) {
		size_t len = strcspn(name, "/");

		if (len == 0 || (len == 1 && name[0] == '.') ||
			(len == 2 && name[0] == '.' && name[1] == '.'))
			return false;
		if (!name[len])
			return true;
		name += len + 1;
	}
}

/* Is @name[0..@len) a directory that an earlier entry needed, or one of the fixed ones? */
static bool have_dir(const struct builder *b, size_t current, const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(nodes); i++)
		if (strlen(nodes[i].name) == len && memcmp(nodes[i].name, name, len) == 0)
			return true;
	for (size_t i = 0; i < current; i++)
		if (strncmp(b->files[i].name, name, len) == 0 && b->files[i].name[len] == '/')
			return true;
	return false;
}

static int put_parents(struct builder *b, size_t current, struct err *e)
{
	const char *name = b->files[current].name;

	for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
		size_t len = (size_t)(slash - name);
		cleanup_free char *dir = NULL;
		int r;

		if (have_dir(b, current, name, len))
			continue;
		dir = strndup(name, len);
		if (!dir)
			return err_set(e, -ENOMEM, STEP, "out of memory");
		r = put_header(b, &(struct node){ .name = dir, .mode = S_IFDIR | 0755 }, 0, e);
		if (r < 0)
			return r;
	}
	return 0;
}

static int put_file(struct builder *b, size_t current, struct err *e)
{
	const struct initramfs_file *f = &b->files[current];
	struct node node = { .name = f->name, .mode = S_IFREG | (f->mode & 07777) };
	cleanup_fd int fd = open(f->host_path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	int r;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(e, STEP, "cannot open %s", f->host_path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, -EINVAL, STEP, "%s is not a regular file", f->host_path);
	r = put_parents(b, current, e);
	if (r == 0)
		r = put_header(b, &node, st.st_size, e);
	return r < 0 ? r : cpio_content(&b->cpio, fd, (uint64_t)st.st_size, f->host_path, e);
}

/* Is @name the same as @other, or a directory above it? */
static bool leads_to(const char *name, const char *other)
{
	size_t len = strlen(name);

	return strncmp(name, other, len) == 0 && (other[len] == '/' || !other[len]);
}

/* Can both be in one archive, @is_dir telling of the first whether it is a directory? */
static int check_pair(const char *a, bool is_dir, const char *b, struct err *e)
{
	if (strcmp(a, b) == 0)
		return err_set(e, -EINVAL, STEP, "\"%s\" is given twice", a);
	if (!is_dir && leads_to(a, b))
		return err_set(e, -EINVAL, STEP, "\"%s\" is a file and a directory", a);
	if (leads_to(b, a))
		return err_set(e, -EINVAL, STEP, "\"%s\" is a file and a directory", b);
	return 0;
}

static int check_names(const struct initramfs_file *files, size_t n, struct err *e)
{
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		const char *name = files[i].name;

		if (!name_is_clean(name))
			return err_set(e, -EINVAL, STEP,
				"\"%s\" is not a file name relative to the guest's root", name);
		for (size_t j = 0; j < ARRAY_SIZE(nodes) && r == 0; j++)
			r = check_pair(nodes[j].name, S_ISDIR(nodes[j].mode), name, e);
		for (size_t j = 0; j < i && r == 0; j++)
			r = check_pair(files[j].name, false, name, e);
	}
	return r;
}

static int write_archive(struct builder *b, size_t n, struct err *e)
{
	int r = cpio_open(&b->cpio, e);

	for (size_t i = 0; i < ARRAY_SIZE(nodes) && r == 0; i++)
		r = put_header(b, &nodes[i], 0, e);
	for (size_t i = 0; i < n && r == 0; i++)
		r = put_file(b, i, e);
	return r;
}

int initramfs_make(
	const struct initramfs_file *files, size_t n, int *memfd, uint64_t *size, struct err *e)
{
	struct builder b = { .cpio = { .fd = -1 }, .files = files };
	int r = check_names(files, n, e);

	if (r < 0)
		return r;
	r = write_archive(&b, n, e);
	if (r == 0)
		r = cpio_finish(&b.cpio, memfd, size, e);
	cpio_close(&b.cpio);
	return r;
}
