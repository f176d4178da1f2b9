/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cgroups: what is found on all kinds of hosts, limits, and what is left behind. */
#include "tests/unit/ctr_fixture.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/proc.h"
#include "base/sys.h"
#include "ctr/cgroup.h"
#include "ctr/ctr.h"
#include "ctr/start.h"

static const struct {
	const char *host, *mountinfo, *self;
	const char *v2_own, *memory_own, *pids_own;
} layouts[] = {
	{ "unified, systemd",
		"29 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n",
		"0::/user.slice/user-1000.slice/session-1.scope\n",
		"/sys/fs/cgroup/user.slice/user-1000.slice/session-1.scope", "", "" },
	{ "hybrid, memory and pids bound to v1",
		"35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"
		"39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids\n"
		"41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n",
		"8:pids:/\n4:memory:/jobs/1\n0::/\n", "/sys/fs/cgroup/unified",
		"/sys/fs/cgroup/memory/jobs/1", "/sys/fs/cgroup/pids" },
	{ "v1 inside Docker: our own cgroup is what is mounted",
		"40 31 0:33 /docker/ab /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n",
		"4:memory:/docker/ab\n", "", "/sys/fs/cgroup/memory", "" },
	{ "v1 with controllers that share a tree",
		"35 31 0:32 / /cg/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
		"36 31 0:33 / /cg/m rw - cgroup cgroup rw,memory,pids\n",
		"3:memory,pids:/a\n2:cpu,cpuacct:/b\n", "", "/cg/m/a", "/cg/m/a" },
	{ "outside of our cgroup namespace",
		"29 23 0:26 /../.. /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n", "0::/../x\n",
		"/sys/fs/cgroup", "", "" },
	{ "none mounted", "22 27 0:21 / /proc rw,relatime - proc proc rw\n", "0::/\n", "", "", "" },
	{ "nonsense", "x\n- -\n\n 1 2 3 - cgroup2\n", "::::\n\n0\n", "", "", "" },
};

static void all_kinds_of_hosts_are_understood(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(layouts); i++) {
		struct cgroup_layout l;

		assert_int_equal(cgroup_find(&l, layouts[i].mountinfo, layouts[i].self), 0);
		print_message("    %s\n", layouts[i].host);
		assert_string_equal(l.v2_own, layouts[i].v2_own);
		assert_string_equal(l.v1_own[CGROUP_V1_MEMORY], layouts[i].memory_own);
		assert_string_equal(l.v1_own[CGROUP_V1_PIDS], layouts[i].pids_own);
	}
}

/* A name that @o would have given, in which @more follows. */
static void name_of(char out[CGROUP_NAME_SIZE], const struct owner *o, const char *more)
{
	snprintf(out, CGROUP_NAME_SIZE, "bench-%ju-%ju-%ju-%08x%s", (uintmax_t)o->pid,
		(uintmax_t)o->start, (uintmax_t)o->pid_ns, o->boot, more);
}

/* Folders that look like cgroups of runners: those of the dead go, all else stays. */
static void only_what_the_dead_left_is_swept(void **state)
{
	struct fixture *f = *state;
	int base = open(f->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct owner gone = *owner_self(), elsewhere, other_boot;
	char stays[10][CGROUP_NAME_SIZE], goes[2][CGROUP_NAME_SIZE];
	pid_t dead = fork();

	if (!dead)
		_exit(0);
	waitpid(dead, NULL, 0);
	gone.start = 1; /* the pid lives, but it is not the process that made this one */
	name_of(goes[0], &gone, "-7");
	gone.pid = (uint64_t)dead;
	name_of(goes[1], &gone, "-0");
	elsewhere = other_boot = gone;
	elsewhere.pid_ns--;
	other_boot.boot ^= 1;
	cgroup_name(stays[0]); /* ours, and we are alive */
	name_of(stays[1], &elsewhere, "-0");
	name_of(stays[2], &other_boot, "-0");
	name_of(stays[3], &gone, "");
	name_of(stays[4], &gone, "-");
	name_of(stays[5], &gone, "-1x");
	name_of(stays[6], &gone, "-1 ");
	snprintf(stays[7], sizeof(stays[7]), "bench-%d-12345-0", (int)dead);
	snprintf(stays[8], sizeof(stays[8]), "x%.90s", goes[1]);
	snprintf(stays[9], sizeof(stays[9]), "bench-mark");
	for (size_t i = 0; i < ARRAY_SIZE(stays); i++)
		assert_int_equal(mkdirat(base, stays[i], 0755), 0);
	for (size_t i = 0; i < ARRAY_SIZE(goes); i++)
		assert_int_equal(mkdirat(base, goes[i], 0755), 0);
	/* Where no cgroup can be: a symlink stays, and so does what it leads to. */
	name_of(goes[0], &gone, "-99");
	assert_int_equal(symlinkat(stays[9], base, goes[0]), 0);
	assert_int_equal(cgroup_sweep(base), 2);
	for (size_t i = 0; i < ARRAY_SIZE(stays); i++) {
		if (faccessat(base, stays[i], F_OK, 0))
			fail_msg("%s is gone", stays[i]);
	}
	assert_int_equal(faccessat(base, goes[0], F_OK, AT_SYMLINK_NOFOLLOW), 0);
	assert_int_equal(faccessat(base, goes[1], F_OK, 0), -1);
	close(base);
}

static int sleep_for_ever(void *arg)
{
	while (!arg)
		sys0(SYS_pause);
	return 0;
}

static void expect_in_cgroup(pid_t pid, const char *name)
{
	cleanup_free char *path = format_text("/proc/%d/cgroup", (int)pid), *text = NULL;

	assert_int_equal(read_file(path, 65536, &text, NULL), 0);
	if (!strstr(text, name))
		fail_msg("not in %s but in %s", name, text);
}

/* Where this process's own is, in @m's layout: skips where it may not be written to. */
#define FIND_V2(m)                                                                                 \
	do {                                                                                       \
		struct err e_;                                                                     \
                                                                                                   \
		assert_int_equal(cgroup_open((m), 0, &e_), 0);                                     \
		cgroup_close(m);                                                                   \
		if (!*(m)->layout.v2_own || access((m)->layout.v2_own, W_OK) < 0)                  \
			SKIP("no cgroup v2 that we may write to");                                 \
	} while (0)

/* Even a v2 tree without controllers can hold, kill and release: at birth, and joined later. */
static void v2_holds_from_birth_and_is_killed_as_a_whole(void **state)
{
	struct cgroup_manager m, v2 = { .ops = &cgroup_v2_ops };
	struct starter st = { 0 };
	struct err e;

	(void)state;
	FIND_V2(&m);
	v2.base[0] = open(m.layout.v2_own, O_PATH | O_DIRECTORY | O_CLOEXEC);
	v2.base[1] = -1;
	assert_int_equal(starter_open(&st, &e), 0);
	for (int born_there = 1; born_there >= 0; born_there--) {
		struct started child;
		struct cgroup cg;
		char name[CGROUP_NAME_SIZE];

		if (cgroup_make(&v2, &cg, &e) < 0)
			SKIP(e.message);
		snprintf(name, sizeof(name), "%s", cg.name);
		assert_int_equal(start_child(&st, 0, born_there ? cg.fd : -1, sleep_for_ever, NULL,
					 &child, &e),
			0);
		if (!child.in_cgroup)
			assert_int_equal(v2.ops->join(&cg, child.pid, &e), 0);
		expect_in_cgroup(child.pid, name);
		assert_int_equal(v2.ops->remove(&cg), -EBUSY);
		v2.ops->kill(&cg);
		proc_kill(child.pidfd);
		close(child.pidfd);
		assert_int_equal(cgroup_remove(&cg), 0);
		assert_int_equal(faccessat(v2.base[0], name, F_OK, 0), -1);
	}
	starter_close(&st);
	cgroup_close(&v2);
}

/* A killed runner's container without a pid namespace: what still lives in its cgroup is ended. */
static void what_lives_in_a_dead_runners_cgroup_is_ended(void **state)
{
	struct cgroup_manager m;
	struct owner gone = *owner_self();
	char name[CGROUP_NAME_SIZE];
	struct starter st = { 0 };
	struct started child;
	int base, inside;
	struct err e;

	(void)state;
	FIND_V2(&m);
	gone.start = 1;
	name_of(name, &gone, "-0");
	base = open(m.layout.v2_own, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(mkdirat(base, name, 0755), 0);
	inside = openat(base, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(starter_open(&st, &e), 0);
	assert_int_equal(start_child(&st, 0, inside, sleep_for_ever, NULL, &child, &e), 0);
	if (!child.in_cgroup) {
		proc_kill(child.pidfd);
		unlinkat(base, name, AT_REMOVEDIR);
		SKIP("no clone3 that puts a process into a cgroup");
	}
	ctr_sweep();
	assert_int_equal(faccessat(base, name, F_OK, 0), -1);
	assert_true(proc_is_zombie(child.pid)); /* not reaped by us yet */
	proc_kill(child.pidfd);
	close(child.pidfd);
	close(inside);
	close(base);
	starter_close(&st);
}

/* Two ways of running may be open at once, each with a manager, and make theirs side by side. */
static void managers_do_not_take_each_others_names(void **state)
{
	char first[CGROUP_NAME_SIZE], second[CGROUP_NAME_SIZE], third[CGROUP_NAME_SIZE];

	(void)state;
	cgroup_name(first);
	cgroup_name(second);
	cgroup_name(third);
	assert_string_not_equal(first, second);
	assert_string_not_equal(second, third);
	assert_string_not_equal(first, third);
}

/* Made while nobody waits, taken by the next launch, removed if there is none. */
static void the_next_one_is_made_ahead(void **state)
{
	struct cgroup_manager m, v2 = { .ops = &cgroup_v2_ops };
	struct cgroup first, second;
	char name[CGROUP_NAME_SIZE];
	struct err e;

	(void)state;
	FIND_V2(&m);
	v2.base[0] = open(m.layout.v2_own, O_PATH | O_DIRECTORY | O_CLOEXEC);
	v2.base[1] = -1;
	cgroup_make_ahead(&v2);
	snprintf(name, sizeof(name), "%s", v2.spare.name);
	cgroup_make_ahead(&v2); /* one is enough */
	assert_string_equal(v2.spare.name, name);
	assert_int_equal(faccessat(v2.base[0], name, F_OK, 0), 0);
	assert_int_equal(cgroup_make(&v2, &first, &e), 0);
	assert_string_equal(first.name, name);
	assert_int_equal(cgroup_make(&v2, &second, &e), 0);
	assert_string_not_equal(second.name, name);
	assert_int_equal(cgroup_remove(&first), 0);
	assert_int_equal(cgroup_remove(&second), 0);
	assert_int_equal(faccessat(v2.base[0], name, F_OK, 0), -1);
	cgroup_make_ahead(&v2);
	snprintf(name, sizeof(name), "%s", v2.spare.name);
	cgroup_remove(&v2.spare);
	assert_int_equal(faccessat(v2.base[0], name, F_OK, 0), -1);
	cgroup_close(&v2);
}

#define LIMIT (32u << 20)

static bool has_limits(struct fixture *f)
{
	f->cfg.ctr_mem_limit = true;
	f->cfg.mem_bytes = LIMIT;
	return ctr_runtime.probe(&f->cfg, NULL) == 0;
}

static void a_memory_limit_holds(void **state)
{
	struct fixture *f = *state;
	struct run r;

	NEEDS_CONTAINERS(f);
	if (!has_limits(f))
		SKIP("no memory controller that we may use");
	must_run(run_once(&f->cfg, &r, "eat", "4"), &r);
	assert_int_equal(run_once(&f->cfg, &r, "eat", "256"), 0);
	assert_int_equal(r.out.kind, OUTCOME_SIGNALED);
	assert_int_equal(r.out.code, SIGKILL);
	assert_non_null(strstr(r.out.reason, "limit"));
}

static void note_cgroup(void *ctx, const char *key, const char *value)
{
	if (!strcmp(key, "ctr.cgroup"))
		snprintf(ctx, 64, "%.63s", value);
}

static void it_can_be_switched_off(void **state)
{
	struct fixture *f = *state;
	struct runtime *rt;
	char said[64] = "";
	struct run r;

	NEEDS_CONTAINERS(f);
	f->cfg.ctr_no_cgroup = true;
	assert_int_equal(ctr_runtime.open(&f->cfg, &rt, &r.e), 0);
	ctr_runtime.describe(rt, note_cgroup, said);
	assert_string_equal(said, "none: switched off");
	must_run(run_with(rt, &r, (char *)"exit", (char *)"0", 60), &r);
	ctr_runtime.close(rt);
	/* but not together with a limit */
	f->cfg.ctr_mem_limit = true;
	f->cfg.mem_bytes = LIMIT;
	assert_int_equal(ctr_runtime.open(&f->cfg, &rt, &r.e), -EINVAL);
	assert_string_equal(r.e.step, "cgroup");
}

static unsigned own_cgroups(const char *path)
{
	cleanup_free char *cmd = NULL;
	char line[64] = "";
	FILE *p;

	if (!*path)
		return 0;
	cmd = format_text("ls -d %s/bench-%d-* 2>/dev/null | wc -l", path, (int)getpid());
	p = popen(cmd, "r");
	assert_non_null(p);
	assert_non_null(fgets(line, sizeof(line), p));
	pclose(p);
	return (unsigned)atoi(line);
}

static void cgroups_are_removed(void **state)
{
	struct fixture *f = *state;
	struct cgroup_manager m;
	struct err e;
	struct run r;

	NEEDS_CONTAINERS(f);
	if (!has_limits(f))
		SKIP("no memory controller that we may use");
	for (int i = 0; i < 20; i++)
		must_run(run_once(&f->cfg, &r, "exit", "0"), &r);
	f->cfg.ctr_namespaces &= ~(unsigned)CLONE_NEWPID; /* with someone still in it */
	must_run(run_once(&f->cfg, &r, "orphan", NULL), &r);
	assert_int_equal(cgroup_open(&m, LIMIT, &e), 0);
	assert_int_equal(own_cgroups(m.layout.v2_own), 0);
	assert_int_equal(own_cgroups(m.layout.v2_mount), 0);
	assert_int_equal(own_cgroups(m.layout.v1_own[CGROUP_V1_MEMORY]), 0);
	assert_int_equal(own_cgroups(m.layout.v1_own[CGROUP_V1_PIDS]), 0);
	cgroup_close(&m);
}

/* A limit that was asked for and cannot be set is an error, not a container without one. */
static void no_limit_is_lost_silently(void **state)
{
	struct fixture *f = *state;
	int status;
	pid_t pid;

	ROOT_ONLY("needs root to become another user");
	f->cfg.ctr_mem_limit = true;
	f->cfg.mem_bytes = LIMIT;
	pid = fork();
	if (!pid) {
		struct runtime *rt;
		struct err e = { 0 };

		if (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534))
			_exit(100);
		_exit(ctr_runtime.open(&f->cfg, &rt, &e) == -EOPNOTSUPP && e.remedy[0] ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
		cmocka_unit_test(all_kinds_of_hosts_are_understood),
		T(only_what_the_dead_left_is_swept),
		cmocka_unit_test(v2_holds_from_birth_and_is_killed_as_a_whole),
		cmocka_unit_test(what_lives_in_a_dead_runners_cgroup_is_ended),
		cmocka_unit_test(managers_do_not_take_each_others_names),
		cmocka_unit_test(the_next_one_is_made_ahead),
		T(it_can_be_switched_off),
		T(a_memory_limit_holds),
		T(cgroups_are_removed),
		T(no_limit_is_lost_silently),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
