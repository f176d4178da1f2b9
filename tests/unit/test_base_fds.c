/* SPDX-License-Identifier: GPL-3.0-or-later */
/* No descriptor is left open by chance, also where close_range(2) is not to be had. */
#include "tests/unit/check.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/bpf.h"
#include "base/fds.h"
#include "base/guard.h"
#include "base/proc.h"
#include "base/spawn.h"
#include "base/util.h"

#define FIRST 20
#define MANY 300 /* more than one reading of /proc/self/fd tells */

/* Kernels and filters around us, played by a filter that refuses calls. */
static const struct {
	const char *what;
	unsigned error;
	uint32_t calls[2];
} lacking[] = {
	{ "everything is there", 0, { 0 } },
	{ "no close_range (before 5.9)", ENOSYS, { SYS_close_range, SYS_close_range } },
	{ "it does not know the flag (before 5.11)", EINVAL, { SYS_close_range, SYS_close_range } },
	{ "a filter that refuses it", EPERM, { SYS_close_range, SYS_close_range } },
	{ "nor is there a /proc to read", ENOSYS, { SYS_close_range, SYS_getdents64 } },
};

/* From here on, in here. */
static int lack(size_t i)
{
	struct sock_filter code[] = {
		BPF_LOAD(nr),
		BPF_IF_EQUAL(lacking[i].calls[0], 1, 0),
		BPF_IF_EQUAL(lacking[i].calls[1], 0, 1),
		BPF_ANSWER(SECCOMP_RET_ERRNO | lacking[i].error),
		BPF_ANSWER(SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { ARRAY_SIZE(code), code };

	if (!lacking[i].error)
		return 0;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

static bool ends_at_exec(int fd)
{
	return fcntl(fd, F_GETFD) & FD_CLOEXEC;
}

/* With holes. 0, or the line where it is not as it should be. */
static int close_many(void)
{
	struct rlimit few = { 1024, 1024 };

	if (setrlimit(RLIMIT_NOFILE, &few))
		return __LINE__;
	for (int fd = FIRST - 1; fd < FIRST + 2 * MANY; fd += 2) {
		if (dup2(0, fd) != fd)
			return __LINE__;
	}
	if (fds_close_at_exec_from(FIRST))
		return __LINE__;
	for (int fd = FIRST + 1; fd < FIRST + 2 * MANY; fd += 2) {
		if (!ends_at_exec(fd))
			return __LINE__;
	}
	if (ends_at_exec(FIRST - 1))
		return __LINE__;
	if (fds_close_from(FIRST))
		return __LINE__;
	for (int fd = FIRST; fd < FIRST + 2 * MANY; fd++) {
		if (is_open(fd))
			return __LINE__;
	}
	return is_open(FIRST - 1) ? 0 : __LINE__;
}

/* A program with a descriptor left open beside it: it must not see it. */
static int start_program(void)
{
	char *argv[] = { (char *)"sh", (char *)"-c",
		(char *)"test ! -e /proc/self/fd/2 && test ! -e /proc/self/fd/50", NULL };
	const int fds[] = { -1, -1 };
	struct spawn sp = { .path = "/bin/sh", .argv = argv, .fds = fds, .n_fds = 2 };
	struct outcome out = { 0 };
	struct spawned child;

	if (dup2(0, 2) != 2 || dup2(0, 50) != 50 || spawn_program(&sp, &child, NULL))
		return __LINE__;
	if (proc_wait(child.pidfd, now_ns() + 60 * NSEC_PER_SEC, -1, &out, NULL))
		return __LINE__;
	return out.kind == OUTCOME_EXITED && !out.code ? 0 : __LINE__;
}

/* One that could not close what it holds would be no guard: it is there, and holds nothing. */
static int open_guard(void)
{
	char path[64];
	struct guard g;
	int held = 0;

	if (dup2(0, 50) != 50 || guard_open(&g, NULL, NULL, NULL))
		return __LINE__;
	for (int fd = 0; fd < 100; fd++) {
		snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)g.pid, fd);
		held += !faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW);
	}
	if (waitpid(g.pid, NULL, WNOHANG))
		return __LINE__;
	guard_close(&g);
	return held == 1 ? 0 : __LINE__; /* the runner's */
}

/* In a process of its own, since a filter stays. */
static void everywhere(int (*body)(void))
{
	for (size_t i = 0; i < ARRAY_SIZE(lacking); i++) {
		int *line = mmap(NULL, sizeof(*line), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		int status;
		pid_t pid;

		assert_true(line != MAP_FAILED);
		pid = fork();
		if (!pid) {
			*line = lack(i) ? -1 : body();
			_exit(0);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (status || *line)
			fail_msg("%s: status %d, line %d", lacking[i].what, status, *line);
		munmap(line, sizeof(*line));
	}
}

static void all_from_one_on_are_closed(void **state)
{
	(void)state;
	everywhere(close_many);
}

static void a_program_gets_none_by_chance(void **state)
{
	(void)state;
	everywhere(start_program);
}

static void a_guard_stands_and_holds_none(void **state)
{
	(void)state;
	everywhere(open_guard);
}

static void refuse_chdir(void)
{
	struct sock_filter code[] = {
		BPF_LOAD(nr),
		BPF_IF_EQUAL(SYS_chdir, 0, 1),
		BPF_ANSWER(SECCOMP_RET_ERRNO | EACCES),
		BPF_ANSWER(SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { ARRAY_SIZE(code), code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
		prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		_exit(2);
}

static void a_guard_that_cannot_stand_is_an_error(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	if (!pid) {
		struct guard g;

		refuse_chdir();
		_exit(guard_open(&g, NULL, NULL, NULL) == -EACCES ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_from_one_on_are_closed),
		cmocka_unit_test(a_program_gets_none_by_chance),
		cmocka_unit_test(a_guard_stands_and_holds_none),
		cmocka_unit_test(a_guard_that_cannot_stand_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
