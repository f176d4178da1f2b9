/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A program of the user's own in a container: its tree is its root. */
#include "tests/unit/ctr_fixture.h"

#include <errno.h>
#include <unistd.h>

#include "ctr/tree.h"

static char *path_in(const struct fixture *f, const char *name)
{
	return format_text("%s/tree%s", f->dir, name);
}

static void make_folder(const struct fixture *f, const char *name)
{
	cleanup_free char *path = path_in(f, name);

	assert_int_equal(mkdir(path, 0755), 0);
}

static int setup(void **state)
{
	static const char *const folders[] = { "", "/usr", "/usr/bin", "/proc", "/dev", "/tmp",
		"/tmp/own" };
	cleanup_free char *tool = NULL, *link = NULL, *in_tmp = NULL, *pipe = NULL;
	struct fixture *f;

	fixture_setup(state);
	f = *state;
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		make_folder(f, folders[i]);
	tool = path_in(f, "/usr/bin/tool");
	in_tmp = path_in(f, "/tmp/own/tool");
	link = path_in(f, "/bin");
	pipe = path_in(f, "/pipe");
	copy_payload(tool);
	copy_payload(in_tmp);
	assert_int_equal(symlink("usr/bin", link), 0);
	assert_int_equal(mkfifo(pipe, 0600), 0);
	return 0;
}

static void what_lies_at_the_top(void **state)
{
	const struct fixture *f = *state;
	cleanup_free char *root = path_in(f, ""), *tool = path_in(f, "/usr/bin/tool");
	struct ctr_tree *t;
	struct err e = { 0 };
	bool usr = false, bin = false;

	assert_int_equal(ctr_tree_scan(root, &t, &e), 0);
	assert_int_equal(t->top.n, 2); /* neither the container's own nor a pipe */
	for (unsigned i = 0; i < t->top.n; i++) {
		const struct ctr_tree_entry *entry = &t->top.entries[i];

		usr |= !strcmp(entry->name, "usr") && entry->folder && !entry->target;
		bin |= !strcmp(entry->name, "bin") && !entry->folder &&
		       !strcmp(entry->target, "usr/bin");
	}
	assert_true(usr && bin);
	assert_int_equal(t->tmp.n, 1);
	assert_string_equal(t->tmp.entries[0].name, "own");
	ctr_tree_free(t);
	assert_int_equal(ctr_tree_scan("/no/such", &t, &e), -ENOENT);
	assert_int_equal(ctr_tree_scan(tool, &t, &e), -ENOTDIR);
}

static void too_many_entries_are_refused(void **state)
{
	const struct fixture *f = *state;
	cleanup_free char *root = path_in(f, "");
	struct ctr_tree *t;
	struct err e = { 0 };

	for (int i = 0; i <= TREE_TOP_MAX; i++) {
		cleanup_free char *name = format_text("/%d", i);

		make_folder(f, name);
	}
	assert_int_equal(ctr_tree_scan(root, &t, &e), -E2BIG);
}

static const struct {
	const char *path, *dir;
	int launched, code;
	const char *step;
} programs[] = {
	{ "/usr/bin/tool", "/", 0, 7, NULL },
	{ "/bin/tool", "/usr", 0, 7, NULL }, /* through a link at the top */
	{ "/tmp/own/tool", "/tmp", 0, 7, NULL }, { "/bin/nosuch", "/", -ENOENT, 0, "execve" },
	{ "/bin/tool", "/no/such", -ENOENT, 0, "working directory" },
	{ "/workload", "/", -ENOENT, 0, "execve" }, /* ours is not there */
};

static void programs_find_their_tree(void **state)
{
	struct fixture *f = *state;
	cleanup_free char *root = path_in(f, "");
	char *const argv[] = { (char[]){ "tool" }, (char[]){ "exit" }, (char[]){ "7" }, NULL };
	char *const envp[] = { NULL };
	cleanup_fd int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	NEEDS_CONTAINERS(f);
	for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
		const struct rt_program program = { .tree = root,
			.path = programs[i].path,
			.dir = programs[i].dir,
			.argv = argv,
			.envp = envp };
		const struct job job = { .argv = argv,
			.deadline_ns = now_ns() + 60 * NSEC_PER_SEC,
			.report_fd = null_fd,
			.output_fd = null_fd,
			.error_fd = null_fd };
		struct rt_config cfg = f->cfg;
		struct instance *in = NULL;
		struct outcome out = { 0 };
		struct err e = { 0 };
		struct runtime *rt;

		cfg.program = &program;
		assert_int_equal(ctr_runtime.open(&cfg, &rt, &e), 0);
		assert_int_equal(ctr_runtime.launch(rt, &job, &in, &e), programs[i].launched);
		if (programs[i].step) {
			assert_string_equal(e.step, programs[i].step);
		} else {
			assert_int_equal(ctr_runtime.wait(in, &out, &e), 0);
			assert_int_equal(out.kind, OUTCOME_EXITED);
			assert_int_equal(out.code, programs[i].code);
		}
		ctr_runtime.reap(in);
		ctr_runtime.close(rt);
	}
}

static void without_mounts_there_is_no_root(void **state)
{
	struct fixture *f = *state;
	cleanup_free char *root = path_in(f, "");
	char *const none[] = { NULL };
	const struct rt_program program = {
		.tree = root, .path = "/bin/tool", .dir = "/", .argv = none, .envp = none
	};
	struct rt_config cfg = f->cfg;
	struct err e = { 0 };
	struct runtime *rt;

	NEEDS_CONTAINERS(f);
	cfg.program = &program;
	cfg.ctr_namespaces &= ~(unsigned)CLONE_NEWNS;
	assert_int_equal(ctr_runtime.open(&cfg, &rt, &e), -EINVAL);
	assert_non_null(strstr(e.message, "mount namespace"));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(what_lies_at_the_top),
		TEST(too_many_entries_are_refused),
		TEST(programs_find_their_tree),
		TEST(without_mounts_there_is_no_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
