/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/check.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/util.h"

static const struct {
	const char *text;
	uint64_t min, max;
	int result;
	uint64_t value;
} numbers[] = {
	{ "0", 0, 10, 0, 0 },
	{ "10", 0, 10, 0, 10 },
	{ "007", 0, 10, 0, 7 },
	{ "18446744073709551615", 0, UINT64_MAX, 0, UINT64_MAX },
	{ "18446744073709551616", 0, UINT64_MAX, -ERANGE, 0 },
	{ "99999999999999999999999", 0, UINT64_MAX, -ERANGE, 0 },
	{ "11", 0, 10, -ERANGE, 0 },
	{ "0", 1, 10, -ERANGE, 0 },
	{ "", 0, 10, -EINVAL, 0 },
	{ "-1", 0, 10, -EINVAL, 0 },
	{ "+1", 0, 10, -EINVAL, 0 },
	{ " 1", 0, 10, -EINVAL, 0 },
	{ "1 ", 0, 10, -EINVAL, 0 },
	{ "1k", 0, 10, -EINVAL, 0 },
	{ "0x1", 0, 10, -EINVAL, 0 },
};

static void numbers_are_strict(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		uint64_t v = 77;
		int r = parse_u64(numbers[i].text, numbers[i].min, numbers[i].max, &v);

		if (r != numbers[i].result || v != (r ? 77 : numbers[i].value))
			fail_msg("'%s': %d, %ju", numbers[i].text, r, (uintmax_t)v);
	}
	assert_int_equal(parse_u64(NULL, 0, 1, &(uint64_t){ 0 }), -EINVAL);
}

static const struct {
	const char *a, *b;
	unsigned distance;
} distances[] = {
	{ "", "", 0 },
	{ "host", "host", 0 },
	{ "hots", "host", 2 },
	{ "", "abc", 3 },
	{ "kitten", "sitting", 3 },
};

static void distances_are_levenshtein(void **state)
{
	char far[200];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(distances); i++) {
		assert_int_equal(
			edit_distance(distances[i].a, distances[i].b), distances[i].distance);
		assert_int_equal(
			edit_distance(distances[i].b, distances[i].a), distances[i].distance);
	}
	memset(far, 'x', sizeof(far) - 1);
	far[sizeof(far) - 1] = '\0';
	assert_true(edit_distance(far, "x") > 1000);
}

static void errors_are_filled_and_optional(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_int_equal(err_set(&e, -EPERM, "step", "on '%s'", "it"), -EPERM);
	assert_string_equal(e.step, "step");
	assert_string_equal(e.message, "on 'it'");
	errno = ENOENT;
	assert_int_equal(err_sys(&e, "open", "'%s'", "x"), -ENOENT);
	assert_string_equal(e.message, "'x': No such file or directory");
	assert_string_equal(e.remedy, "");
	assert_int_equal(err_help(&e, "make %s", "it"), -ENOENT);
	assert_string_equal(e.remedy, "make it");
	assert_int_equal(err_set(NULL, -EPERM, "step", "nothing"), -EPERM);
	errno = EBUSY;
	assert_int_equal(err_sys(NULL, "step", "nothing"), -EBUSY);
}

static void trees_are_made_and_removed_without_following_links(void **state)
{
	char dir[] = "/tmp/bench-test-XXXXXX", path[128], outside[128];
	char *text = NULL;
	size_t len;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(outside, sizeof(outside), "%s/keep", dir);
	assert_int_equal(mkdir(outside, 0700), 0);
	snprintf(path, sizeof(path), "%s/a/b/c", dir);
	assert_int_equal(make_dirs(path), 0);
	assert_int_equal(make_dirs(path), 0); /* there already */
	snprintf(path, sizeof(path), "%s/a/b/link", dir);
	assert_int_equal(symlink(outside, path), 0);
	snprintf(path, sizeof(path), "%s/a/file", dir);
	{
		cleanup_fd int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

		assert_int_equal(write_all(fd, "line\nmore", 9), 0);
	}
	assert_int_equal(read_file(path, 100, &text, &len), 0);
	assert_int_equal(len, 9);
	assert_string_equal(text, "line\nmore");
	free(text);
	assert_int_equal(read_file(path, 8, &text, &len), -EFBIG);
	assert_int_equal(read_line(path, outside + 100, 10), 0);
	assert_string_equal(outside + 100, "line");
	snprintf(path, sizeof(path), "%s/a", dir);
	assert_int_equal(remove_tree(path), 0);
	assert_int_equal(access(path, F_OK), -1);
	snprintf(path, sizeof(path), "%s/keep", dir);
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(remove_tree(dir), 0);
	assert_int_equal(remove_tree(dir), -ENOENT);
}

/* FIPS 180-2, appendix B.1. */
static void hashes_are_sha256(void **state)
{
	char hex[SHA256_HEX_SIZE];

	(void)state;
	sha256_mem("abc", 3, hex);
	assert_string_equal(
		hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_int_equal(sha256_path("/no/such/file", hex), -ENOENT);
}

/* What a file ends before is missing; what does not fit is an error, after the part that did. */
static void files_are_read_and_written_at_a_place(void **state)
{
	cleanup_fd int fd = memfd_create("file", MFD_CLOEXEC);
	const struct rlimit small = { .rlim_cur = 5000, .rlim_max = RLIM_INFINITY };
	char text[8192], back[8192] = "";
	struct rlimit before;

	(void)state;
	memset(text, 'x', sizeof(text));
	assert_int_equal(pwrite_all(fd, text, 100, 4000), 100);
	assert_int_equal(pread_all(fd, back, 200, 4050), 50);
	assert_memory_equal(back, text, 50);
	assert_int_equal(pread_all(fd, back, 200, 4100), 0);
	assert_int_equal(pread_all(fd, back, 4100, 0), 4100);
	assert_int_equal(pread_all(-1, back, 1, 0), -1);
	assert_int_equal(errno, EBADF);
	assert_int_equal(pread_all(fd, back, 1, -1), -1);
	assert_int_equal(errno, EINVAL);

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	assert_ptr_not_equal(signal(SIGXFSZ, SIG_IGN), SIG_ERR);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(pwrite_all(fd, text, sizeof(text), 0), -1);
	assert_int_equal(errno, EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(pread_all(fd, back, sizeof(back), 0), 5000);
	assert_memory_equal(back, text, 5000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_strict),
		cmocka_unit_test(distances_are_levenshtein),
		cmocka_unit_test(errors_are_filled_and_optional),
		cmocka_unit_test(trees_are_made_and_removed_without_following_links),
		cmocka_unit_test(hashes_are_sha256),
		cmocka_unit_test(files_are_read_and_written_at_a_place),
	};

	return cmocka_run_group_tests_name("base/util", tests, NULL, NULL);
}
