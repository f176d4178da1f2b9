/* SPDX-License-Identifier: GPL-3.0-or-later */
/* runner/tree: a temporary root file system, and one that is there. */
#include "tests/unit/check.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/util.h"
#include "runner/needs.h"
#include "runner/tree.h"

static char dir[64];

static int setup(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/test_runner_tree.XXXXXX");
	return mkdtemp(dir) && !setenv("TMPDIR", dir, 1) ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	return remove_tree(dir);
}

static char *make(const char *name, const char *text, mode_t mode)
{
	char *path = format_text("%s/%s", dir, name);
	cleanup_fd int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write_all(fd, text, strlen(text)), 0);
	assert_int_equal(fchmod(fd, mode), 0);
	return path;
}

static void check(const struct tree *t, const char *path, const char *text, mode_t mode)
{
	cleanup_free char *inside = format_text("%s%s", t->root, path), *got = NULL;
	struct stat st;

	assert_int_equal(lstat(inside, &st), 0);
	assert_int_equal(st.st_mode & 07777, mode);
	if (!text)
		return;
	assert_int_equal(read_file(inside, 1000, &got, NULL), 0);
	assert_string_equal(got, text);
}

static void files_keep_their_places(void **state)
{
	cleanup_free char *program = make("program", "run", 0750), *data = make("data", "", 0600);
	cleanup_free char *folder = format_text("%s/folder", dir);
	cleanup_free char *link = format_text("%s/folder/out", dir);
	cleanup_free char *through = format_text("%s/folder/out/data", dir);
	struct tree t;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(mkdir(folder, 0700), 0);
	assert_int_equal(symlink(dir, link), 0);
	assert_int_equal(tree_make(&t, &e), 0);
	check(&(struct tree){ .root = "" }, t.folder, NULL, 0700); /* for our eyes only */
	assert_int_equal(tree_put(&t, program, &e), 0);
	assert_int_equal(tree_put(&t, data, &e), 0);
	assert_int_equal(tree_put(&t, data, &e), 0); /* twice is fine */
	assert_int_equal(tree_put(&t, folder, &e), 0);
	assert_int_equal(tree_put_folder(&t, "/a/b", &e), 0);
	assert_int_equal(tree_finish(&t, &e), 0);
	check(&t, program, "run", 0755);
	check(&t, data, "", 0644);
	check(&t, "/a/b", NULL, 0755);
	check(&t, "/tmp", NULL, 01777);
	check(&t, "/proc", NULL, 0555);
	check(&t, link, NULL, 0777); /* a link still */
	/* Through the copied link the real folder would be written to. */
	assert_int_not_equal(tree_put(&t, through, &e), 0);
	tree_close(&t);
	assert_int_equal(access(t.root, F_OK), -1);
}

static const struct {
	const char *path;
	int r;
} refused[] = {
	{ "/proc/self/status", -EINVAL },
	{ "/sys", -EINVAL },
	{ "/dev/null", -EINVAL },
	{ "/no/such", -ENOENT },
	{ "/tmp/../etc/passwd", -EINVAL },
};

static void bad_paths_are_refused(void **state)
{
	struct tree t;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(tree_make(&t, &e), 0);
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		assert_int_equal(tree_put(&t, refused[i].path, &e), refused[i].r);
		assert_non_null(strstr(e.message, refused[i].path));
	}
	tree_close(&t);
}

static void the_tree_is_not_copied_into_itself(void **state)
{
	cleanup_free char *data = make("inner", "x", 0644), *again = NULL;
	struct tree t;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(tree_make(&t, &e), 0);
	assert_int_equal(tree_put(&t, dir, &e), 0);
	check(&t, data, "x", 0644);
	again = format_text("%s%s", t.root, t.folder);
	assert_int_equal(access(again, F_OK), -1);
	tree_close(&t);
}

static void a_place_too_long_is_refused(void **state)
{
	char base[PATH_SIZE + 16];
	struct tree t;
	struct err e = { 0 };

	(void)state;
	memset(base, '/', sizeof(base));
	base[sizeof(base) - 1] = '\0';
	assert_int_equal(setenv("TMPDIR", base, 1), 0);
	assert_int_equal(tree_make(&t, &e), -ENAMETOOLONG);
	assert_string_equal(t.folder, ""); /* nothing that tree_close would remove */
	tree_close(&t);
	assert_int_equal(setenv("TMPDIR", "/no/such", 1), 0);
	assert_int_equal(tree_make(&t, &e), -ENOENT);
	tree_close(&t);
	assert_int_equal(setenv("TMPDIR", dir, 1), 0);
}

static const struct {
	const char *name, *search, *path; /* NULL: not found */
	int r;
} inside[] = {
	{ "tool", "/usr/bin:/bin", "/bin/tool", 0 },
	{ "/bin/tool", NULL, "/bin/tool", 0 },
	{ "bin/tool", NULL, "/bin/tool", 0 },
	{ "/bin/link", NULL, "/bin/link", 0 }, /* absolute, and stays inside */
	{ "/bin/../../../bin/tool", NULL, "/bin/../../../bin/tool", 0 },
	{ "/bin/plain", NULL, NULL, -EACCES },
	{ "/bin/orphan", NULL, NULL, -ENOEXEC },
	{ "/bin", NULL, NULL, -EACCES },
	{ "nosuch", "/bin", NULL, -ENOENT },
	{ "", "/bin", NULL, -ENOENT },
	{ "/bin/loop", NULL, NULL, -ELOOP },
	/* What will be there is not what the tree has there: the program that makes containers. */
	{ "/proc/self/exe", NULL, NULL, -EINVAL },
	{ "/bin/exe", NULL, NULL, -EINVAL },
	{ "/bin/script", NULL, NULL, -EINVAL },
	{ "/bin/second", NULL, NULL, -EINVAL },
	/* There on the host, not in the tree. */
	{ "/bin/sh", NULL, NULL, -ENOENT },
};

/* All that the kernel wants of a static program before it runs it. */
static char *make_elf(const char *name)
{
	const struct {
		Elf64_Ehdr head;
		Elf64_Phdr load;
	} elf = { .head = { .e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
				    ELFDATA2LSB, EV_CURRENT },
			  .e_type = ET_EXEC,
			  .e_machine = EM_X86_64,
			  .e_phoff = sizeof(Elf64_Ehdr),
			  .e_phentsize = sizeof(Elf64_Phdr),
			  .e_phnum = 1 },
		.load = { .p_type = PT_LOAD } };
	char *path = make(name, "", 0755);
	cleanup_fd int fd = open(path, O_WRONLY | O_CLOEXEC);

	assert_int_equal(write_all(fd, &elf, sizeof(elf)), 0);
	return path;
}

static void a_whole_tree(void **state)
{
	static const char *const folders[] = { "root", "root/bin", "root/dev", "root/proc",
		"root/proc/self", "root/tmp" };
	static const struct {
		const char *name, *text;
	} scripts[] = {
		{ "root/bin/orphan", "#!/bin/sh\n" },
		{ "root/bin/loop", "#!/bin/loop\n" },
		{ "root/bin/script", "#!/proc/self/exe\n" },
		{ "root/bin/second", "#!/bin/script\n" },
	};
	cleanup_free char *root = format_text("%s/root", dir), *sys = format_text("%s/sys", root);
	cleanup_free char *link = format_text("%s/bin/link", root), *tool, *plain, *exe;
	cleanup_free char *exe_link = format_text("%s/bin/exe", root);
	struct tree t;
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		cleanup_free char *path = format_text("%s/%s", dir, folders[i]);

		assert_int_equal(mkdir(path, 0755), 0);
	}
	tool = make_elf("root/bin/tool");
	exe = make_elf("root/proc/self/exe");
	plain = make("root/bin/plain", "#!/bin/tool\n", 0644);
	for (size_t i = 0; i < ARRAY_SIZE(scripts); i++)
		free(make(scripts[i].name, scripts[i].text, 0755));
	assert_int_equal(symlink("/bin/tool", link), 0);
	assert_int_equal(symlink("../proc/self/exe", exe_link), 0);
	assert_int_equal(tree_use(&t, root, &e), -EINVAL);
	assert_non_null(strstr(e.message, "/sys"));
	assert_int_equal(mkdir(sys, 0755), 0);
	assert_int_equal(tree_use(&t, root, &e), 0);
	assert_int_equal(t.bytes, 7 * 4096);
	for (size_t i = 0; i < ARRAY_SIZE(inside); i++) {
		char path[PATH_SIZE];

		assert_int_equal(tree_find_program(&t, inside[i].name, inside[i].search, path, &e),
			inside[i].r);
		if (inside[i].path)
			assert_string_equal(path, inside[i].path);
	}
	tree_close(&t);
	assert_int_equal(access(root, F_OK), 0); /* the user's own */
	assert_int_equal(tree_use(&t, "/no/such", &e), -EINVAL);
	assert_int_equal(tree_use(&t, tool, &e), -EINVAL);
	assert_int_equal(tree_use(&t, "/", &e), -EINVAL);
}

/* What was a library when it was asked about leads elsewhere when it is copied. */
static void what_was_swapped_is_not_copied(void **state)
{
	cleanup_free char *script = make("swapped.sh", "#!/bin/sh\n", 0755);
	cleanup_free char *secret = make("secret", "root:$y$hash:1:::::\n", 0600);
	cleanup_free char *library = format_text("%s/libx.so", dir);
	struct needs needs = { .paths = { script, library }, .n = 2 };
	cleanup_free char *copied = NULL;
	struct tree t;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(symlink(secret, library), 0);
	assert_int_equal(tree_make(&t, &e), 0);
	copied = format_text("%s%s", t.root, library);
	assert_int_equal(tree_put_needs(&t, &needs, &e), -ENOEXEC);
	assert_non_null(strstr(e.message, "not an ELF file"));
	check(&t, script, "#!/bin/sh\n", 0755);
	assert_int_equal(access(copied, F_OK), -1);
	assert_int_equal(unlink(library), 0);
	assert_int_equal(symlink("/proc/self/maps", library), 0);
	assert_int_equal(tree_put_needs(&t, &needs, &e), -EPERM);
	assert_int_equal(unlink(library), 0);
	needs.paths[1] = (char *)"/dev/null";
	assert_int_equal(tree_put_needs(&t, &needs, &e), -EINVAL);
	tree_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_keep_their_places),
		cmocka_unit_test(bad_paths_are_refused),
		cmocka_unit_test(a_place_too_long_is_refused),
		cmocka_unit_test(the_tree_is_not_copied_into_itself),
		cmocka_unit_test(what_was_swapped_is_not_copied),
		cmocka_unit_test(a_whole_tree),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
