/* SPDX-License-Identifier: GPL-3.0-or-later */
/* runner/kernels: names, and where the images are looked for, in folders made for each test. */
#include "tests/unit/check.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/util.h"
#include "runner/kernels.h"

struct tree {
	char root[64];
	struct paths paths;
};

static int make_tree(void **state)
{
	struct tree *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	strcpy(t->root, "/tmp/test_kernels.XXXXXX");
	assert_non_null(mkdtemp(t->root));
	snprintf(t->paths.cache, PATH_SIZE, "%s/cache", t->root);
	snprintf(t->paths.libexec, PATH_SIZE, "%s/libexec", t->root);
	snprintf(t->paths.scripts, PATH_SIZE, "%s/scripts", t->root);
	*state = t;
	return 0;
}

static int remove_made_tree(void **state)
{
	struct tree *t = *state;
	int r = remove_tree(t->root);

	free(t);
	return r;
}

/* A file below the tree's root, with its folders. */
static void put(const struct tree *t, const char *path, const char *text, mode_t mode)
{
	char full[PATH_SIZE];
	int fd;

	snprintf(full, sizeof(full), "%s/%s", t->root, path);
	*strrchr(full, '/') = '\0';
	assert_int_equal(make_dirs(full), 0);
	full[strlen(full)] = '/';
	fd = open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	assert_true(fd >= 0);
	assert_int_equal(write_all(fd, text, strlen(text)), 0);
	close(fd);
}

static void names(void **state)
{
	static const struct {
		const char *name;
		int want;
		const char *nearest; /* must be in the message */
	} cases[] = {
		{ "host", 0, NULL },
		{ "distro", 0, NULL },
		{ "distro-6.12", 0, NULL },
		{ "distro-10.0", 0, NULL },
		{ "minimal", 0, NULL },
		{ "minimal-6.1", 0, NULL },
		{ "minimal-", -EINVAL, "'minimal'" },
		{ "empty", 0, NULL },
		{ "empty-1.0", -EINVAL, NULL },
		{ "hello", 0, NULL },
		{ "./vmlinuz", 0, NULL },
		{ "/boot/vmlinuz", 0, NULL },
		{ "hots", -EINVAL, "'host'" },
		{ "hell", -EINVAL, "'hello'" },
		{ "distr", -EINVAL, "'distro'" },
		{ "distro-", -EINVAL, "'distro'" },
		{ "distro-6", -EINVAL, NULL },
		{ "distro-6.", -EINVAL, NULL },
		{ "distro-6.12.1", -EINVAL, NULL },
		{ "distro-6.12x", -EINVAL, NULL },
		{ "host-6.12", -EINVAL, NULL },
		{ "", -EINVAL, NULL },
		{ "vmlinuz", -EINVAL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct err e = { 0 };

		print_message("'%s'\n", cases[i].name);
		assert_int_equal(kernel_known(cases[i].name, &e), cases[i].want);
		if (cases[i].nearest)
			assert_non_null(strstr(e.message, cases[i].nearest));
		if (cases[i].want)
			assert_non_null(strstr(e.remedy, "host, distro, minimal, hello, empty"));
	}
}

static void host_prefers_unpacked(void **state)
{
	/* Each file is better than those before it. */
	static const char *const better[] = { "boot/kernel-6.6.6", "lib/modules/6.6.6/vmlinuz",
		"boot/vmlinuz-6.6.6", "usr/lib/debug/boot/vmlinux-6.6.6", "boot/vmlinux-6.6.6" };
	struct tree *t = *state;
	struct kernel_ref ref;
	struct err e = { 0 };

	assert_int_equal(kernel_find_host(t->root, "6.6.6", &ref, &e), -ENOENT);
	assert_non_null(strstr(e.message, "6.6.6"));
	assert_true(*e.remedy);
	for (size_t i = 0; i < ARRAY_SIZE(better); i++) {
		char want[PATH_SIZE];

		put(t, better[i], "kernel", 0644);
		snprintf(want, sizeof(want), "%s/%s", t->root, better[i]);
		assert_int_equal(kernel_find_host(t->root, "6.6.6", &ref, &e), 0);
		assert_string_equal(ref.path, want);
		assert_string_equal(ref.release, "6.6.6");
		assert_string_equal(ref.dir, "");
	}
	assert_int_equal(kernel_find_host(t->root, "6.6.7", &ref, &e), -ENOENT);
}

/* Ubuntu's images are 0600 root: the answer must be how to make them readable. */
static void host_unreadable(void **state)
{
	struct tree *t = *state;
	struct kernel_ref ref;
	struct err e = { 0 };
	int r;

	put(t, "boot/vmlinuz-6.6.6", "kernel", 0000);
	assert_int_equal(chmod(t->root, 0755), 0);
	if (geteuid() == 0)
		assert_int_equal(seteuid(65534), 0);
	r = kernel_find_host(t->root, "6.6.6", &ref, &e);
	if (getuid() == 0)
		assert_int_equal(seteuid(0), 0);
	assert_int_equal(r, -EACCES);
	assert_non_null(strstr(e.remedy, "chmod"));
}

static void fetched(void **state)
{
	struct tree *t = *state;
	char dir[PATH_SIZE];
	struct kernel_ref ref;
	struct err e = { 0 };

	assert_int_equal(kernel_resolve("distro-6.12", &t->paths, &ref, &e), -ENOENT);
	assert_string_equal(e.remedy, "bench kernel fetch distro-6.12");
	put(t, "cache/kernels/distro-6.12/vmlinuz", "kernel", 0644);
	put(t, "cache/kernels/distro-6.12/release", "6.12.1-cloud\n", 0644);
	assert_int_equal(kernel_resolve("distro-6.12", &t->paths, &ref, &e), 0);
	assert_string_equal(ref.release, "6.12.1-cloud");
	snprintf(dir, sizeof(dir), "%s/cache/kernels/distro-6.12", t->root);
	assert_string_equal(ref.dir, dir);
	assert_int_equal(kernel_resolve("distro", &t->paths, &ref, &e), -ENOENT);

	assert_int_equal(kernel_make("distro-6.12", "fetch", NULL, &t->paths, &e), -EEXIST);
	assert_int_equal(kernel_remove("distro-6.12", &t->paths, &e), 0);
	assert_int_equal(access(dir, F_OK), -1);
	assert_int_equal(kernel_remove("distro-6.12", &t->paths, &e), -ENOENT);
	assert_int_equal(kernel_remove("host", &t->paths, &e), -EINVAL);
	assert_int_equal(kernel_remove("nonsuch", &t->paths, &e), -EINVAL);
	assert_int_equal(kernel_make("hello", "fetch", NULL, &t->paths, &e), -EINVAL);
}

/* What is missing comes by the script, and the script's own words say why it does not. */
static void needed_is_fetched(void **state)
{
	struct tree *t = *state;
	struct kernel_ref ref;
	struct err e = { 0 };

	put(t, "scripts/kernel-fetch",
		"#!/bin/sh\necho noise >&2\necho 'kernel-fetch: no net' >&2\nexit 1\n", 0755);
	assert_int_equal(kernel_need("distro", &t->paths, &ref, &e), -EIO);
	assert_non_null(strstr(e.message, "'distro': no net"));
	put(t, "scripts/kernel-fetch", "#!/bin/sh\nexit 130\n", 0755);
	assert_int_equal(kernel_need("distro", &t->paths, &ref, &e), -ECANCELED);
	put(t, "scripts/kernel-fetch",
		"#!/bin/sh\nmkdir -p \"$2\"; echo \"$1-x\" >\"$2/release\"; : >\"$2/vmlinuz\"\n",
		0755);
	assert_int_equal(kernel_need("distro-6.1", &t->paths, &ref, &e), 0);
	assert_string_equal(ref.release, "distro-6.1-x");
	put(t, "scripts/kernel-fetch", "#!/bin/sh\nexit 1\n", 0755); /* not called again */
	assert_int_equal(kernel_need("distro-6.1", &t->paths, &ref, &e), 0);
	assert_int_equal(kernel_need("hello", &t->paths, &ref, &e), -ENOENT);
}

/* What has to be built is built when asked for, and never by a run that needs it. */
static void built(void **state)
{
	struct tree *t = *state;
	struct kernel_ref ref;
	struct err e = { 0 };
	char want[PATH_SIZE];

	put(t, "scripts/kernel-build",
		"#!/bin/sh\n[ \"$3\" = --source ] || { echo \"kernel-build: $3none\" >&2; exit 1; "
		"}\n"
		"mkdir -p \"$2\"; echo \"$1-$4\" >\"$2/release\"; : >\"$2/vmlinux\"\n",
		0755);
	assert_int_equal(kernel_need("minimal", &t->paths, &ref, &e), -ENOENT);
	assert_string_equal(e.remedy, "bench kernel build minimal");
	assert_int_equal(kernel_make("minimal", "fetch", NULL, &t->paths, &e), -EINVAL);
	assert_string_equal(e.remedy, "bench kernel build minimal");
	assert_int_equal(kernel_make("distro", "build", NULL, &t->paths, &e), -EINVAL);
	assert_int_equal(kernel_make("hello", "build", NULL, &t->paths, &e), -EINVAL);
	assert_int_equal(kernel_make("minimal", "build", NULL, &t->paths, &e), -EIO);
	assert_non_null(strstr(e.message, "building the kernel 'minimal': none"));
	for (int i = 0; i < 2; i++) /* the script sees whether anything has changed */
		assert_int_equal(kernel_make("minimal-6.1", "build", "/tree", &t->paths, &e), 0);
	assert_int_equal(kernel_need("minimal-6.1", &t->paths, &ref, &e), 0);
	assert_string_equal(ref.release, "minimal-6.1-/tree");
	snprintf(want, sizeof(want), "%s/cache/kernels/minimal-6.1/vmlinux", t->root);
	assert_string_equal(ref.path, want);
	assert_int_equal(kernel_remove("minimal-6.1", &t->paths, &e), 0);
}

static void empty(void **state)
{
	struct tree *t = *state;
	struct kernel_ref ref;
	struct err e = { 0 };

	assert_int_equal(kernel_resolve("empty", &t->paths, &ref, &e), 0);
	assert_string_equal(ref.path, "");
	assert_int_equal(kernel_remove("empty", &t->paths, &e), -EINVAL);
	assert_false(kernel_is_linux("empty"));
	assert_false(kernel_is_linux("hello"));
	assert_true(kernel_is_linux("minimal"));
	assert_true(kernel_is_linux("./hello"));
}

static void hello_and_paths(void **state)
{
	struct tree *t = *state;
	struct kernel_ref ref;
	struct err e = { 0 };
	char path[PATH_SIZE], longer[PATH_SIZE + 1];

	assert_int_equal(kernel_resolve("hello", &t->paths, &ref, &e), -ENOENT);
	put(t, "libexec/hello.elf", "ELF", 0644);
	assert_int_equal(kernel_resolve("hello", &t->paths, &ref, &e), 0);
	snprintf(path, sizeof(path), "%s/libexec/hello.elf", t->root);
	assert_string_equal(ref.path, path);
	assert_int_equal(kernel_resolve(path, &t->paths, &ref, &e), 0);
	assert_string_equal(ref.path, path);
	assert_int_equal(kernel_resolve(t->root, &t->paths, &ref, &e), -EINVAL);
	assert_non_null(strstr(e.message, "not a regular file"));
	assert_int_equal(kernel_resolve("./nonsuch", &t->paths, &ref, &e), -ENOENT);
	memset(longer, '/', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(kernel_resolve(longer, &t->paths, &ref, &e), -ENAMETOOLONG);
}

static void list(void **state)
{
	struct tree *t = *state;
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	struct err e = { 0 };

	assert_non_null(f);
	put(t, "cache/kernels/distro-6.12/vmlinuz", "kernel", 0644);
	put(t, "cache/kernels/distro-6.12/release", "6.12.1-cloud\n", 0644);
	put(t, "cache/kernels/distro.ab12/vmlinuz", "left by a fetch that was killed", 0644);
	assert_int_equal(kernels_print(f, &t->paths, &e), 0);
	fclose(f);
	assert_non_null(strstr(text, "distro-6.12    6.12.1-cloud"));
	assert_non_null(strstr(text, "distro         -"));
	assert_non_null(strstr(text, "hello          -"));
	assert_null(strstr(text, "ab12"));
	free(text);
}

int main(void)
{
#define IN_TREE(f) cmocka_unit_test_setup_teardown(f, make_tree, remove_made_tree)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		IN_TREE(host_prefers_unpacked),
		IN_TREE(host_unreadable),
		IN_TREE(fetched),
		IN_TREE(needed_is_fetched),
		IN_TREE(built),
		IN_TREE(empty),
		IN_TREE(hello_and_paths),
		IN_TREE(list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
