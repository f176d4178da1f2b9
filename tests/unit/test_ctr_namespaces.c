/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each namespace switched off in turn, as root and as nobody, and all of them at once. */
#include "tests/unit/ctr_fixture.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/wait.h>

/* What is not so any more when one is missing; all else that is listed holds. */
static const struct {
	unsigned without;
	struct expected then[6];
} cases[] = {
	{ CLONE_NEWUSER, { { "uid", "0" }, { "CapBnd", "0000000000000000" }, { "not_masked", "" },
				 { "mounts_on_root", "1" } } },
	{ CLONE_NEWNS, { { "cwd", "/" }, { "mounts_propagating", NULL }, { "pid", "1" },
			       { "fds", "0 1 2 3 " } } },
	{ CLONE_NEWPID, { { "not_masked", "" }, { "not_read_only", "" }, { "mounts_on_root", "1" },
				{ "proc_shows_me", "1" } } },
	{ CLONE_NEWNET, { { "loopback", "ok" }, { "not_masked", "" } } },
	{ CLONE_NEWIPC, { { "pid", "1" } } },
	{ CLONE_NEWUTS, { { "pid", "1" } } },
	{ CLONE_NEWCGROUP, { { "pid", "1" } } },
};

static const struct expected whatever_is_missing[] = {
	{ "no_new_privs", "1" },
	{ "CapEff", "0000000000000000" },
	{ "CapBnd", "0000000000000000" },
	{ "CapAmb", "0000000000000000" },
	{ "Seccomp", "2" },
	{ "session_is_own", "1" },
	{ "fds", "0 1 2 3 " },
	{ "call_unshare", "EPERM" },
	{ "call_mount", "EPERM" },
	{ "end", "ok" },
};

static void host_namespace(const char *name, char *out, size_t size)
{
	char path[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/ns/%s", name);
	n = readlink(path, out, size - 1);
	assert_true(n > 0);
	out[n] = '\0';
}

/* Exactly those of @flags are new; the others are the host's. */
static void expect_namespaces(const struct run *r, unsigned flags)
{
	for (unsigned i = 0; i < NS_KINDS; i++) {
		char key[32], host[64];
		bool same;

		snprintf(key, sizeof(key), "ns.%s", ns_kinds[i].file);
		host_namespace(ns_kinds[i].file, host, sizeof(host));
		same = !strcmp(value_of(r, key), host);
		if (same == !!(flags & ns_kinds[i].flag))
			fail_msg("namespace %s: %s", ns_kinds[i].name,
				same ? "is the host's" : "is a new one");
	}
}

static void each_can_be_off(void **state)
{
	struct fixture *f = *state;
	char host[256], before[256];

	ROOT_ONLY("without a user namespace containers need root");
	NEEDS_CONTAINERS(f);
	gethostname(before, sizeof(before));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct run r;

		f->cfg.ctr_namespaces = ns_all() & ~cases[i].without;
		must_run(run_once(&f->cfg, &r, "look", NULL), &r);
		expect_namespaces(&r, f->cfg.ctr_namespaces);
		expect_all(&r, whatever_is_missing, ARRAY_SIZE(whatever_is_missing));
		for (size_t k = 0; k < ARRAY_SIZE(cases[i].then); k++) {
			if (cases[i].then[k].key && cases[i].then[k].value)
				expect_all(&r, &cases[i].then[k], 1);
		}
	}
	gethostname(host, sizeof(host));
	assert_string_equal(host, before);
}

static void without_any_it_is_a_process_without_rights(void **state)
{
	struct fixture *f = *state;
	struct run r;

	ROOT_ONLY("without a user namespace containers need root");
	f->cfg.ctr_namespaces = 0;
	NEEDS_CONTAINERS(f);
	must_run(run_once(&f->cfg, &r, "look", NULL), &r);
	expect_namespaces(&r, 0);
	expect_all(&r, whatever_is_missing, ARRAY_SIZE(whatever_is_missing));
}

/* The steps that "--ctr-steps" adds one by one, from a process that is only told apart by a
 * session. */
static const struct {
	unsigned namespaces;
	bool caps_kept, filter;
	struct expected then[4];
} steps[] = {
	{ 0, true, false, { { "Seccomp", "0" }, { "no_new_privs", "1" }, { "seen", "ok" } } },
	{ CLONE_NEWUSER, true, false, { { "Seccomp", "0" }, { "uid", "0" }, { "seen", "ok" } } },
	{ CLONE_NEWUSER | CLONE_NEWNS, true, false,
		{ { "mounts_on_root", "1" }, { "not_masked", "" } } },
	{ CLONE_NEWNET, true, false, { { "session_is_own", "1" }, { "seen", "ok" } } },
	{ CLONE_NEWPID, true, false, { { "pid", "1" }, { "seen", "ok" } } },
	{ CLONE_NEWNS, true, false, { { "mounts_on_root", "1" }, { "not_masked", "" } } },
	{ 0, false, false, { { "CapBnd", "0000000000000000" }, { "Seccomp", "0" } } },
	{ 0, true, true, { { "Seccomp", "2" }, { "seen", "ok" } } },
};

static void note_capabilities(void *ctx, const char *key, const char *value)
{
	if (!strcmp(key, "ctr.capabilities"))
		snprintf(ctx, 16, "%.15s", value);
}

static void each_step_can_be_added_alone(void **state)
{
	struct fixture *f = *state;

	ROOT_ONLY("without a user namespace containers need root");
	NEEDS_CONTAINERS(f);
	f->cfg.ctr_no_cgroup = true;
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		struct runtime *rt;
		char said[16] = "";
		struct run r;

		f->cfg.ctr_namespaces = steps[i].namespaces;
		f->cfg.ctr_keep_caps = steps[i].caps_kept;
		f->cfg.ctr_seccomp = steps[i].filter;
		assert_int_equal(ctr_runtime.open(&f->cfg, &rt, &r.e), 0);
		ctr_runtime.describe(rt, note_capabilities, said);
		/* "look" would try what this process may do: it has the rights of the host's root
		 */
		must_run(run_with(rt, &r, (char *)"see", NULL, 60), &r);
		ctr_runtime.close(rt);
		expect_namespaces(&r, steps[i].namespaces);
		assert_string_equal(said, steps[i].caps_kept ? "kept, to measur" : "none");
		if (steps[i].caps_kept == !strcmp(value_of(&r, "CapBnd"), "0000000000000000"))
			fail_msg("row %zu: bounding set %s", i, value_of(&r, "CapBnd"));
		for (size_t k = 0; k < ARRAY_SIZE(steps[i].then); k++) {
			if (steps[i].then[k].key)
				expect_all(&r, &steps[i].then[k], 1);
		}
	}
}

/* Every combination that a class may try: at least the recipe goes through, and back to its end. */
static void every_pair_can_be_off(void **state)
{
	struct fixture *f = *state;

	ROOT_ONLY("without a user namespace containers need root");
	NEEDS_CONTAINERS(f);
	for (unsigned a = 0; a < NS_KINDS; a++) {
		for (unsigned b = 0; b < a; b++) {
			struct run r;

			f->cfg.ctr_namespaces = ns_all() & ~(ns_kinds[a].flag | ns_kinds[b].flag);
			must_run(run_once(&f->cfg, &r, "look", NULL), &r);
			expect_namespaces(&r, f->cfg.ctr_namespaces);
		}
	}
}

static void rootless(const struct fixture *f, struct run *shared)
{
	struct rt_config cfg = f->cfg;

	if (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534))
		_exit(100);
	prctl(PR_SET_DUMPABLE, 1); /* as a process that was started by that user */
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		if (cases[i].without == CLONE_NEWUSER)
			continue;
		cfg.ctr_namespaces = ns_all() & ~cases[i].without;
		if (run_once(&cfg, shared, "look", NULL) || shared->out.code)
			_exit(1);
		if (strcmp(value_of(shared, "end"), "ok"))
			_exit(2);
	}
	_exit(0);
}

static void each_can_be_off_rootless(void **state)
{
	struct fixture *f = *state;
	struct run *r =
		mmap(NULL, sizeof(*r), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;
	pid_t pid;

	ROOT_ONLY("needs root to become another user");
	NEEDS_CONTAINERS(f);
	pid = fork();
	if (!pid)
		rootless(f, r);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (status && r->e.remedy[0])
		SKIP(r->e.remedy);
	if (status)
		fail_msg("status %d: %s: %s %s", status, r->e.step, r->e.message, r->out.reason);
	munmap(r, sizeof(*r));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
		T(each_can_be_off),
		T(without_any_it_is_a_process_without_rights),
		T(each_step_can_be_added_alone),
		T(every_pair_can_be_off),
		T(each_can_be_off_rootless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
