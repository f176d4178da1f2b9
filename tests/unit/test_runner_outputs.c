/* SPDX-License-Identifier: GPL-3.0-or-later */
/* runner/outputs: what a program prints is kept byte by byte, bounded, and compared. */
#include "tests/unit/check.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/util.h"
#include "runner/outputs.h"
#include "tests/unit/folder_fixture.h"

static void bytes_are_kept_as_they_are(void **state)
{
	static const char bytes[] = "a\r\n\0b\xff no newline";
	cleanup_free char *path = format_text("%s/output/0000-host.txt", dir), *got = NULL;
	struct capture c;
	struct err e = { 0 };
	size_t len;

	(void)state;
	assert_int_equal(capture_start(&c, dir, "0000-host", &e), 0);
	assert_int_equal(write_all(c.write_fd, bytes, sizeof(bytes)), 0);
	capture_end(&c);
	assert_int_equal(c.bytes, sizeof(bytes));
	assert_int_equal(c.error, 0);
	assert_int_equal(read_file(path, 1000, &got, &len), 0);
	assert_int_equal(len, sizeof(bytes));
	assert_memory_equal(got, bytes, sizeof(bytes));
	/* A launch has one file: a second one of the name is refused. */
	assert_int_equal(capture_start(&c, dir, "0000-host", &e), -EEXIST);
	capture_end(&c);
	unlink(path);
}

static void too_much_is_cut_and_counted(void **state)
{
	cleanup_free char *path = format_text("%s/output/much.txt", dir);
	cleanup_free char *block = calloc(1, 1 << 20);
	struct capture c;
	struct err e = { 0 };
	struct stat st;

	(void)state;
	assert_int_equal(capture_start(&c, dir, "much", &e), 0);
	for (int i = 0; i < 17; i++)
		assert_int_equal(write_all(c.write_fd, block, 1 << 20), 0);
	capture_end(&c);
	assert_int_equal(c.bytes, 17 << 20);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, OUTPUT_MAX);
	unlink(path);
}

/* A process that the program has left behind may keep the pipe open for ever. */
static void nobody_who_keeps_the_pipe_is_waited_for(void **state)
{
	cleanup_free char *path = format_text("%s/output/kept.txt", dir);
	cleanup_fd int kept = -1;
	struct capture c;
	struct err e = { 0 };
	struct stat st;

	(void)state;
	assert_int_equal(capture_start(&c, dir, "kept", &e), 0);
	kept = dup(c.write_fd);
	assert_int_equal(write_all(kept, "x", 1), 0);
	capture_end(&c);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 1);
	unlink(path);
}

static const struct {
	const char *a, *b;
	const char *words; /* NULL: the same */
} pairs[] = {
	{ "", "", NULL },
	{ "one\ntwo\n", "one\ntwo\n", NULL },
	{ "one\ntwo\n", "one\ntow\n", "from byte 5 on (line 2)" },
	{ "one\n", "one\ntwo", "from byte 4 on (line 2), where the first one ends" },
	{ "one\n", "one", "from byte 3 on (line 1), where the second one ends" },
	{ "x", "", "from byte 0 on (line 1)" },
};

static void put(const char *name, const char *text)
{
	cleanup_free char *path = format_text("%s/output/%s", dir, name);
	cleanup_fd int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write_all(fd, text, strlen(text)), 0);
}

static void the_first_difference_is_named(void **state)
{
	cleanup_free char *folder = format_text("%s/output", dir);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		struct err e = { 0 };
		bool same = false;

		assert_int_equal(remove_tree(folder), 0);
		assert_int_equal(mkdir(folder, 0755), 0);
		assert_int_equal(outputs_compare(dir, &same, &e), -ENOENT);
		put("0000-host.txt", pairs[i].a);
		put("0000-other", "no output");
		put("0001-host.txt", pairs[i].a);
		put("0001-vm-distro.txt", pairs[i].b);
		assert_int_equal(outputs_compare(dir, &same, &e), 0);
		assert_int_equal(same, !pairs[i].words);
		if (!same) {
			assert_non_null(strstr(e.message, pairs[i].words));
			assert_non_null(strstr(e.message, "0001-vm-distro.txt"));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_are_kept_as_they_are),
		cmocka_unit_test(too_much_is_cut_and_counted),
		cmocka_unit_test(nobody_who_keeps_the_pipe_is_waited_for),
		cmocka_unit_test(the_first_difference_is_named),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
