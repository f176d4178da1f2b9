/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What holds inside a container, tried from inside (docs/containers.md lists it). */
#include "tests/unit/ctr_fixture.h"

#include <errno.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>

#define NO_CAPS "0000000000000000"

static const struct expected always[] = {
	{ "pid", "1" },
	{ "uid", "0" },
	{ "gid", "0" },
	{ "session_is_own", "1" },
	{ "no_new_privs", "1" },
	{ "CapInh", NO_CAPS },
	{ "CapPrm", NO_CAPS },
	{ "CapEff", NO_CAPS },
	{ "CapBnd", NO_CAPS },
	{ "CapAmb", NO_CAPS },
	{ "signals_default", "1" },
	{ "fds", "0 1 2 3 " },
	{ "cwd", "/tmp" },
	{ "hostname", "bench" },
	{ "mounts_on_root", "1" },
	{ "mounts_propagating", "0" },
	{ "not_masked", "" },
	{ "not_read_only", "" },
	{ "max_user_namespaces", "0" },
	{ "proc_shows_me", "1" },
	{ "broken_nodes", "" },
	{ "write_root", "EROFS" },
	{ "write_tmp", "ok" },
	{ "write_shm", "ok" },
	{ "above_root", "ENOENT" },
	{ "through_proc", "ENOENT" },
	{ "loopback", "ok" },
	{ "call_mount", "EPERM" },
	{ "call_chroot", "EPERM" },
	{ "call_setns", "EPERM" },
	{ "call_sethostname", "EPERM" },
	{ "call_memfd", "ok" },
	{ "call_unknown", "ENOSYS" },
	{ "end", "ok" },
};

static const struct expected with_filter[] = {
	{ "Seccomp", "2" },
	{ "call_clone3", "ENOSYS" },
	{ "call_unshare", "EPERM" },
	{ "call_clone_user", "EPERM" },
	{ "call_tiocsti", "EPERM" },
	{ "call_ioperm", "EPERM" },
	{ "call_tiocsti_high", "EPERM" },
	{ "call_ptrace", "EPERM" },
	{ "vsock", "EAFNOSUPPORT" },
};

/* Without the filter it is the limit of the namespace that refuses one more. */
static const struct expected without_filter[] = {
	{ "Seccomp", "0" },
	{ "call_unshare", "ENOSPC" },
	{ "call_clone_user", "ENOSPC" },
	{ "call_ptrace", "ok" },
};

static void everything_holds(void **state)
{
	struct fixture *f = *state;
	struct run r;

	NEEDS_CONTAINERS(f);
	signal(SIGPIPE, SIG_IGN); /* must not be inherited */
	must_run(run_once(&f->cfg, &r, "look", NULL), &r);
	signal(SIGPIPE, SIG_DFL);
	expect_all(&r, always, ARRAY_SIZE(always));
	expect_all(&r, with_filter, ARRAY_SIZE(with_filter));
	for (unsigned i = 0; i < NS_KINDS; i++) {
		char key[32], path[64], host[64] = "";

		snprintf(key, sizeof(key), "ns.%s", ns_kinds[i].file);
		snprintf(path, sizeof(path), "/proc/self/ns/%s", ns_kinds[i].file);
		assert_true(readlink(path, host, sizeof(host) - 1) > 0);
		assert_string_not_equal(value_of(&r, key), host);
	}
}

static void the_filter_can_be_off(void **state)
{
	struct fixture *f = *state;
	struct run r;

	NEEDS_CONTAINERS(f);
	f->cfg.ctr_seccomp = false;
	must_run(run_once(&f->cfg, &r, "look", NULL), &r);
	expect_all(&r, always, ARRAY_SIZE(always));
	expect_all(&r, without_filter, ARRAY_SIZE(without_filter));
}

static void a_foreign_abi_is_killed(void **state)
{
	struct fixture *f = *state;
	struct run r;

	NEEDS_CONTAINERS(f);
	assert_int_equal(run_once(&f->cfg, &r, "foreign", NULL), 0);
	assert_int_equal(r.out.kind, OUTCOME_SIGNALED);
	assert_int_equal(r.out.code, SIGSYS);
}

static void affinity_is_the_one_asked_for(void **state)
{
	struct fixture *f = *state;
	struct expected one = { "cpus", "1" };
	struct run r;

	NEEDS_CONTAINERS(f);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &f->cfg.cpus))
			continue;
		CPU_ZERO(&f->cfg.cpus);
		CPU_SET(cpu, &f->cfg.cpus);
		break;
	}
	must_run(run_once(&f->cfg, &r, "look", NULL), &r);
	expect_all(&r, &one, 1);
}

/* Run @test's body as the user nobody, in a process of its own; its report comes back in @r. */
static int as_nobody(const struct rt_config *cfg, struct run *shared, const char *what)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		become_nobody();
		_exit(run_once(cfg, shared, what, NULL) ? 1 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void everything_holds_rootless(void **state)
{
	struct fixture *f = *state;
	struct run *r = shared_run();

	ROOT_ONLY("needs root to become another user");
	NEEDS_CONTAINERS(f);
	if (as_nobody(&f->cfg, r, "look")) {
		if (r->e.remedy[0])
			SKIP(r->e.remedy); /* this host forbids it, and we said by what */
		fail_msg("%s: %s", r->e.step, r->e.message);
	}
	expect_all(r, always, ARRAY_SIZE(always));
	expect_all(r, with_filter, ARRAY_SIZE(with_filter));
	munmap(r, sizeof(*r));
}

static void rootless_refusals_name_the_remedy(void **state)
{
	struct fixture *f = *state;
	struct run *r = shared_run();

	ROOT_ONLY("needs root to become another user");
	f->cfg.ctr_namespaces &= ~(unsigned)CLONE_NEWUSER;
	assert_int_equal(as_nobody(&f->cfg, r, "look"), 1);
	assert_int_equal(r->e.code, -EPERM);
	assert_non_null(strstr(r->e.remedy, "run as root"));
	munmap(r, sizeof(*r));
}

/*
 * Kernels and sandboxes that lack calls, played by a filter that hides them. What is hidden is done
 * without, and all guarantees hold nevertheless.
 */
static const struct {
	const char *what;
	int error;
	const char *calls[10]; /* NULL-terminated */
} lacking[] = {
	{ "no clone3 (before 5.3)", ENOSYS, { "clone3" } },
	{ "no openat2 (before 5.6)", ENOSYS, { "openat2" } },
	{ "a filter that refuses openat2", EPERM, { "openat2" } },
	{ "no mounts by descriptor (before 5.2)", ENOSYS,
		{ "fsopen", "fsconfig", "fsmount", "move_mount", "open_tree", "mount_setattr" } },
	{ "no mount_setattr (before 5.12)", ENOSYS, { "mount_setattr" } },
	{ "an initramfs as root, which cannot be pivoted away", EINVAL, { "pivot_root" } },
	{ "no joining by pidfd (before 5.8): nothing made ahead or beside", EINVAL, { "setns" } },
	{ "no close_range (before 5.9)", ENOSYS, { "close_range" } },
	{ "a filter that refuses close_range", EPERM, { "close_range" } },
	{ "no close_range, and nothing made ahead", ENOSYS, { "close_range", "setns" } },
	{ "none of them", ENOSYS,
		{ "clone3", "openat2", "fsopen", "fsmount", "move_mount", "open_tree",
			"mount_setattr", "setns", "close_range" } },
};

static void lacking_kernels_are_enough(void **state)
{
	struct fixture *f = *state;
	struct run *r = shared_run();

	NEEDS_CONTAINERS(f);
	for (size_t i = 0; i < ARRAY_SIZE(lacking); i++) {
		int status;
		pid_t pid = fork();

		if (!pid && dup2(open("/", O_RDONLY | O_DIRECTORY), 50) != 50)
			_exit(101); /* left open by chance: "fds" does not show it */
		if (!pid)
			_exit(hide_calls(lacking[i].error, lacking[i].calls) ? 100
				: run_once(&f->cfg, r, "look", NULL)         ? 1
									     : 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		print_message("    %s\n", lacking[i].what);
		if (status)
			fail_msg("status %d: %s: %s", status, r->e.step, r->e.message);
		expect_all(r, always, ARRAY_SIZE(always));
	}
	munmap(r, sizeof(*r));
}

/* In a mount namespace of its own a file of ours is where the null device should be. */
static int without_a_null_device(const struct fixture *f, struct run *r, const char *const *hidden)
{
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
		mount(f->payload, "/dev/null", NULL, MS_BIND, NULL))
		return 100;
	return hide_calls(ENOSYS, hidden) ? 101 : run_once(&f->cfg, r, "look", NULL) ? 1 : 0;
}

/*
 * What is bound in as a device, and laid over what must not be seen, is looked at first
 * (CVE-2025-31133): by number, once it is open.
 */
static void a_device_is_what_it_should_be(void **state)
{
	static const char *const hidden[][4] = { { NULL }, { "setns", NULL },
		{ "setns", "mount_setattr", NULL } };
	struct fixture *f = *state;
	struct run *r = shared_run();

	ROOT_ONLY("needs root to mount something over a device");
	NEEDS_CONTAINERS(f);
	for (size_t i = 0; i < ARRAY_SIZE(hidden); i++) {
		int status;
		pid_t pid = fork();

		if (!pid)
			_exit(without_a_null_device(f, r, hidden[i]));
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 1);
		assert_int_equal(r->e.code, -ENODEV);
		assert_string_equal(r->e.step, "root file system");
		assert_non_null(strstr(r->e.message, "/dev/null"));
		assert_string_equal(r->report, ""); /* nothing was started */
	}
	munmap(r, sizeof(*r));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
		T(everything_holds),
		T(the_filter_can_be_off),
		T(a_foreign_abi_is_killed),
		T(affinity_is_the_one_asked_for),
		T(everything_holds_rootless),
		T(lacking_kernels_are_enough),
		T(rootless_refusals_name_the_remedy),
		T(a_device_is_what_it_should_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
