/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For the tests of vmm/image: a folder with image and cache, images of each compression. */
#ifndef BENCH_TESTS_IMAGE_FIXTURE_H
#define BENCH_TESTS_IMAGE_FIXTURE_H

#include "tests/unit/tiny_kernel.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

#include "base/util.h"
#include "vmm/image.h"

/* Made anew for each test. */
static struct {
	char dir[64];
	char file[96];  /* the image */
	char cache[96]; /* not there until it is needed */
	char images[112];
} tmp;

static inline int setup(void **state)
{
	(void)state;
	snprintf(tmp.dir, sizeof(tmp.dir), "/tmp/test_vmm_image.XXXXXX");
	if (!mkdtemp(tmp.dir))
		return -1;
	snprintf(tmp.file, sizeof(tmp.file), "%s/vmlinuz", tmp.dir);
	snprintf(tmp.cache, sizeof(tmp.cache), "%s/a/cache", tmp.dir);
	snprintf(tmp.images, sizeof(tmp.images), "%s/images", tmp.cache);
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	return remove_tree(tmp.dir);
}

static inline void write_file(const char *path, const void *p, size_t len)
{
	cleanup_fd int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write_all(fd, p, len), 0);
}

/* Entries of the cache, -1 where it was not made. */
static inline int cached(void)
{
	DIR *d = opendir(tmp.images);
	int n = -2; /* "." and ".." */

	if (!d)
		return -1;
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

/* The descriptor holds @want and is of no use for changing it. */
static inline void assert_vmlinux(const struct kernel_image *img, const void *want, size_t len)
{
	uint8_t *got = malloc(len);
	uint8_t byte = 0;

	assert_non_null(got);
	assert_int_equal(img->size, len);
	assert_int_equal(lseek(img->fd, 0, SEEK_END), len);
	assert_int_equal(pread(img->fd, got, len, 0), len);
	assert_memory_equal(got, want, len);
	assert_true(pwrite(img->fd, &byte, 1, 0) < 0);
	assert_int_equal(fcntl(img->fd, F_GETFD), FD_CLOEXEC);
	free(got);
}

static const struct format {
	const char *name;
	int (*filter)(struct archive *a); /* NULL: lz4 legacy frame */
	bool checked;                     /* the stream as made here holds a checksum */
} formats[] = {
	{ "gzip", archive_write_add_filter_gzip, true },
	{ "xz", archive_write_add_filter_xz, true },
	{ "lzma", archive_write_add_filter_lzma, false },
	{ "bzip2", archive_write_add_filter_bzip2, true },
	{ "zstd", archive_write_add_filter_zstd, false },
	{ "lz4", archive_write_add_filter_lz4, true },
	{ "lz4 legacy", NULL, false },
};

static inline struct bytes compress(const struct format *f, const void *p, size_t len)
{
	struct bytes in = { (uint8_t *)p, len };

	return f->filter ? compress_by(f->filter, &in, 1) : compress_lz4_legacy(&in);
}

/* As the kernel's build does it: the unpacked size behind the stream, but for gzip. */
static inline struct bytes make_bzimage(
	const struct format *f, const void *p, size_t len, uint32_t said)
{
	struct bytes payload = compress(f, p, len);
	struct bytes b;

	if (f->filter == archive_write_add_filter_gzip)
		memcpy(payload.p + payload.len - 4, &said, 4);
	else
		bytes_add(&payload, &said, sizeof(said));
	b = bzimage_around(&payload);
	free(payload.p);
	return b;
}

static const struct format *const xz = &formats[1], *const gzip = &formats[0];

static inline struct bytes tiny_bzimage(const struct format *f)
{
	struct tiny_elf t = tiny_elf();

	return make_bzimage(f, &t, sizeof(t), sizeof(t));
}

#define IMAGE_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
