/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vmm/initramfs_tree: what of a tree is in the archive, read back by libarchive, and the file that
 * tells init what to run. */
#include "tests/unit/check.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/report_abi.h"
#include "base/util.h"
#include "vmm/initramfs_tree.h"

static char dir[64], init[96];
static char *const argv[] = { (char[]){ "tool" }, (char[]){ "a  \"b\"" }, (char[]){ "" }, NULL };
static char *const envp[] = { (char[]){ "A=1" }, NULL };
static const struct rt_program program = {
	.tree = dir, .path = "/bin/tool", .dir = "/tmp", .argv = argv, .envp = envp
};

static void make(const char *name, const char *text, mode_t mode)
{
	cleanup_free char *path = format_text("%s/%s", dir, name);
	cleanup_fd int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write_all(fd, text, strlen(text)), 0);
	assert_int_equal(fchmod(fd, mode), 0);
}

static void make_socket(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	cleanup_fd int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%.64s/bin/socket", dir);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
}

static int setup(void **state)
{
	static const char *const folders[] = { "bin", "dev", "proc", "sys", "tmp" };
	char one[96], two[96];

	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/test_vmm_tree.XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		snprintf(one, sizeof(one), "%s/%s", dir, folders[i]);
		assert_int_equal(mkdir(one, 0755), 0);
	}
	make("bin/tool", "hello", 04755);
	make("dev/hidden", "x", 0644);
	make("proc/hidden", "x", 0644);
	make("tmp/kept", "", 0600);
	snprintf(one, sizeof(one), "%s/bin/tool", dir);
	snprintf(two, sizeof(two), "%s/bin/twin", dir);
	assert_int_equal(link(one, two), 0);
	snprintf(two, sizeof(two), "%s/bin/out", dir);
	assert_int_equal(symlink("/etc", two), 0);
	snprintf(two, sizeof(two), "%s/bin/pipe", dir);
	assert_int_equal(mkfifo(two, 0600), 0);
	make_socket();
	snprintf(init, sizeof(init), "%s-init", dir);
	{
		cleanup_fd int fd = open(init, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

		assert_int_equal(write_all(fd, "INIT", 4), 0);
	}
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(init);
	return remove_tree(dir);
}

/* In this order: sorted, folders before what is in them, ours last. */
static const struct {
	const char *name;
	mode_t mode;
	size_t size;
	const char *target;
	bool linked;
} expected[] = {
	{ "bin", S_IFDIR | 0755, 0, NULL, false }, { "bin/out", S_IFLNK | 0777, 0, "/etc", false },
	{ "bin/pipe", S_IFIFO | 0600, 0, NULL, false },
	{ "bin/tool", S_IFREG | 04755, 5, NULL, true },
	{ "bin/twin", S_IFREG | 04755, 0, NULL, true }, { "dev", S_IFDIR | 0755, 0, NULL, false },
	{ "proc", S_IFDIR | 0755, 0, NULL, false }, { "sys", S_IFDIR | 0755, 0, NULL, false },
	{ "tmp", S_IFDIR | 0755, 0, NULL, false }, { "tmp/kept", S_IFREG | 0600, 0, NULL, false },
	{ "dev", S_IFDIR | 0755, 0, NULL, false },
	{ "dev/console", S_IFCHR | 0600, 0, NULL, false },
	{ ".bench", S_IFDIR | 0700, 0, NULL, false },
	{ ".bench/init", S_IFREG | 0755, 4, NULL, false },
	{ ".bench/exec", S_IFREG | 0600, 0, NULL, false }, /* its size is checked elsewhere */
};

static void the_tree_as_it_stands(void **state)
{
	struct archive *a = archive_read_new();
	struct archive_entry *entry;
	int64_t ino = 0;
	uint64_t size;
	struct err e = { 0 };
	int fd = -1;

	(void)state;
	assert_int_equal(initramfs_make_tree(&program, init, &fd, &size, &e), 0);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	archive_read_support_format_cpio(a);
	assert_int_equal(archive_read_open_fd(a, fd, 4096), ARCHIVE_OK);
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		assert_int_equal(archive_read_next_header(a, &entry), ARCHIVE_OK);
		assert_string_equal(archive_entry_pathname(entry), expected[i].name);
		assert_int_equal(archive_entry_mode(entry), expected[i].mode);
		assert_int_equal(archive_entry_uid(entry), 0);
		if (strcmp(expected[i].name, &EXEC_FILE[1]) && !expected[i].target)
			assert_int_equal(archive_entry_size(entry), expected[i].size);
		if (expected[i].target)
			assert_string_equal(archive_entry_symlink(entry), expected[i].target);
		assert_int_equal(archive_entry_nlink(entry) == 2 && S_ISREG(expected[i].mode),
			expected[i].linked);
		if (expected[i].linked && ino)
			assert_int_equal(archive_entry_ino64(entry), ino);
		ino = expected[i].linked ? archive_entry_ino64(entry) : 0;
	}
	assert_int_equal(archive_read_next_header(a, &entry), ARCHIVE_EOF);
	archive_read_free(a);
	close(fd);
}

static void the_file_for_init(void **state)
{
	static const char want[] = EXEC_MAGIC "\0/tmp\0/bin/tool\0"
					      "3\0tool\0a  \"b\"\0\0A=1";
	char *text = NULL;
	size_t len = 0;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(exec_file_make(&program, &text, &len, &e), 0);
	assert_int_equal(len, sizeof(want));
	assert_memory_equal(text, want, sizeof(want));
	free(text);
}

static void too_long_arguments_are_refused(void **state)
{
	cleanup_free char *huge = calloc(1, EXEC_FILE_MAX);
	char *const args[] = { huge, NULL };
	struct rt_program p = program;
	struct err e = { 0 };
	uint64_t size;
	int fd = -1;

	(void)state;
	memset(huge, 'x', EXEC_FILE_MAX - 1);
	p.argv = args;
	assert_int_equal(initramfs_make_tree(&p, init, &fd, &size, &e), -E2BIG);
	assert_int_equal(fd, -1);
}

static void bad_trees_are_refused(void **state)
{
	char path[96];
	struct rt_program p = program;
	struct err e = { 0 };
	uint64_t size;
	int fd = -1;

	(void)state;
	p.tree = "/no/such";
	assert_int_equal(initramfs_make_tree(&p, init, &fd, &size, &e), -ENOENT);
	p.tree = init;
	assert_int_equal(initramfs_make_tree(&p, init, &fd, &size, &e), -ENOTDIR);
	assert_int_equal(initramfs_make_tree(&program, "/no/such", &fd, &size, &e), -ENOENT);
	snprintf(path, sizeof(path), "%s/.bench", dir);
	assert_int_equal(mkdir(path, 0755), 0);
	assert_int_equal(initramfs_make_tree(&program, init, &fd, &size, &e), -EINVAL);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(fd, -1);
}

/* 80 folders in each other. */
static void a_tree_too_deep_is_refused(void **state)
{
	char path[512];
	size_t used = (size_t)snprintf(path, sizeof(path), "%s/tmp", dir);
	struct err e = { 0 };
	uint64_t size;
	int fd = -1;

	(void)state;
	for (int i = 0; i < 80; i++) {
		used += (size_t)snprintf(path + used, sizeof(path) - used, "/d");
		assert_int_equal(mkdir(path, 0755), 0);
	}
	assert_int_equal(initramfs_make_tree(&program, init, &fd, &size, &e), -E2BIG);
	snprintf(path, sizeof(path), "%s/tmp/d", dir);
	assert_int_equal(remove_tree(path), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_tree_as_it_stands),
		cmocka_unit_test(the_file_for_init),
		cmocka_unit_test(too_long_arguments_are_refused),
		cmocka_unit_test(bad_trees_are_refused),
		cmocka_unit_test(a_tree_too_deep_is_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
