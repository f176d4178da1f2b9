/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starting programs and waiting for them: every way in which they end. */
#include "tests/unit/check.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "base/bpf.h"
#include "base/proc.h"
#include "base/spawn.h"
#include "base/util.h"

static int start(const char *script, struct spawned *child, struct err *e)
{
	char *argv[] = { (char *)"sh", (char *)"-c", (char *)script, NULL };
	char *envp[] = { (char *)"PATH=/usr/bin:/bin", NULL };
	int fds[] = { -1, 1, 2 };
	struct spawn sp = {
		.path = "/bin/sh", .argv = argv, .envp = envp, .fds = fds, .n_fds = ARRAY_SIZE(fds)
	};

	return spawn_program(&sp, child, e);
}

static const struct {
	const char *script;
	enum outcome_kind kind;
	int code;
	const char *reason;
} ends[] = {
	{ "exit 0", OUTCOME_EXITED, 0, "" },
	{ "exit 7", OUTCOME_EXITED, 7, "exit status 7" },
	{ "kill -SEGV $$", OUTCOME_SIGNALED, SIGSEGV, "killed by signal 11" },
	{ "exec sleep 100", OUTCOME_TIMEOUT, SIGKILL, "deadline" },
};

static void every_end_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		struct outcome out = { 0 };
		struct spawned child;
		struct err e;
		uint64_t patience = ends[i].kind == OUTCOME_TIMEOUT ? 0 : 60;

		assert_int_equal(start(ends[i].script, &child, &e), 0);
		assert_true(child.process_ns && child.process_ns <= child.exec_ns);
		assert_int_equal(
			proc_wait(child.pidfd, now_ns() + patience * NSEC_PER_SEC, -1, &out, &e),
			0);
		assert_int_equal(out.kind, ends[i].kind);
		assert_int_equal(out.code, ends[i].code);
		assert_non_null(strstr(out.reason, ends[i].reason));
		assert_true(out.at[PHASE_EXIT] >= child.exec_ns);
		proc_kill(child.pidfd); /* already reaped: harmless */
		close(child.pidfd);
	}
}

static void cancelling_leaves_the_child_to_the_caller(void **state)
{
	struct outcome out = { 0 };
	struct spawned child;
	struct err e = { 0 };
	int pipefd[2];

	(void)state;
	assert_int_equal(pipe(pipefd), 0);
	assert_int_equal(write(pipefd[1], "x", 1), 1);
	assert_int_equal(start("exec sleep 100", &child, &e), 0);
	assert_int_equal(proc_wait(child.pidfd, now_ns() + 60 * NSEC_PER_SEC, pipefd[0], &out, &e),
		-ECANCELED);
	assert_int_equal(kill(child.pid, 0), 0);
	proc_kill(child.pidfd);
	assert_int_equal(kill(child.pid, 0), -1);
	close(child.pidfd);
	close(pipefd[0]);
	close(pipefd[1]);
}

static const struct {
	const char *name;
	struct spawn sp;
	int code;
	const char *step;
} failures[] = {
	{ "no such program", { .path = "/no/such/program" }, -ENOENT, "execve" },
	{ "not executable", { .path = "/etc/passwd" }, -EACCES, "execve" },
	{ "no such folder", { .path = "/bin/true", .dir = "/no/such/folder" }, -ENOENT, "chdir" },
};

static void a_failing_step_of_the_child_is_named(void **state)
{
	static char *argv[] = { (char *)"x", NULL };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(failures); i++) {
		struct spawn sp = failures[i].sp;
		struct spawned child;
		struct err e = { 0 };

		sp.argv = argv;
		assert_int_equal(spawn_program(&sp, &child, &e), failures[i].code);
		assert_string_equal(e.step, failures[i].step);
		assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no zombie is left */
	}
}

/* The program gets exactly the descriptors that it was given, at their places, and no others. */
static void descriptors_are_placed_and_others_closed(void **state)
{
	char *argv[] = { (char *)"sh", (char *)"-c", (char *)"ls /proc/self/fd | tr '\\n' ' ' >&2",
		NULL };
	char *envp[] = { (char *)"PATH=/usr/bin:/bin", NULL };
	struct outcome out = { 0 };
	struct spawned child;
	struct err e;
	char text[64] = { 0 };
	int pipefd[2], stray = dup(1); /* without close-on-exec */

	(void)state;
	assert_int_equal(pipe(pipefd), 0);
	{
		/* The pipe's ends go where other sources lie: order must not matter. */
		int fds[] = { -1, 0, pipefd[1], 2 };
		struct spawn sp = { .path = "/bin/sh",
			.argv = argv,
			.envp = envp,
			.fds = fds,
			.n_fds = ARRAY_SIZE(fds) };

		assert_int_equal(spawn_program(&sp, &child, &e), 0);
	}
	assert_int_equal(proc_wait(child.pidfd, now_ns() + 60 * NSEC_PER_SEC, -1, &out, &e), 0);
	assert_int_equal(out.code, 0);
	assert_true(read(pipefd[0], text, sizeof(text) - 1) > 0);
	assert_string_equal(text, "0 1 2 3 4 "); /* 4 is ls reading the folder itself */
	close(child.pidfd);
	close(pipefd[0]);
	close(pipefd[1]);
	close(stray);
}

static void signals_are_reset_for_the_program(void **state)
{
	struct outcome out = { 0 };
	struct spawned child;
	struct err e;
	sigset_t all, old;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &old);
	assert_int_equal(start("kill -PIPE $$; exit 1", &child, &e), 0);
	sigprocmask(SIG_SETMASK, &old, NULL);
	signal(SIGPIPE, SIG_DFL);
	assert_int_equal(proc_wait(child.pidfd, now_ns() + 60 * NSEC_PER_SEC, -1, &out, &e), 0);
	assert_int_equal(out.kind, OUTCOME_SIGNALED);
	assert_int_equal(out.code, SIGPIPE);
	close(child.pidfd);
}

/* A child with a name made to mislead; it ends when its end of the pipe is closed. */
static pid_t start_misnamed(int *hold)
{
	int fds[2];
	pid_t pid;
	char c;

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	pid = fork();
	if (!pid) {
		close(fds[1]);
		_exit(prctl(PR_SET_NAME, ") R 1 (a b") || read(fds[0], &c, 1));
	}
	close(fds[0]);
	*hold = fds[1];
	return pid;
}

static void a_start_time_tells_processes_apart(void **state)
{
	uint64_t own = proc_start_time(getpid()), before, now;
	struct timespec boot;
	char path[64], line[512] = "";
	int hold, status;
	pid_t pid;

	(void)state;
	assert_true(own > 0);
	assert_true(own == proc_start_time(getpid())); /* it stays */
	pid = start_misnamed(&hold);
	assert_true(pid > 0);
	before = proc_start_time(pid);
	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	for (int i = 0; i < 10000 && !strchr(line, ')'); i++) { /* until it has its name */
		assert_int_equal(read_line(path, line, sizeof(line)), 0);
		usleep(1000);
	}
	assert_string_equal(line, ") R 1 (a b");
	clock_gettime(CLOCK_BOOTTIME, &boot);
	now = (uint64_t)boot.tv_sec * (uint64_t)sysconf(_SC_CLK_TCK);
	assert_true(proc_start_time(pid) == before);
	assert_true(before >= own && before <= now + (uint64_t)sysconf(_SC_CLK_TCK));
	close(hold);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_true(proc_start_time(pid) == 0); /* there is none any more */
}

/* Limits and the filter are the program's alone, and no rights come back. */
static void a_cage_is_the_programs_alone(void **state)
{
	struct sock_filter code[] = {
		BPF_LOAD(nr),
		BPF_IF_EQUAL(SYS_unlinkat, 1, 0),
		BPF_IF_EQUAL(SYS_unlink, 0, 1),
		BPF_ANSWER(SECCOMP_RET_ERRNO | EPERM),
		BPF_ANSWER(SECCOMP_RET_ALLOW),
	};
	const struct spawn_limit limits[] = { { RLIMIT_CPU, 7 }, { RLIMIT_CORE, 0 } };
	const struct spawn_cage cage = { .filter = { ARRAY_SIZE(code), code },
		.limits = limits,
		.n_limits = ARRAY_SIZE(limits) };
	char script[] = "[ $(ulimit -t) = 7 ] && [ $(ulimit -c) = 0 ] &&"
			"grep -q '^NoNewPrivs:.1' /proc/self/status && ! rm \"$0\"";
	char path[] = "/tmp/test_base_proc.XXXXXX";
	char *argv[] = { (char *)"sh", (char *)"-c", script, path, NULL };
	char *envp[] = { (char *)"PATH=/usr/bin:/bin", NULL };
	const struct spawn sp = { .path = "/bin/sh", .argv = argv, .envp = envp, .cage = &cage };
	int fd = mkstemp(path);
	struct outcome out = { 0 };
	struct spawned child;
	struct err e;

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(spawn_program(&sp, &child, &e), 0);
	assert_int_equal(proc_wait(child.pidfd, now_ns() + 60 * NSEC_PER_SEC, -1, &out, &e), 0);
	close(child.pidfd);
	assert_int_equal(out.kind, OUTCOME_EXITED);
	assert_int_equal(out.code, 0);
	assert_int_equal(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 0);
	assert_int_equal(unlink(path), 0); /* which the filter would not let us */
}

static void a_parent_is_found(void **state)
{
	pid_t child = fork();

	(void)state;
	if (child == 0) {
		pause();
		_exit(0);
	}
	assert_true(child > 0);
	assert_int_equal(proc_parent(child), getpid());
	assert_int_equal(proc_parent(getpid()), getppid());
	assert_int_equal(proc_parent(1), 0);
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_int_equal(proc_parent(child), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_parent_is_found),
		cmocka_unit_test(every_end_is_told),
		cmocka_unit_test(cancelling_leaves_the_child_to_the_caller),
		cmocka_unit_test(a_failing_step_of_the_child_is_named),
		cmocka_unit_test(descriptors_are_placed_and_others_closed),
		cmocka_unit_test(signals_are_reset_for_the_program),
		cmocka_unit_test(a_cage_is_the_programs_alone),
		cmocka_unit_test(a_start_time_tells_processes_apart),
	};

	return cmocka_run_group_tests_name("base/proc", tests, NULL, NULL);
}
