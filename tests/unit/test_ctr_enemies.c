/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Root file systems that an enemy has made, and some that he changes while they are used. */
#include "tests/unit/attack_fixture.h"

#include <pthread.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "ctr/tree.h"

/* --- a tree --- */

static char *path_in(const struct host *h, const char *name)
{
	return format_text("%s/tree%s", h->f->dir, name);
}

static void make_folder(const struct host *h, const char *name)
{
	cleanup_free char *path = path_in(h, name);

	assert_int_equal(mkdir(path, 0755), 0);
}

static void make_link(const struct host *h, const char *name, const char *target)
{
	cleanup_free char *path = path_in(h, name);

	assert_int_equal(symlink(target, path), 0);
}

static void make_node(const struct host *h, const char *name, mode_t mode, dev_t dev)
{
	cleanup_free char *path = path_in(h, name);

	/* As nobody in particular we may not make devices: then there are none to be wary of. */
	if (mknod(path, mode | 0666, dev) && (!S_ISCHR(mode) || errno != EPERM))
		fail_msg("'%s': %s", path, strerror(errno));
}

static void make_program(const struct host *h, const char *name, mode_t mode)
{
	cleanup_free char *path = path_in(h, name);

	copy_tool("ctr_attack", path);
	assert_int_equal(chmod(path, mode), 0);
}

/* Where tests/tools/attack/places.c looks. Not the mount points, which are each test's. */
static void plant(const struct host *h)
{
	cleanup_free char *secret = format_text("%s/secret", h->f->dir);
	cleanup_free char *out = format_text("../../../../../../..%s", secret);

	make_folder(h, "");
	make_folder(h, "/bin");
	make_folder(h, "/lib");
	make_program(h, "/bin/attack", 0755);
	make_link(h, "/lib/secret", secret);
	make_link(h, "/lib/out", out);
	make_link(h, "/escape", out);
	make_link(h, "/up", "../../../../../../../../etc/passwd");
	make_node(h, "/lib/null", S_IFCHR, makedev(1, 3));
	make_node(h, "/lib/disk", S_IFCHR, makedev(1, 1));
	make_node(h, "/null", S_IFCHR, makedev(1, 3));
	make_node(h, "/pipe", S_IFIFO, 0);
}

static int setup(void **state)
{
	int r = host_setup(state);

	plant(*state);
	return r;
}

/* One launch of /bin/attack, or of @path, in the tree. */
static int run_in_tree(const struct host *h, const char *path, const char *dir, const char *what,
	struct run *r, void (*between)(const struct host *h))
{
	cleanup_free char *root = path_in(h, "");
	char *const argv[] = { (char *)"attack", (char *)what, NULL };
	char *const envp[] = { NULL };
	const struct rt_program program = {
		.tree = root, .path = path, .dir = dir, .argv = argv, .envp = envp
	};
	struct job job = { .argv = argv,
		.deadline_ns = now_ns() + 600 * NSEC_PER_SEC,
		.output_fd = -1,
		.error_fd = h->terminal };
	struct rt_config cfg = h->f->cfg;
	struct runtime *rt = NULL;
	int ret;

	memset(r, 0, sizeof(*r));
	cfg.program = &program;
	ret = ctr_runtime.open(&cfg, &rt, &r->e);
	if (!ret && between)
		between(h);
	if (!ret)
		ret = run_job(rt, r, &job);
	ctr_runtime.close(rt);
	return ret;
}

/* --- what stands where the kernel's own file systems go --- */

enum kind { ABSENT, LINK, FILE_THERE, PIPE, DEVICE, FOLDER };

static const struct {
	const char *what;
	enum kind proc, sys, dev;
	const char *to[3]; /* of links */
} places[] = {
	{ "nothing", ABSENT, ABSENT, ABSENT, { NULL } },
	{ "links to the root", LINK, LINK, LINK, { "/", "/", "/" } },
	{ "links to the host's", LINK, LINK, LINK, { "/proc", "/sys", "/dev" } },
	{ "links out", LINK, LINK, LINK,
		{ "../../../../proc", "../../../../sys", "../../../../dev" } },
	{ "links to each other", LINK, LINK, LINK, { "sys", "dev", "proc" } },
	{ "links to themselves", LINK, LINK, LINK, { "proc", "sys", "dev" } },
	{ "links into the tree", LINK, LINK, LINK, { "lib", "/bin", "lib/secret" } },
	{ "links to /tmp", LINK, LINK, LINK, { "tmp", "/tmp", "tmp/../tmp" } },
	{ "files", FILE_THERE, FILE_THERE, FILE_THERE, { NULL } },
	{ "pipes", PIPE, PIPE, PIPE, { NULL } },
	{ "devices", DEVICE, DEVICE, DEVICE, { NULL } },
	{ "folders with something in them", FOLDER, FOLDER, FOLDER, { NULL } },
	{ "some of each", LINK, PIPE, FOLDER, { "/", NULL, NULL } },
};

static void make_place(const struct host *h, const char *name, enum kind kind, const char *to)
{
	cleanup_free char *inner = format_text("%s/null", name),
			  *self = format_text("%s/self", name);

	switch (kind) {
	case ABSENT:
		break;
	case LINK:
		make_link(h, name, to);
		break;
	case FILE_THERE:
		make_node(h, name, S_IFREG, 0);
		break;
	case PIPE:
		make_node(h, name, S_IFIFO, 0);
		break;
	case DEVICE:
		make_node(h, name, S_IFCHR, makedev(1, 1));
		break;
	case FOLDER:
		make_folder(h, name);
		make_node(h, inner, S_IFREG, 0);
		make_link(h, self, "/");
		break;
	}
}

static void remove_place(const struct host *h, const char *name)
{
	cleanup_free char *path = path_in(h, name);
	struct stat st;

	if (!lstat(path, &st) && S_ISDIR(st.st_mode))
		remove_tree(path);
	else
		unlink(path);
}

static const struct expected found[] = {
	{ "proc", "proc" },
	{ "sys", "sysfs" },
	{ "dev", "tmpfs" },
	{ "tmp", "tmpfs" },
	{ "null", "ok" },
	{ "self", "ok" },
	{ "make_in_tmp", "ok" },
	{ "make_in_tree", "EROFS" },
	{ "/lib/secret", "ENOENT" },
	{ "/lib/out", "ENOENT" },
	{ "/escape", "ENOENT" },
	{ "/up", "ENOENT" },
	{ "/null", "ENOENT" },
	{ "/pipe", "ENOENT" },
	{ "end", "ok" },
};

static void expect_places(const struct run *r)
{
	static const char *const devices[] = { "/lib/null", "/lib/disk" };

	expect_all(r, found, ARRAY_SIZE(found));
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++) {
		if (!one_of(value_of(r, devices[i]), geteuid() ? "ENOENT,EACCES" : "EACCES"))
			fail_msg("%s: %s", devices[i], value_of(r, devices[i]));
	}
}

static void mount_points_are_never_followed(void **state)
{
	static const char *const names[] = { "/proc", "/sys", "/dev" };
	struct host *h = *state;
	struct run r;

	NEEDS_CONTAINERS(h->f);
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		const enum kind kinds[] = { places[i].proc, places[i].sys, places[i].dev };

		print_message("    %s\n", places[i].what);
		for (size_t k = 0; k < ARRAY_SIZE(names); k++)
			make_place(h, names[k], kinds[k], places[i].to[k]);
		must_run(run_in_tree(h, "/bin/attack", "/", "places", &r, NULL), &r);
		expect_places(&r);
		for (size_t k = 0; k < ARRAY_SIZE(names); k++)
			remove_place(h, names[k]);
	}
}

/* The same tree on a host whose attacker is in the tree: all that a workload may not either. */
static void all_are_refused_from_a_tree(void **state)
{
	struct host *h = *state;
	struct run r;

	NEEDS_CONTAINERS(h->f);
	make_link(h, "/proc", "/");
	make_link(h, "/sys", "/proc");
	make_link(h, "/dev", "../../../../../../dev");
	must_run(run_in_tree(h, "/bin/attack", "/tmp", h->argument, &r, NULL), &r);
	all_refused(&r, true);
	h->f->cfg.ctr_seccomp = false;
	must_run(run_in_tree(h, "/bin/attack", "/tmp", h->argument, &r, NULL), &r);
	all_refused(&r, false);
}

/* What the tree has in /tmp is shown, so there it is looked into, and a link is not followed. */
static void a_tmp_that_is_no_folder_is_refused(void **state)
{
	static const struct {
		enum kind kind;
		const char *to;
		int r;
	} tmps[] = {
		{ LINK, "/", -ENOTDIR },
		{ LINK, "/etc", -ENOTDIR },
		{ LINK, "lib", -ENOTDIR },
		{ LINK, "tmp", -ENOTDIR },
		{ FILE_THERE, NULL, -ENOTDIR },
		{ PIPE, NULL, -ENOTDIR },
	};
	struct host *h = *state;
	struct run r;

	NEEDS_CONTAINERS(h->f);
	for (size_t i = 0; i < ARRAY_SIZE(tmps); i++) {
		make_place(h, "/tmp", tmps[i].kind, tmps[i].to);
		assert_int_equal(run_in_tree(h, "/bin/attack", "/", "places", &r, NULL), tmps[i].r);
		assert_string_equal(r.e.step, "tree");
		assert_non_null(strstr(r.e.message, "/tmp'"));
		remove_place(h, "/tmp");
	}
}

/* --- rights that files give --- */

static void rights_of_files_are_none(void **state)
{
	static const struct expected want[] = { { "uid", "0" }, { "gid", "0" }, { "caps", "0" },
		{ "secure", "0" }, { "cwd", "/tmp" }, { "end", "ok" } };
	struct host *h = *state;
	cleanup_free char *own = NULL, *path = path_in(h, "/bin/other");
	struct run r;

	NEEDS_CONTAINERS(h->f);
	make_program(h, "/bin/suid", 06755);
	make_program(h, "/bin/other", 0755);
	if (!geteuid()) {
		assert_int_equal(chown(path, 1, 1), 0);
		assert_int_equal(chmod(path, 06755), 0);
	}
	must_run(run_in_tree(h, "/bin/suid", "/tmp", "who", &r, NULL), &r);
	expect_all(&r, want, ARRAY_SIZE(want));
	must_run(run_in_tree(h, "/bin/other", "/tmp", "who", &r, NULL), &r);
	expect_all(&r, want, ARRAY_SIZE(want));
}

/* Outside they are rights, or the test above would show nothing. */
static void rights_of_files_are_real_outside(void **state)
{
	struct host *h = *state;
	cleanup_free char *path = path_in(h, "/bin/suid");
	struct run r = { .report_fd = memfd_create("report", MFD_CLOEXEC) };
	int status;
	pid_t pid;

	ROOT_ONLY("needs root to make a program of root's");
	make_program(h, "/bin/suid", 06755);
	pid = fork();
	if (!pid) {
		if (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534) ||
			dup2(r.report_fd, 3) < 0)
			_exit(100);
		execl(path, path, "who", NULL);
		_exit(101);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	read_report(&r);
	close(r.report_fd);
	assert_string_equal(value_of(&r, "uid"), "0");
	assert_string_equal(value_of(&r, "secure"), "1");
	assert_string_not_equal(value_of(&r, "caps"), "0");
}

/* --- ways out by way of what the launcher has open --- */

/*
 * The working directory is looked up by the launcher's child. A link to one of its descriptors, or
 * below one, must not be a way to the host (CVE-2024-21626).
 */
static void try_descriptors(const struct host *h)
{
	for (int fd = 3; fd < 13; fd++) {
		cleanup_free char *to = format_text("/proc/self/fd/%d", fd);
		struct run r;
		int ret;

		make_link(h, "/work", to);
		ret = run_in_tree(h, "/bin/attack", "/work", "who", &r, NULL);
		remove_place(h, "/work");
		if (ret != -ENOENT && ret != -ENOTDIR)
			fail_msg("%s: %d, in '%s'", to, ret, value_of(&r, "cwd"));
		assert_string_equal(r.e.step, "working directory");
	}
}

static void no_link_leads_through_a_descriptor(void **state)
{
	static const char *const newer[] = { "setns", NULL };
	struct host *h = *state;
	int status;
	pid_t pid;

	NEEDS_CONTAINERS(h->f);
	try_descriptors(h);
	pid = fork(); /* the same with nothing made ahead */
	if (!pid) {
		if (hide_calls(EINVAL, newer))
			_exit(100);
		try_descriptors(h);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void links_of_the_process_lead_back_inside(void **state)
{
	static const char *const targets[] = { "/proc/self/cwd", "/proc/self/root",
		"/proc/1/root/..", "/proc/1/cwd/../../..", "/proc/self/task/1/root" };
	static const struct expected root = { "cwd", "/" };
	struct host *h = *state;
	struct run r;

	NEEDS_CONTAINERS(h->f);
	for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
		make_link(h, "/work", targets[i]);
		must_run(run_in_tree(h, "/bin/attack", "/work", "who", &r, NULL), &r);
		expect_all(&r, &root, 1);
		remove_place(h, "/work");
	}
}

/* --- names --- */

static void names_may_be_anything(void **state)
{
	static const char *const newer[] = { "openat2", "fsopen", "open_tree", "mount_setattr",
		NULL };
	static const char *const names[] = { "/new\nline", "/\033[2Jclear", "/-rf", "/...", "/ ",
		"/%s%n", "/\xff\xfe", "/a'b\"c\\" };
	struct host *h = *state;
	struct run *r = shared_run();
	char longest[257] = "/";
	int status;
	pid_t pid;

	NEEDS_CONTAINERS(h->f);
	memset(longest + 1, 'n', 255);
	make_folder(h, longest);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		i % 2 ? make_folder(h, names[i]) : make_node(h, names[i], S_IFREG, 0);
	must_run(run_in_tree(h, "/bin/attack", "/", "places", r, NULL), r);
	expect_places(r);
	pid = fork(); /* and by the older calls, name by name */
	if (!pid)
		_exit(hide_calls(ENOSYS, newer) ||
			run_in_tree(h, "/bin/attack", "/", "places", r, NULL));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	must_run(status, r);
	expect_places(r);
	munmap(r, sizeof(*r));
}

/* Deeper than a path can be long. */
static void depth_does_not_matter(void **state)
{
	struct host *h = *state;
	cleanup_free char *path = path_in(h, "/lib");
	int at = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	char name[201] = "";
	struct run r;

	NEEDS_CONTAINERS(h->f);
	memset(name, 'd', 200);
	for (int i = 0; i < 40; i++) {
		int next;

		assert_int_equal(mkdirat(at, name, 0755), 0);
		next = openat(at, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
		close(at);
		at = next;
	}
	close(at);
	must_run(run_in_tree(h, "/bin/attack", "/", "places", &r, NULL), &r);
	expect_places(&r);
}

/* --- changed while it is used --- */

static void swap_root(const struct host *h)
{
	cleanup_free char *root = path_in(h, ""), *aside = format_text("%s/aside", h->f->dir);

	if (rename(root, aside) || symlink("/", root))
		_exit(100);
}

static void swap_folder(const struct host *h)
{
	cleanup_free char *lib = path_in(h, "/lib"), *aside = path_in(h, "/aside");

	if (rename(lib, aside) || symlink(h->f->dir, lib))
		_exit(100);
}

static void swap_file(const struct host *h)
{
	cleanup_free char *file = path_in(h, "/file"),
			  *secret = format_text("%s/secret", h->f->dir);

	if (unlink(file) || symlink(secret, file))
		_exit(100);
}

static const struct {
	const char *what;
	void (*between)(const struct host *h);
} swaps[] = {
	{ "the root becomes a link to /", swap_root },
	{ "a folder becomes a link to the host's", swap_folder },
	{ "a file becomes a link to the secret", swap_file },
};

/* Between looking and launching. Where all is bound at once, the tree that was looked at is used.
 */
static int swapped(const struct host *h, size_t i, bool at_once, struct run *r)
{
	static const char *const newer[] = { "setns", NULL };
	int status;
	pid_t pid = fork();

	if (!pid) {
		if (!at_once && hide_calls(EINVAL, newer))
			_exit(100);
		_exit(run_in_tree(h, "/bin/attack", "/", "places", r, swaps[i].between) ? 1 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_not_equal(WEXITSTATUS(status), 100);
	return status;
}

static void a_tree_that_changes_is_refused(void **state)
{
	struct host *h = *state;
	cleanup_free char *root = path_in(h, ""), *aside = format_text("%s/aside", h->f->dir);
	struct run *r = shared_run();

	NEEDS_CONTAINERS(h->f);
	for (size_t i = 0; i < 2 * ARRAY_SIZE(swaps); i++) {
		bool at_once = i % 2;

		print_message("    %s%s\n", swaps[i / 2].what, at_once ? ", bound at once" : "");
		unlink(root);
		remove_tree(root);
		plant(h);
		make_node(h, "/file", S_IFREG, 0);
		if (!swapped(h, i / 2, at_once, r)) {
			assert_true(at_once && !geteuid());
			expect_places(r);
		} else {
			assert_int_equal(r->e.code, -ESTALE);
			assert_non_null(strstr(r->e.remedy, "changed"));
		}
		remove_tree(aside);
	}
	munmap(r, sizeof(*r));
}

struct racer {
	const struct host *h;
	bool stop;
};

/* lib and the program's folder, now as they were, now links out, as fast as it goes. */
static void *race(void *arg)
{
	struct racer *w = arg;
	cleanup_free char *lib = path_in(w->h, "/lib"), *link = path_in(w->h, "/link");

	while (!__atomic_load_n(&w->stop, __ATOMIC_RELAXED))
		renameat2(AT_FDCWD, lib, AT_FDCWD, link, RENAME_EXCHANGE);
	return NULL;
}

static void a_race_wins_nothing(void **state)
{
	struct host *h = *state;
	struct racer w = { .h = h };
	unsigned ran = 0;
	pthread_t thread;
	struct run r;

	NEEDS_CONTAINERS(h->f);
	make_link(h, "/link", h->f->dir); /* where the secret is */
	assert_int_equal(pthread_create(&thread, NULL, race, &w), 0);
	for (int i = 0; i < 20; i++) {
		int ret = run_in_tree(h, "/bin/attack", "/", "places", &r, NULL);

		if (ret && ret != -ESTALE && ret != -ENOENT && ret != -ENOTDIR && ret != -EEXIST)
			fail_msg("%s: %s", r.e.step, r.e.message);
		ran += !ret;
		if (!ret && strcmp(value_of(&r, "/lib/secret"), "ENOENT"))
			fail_msg("it found the secret: %s", value_of(&r, "/lib/secret"));
	}
	__atomic_store_n(&w.stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	assert_true(ran > 0);
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, host_teardown)
	const struct CMUnitTest tests[] = {
		T(mount_points_are_never_followed),
		T(all_are_refused_from_a_tree),
		T(a_tmp_that_is_no_folder_is_refused),
		T(rights_of_files_are_none),
		T(rights_of_files_are_real_outside),
		T(no_link_leads_through_a_descriptor),
		T(links_of_the_process_lead_back_inside),
		T(names_may_be_anything),
		T(depth_does_not_matter),
		T(a_tree_that_changes_is_refused),
		T(a_race_wins_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
