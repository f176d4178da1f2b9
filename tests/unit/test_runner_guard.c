/* SPDX-License-Identifier: GPL-3.0-or-later */
/* runner/guard: whatever the runner's death leaves of a group is ended, and nothing else. */
#include "tests/unit/check.h"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/proc.h"
#include "base/spawn.h"
#include "base/util.h"
#include "runner/guard.h"

#define PATIENCE_MS 30000

/* A runner that starts a shell with a child of its own, and tells that one's number. */
static void be_runner(int tell, bool forget)
{
	char *argv[] = { (char *)"sh", (char *)"-c", (char *)"sleep 1000 & echo $!; wait", NULL };
	const int fds[] = { -1, tell, -1 };
	struct spawn sp = {
		.path = "/bin/sh", .argv = argv, .fds = fds, .n_fds = 3, .own_group = 1
	};
	struct spawned child;
	struct guard g;

	if (guard_start(&g, NULL))
		_exit(1);
	sp.group = g.group;
	if (spawn_program(&sp, &child, NULL))
		_exit(1);
	if (forget)
		guard_forget(&g);
	pause();
	_exit(1);
}

/* The pidfd of the grandchild of a runner that was killed. */
static int orphan(bool forget)
{
	char line[32] = "";
	int p[2], fd;
	pid_t runner;

	assert_int_equal(pipe(p), 0);
	runner = fork();
	if (!runner)
		be_runner(p[1], forget);
	assert_true(read(p[0], line, sizeof(line) - 1) > 0);
	fd = proc_pidfd((pid_t)atoi(line));
	assert_true(fd >= 0);
	kill(runner, SIGKILL);
	waitpid(runner, NULL, 0);
	close(p[0]);
	close(p[1]);
	return fd;
}

static void a_killed_runners_group_is_ended(void **state)
{
	struct pollfd p = { .fd = orphan(false), .events = POLLIN };

	(void)state;
	assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
	close(p.fd);
}

/* What has been ended already, and perhaps given to somebody else, is not touched. */
static void what_is_forgotten_is_left_alone(void **state)
{
	struct pollfd p = { .fd = orphan(true), .events = POLLIN };

	(void)state;
	assert_int_equal(poll(&p, 1, 300), 0);
	syscall(SYS_pidfd_send_signal, p.fd, SIGKILL, NULL, 0);
	assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
	close(p.fd);
}

static void one_that_is_stopped_leaves_nothing(void **state)
{
	struct guard g, none = { .pid = 0 };
	struct err e;

	(void)state;
	assert_int_equal(guard_start(&g, &e), 0);
	assert_true(g.pid > 0 && g.group && !*g.group);
	guard_stop(&g);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child, not even a zombie */
	guard_stop(&g);
	guard_stop(&none);
	guard_forget(&none);
}

/* A program that cannot be started has no group to be killed later. */
static void a_failed_start_is_forgotten(void **state)
{
	char *argv[] = { (char *)"x", NULL };
	struct spawn sp = { .path = "/nonexistent", .argv = argv, .own_group = 1 };
	struct spawned child;
	struct guard g;
	struct err e;

	(void)state;
	assert_int_equal(guard_start(&g, &e), 0);
	sp.group = g.group;
	assert_true(spawn_program(&sp, &child, &e) < 0);
	assert_int_equal(*g.group, 0);
	guard_stop(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_killed_runners_group_is_ended),
		cmocka_unit_test(what_is_forgotten_is_left_alone),
		cmocka_unit_test(one_that_is_stopped_leaves_nothing),
		cmocka_unit_test(a_failed_start_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
