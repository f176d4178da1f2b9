/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How containers end, how launches fail, and that nothing stays behind. */
#include "tests/unit/ctr_fixture.h"

#include <dirent.h>
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/proc.h"
#include "ctr/child.h"
#include "ctr/start.h"

static const struct {
	char what[8], arg[8];
	enum outcome_kind kind;
	int code;
	unsigned seconds;
	const char *reason;
} ends[] = {
	{ "exit", "0", OUTCOME_EXITED, 0, 60, "" },
	{ "exit", "7", OUTCOME_EXITED, 7, 60, "exit status 7" },
	{ "crash", "", OUTCOME_SIGNALED, SIGILL, 60, "signal" },
	{ "hang", "", OUTCOME_TIMEOUT, SIGKILL, 1, "deadline" },
};

static void every_end_is_told(void **state)
{
	struct fixture *f = *state;
	struct runtime *rt;
	struct run r;

	NEEDS_CONTAINERS(f);
	assert_int_equal(ctr_runtime.open(&f->cfg, &rt, &r.e), 0);
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		const uint64_t *at = r.out.at;

		assert_int_equal(run_with(rt, &r, (char *)ends[i].what, (char *)ends[i].arg,
					 ends[i].seconds),
			0);
		assert_int_equal(r.out.kind, ends[i].kind);
		assert_int_equal(r.out.code, ends[i].code);
		assert_non_null(strstr(r.out.reason, ends[i].reason));
		assert_true(at[PHASE_REQUESTED] && at[PHASE_REQUESTED] <= at[PHASE_PROCESS]);
		assert_true(at[PHASE_PROCESS] <= at[PHASE_SANDBOX]);
		assert_true(at[PHASE_SANDBOX] <= at[PHASE_EXIT]);
	}
	ctr_runtime.close(rt);
}

/* What goes wrong before the program runs is an error of the launch, never an end of the program.
 */
static void expect_launch_error(const struct fixture *f, const char *step, int code)
{
	struct run r;
	int ret = run_once(&f->cfg, &r, "exit", "0");

	assert_int_equal(ret, code);
	assert_int_equal(r.e.code, code);
	assert_string_equal(r.e.step, step);
	assert_true(r.e.message[0]);
}

static void a_missing_program_is_an_error(void **state)
{
	struct fixture *f = *state;

	unlink(f->payload);
	expect_launch_error(f, "realpath", -ENOENT);
}

static void a_program_that_may_not_run_is_an_error(void **state)
{
	struct fixture *f = *state;

	NEEDS_CONTAINERS(f);
	chmod(f->payload, 0644);
	expect_launch_error(f, "execve", -EACCES);
	f->cfg.ctr_namespaces &= ~(unsigned)CLONE_NEWNS;
	expect_launch_error(f, "execveat", -EACCES);
}

static void a_file_that_is_no_program_is_an_error(void **state)
{
	struct fixture *f = *state;

	NEEDS_CONTAINERS(f);
	assert_int_equal(truncate(f->payload, 0), 0);
	expect_launch_error(f, "execve", -ENOEXEC);
}

static void a_bad_descriptor_is_an_error(void **state)
{
	struct fixture *f = *state;
	char name[] = "payload", *argv[] = { name, NULL };
	struct job job = { .argv = argv, .report_fd = 999, .output_fd = 2 };
	struct instance *in;
	struct runtime *rt;
	struct err e;

	NEEDS_CONTAINERS(f);
	job.deadline_ns = now_ns() + 60 * NSEC_PER_SEC;
	assert_int_equal(ctr_runtime.open(&f->cfg, &rt, &e), 0);
	assert_int_equal(ctr_runtime.launch(rt, &job, &in, &e), -EBADF);
	assert_string_equal(e.step, "descriptors");
	assert_non_null(strstr(e.message, "report descriptor"));
	ctr_runtime.close(rt);
}

/*
 * The process beside the container's makes its network, and what becomes of it has to be heard of:
 * a step that fails, as on a host that forbids network namespaces, and its death at the last one.
 */
static const struct {
	int syscall;
	struct scmp_arg_cmp arg;
	uint32_t action;
	int code;
	const char *step, *message;
} ends_of_a_helper[] = {
	{ SCMP_SYS(unshare), { 0, SCMP_CMP_EQ, CLONE_NEWNET, 0 }, SCMP_ACT_ERRNO(ENOSPC), ENOSPC,
		"network", "network namespace" },
	{ SCMP_SYS(ioctl), { 1, SCMP_CMP_EQ, SIOCSIFFLAGS, 0 }, SCMP_ACT_KILL_PROCESS, ESRCH, "",
		"" }, /* told by the runner or, who cannot join the dead, the container */
};

/* Where system calls end as in the @i-th line; exits with the error's code. */
static int launch_with_helper_ending(const struct fixture *f, size_t i, struct run *r)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);

	if (seccomp_rule_add_array(ctx, ends_of_a_helper[i].action, ends_of_a_helper[i].syscall, 1,
		    &ends_of_a_helper[i].arg) ||
		seccomp_load(ctx))
		_exit(100);
	_exit(-run_once(&f->cfg, r, "exit", "0"));
}

static void a_failing_helper_is_an_error(void **state)
{
	struct fixture *f = *state;
	struct run *r =
		mmap(NULL, sizeof(*r), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	ROOT_ONLY("only root has a helper");
	NEEDS_CONTAINERS(f);
	for (size_t i = 0; i < ARRAY_SIZE(ends_of_a_helper); i++) {
		int status;
		pid_t pid = fork();

		if (!pid)
			launch_with_helper_ending(f, i, r);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(WEXITSTATUS(status), ends_of_a_helper[i].code);
		assert_non_null(strstr(r->e.step, ends_of_a_helper[i].step));
		assert_non_null(strstr(r->e.message, ends_of_a_helper[i].message));
	}
	munmap(r, sizeof(*r));
}

static void a_cancelled_wait_leaves_it_to_reap(void **state)
{
	struct fixture *f = *state;
	char name[] = "payload", hang[] = "hang", *argv[] = { name, hang, NULL };
	struct job job = { .argv = argv, .output_fd = 2 };
	struct instance *in;
	struct runtime *rt;
	struct outcome out;
	struct err e;
	int pipefd[2], report = memfd_create("report", MFD_CLOEXEC);

	NEEDS_CONTAINERS(f);
	assert_int_equal(pipe2(pipefd, O_CLOEXEC), 0);
	f->cfg.cancel_fd = pipefd[0];
	job.report_fd = report;
	job.deadline_ns = now_ns() + 60 * NSEC_PER_SEC;
	assert_int_equal(ctr_runtime.open(&f->cfg, &rt, &e), 0);
	assert_int_equal(ctr_runtime.launch(rt, &job, &in, &e), 0);
	assert_int_equal(write(pipefd[1], "x", 1), 1);
	assert_int_equal(ctr_runtime.wait(in, &out, &e), -ECANCELED);
	ctr_runtime.reap(in);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), 0); /* nobody but the guard, who lives */
	assert_int_equal(ctr_runtime.launch(rt, &job, &in, &e), -ECANCELED);
	ctr_runtime.close(rt);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	close(pipefd[0]);
	close(pipefd[1]);
	close(report);
}

static unsigned entries(const char *path)
{
	DIR *dir = opendir(path);
	unsigned n = 0;

	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n;
}

static size_t mount_lines(void)
{
	cleanup_free char *text = NULL;
	size_t n = 0;

	assert_int_equal(read_file("/proc/self/mountinfo", 1 << 20, &text, NULL), 0);
	for (const char *p = text; (p = strchr(p, '\n')); p++)
		n++;
	return n;
}

static void two_hundred_launches_leave_nothing(void **state)
{
	struct fixture *f = *state;
	unsigned fds, threads;
	struct runtime *rt;
	size_t mounts;
	struct run r;

	NEEDS_CONTAINERS(f);
	fds = entries("/proc/self/fd");
	threads = entries("/proc/self/task");
	mounts = mount_lines();
	assert_int_equal(ctr_runtime.open(&f->cfg, &rt, &r.e), 0);
	for (int i = 0; i < 200; i++)
		must_run(run_with(rt, &r, (char *)"exit", (char *)"0", 60), &r);
	ctr_runtime.close(rt);
	assert_int_equal(entries("/proc/self/fd"), fds);
	assert_int_equal(entries("/proc/self/task"), threads);
	assert_int_equal(mount_lines(), mounts);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child, alive or dead */
	assert_int_equal(prctl(PR_GET_DUMPABLE), 1);
}

/* The runner of a container that hangs: tells that one's pid and waits to be killed. */
static void runner(const struct fixture *f, int tell)
{
	char name[] = "payload", hang[] = "hang", *argv[] = { name, hang, NULL };
	struct job job = { .argv = argv, .report_fd = 2, .output_fd = 2 };
	struct rt_view view = { 0 };
	struct instance *in;
	struct runtime *rt;
	struct err e;

	job.deadline_ns = now_ns() + 600 * NSEC_PER_SEC;
	if (ctr_runtime.open(&f->cfg, &rt, &e) || ctr_runtime.launch(rt, &job, &in, &e))
		_exit(1);
	ctr_runtime.view(in, &view);
	write_all(tell, &view.pid, sizeof(view.pid));
	pause();
}

static void a_killed_runner_takes_the_container_along(void **state)
{
	struct fixture *f = *state;
	int pipefd[2], pidfd, ended;
	struct pollfd p = { .events = POLLIN };
	pid_t pid, container;

	NEEDS_CONTAINERS(f);
	assert_int_equal(pipe2(pipefd, O_CLOEXEC), 0);
	pid = fork();
	if (!pid)
		runner(f, pipefd[1]);
	assert_int_equal(read(pipefd[0], &container, sizeof(container)), sizeof(container));
	pidfd = proc_pidfd(container);
	assert_true(pidfd >= 0);
	p.fd = pidfd;
	assert_int_equal(poll(&p, 1, 0), 0); /* it lives, as long as its runner does */
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	ended = poll(&p, 1, 30000);
	proc_kill(pidfd); /* it has this test's output open */
	assert_int_equal(ended, 1);
	close(pidfd);
	close(pipefd[0]);
	close(pipefd[1]);
}

/*
 * The kernel tells of a death only who has asked before it. The channel does not tell either while
 * somebody else holds its other end, as a helper may, and as this process does.
 */
static void who_asks_too_late_ends_too(void **state)
{
	struct fixture *f = *state;
	pid_t dead = fork();
	struct child_plan plan = { .null_fd = -1 };
	struct child_shared shared = { 0 };
	struct child_args args = { .plan = &plan, .shared = &shared };
	struct pollfd p = { .events = POLLIN };
	struct starter st = { 0 };
	struct child_failure failure;
	struct started child;
	struct err e;
	int pair[2];

	if (!dead)
		_exit(0);
	NEEDS_CONTAINERS(f);
	plan.runner_fd = proc_pidfd(dead);
	assert_true(plan.runner_fd >= 0);
	waitpid(dead, NULL, 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	args.channel = pair[1];
	assert_int_equal(starter_open(&st, &e), 0);
	assert_int_equal(start_child(&st, CLONE_NEWNS, -1, child_fix_mounts, &args, &child, &e), 0);
	p.fd = child.pidfd;
	assert_int_equal(poll(&p, 1, 30000), 1);
	assert_int_equal(recv(pair[0], &failure, sizeof(failure), MSG_DONTWAIT), sizeof(failure));
	assert_string_equal(failure.step, "die with runner");
	proc_kill(child.pidfd);
	close(child.pidfd);
	starter_close(&st);
	close(plan.runner_fd);
	close(pair[0]);
	close(pair[1]);
}

/* Without a pid namespace the kernel does not end a program's children: reap() does. */
static void orphans_end_with_the_program(void **state)
{
	struct fixture *f = *state;
	struct pollfd p = { .events = POLLIN };
	char name[] = "payload", what[] = "orphan", *argv[] = { name, what, NULL };
	struct job job = { .argv = argv, .output_fd = 2 };
	struct instance *in;
	struct runtime *rt;
	struct run r;
	int report = memfd_create("report", MFD_CLOEXEC);

	f->cfg.ctr_namespaces &= ~(unsigned)CLONE_NEWPID;
	NEEDS_CONTAINERS(f);
	job.deadline_ns = now_ns() + 60 * NSEC_PER_SEC;
	job.report_fd = r.report_fd = report;
	assert_int_equal(ctr_runtime.open(&f->cfg, &rt, &r.e), 0);
	assert_int_equal(ctr_runtime.launch(rt, &job, &in, &r.e), 0);
	assert_int_equal(ctr_runtime.wait(in, &r.out, &r.e), 0);
	read_report(&r);
	p.fd = proc_pidfd((pid_t)atoi(value_of(&r, "orphan")));
	assert_true(p.fd >= 0); /* it lives on */
	ctr_runtime.reap(in);
	assert_int_equal(poll(&p, 1, 30000), 1);
	close(p.fd);
	ctr_runtime.close(rt);
	close(report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
		T(every_end_is_told),
		T(a_missing_program_is_an_error),
		T(a_program_that_may_not_run_is_an_error),
		T(a_file_that_is_no_program_is_an_error),
		T(a_bad_descriptor_is_an_error),
		T(a_failing_helper_is_an_error),
		T(a_cancelled_wait_leaves_it_to_reap),
		T(two_hundred_launches_leave_nothing),
		T(a_killed_runner_takes_the_container_along),
		T(who_asks_too_late_ends_too),
		T(orphans_end_with_the_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
