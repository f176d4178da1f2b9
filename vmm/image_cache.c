/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vmm/image_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#include "base/util.h"
#include "vmm/elf.h"
#include "vmm/unpack.h"

int image_cache_path(const char *dir, const char *sha256, char *path, size_t size)
{
	int n = snprintf(path, size, "%s/images/%s.elf", dir, sha256);

	return n < 0 || (size_t)n >= size ? -ENAMETOOLONG : 0;
}

int image_cache_open(const char *path, uint64_t *size)
{
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	/* What is booted must not be what another user has put in its place. */
	if (!S_ISREG(st.st_mode) || (st.st_uid != geteuid() && st.st_uid != 0) ||
		(st.st_mode & (S_IWGRP | S_IWOTH)))
		return -ESTALE;
	if (*size != UNPACK_SIZE_UNKNOWN && *size != (uint64_t)st.st_size)
		return -ESTALE;
	if (elf_check(fd, NULL) < 0)
		return -ESTALE;
	*size = (uint64_t)st.st_size;
	return steal_fd(&fd);
}

/* @dir and @dir/images, for this user alone: a kernel of /boot may be readable by root only. */
static int make_cache_dirs(const char *dir)
{
	cleanup_free char *images = format_text("%s/images", dir);
	cleanup_free char *parent = strdup(dir);
	char *slash;
	int r;

	if (!images || !parent)
		return -ENOMEM;
	for (size_t n = strlen(parent); n > 1 && parent[n - 1] == '/'; n--)
		parent[n - 1] = '\0';
	slash = strrchr(parent, '/');
	if (slash && slash != parent) {
		*slash = '\0';
		r = make_dirs(parent);
		if (r < 0)
			return r;
	}
	if ((mkdir(dir, 0700) < 0 && errno != EEXIST) ||
		(mkdir(images, 0700) < 0 && errno != EEXIST))
		return -errno;
	return 0;
}

static int copy_range(int from, int to, off_t at, off_t end)
{
	if (lseek(to, at, SEEK_SET) < 0)
		return -errno;
	while (at < end) {
		ssize_t n = sendfile(to, from, &at, (size_t)(end - at));

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			return -EIO;
	}
	return 0;
}

/* With its holes. */
static int copy_file(int from, int to, uint64_t size)
{
	off_t data, hole = 0;

	while ((data = lseek(from, hole, SEEK_DATA)) >= 0) {
		int r;

		hole = lseek(from, data, SEEK_HOLE);
		if (hole < 0)
			return -errno;
		r = copy_range(from, to, data, hole);
		if (r < 0)
			return r;
	}
	/* ENXIO: no data beyond. */
	if (errno != ENXIO || ftruncate(to, (off_t)size) < 0)
		return -errno;
	return 0;
}

/*
 * A file that is being written has a fixed name and is locked, so that what a killed process left
 * is found and used again instead of piling up. The lock may be won on a file that its owner has
 * just renamed or removed: then it is not ours to write.
 */
static int open_partial(const char *partial)
{
	cleanup_fd int fd = open(partial, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct stat ours, named;

	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? -EBUSY : -errno;
	if (fstat(fd, &ours) < 0 || stat(partial, &named) < 0 || ours.st_ino != named.st_ino ||
		ours.st_dev != named.st_dev)
		return -EBUSY;
	if (ftruncate(fd, 0) < 0 || fchmod(fd, 0600) < 0)
		return -errno;
	return steal_fd(&fd);
}

int image_cache_store(const char *dir, const char *path, int fd, uint64_t size)
{
	cleanup_free char *partial = format_text("%s.part", path);
	cleanup_fd int out = -1;
	int r = make_cache_dirs(dir);

	if (r < 0)
		return r;
	if (!partial)
		return -ENOMEM;
	out = open_partial(partial);
	if (out < 0)
		return out;
	r = copy_file(fd, out, size);
	/* The name must not get to disk before the content does. */
	if (r == 0 && (fsync(out) < 0 || rename(partial, path) < 0))
		r = -errno;
	if (r < 0)
		unlink(partial);
	return r;
}
