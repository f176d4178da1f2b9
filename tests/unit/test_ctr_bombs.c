/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A program that takes all there is, or will not end: tests/tools/attack/bombs.c in a container. */
#include "tests/unit/ctr_fixture.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/proc.h"
#include "ctr/cgroup.h"
#include "ctr/runtime.h"

#define MIB (UINT64_C(1) << 20)

static int setup(void **state)
{
	struct fixture *f;

	fixture_setup(state);
	f = *state;
	snprintf(f->payload, sizeof(f->payload), "%s/bomb", f->dir);
	copy_tool("ctr_attack", f->payload);
	return 0;
}

/* Of whatever limits them: pids.max of a cgroup, or RLIMIT_NPROC. */
static void expect_fork_limit(const struct run *r)
{
	struct expected want = { "error", "Resource temporarily unavailable" };
	long n = strtol(value_of(r, "processes"), NULL, 10);

	expect_all(r, &want, 1);
	if (n < CGROUP_PIDS_MAX - 1 || n > CGROUP_PIDS_MAX + 1)
		fail_msg("%ld processes", n);
}

static void forks_end_at_a_limit(void **state)
{
	struct fixture *f = *state;
	struct run r;

	NEEDS_CONTAINERS(f);
	must_run(run_once(&f->cfg, &r, "forks", NULL), &r);
	expect_fork_limit(&r);
	f->cfg.ctr_no_cgroup = true;
	must_run(run_once(&f->cfg, &r, "forks", NULL), &r);
	expect_fork_limit(&r);
}

static void forks_end_at_a_limit_rootless(void **state)
{
	struct fixture *f = *state;
	struct run *r = shared_run();
	int status;
	pid_t pid;

	ROOT_ONLY("needs root to become another user");
	NEEDS_CONTAINERS(f);
	pid = fork();
	if (!pid) {
		become_nobody();
		_exit(run_once(&f->cfg, r, "forks", NULL) ? 1 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (status && r->e.remedy[0])
		SKIP(r->e.remedy);
	must_run(status, r);
	expect_fork_limit(r);
	munmap(r, sizeof(*r));
}

/* Where a limit on memory can be had, one on processes comes with it, on v1 as well. */
static bool can_limit_memory(struct fixture *f, uint64_t bytes)
{
	struct runtime *rt = NULL;
	struct err e;
	int r;

	f->cfg.mem_bytes = bytes;
	f->cfg.ctr_mem_limit = true;
	r = ctr_runtime.open(&f->cfg, &rt, &e);
	if (!r)
		ctr_runtime.close(rt);
	else if (r != -EOPNOTSUPP)
		fail_msg("%s: %s", e.step, e.message);
	return !r;
}

static void forks_end_at_the_limit_of_a_cgroup(void **state)
{
	struct fixture *f = *state;
	struct run r;

	NEEDS_CONTAINERS(f);
	if (!can_limit_memory(f, 1024 * MIB))
		SKIP("no cgroups to limit anything with");
	must_run(run_once(&f->cfg, &r, "forks", NULL), &r);
	expect_fork_limit(&r);
}

static void memory_ends_at_the_limit(void **state)
{
	struct fixture *f = *state;
	struct run r;

	NEEDS_CONTAINERS(f);
	if (!can_limit_memory(f, 64 * MIB))
		SKIP("no cgroups to limit anything with");
	assert_int_equal(run_once(&f->cfg, &r, "memory", NULL), 0);
	assert_int_equal(r.out.kind, OUTCOME_SIGNALED);
	assert_int_equal(r.out.code, SIGKILL);
	assert_non_null(strstr(r.out.reason, "more memory than the limit"));
	assert_non_null(strstr(r.report, "mib=32\n"));
	assert_null(strstr(r.report, "mib=64\n"));
	assert_null(strstr(r.report, "immune"));
}

/* How the tmpfs is made: ahead, for each launch, and by the old calls; root's or nobody's own. */
static const struct {
	const char *what;
	const char *hidden[7]; /* calls, NULL-terminated */
	bool rootless;
} tmpfs_ways[] = {
	{ "made ahead", { NULL }, false },
	{ "made for each launch", { "setns" }, false },
	{ "by mount(2)",
		{ "setns", "fsopen", "fsmount", "move_mount", "open_tree", "mount_setattr" },
		false },
	{ "rootless", { NULL }, true },
};

/* A few files and folders of the root's own count where it is the same tmpfs. */
static void expect_written(const struct run *r, const char *what)
{
	static const struct expected want[] = { { "mib", "256" },
		{ "error", "No space left on device" },
		{ "files_error", "No space left on device" } };
	long files = strtol(value_of(r, "files"), NULL, 10);

	expect_all(r, want, ARRAY_SIZE(want));
	if (files > 65536 || files < 65536 - 100)
		fail_msg("%s: %ld files", what, files);
}

static void write_all_there_is(const struct fixture *f, size_t way, const char *folder)
{
	struct run *r = shared_run();
	int status;
	pid_t pid;

	pid = fork();
	if (!pid) {
		if (tmpfs_ways[way].rootless)
			become_nobody();
		_exit(hide_calls(ENOSYS, tmpfs_ways[way].hidden) ? 100
			: run_once(&f->cfg, r, folder, NULL)     ? 1
								 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (status && r->e.remedy[0] && tmpfs_ways[way].rootless) {
		print_message("    %s: %s\n", tmpfs_ways[way].what, r->e.remedy);
	} else {
		must_run(status, r);
		expect_written(r, tmpfs_ways[way].what);
	}
	munmap(r, sizeof(*r));
}

static void what_is_written_ends_at_a_limit(void **state)
{
	struct fixture *f = *state;

	NEEDS_CONTAINERS(f);
	for (size_t i = 0; i < ARRAY_SIZE(tmpfs_ways); i++) {
		if (tmpfs_ways[i].rootless && geteuid())
			continue;
		write_all_there_is(f, i, "tmp");
		write_all_there_is(f, i, "shm");
	}
}

/* --- outliving the runner --- */

struct survivor {
	pid_t pid, guard;
};

/* A runner with a container in it that has shed its parent-death signal; it never ends by itself.
 */
static void be_runner(const struct fixture *f, int report, struct survivor *s)
{
	char name[] = "bomb", what[] = "survive", *argv[] = { name, what, NULL };
	cleanup_fd int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct job job = { .argv = argv,
		.deadline_ns = now_ns() + 60 * NSEC_PER_SEC,
		.report_fd = report,
		.output_fd = null };
	struct instance *in;
	struct runtime *rt;
	struct err e;

	if (ctr_runtime.open(&f->cfg, &rt, &e) || ctr_runtime.launch(rt, &job, &in, &e))
		_exit(1);
	s->guard = rt->guard.pid;
	__atomic_store_n(&s->pid, in->child.pid, __ATOMIC_RELEASE);
	for (;;)
		pause();
}

static void await_report(int report, const char *text)
{
	char got[64] = "";

	for (int i = 0; i < 1000 && !strstr(got, text); i++) {
		usleep(10000);
		if (pread(report, got, sizeof(got) - 1, 0) < 0)
			break;
	}
	assert_string_equal(got, text);
}

static void must_end(int pidfd, const char *who)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };

	if (poll(&p, 1, 20000) != 1)
		fail_msg("%s lives on", who);
	close(pidfd);
}

static void nobody_outlives_the_runner(void **state)
{
	struct fixture *f = *state;
	struct survivor *s =
		mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int report = memfd_create("report", MFD_CLOEXEC), container, guard;
	pid_t runner;

	NEEDS_CONTAINERS(f);
	runner = fork();
	if (!runner)
		be_runner(f, report, s);
	await_report(report, "signal=0\n"); /* it has shed it, so that it is on us */
	for (int i = 0; i < 1000 && !__atomic_load_n(&s->pid, __ATOMIC_ACQUIRE); i++)
		usleep(10000); /* it may be heard of before the runner has gone on */
	container = proc_pidfd(__atomic_load_n(&s->pid, __ATOMIC_ACQUIRE));
	guard = proc_pidfd(s->guard);
	assert_true(container >= 0 && guard >= 0);
	kill(runner, SIGKILL);
	waitpid(runner, NULL, 0);
	must_end(container, "the container");
	must_end(guard, "the guard");
	close(report);
	munmap(s, sizeof(*s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, fixture_teardown)
		T(forks_end_at_a_limit),
		T(forks_end_at_a_limit_rootless),
		T(forks_end_at_the_limit_of_a_cgroup),
		T(memory_ends_at_the_limit),
		T(what_is_written_ends_at_a_limit),
		T(nobody_outlives_the_runner),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
