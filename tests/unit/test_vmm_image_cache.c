/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vmm/image: what the cache of unpacked kernels keeps, and what it does not trust. */
#include "tests/unit/image_fixture.h"

#include <errno.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

static void give_bzimage(void)
{
	struct bytes b = tiny_bzimage(xz);

	write_file(tmp.file, b.p, b.len);
	free(b.p);
}

static void entry_truncated(const char *entry)
{
	assert_int_equal(truncate(entry, sizeof(struct tiny_elf) - 1), 0);
}

static void entry_empty(const char *entry)
{
	assert_int_equal(truncate(entry, 0), 0);
}

static void entry_longer(const char *entry)
{
	assert_int_equal(truncate(entry, sizeof(struct tiny_elf) + 1), 0);
}

static void entry_no_elf(const char *entry)
{
	struct tiny_elf t = { 0 };

	write_file(entry, &t, sizeof(t));
}

static void entry_writable_by_all(const char *entry)
{
	assert_int_equal(chmod(entry, 0666), 0);
}

static void entry_symlink(const char *entry)
{
	char other[128];

	snprintf(other, sizeof(other), "%s/other", tmp.dir);
	assert_int_equal(rename(entry, other), 0);
	assert_int_equal(symlink(other, entry), 0);
}

static void entry_removed(const char *entry)
{
	assert_int_equal(unlink(entry), 0);
}

/* What a killed run left. */
static void partial_left(const char *entry)
{
	char partial[512];

	snprintf(partial, sizeof(partial), "%s.part", entry);
	assert_int_equal(rename(entry, partial), 0);
	entry_longer(partial);
}

static void (*const spoilers[])(const char *entry) = {
	entry_truncated,
	entry_empty,
	entry_longer,
	entry_no_elf,
	entry_writable_by_all,
	entry_symlink,
	entry_removed,
	partial_left,
};

static void test_damaged_entry_is_made_again(void **state)
{
	struct tiny_elf t = tiny_elf();
	struct kernel_image img;
	struct stat st;
	struct err e;

	(void)state;
	give_bzimage();
	assert_int_equal(image_open(tmp.file, tmp.cache, &img, &e), 0);
	for (size_t i = 0; i < ARRAY_SIZE(spoilers); i++) {
		spoilers[i](img.path);
		image_close(&img);
		assert_int_equal(image_open(tmp.file, tmp.cache, &img, &e), 0);
		assert_false(img.from_cache);
		assert_vmlinux(&img, &t, sizeof(t));
		assert_int_equal(lstat(img.path, &st), 0);
		assert_int_equal(st.st_mode, S_IFREG | 0600);
		assert_int_equal(cached(), 1);
	}
	image_close(&img);
}

static void test_cache_is_private(void **state)
{
	struct kernel_image img;
	struct stat st;
	struct err e;

	(void)state;
	give_bzimage();
	assert_int_equal(image_open(tmp.file, tmp.cache, &img, &e), 0);
	image_close(&img);
	assert_int_equal(stat(tmp.cache, &st), 0);
	assert_int_equal(st.st_mode, S_IFDIR | 0700);
	assert_int_equal(stat(tmp.images, &st), 0);
	assert_int_equal(st.st_mode, S_IFDIR | 0700);
}

/* A cache that cannot be used is no reason to fail. */
static void test_unusable_cache(void **state)
{
	struct tiny_elf t = tiny_elf();
	char below_file[128], too_long[5000];
	const char *const caches[] = { below_file, too_long, "/proc/none", NULL };

	(void)state;
	give_bzimage();
	snprintf(below_file, sizeof(below_file), "%s/cache", tmp.file);
	memset(too_long, 'x', sizeof(too_long) - 1);
	too_long[sizeof(too_long) - 1] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(caches); i++) {
		struct kernel_image img;
		struct err e;

		assert_int_equal(image_open(tmp.file, caches[i], &img, &e), 0);
		assert_string_equal(img.path, "");
		assert_vmlinux(&img, &t, sizeof(t));
		image_close(&img);
	}
}

/* While somebody else writes the entry, we do without; their file is left alone. */
static void test_entry_in_the_making(void **state)
{
	struct tiny_elf t = tiny_elf();
	struct kernel_image img;
	char partial[5000];
	struct err e;
	int fd;

	(void)state;
	give_bzimage();
	assert_int_equal(image_open(tmp.file, tmp.cache, &img, &e), 0);
	snprintf(partial, sizeof(partial), "%s.part", img.path);
	assert_int_equal(rename(img.path, partial), 0);
	image_close(&img);
	fd = open(partial, O_RDONLY | O_CLOEXEC);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(image_open(tmp.file, tmp.cache, &img, &e), 0);
	assert_string_equal(img.path, "");
	assert_vmlinux(&img, &t, sizeof(t));
	assert_int_equal(lseek(fd, 0, SEEK_END), sizeof(t));
	image_close(&img);
	close(fd);
}

static int open_in_child(void)
{
	struct tiny_elf t = tiny_elf(), got;
	struct kernel_image img;

	if (image_open(tmp.file, tmp.cache, &img, NULL) < 0)
		return 1;
	return pread(img.fd, &got, sizeof(got), 0) != sizeof(got) ||
	       memcmp(&t, &got, sizeof(t)) != 0;
}

static void test_many_at_once(void **state)
{
	pid_t pids[8];

	(void)state;
	give_bzimage();
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i] == 0)
			_exit(open_in_child());
	}
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++) {
		int status = -1;

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(cached(), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IMAGE_TEST(test_damaged_entry_is_made_again),
		IMAGE_TEST(test_cache_is_private),
		IMAGE_TEST(test_unusable_cache),
		IMAGE_TEST(test_entry_in_the_making),
		IMAGE_TEST(test_many_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
