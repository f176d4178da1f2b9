/* SPDX-License-Identifier: GPL-3.0-or-later */
/* runner/loader: which loaders are the system's, and what one that was taken over could do. */
#include "tests/unit/check.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/util.h"
#include "runner/loader.h"
#include "runner/paths.h"
#include "tests/unit/folder_fixture.h"

#define GLIBC "/lib64/ld-linux-x86-64.so.2"
#define MUSL "/lib/ld-musl-x86_64.so.1"

static void copy(const char *from, const char *to, mode_t mode)
{
	cleanup_free char *bytes = NULL;
	cleanup_fd int fd = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	size_t len = 0;

	assert_true(fd >= 0);
	assert_int_equal(read_file(from, 16 << 20, &bytes, &len), 0);
	assert_int_equal(write_all(fd, bytes, len), 0);
	assert_int_equal(fchmod(fd, mode), 0);
}

/* --- which --- */

static void the_systems_own(void **state)
{
	static const char *const loaders[] = { GLIBC, MUSL };
	unsigned n = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(loaders); i++) {
		char real[PATH_SIZE];
		struct err e = { 0 };

		if (access(loaders[i], X_OK))
			continue;
		assert_int_equal(loader_check(loaders[i], real, &e), 0);
		assert_int_equal(access(real, X_OK), 0);
		n++;
	}
	assert_true(n > 0);
}

static void expect_refusal(const char *path, int r, const char *words)
{
	char real[PATH_SIZE];
	struct err e = { .message = "" };
	int got = loader_check(path, real, &e);

	if (got != r || !strstr(e.message, words))
		fail_msg("%s: %d, '%s'", path, got, e.message);
}

/* Each exists, and would be run: most are the true loader, owned by root where root tests. */
static void others_are_refused(void **state)
{
	cleanup_free char *own = format_text("%s/ld-own.so.2", dir);
	cleanup_free char *link = format_text("%s/ld-link.so.2", dir);
	cleanup_free char *up = format_text("/usr/lib/../..%s/ld-own.so.2", dir);
	cleanup_free char *round = format_text("%s/../../%s", dir, GLIBC);
	const struct {
		const char *path;
		int r;
		const char *words;
	} cases[] = {
		{ own, -EPERM, "none of its folders" },
		{ link, -EPERM, "none of its folders" },
		{ up, -EPERM, "none of its folders" },
		{ round, -EPERM, "none of its folders" },
		{ "/proc/self/exe", -EPERM, "none of its folders" },
		{ "/proc/self/root" GLIBC, -EPERM, "none of its folders" },
		{ "/proc/self/cwd/ld-own.so.2", -EPERM, "none of its folders" },
		{ "/dev/null", -EPERM, "none of its folders" },
		{ "/bin/sh", -EPERM, "none of its folders" },
		{ "/usr/lib/../bin/sh", -EPERM, "none of its folders" },
		{ "/usr/lib/os-release", -EPERM, "not called like a loader" },
		{ "/usr/lib/no-such/ld.so", -ENOENT, "/usr/lib/no-such/ld.so" },
	};
	cleanup_free char *here = getcwd(NULL, 0);

	(void)state;
	copy(GLIBC, own, 0755);
	assert_int_equal(symlink(GLIBC, link), 0);
	assert_int_equal(chdir(dir), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		expect_refusal(cases[i].path, cases[i].r, cases[i].words);
	assert_int_equal(chdir(here), 0);
}

/* A folder of the system's to put loaders into, for nobody else to see. */
static const char *cover_folder(void)
{
	static const char *const candidates[] = { "/usr/lib/udev", "/usr/lib/systemd",
		"/usr/lib/tmpfiles.d", "/usr/lib/apt", "/usr/lib/locale", "/usr/lib/ssl" };

	if (geteuid() || unshare(CLONE_NEWNS) < 0 ||
		mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(candidates); i++) {
		struct stat st;

		if (!lstat(candidates[i], &st) && S_ISDIR(st.st_mode) &&
			!mount("none", candidates[i], "tmpfs", 0, "mode=0755"))
			return candidates[i];
	}
	return NULL;
}

static const struct {
	const char *name;
	uid_t owner;
	mode_t mode, folder_mode;
	uid_t folder_owner;
	int r;
	const char *words;
} owned[] = {
	{ "ld-good.so.1", 0, 0755, 0755, 0, 0, "" },
	{ "ld64.so.2", 0, 0755, 0755, 0, 0, "" },
	{ "ld.so", 0, 0755, 0755, 0, 0, "" },
	{ "ld-user.so", 1000, 0755, 0755, 0, -EPERM, "uid 1000 owns" },
	{ "ld-nobody.so", 65534, 0755, 0755, 0, -EPERM, "uid 65534 owns" },
	{ "ld-group.so", 0, 0775, 0755, 0, -EPERM, "others than root may write" },
	{ "ld-all.so", 0, 0757, 0755, 0, -EPERM, "others than root may write" },
	{ "ld-in-group.so", 0, 0755, 0775, 0, -EPERM, "others than root may write" },
	{ "ld-in-sticky.so", 0, 0755, 01777, 0, -EPERM, "others than root may write" },
	{ "ld-in-users.so", 0, 0755, 0755, 1000, -EPERM, "uid 1000 owns" },
	{ "loader", 0, 0755, 0755, 0, -EPERM, "not called like a loader" },
	{ "libc.so.6", 0, 0755, 0755, 0, -EPERM, "not called like a loader" },
	{ "libc.so", 0, 0755, 0755, 0, -EPERM, "not called like a loader" },
};

static void make_bad_files(const char *folder)
{
	const struct {
		const char *name, *target, *words;
	} links[] = {
		{ "ld-to-shell.so", "/bin/sh", "none of its folders" },
		{ "ld-to-self.so", "/proc/self/exe", "none of its folders" },
		{ "ld-to-tmp.so", dir, "none of its folders" },
		{ "ld-to-libc.so", "libc.so.6", "not called like a loader" },
		{ "ld-to-folder.so", "ld-folder.so", "is no regular file" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(links); i++) {
		cleanup_free char *path = format_text("%s/%s", folder, links[i].name);
		cleanup_free char *below = format_text("%s/ld-folder.so", folder);

		mkdir(below, 0755);
		assert_int_equal(symlink(links[i].target, path), 0);
		expect_refusal(path, -EPERM, links[i].words);
	}
	cleanup_free char *text = format_text("%s/ld-script.so", folder);
	copy("/etc/passwd", text, 0755);
	expect_refusal(text, -ENOEXEC, "not an ELF file");
}

static void whose_it_is(void **state)
{
	const char *folder = cover_folder();

	(void)state;
	if (!folder)
		SKIP("only root can try other owners, in a mount namespace");
	for (size_t i = 0; i < ARRAY_SIZE(owned); i++) {
		cleanup_free char *path = format_text("%s/%s", folder, owned[i].name);

		copy(GLIBC, path, 0755);
		assert_int_equal(chown(path, owned[i].owner, 0), 0);
		assert_int_equal(chmod(path, owned[i].mode), 0);
		assert_int_equal(chown(folder, owned[i].folder_owner, 0), 0);
		assert_int_equal(chmod(folder, owned[i].folder_mode), 0);
		if (owned[i].r) {
			expect_refusal(path, owned[i].r, owned[i].words);
		} else {
			char real[PATH_SIZE];
			struct err e = { 0 };

			assert_int_equal(loader_check(path, real, &e), 0);
		}
	}
	assert_int_equal(chown(folder, 0, 0), 0);
	assert_int_equal(chmod(folder, 0755), 0);
	make_bad_files(folder);
}

/* --- in the cage --- */

static long write_a_file(const char *name)
{
	return open(name, O_WRONLY | O_CLOEXEC);
}

static long make_a_file(const char *name)
{
	return open(name, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
}

static long cut_a_file(const char *name)
{
	return open(name, O_RDONLY | O_TRUNC | O_CLOEXEC);
}

static long make_a_nameless_file(const char *name)
{
	(void)name;
	return open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
}

static long remove_a_file(const char *name)
{
	return unlink(name);
}

static long change_a_mode(const char *name)
{
	return chmod(name, 04755);
}

static long signal_its_parent(const char *name)
{
	(void)name;
	return kill(getppid(), 0);
}

static long start_a_process(const char *name)
{
	(void)name;
	return syscall(SYS_fork);
}

static long open_a_socket(const char *name)
{
	(void)name;
	return socket(AF_INET, SOCK_STREAM, 0);
}

static long raise_a_limit(const char *name)
{
	(void)name;
	return syscall(SYS_prlimit64, 0, 0, NULL, NULL);
}

static long open_by_new_call(const char *name)
{
	return syscall(437 /* openat2 */, AT_FDCWD, name, NULL, 0);
}

static long use_a_descriptor(const char *name)
{
	struct stat st;

	(void)name;
	for (int fd = 3; fd < 64; fd++) {
		if (!fstat(fd, &st))
			return fd;
	}
	return -1;
}

static const struct {
	const char *name;
	long (*attack)(const char *name);
	int error;
} attacks[] = {
	{ "write a file", write_a_file, EACCES },
	{ "make a file", make_a_file, EACCES },
	{ "cut a file", cut_a_file, EACCES },
	{ "make a nameless file", make_a_nameless_file, EACCES },
	{ "remove a file", remove_a_file, EPERM },
	{ "change a mode", change_a_mode, EPERM },
	{ "signal its parent", signal_its_parent, EPERM },
	{ "start a process", start_a_process, EPERM },
	{ "open a socket", open_a_socket, EPERM },
	{ "raise a limit", raise_a_limit, EPERM },
	{ "open by a newer call", open_by_new_call, EPERM },
	{ "use a descriptor", use_a_descriptor, EBADF },
};

extern char **environ;

/* We are the loader that was taken over. */
static int attack(const char *name)
{
	char here[PATH_SIZE] = "";

	for (size_t i = 0; i < ARRAY_SIZE(attacks); i++) {
		errno = 0;
		printf("%s: %s\n", attacks[i].name,
			attacks[i].attack(name) >= 0 ? "done"
			: errno == attacks[i].error  ? "refused"
						     : strerror(errno));
	}
	printf("in %s\n", getcwd(here, sizeof(here)));
	for (char **at = environ; *at; at++)
		printf("has %s\n", *at);
	return 0;
}

/* A program has at most this to say of the environment: what is not passed on would be code. */
static char *env[] = { (char *)"PATH=/bin", (char *)"LD_AUDIT=/no/such/audit.so",
	(char *)"LD_LIBRARY_PATH=/no/such", (char *)"LD_DEBUG=all", (char *)"LD_WARN=1",
	(char *)"LD_BIND_NOW=1", (char *)"LD_LIBRARY_PATH=/second", NULL };

static void a_loader_that_was_taken_over(void **state)
{
	cleanup_free char *victim = NULL, *text = NULL;
	struct err e = { 0 };
	int r;

	(void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	SKIP("a sanitizer needs more memory than the cage has");
#endif
	victim = format_text("%s/victim", dir);
	copy("/etc/passwd", victim, 0644);
	r = loader_ask("/proc/self/exe", "loader", victim, env, &text, &e);
	if (r)
		fail_msg("%s: %s", e.step, e.message);
	for (size_t i = 0; i < ARRAY_SIZE(attacks); i++) {
		cleanup_free char *line = format_text("%s: refused\n", attacks[i].name);

		if (!strstr(text, line))
			fail_msg("not refused: %s\n%s", attacks[i].name, text);
	}
	assert_non_null(strstr(text, "in /\nhas LD_LIBRARY_PATH=/no/such\n"));
	assert_null(strstr(strstr(text, "has ") + 1, "has "));
	assert_int_equal(access(victim, R_OK), 0);
}

static void what_it_cannot_load_is_said(void **state)
{
	cleanup_free char *text = NULL;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(loader_ask(GLIBC, GLIBC, "/etc/passwd", env, &text, &e), -ENOENT);
	assert_non_null(strstr(e.message, "cannot load '/etc/passwd'"));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_systems_own), cmocka_unit_test(others_are_refused),
		cmocka_unit_test(a_loader_that_was_taken_over),
		cmocka_unit_test(what_it_cannot_load_is_said),
		cmocka_unit_test(whose_it_is), /* last: it changes what lies in /usr/lib for us */
	};

	if (argc == 3 && !strcmp(argv[1], "--list"))
		return attack(argv[2]);
	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
