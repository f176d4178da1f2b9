/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a program in a container may try against its host (tests/tools/attack), and how each attempt
 * is refused. The same program outside shows that the attempts are real: there they come through.
 */
#include "tests/unit/attack_fixture.h"

#include <sys/stat.h>

/* As whoever we are, with the terminal taken from whom it belongs to. */
static void exec_outside(const struct host *h, int report)
{
	cleanup_free char *argument = format_text("%s,outside", h->argument);
	char *const argv[] = { (char *)"attack", argument, NULL };

	if (chdir(h->f->dir) || setsid() < 0 || dup2(h->terminal, 1) < 0 ||
		ioctl(1, TIOCSCTTY, 1) || dup2(report, 3) < 0)
		_exit(100);
	execv(h->f->payload, argv);
	_exit(101);
}

static void attack_outside(const struct host *h, struct run *r)
{
	int status;
	pid_t pid;

	memset(r, 0, sizeof(*r));
	r->report_fd = memfd_create("report", MFD_CLOEXEC);
	pid = fork();
	if (!pid)
		exec_outside(h, r->report_fd);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	read_report(r);
	close(r->report_fd);
}

/* What ran inside is still what it was: time of change, of status, size and rights. */
static void same_file(const struct stat *before, const char *path)
{
	struct stat now;

	assert_int_equal(stat(path, &now), 0);
	assert_int_equal(now.st_size, before->st_size);
	assert_int_equal(now.st_mode, before->st_mode);
	assert_memory_equal(&now.st_mtim, &before->st_mtim, sizeof(now.st_mtim));
	assert_memory_equal(&now.st_ctim, &before->st_ctim, sizeof(now.st_ctim));
}

static void all_are_refused(void **state)
{
	struct host *h = *state;
	struct stat before;
	struct run r;

	NEEDS_CONTAINERS(h->f);
	assert_int_equal(stat(h->f->payload, &before), 0);
	must_run(attack_inside(h, &h->f->cfg, &r), &r);
	all_refused(&r, true);
	same_file(&before, h->f->payload);
}

static void the_filter_is_not_the_only_wall(void **state)
{
	struct host *h = *state;
	struct run r;

	NEEDS_CONTAINERS(h->f);
	h->f->cfg.ctr_seccomp = false;
	must_run(attack_inside(h, &h->f->cfg, &r), &r);
	all_refused(&r, false);
}

/*
 * Without a user namespace root inside is the host's, and what is bound is the host's own. However
 * it is mounted: prepared, for each launch, or by mount(2).
 */
static void devices_stay_the_hosts(void **state)
{
	static const char *const hidden[][4] = { { NULL }, { "setns", NULL },
		{ "setns", "mount_setattr", NULL } };
	struct run *r = shared_run();
	struct host *h = *state;
	struct stat before, now;

	ROOT_ONLY("needs root to do without a user namespace");
	NEEDS_CONTAINERS(h->f);
	h->f->cfg.ctr_namespaces &= ~(unsigned)CLONE_NEWUSER;
	assert_int_equal(stat("/dev/null", &before), 0);
	for (size_t i = 0; i < ARRAY_SIZE(hidden); i++) {
		int status;
		pid_t pid = fork();

		if (!pid)
			_exit(hide_calls(ENOSYS, hidden[i])       ? 100
				: attack_inside(h, &h->f->cfg, r) ? 1
								  : 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		must_run(status, r);
		assert_string_equal(value_of(r, "change_devices"), "EROFS");
	}
	/* Its times are changed by whoever compiles to there. */
	assert_int_equal(stat("/dev/null", &now), 0);
	assert_int_equal(now.st_mode, before.st_mode);
	assert_int_equal(now.st_uid, before.st_uid);
	munmap(r, sizeof(*r));
}

/* By the older calls: nothing made ahead, every mount by mount(2). */
static void all_are_refused_on_old_kernels(void **state)
{
	static const char *const newer[] = { "clone3", "openat2", "fsopen", "fsconfig", "fsmount",
		"move_mount", "open_tree", "mount_setattr", "setns", NULL };
	struct run *r = shared_run();
	struct host *h = *state;
	int status;
	pid_t pid;

	NEEDS_CONTAINERS(h->f);
	pid = fork();
	if (!pid)
		_exit(hide_calls(ENOSYS, newer) ? 100 : attack_inside(h, &h->f->cfg, r) ? 1 : 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	must_run(status, r);
	all_refused(r, true);
	munmap(r, sizeof(*r));
}

static void attack_rootless(struct host *h, bool filter)
{
	struct run *r = shared_run();
	int status;
	pid_t pid;

	h->f->cfg.ctr_seccomp = filter;
	pid = fork();
	if (!pid) {
		become_nobody();
		_exit(attack_inside(h, &h->f->cfg, r) ? 1 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (status && r->e.remedy[0])
		SKIP(r->e.remedy); /* this host forbids it, and we said by what */
	must_run(status, r);
	all_refused(r, filter);
	munmap(r, sizeof(*r));
}

static void all_are_refused_rootless(void **state)
{
	struct host *h = *state;

	ROOT_ONLY("needs root to become another user");
	NEEDS_CONTAINERS(h->f);
	attack_rootless(h, true);
	attack_rootless(h, false);
}

/* A test whose attacks could not do harm anyway would show nothing. */
static void they_come_through_outside(void **state)
{
	/* All rights but CAP_SYS_RESOURCE, which root of a small VM may lack. */
	const unsigned long long needed = 0x3ffeffffffull;
	bool everything = getenv("ATTACKS_ALL") != NULL;
	cleanup_free char *status = NULL;
	struct host *h = *state;
	unsigned wrong = 0, lacking = 0;
	struct run r;

	assert_int_equal(read_file("/proc/self/status", 65536, &status, NULL), 0);
	if ((strtoull(strstr(status, "CapEff:") + 8, NULL, 16) & needed) != needed)
		SKIP("needs root with all its rights");
	attack_outside(h, &r);
	assert_string_equal(value_of(&r, "end"), "ok");
	for (size_t i = 0; i < ARRAY_SIZE(attack_rows); i++) {
		const char *got = value_of(&r, attack_rows[i].name);

		if (!strcmp(got, "ok"))
			continue;
		if (!everything && one_of(got, attack_rows[i].outside)) {
			print_message("    %s: %s here, so not shown\n", attack_rows[i].name, got);
			lacking++;
			continue;
		}
		print_error("%s: %s outside\n", attack_rows[i].name, got);
		wrong++;
	}
	assert_int_equal(wrong, 0);
	assert_true(lacking < ARRAY_SIZE(attack_rows) / 3);
	assert_in_range(*signalled, 1, 2); /* the second one may find the first still pending */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, host_setup, host_teardown)
		T(all_are_refused),
		T(the_filter_is_not_the_only_wall),
		T(all_are_refused_on_old_kernels),
		T(devices_stay_the_hosts),
		T(all_are_refused_rootless),
		T(they_come_through_outside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
