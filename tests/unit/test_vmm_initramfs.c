/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vmm/initramfs: what is in the archive, read back by libarchive, and that it is always the same.
 */
#include "tests/unit/check.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/util.h"
#include "vmm/initramfs.h"

static char dir[64];
static char small_file[96], big_file[96], other_small_file[96];
#define BIG 300001

static uint8_t *big_content(void)
{
	uint8_t *p = malloc(BIG);

	assert_non_null(p);
	for (size_t i = 0; i < BIG; i++)
		p[i] = (uint8_t)(i * 3 + i / 1000);
	return p;
}

static void write_file(const char *path, const void *p, size_t len)
{
	cleanup_fd int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write_all(fd, p, len), 0);
}

static int setup(void **state)
{
	const struct timespec long_ago[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };
	cleanup_free uint8_t *big = big_content();

	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/test_vmm_initramfs.XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(small_file, sizeof(small_file), "%s/small", dir);
	snprintf(other_small_file, sizeof(other_small_file), "%s/other", dir);
	snprintf(big_file, sizeof(big_file), "%s/big", dir);
	write_file(small_file, "hello", 5);
	write_file(other_small_file, "hello", 5);
	write_file(big_file, big, BIG);
	return utimensat(AT_FDCWD, other_small_file, long_ago, 0);
}

static int teardown(void **state)
{
	(void)state;
	return remove_tree(dir);
}

static const struct expected {
	const char *name;
	mode_t mode;
	size_t size;
	unsigned major, minor;
} expected[] = {
	{ "dev", S_IFDIR | 0755, 0, 0, 0 },
	{ "dev/console", S_IFCHR | 0600, 0, 5, 1 },
	{ "proc", S_IFDIR | 0555, 0, 0, 0 },
	{ "sys", S_IFDIR | 0555, 0, 0, 0 },
	{ "tmp", S_IFDIR | 01777, 0, 0, 0 },
	{ "init", S_IFREG | 0755, BIG, 0, 0 },
	{ "a", S_IFDIR | 0755, 0, 0, 0 },
	{ "a/b", S_IFDIR | 0755, 0, 0, 0 },
	{ "a/b/one", S_IFREG | 0640, 5, 0, 0 },
	{ "a/bb", S_IFDIR | 0755, 0, 0, 0 },
	{ "a/bb/two", S_IFREG | 04755, 5, 0, 0 },
	{ "tmp/three", S_IFREG | 0400, 5, 0, 0 },
	{ "a/b/four", S_IFREG | 0400, 5, 0, 0 },
};

static int make_all(const char *small, uint64_t *size)
{
	const struct initramfs_file files[] = {
		{ "init", big_file, 0755 },
		{ "a/b/one", small, 0640 },
		{ "a/bb/two", small, 04755 },
		{ "tmp/three", small, 0400 },
		{ "a/b/four", small, 0400 },
	};
	struct err e = { 0 };
	int fd = -1;

	if (initramfs_make(files, ARRAY_SIZE(files), &fd, size, &e) < 0)
		fail_msg("%s", e.message);
	return fd;
}

static void assert_entry(struct archive_entry *entry, const struct expected *x, unsigned ino)
{
	assert_string_equal(archive_entry_pathname(entry), x->name);
	assert_int_equal(archive_entry_mode(entry), x->mode);
	assert_int_equal(archive_entry_size(entry), x->size);
	assert_int_equal(archive_entry_uid(entry), 0);
	assert_int_equal(archive_entry_gid(entry), 0);
	assert_int_equal(archive_entry_mtime(entry), 0);
	assert_int_equal(archive_entry_ino(entry), ino);
	assert_int_equal(archive_entry_rdevmajor(entry), x->major);
	assert_int_equal(archive_entry_rdevminor(entry), x->minor);
}

static void test_content(void **state)
{
	cleanup_free uint8_t *big = big_content();
	cleanup_free uint8_t *got = malloc(BIG + 1);
	struct archive *a = archive_read_new();
	struct archive_entry *entry;
	uint64_t size = 0;
	int fd = make_all(small_file, &size);

	(void)state;
	assert_non_null(got);
	assert_int_equal(lseek(fd, 0, SEEK_END), size);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	archive_read_support_format_cpio(a);
	assert_int_equal(archive_read_open_fd(a, fd, 4096), ARCHIVE_OK);
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		const struct expected *x = &expected[i];

		assert_int_equal(archive_read_next_header(a, &entry), ARCHIVE_OK);
		assert_entry(entry, x, (unsigned)i + 1);
		if (!S_ISREG(x->mode))
			continue;
		assert_int_equal(archive_read_data(a, got, BIG + 1), x->size);
		assert_memory_equal(got, x->size == BIG ? (void *)big : "hello", x->size);
	}
	assert_int_equal(archive_read_next_header(a, &entry), ARCHIVE_EOF);
	assert_string_equal(archive_format_name(a), "ASCII cpio (SVR4 with no CRC)");
	archive_read_free(a);
	close(fd);
}

static void read_whole(int fd, uint8_t *buf, uint64_t size)
{
	assert_non_null(buf);
	assert_int_equal(pread(fd, buf, size, 0), size);
}

/* Neither the host file's name nor its times, owner and mode are in it. */
static void test_same_bytes_every_time(void **state)
{
	uint64_t size = 0, size2 = 0;
	int fd = make_all(small_file, &size), fd2 = make_all(other_small_file, &size2);
	cleanup_free uint8_t *one = malloc(size), *two = malloc(size);

	(void)state;
	assert_int_equal(size, size2);
	read_whole(fd, one, size);
	read_whole(fd2, two, size);
	assert_memory_equal(one, two, size);
	close(fd);
	close(fd2);
}

static void test_sealed(void **state)
{
	const int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
	uint64_t size = 0;
	int fd = make_all(small_file, &size);

	(void)state;
	assert_int_equal(fcntl(fd, F_GET_SEALS) & seals, seals);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(pwrite(fd, "x", 1, 0), -1);
	assert_int_equal(ftruncate(fd, 0), -1);
	close(fd);
}

static void test_no_files(void **state)
{
	uint64_t size = 0;
	int fd = -1;
	struct err e;

	(void)state;
	assert_int_equal(initramfs_make(NULL, 0, &fd, &size, &e), 0);
	assert_true(size > 0);
	close(fd);
}

static const struct bad_case {
	const char *name;
	const char *host; /* NULL: a good one */
	int code;
	const char *words;
} bad_cases[] = {
	{ "", NULL, -EINVAL, "\"\" is not a file name" },
	{ "/init", NULL, -EINVAL, "\"/init\" is not a file name" },
	{ "bin/", NULL, -EINVAL, "\"bin/\" is not a file name" },
	{ "a//b", NULL, -EINVAL, "\"a//b\" is not a file name" },
	{ ".", NULL, -EINVAL, "\".\" is not a file name" },
	{ "a/../b", NULL, -EINVAL, "\"a/../b\" is not a file name" },
	{ "..", NULL, -EINVAL, "\"..\" is not a file name" },
	{ "first", NULL, -EINVAL, "\"first\" is given twice" },
	{ "dev", NULL, -EINVAL, "\"dev\" is given twice" },
	{ "dev/console", NULL, -EINVAL, "\"dev/console\" is given twice" },
	{ "first/file", NULL, -EINVAL, "\"first\" is a file and a directory" },
	{ "dev/console/x", NULL, -EINVAL, "\"dev/console\" is a file and a directory" },
	{ "init", "/nowhere/init", -ENOENT, "cannot open /nowhere/init: No such file" },
	{ "init", "/dev/null", -EINVAL, "/dev/null is not a regular file" },
	{ "init", "/", -EINVAL, "/ is not a regular file" },
};

static void test_bad_file_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad_cases); i++) {
		const struct bad_case *c = &bad_cases[i];
		const struct initramfs_file files[] = {
			{ "first", small_file, 0644 },
			{ c->name, c->host ? c->host : small_file, 0644 },
		};
		struct err e = { 0 };
		uint64_t size = 7;
		int fd = -2;
		int r = initramfs_make(files, ARRAY_SIZE(files), &fd, &size, &e);

		if (r != c->code || e.code != r || !strstr(e.message, c->words))
			fail_msg("%s: %d: %s", c->name, r, e.message);
		assert_int_equal(fd, -2);
		assert_int_equal(size, 7);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_content),
		cmocka_unit_test(test_same_bytes_every_time),
		cmocka_unit_test(test_sealed),
		cmocka_unit_test(test_no_files),
		cmocka_unit_test(test_bad_file_is_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
