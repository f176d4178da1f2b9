/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Holding many of a runtime that only pretends, and waiting for what was there before. */
#include "tests/unit/check.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/wait.h>

#include "base/util.h"
#include "runner/hold.h"
#include "runner/rt_null.h"
#include "runner/schedule.h"
#include "runner/settle.h"
#include "runner/stair.h"

/* --- a runtime that counts, and fails where it is told to --- */

struct instance {
	bool waited;
};

static struct {
	int launched, reaped;
	int fail_at, code;  /* the how-manieth fails to become ready, from 1; 0: none */
	const char *report; /* that it leaves behind */
} fake;

static int fake_launch(
	struct runtime *rt, const struct job *job, struct instance **in, struct err *e)
{
	(void)rt, (void)e;
	assert_true(job->held);
	assert_true(job->deadline_ns > now_ns());
	*in = calloc(1, sizeof(**in));
	assert_non_null(*in);
	fake.launched++;
	if (fake.report)
		assert_int_equal(write_all(job->report_fd, fake.report, strlen(fake.report)), 0);
	return 0;
}

static int fake_ready(struct instance *in, struct err *e)
{
	(void)in;
	if (fake.launched != fake.fail_at)
		return 0;
	return err_set(e, fake.code, "ready", "it pretends");
}

static int fake_wait(struct instance *in, struct outcome *out, struct err *e)
{
	(void)e;
	in->waited = true;
	*out = (struct outcome){ .kind = OUTCOME_SIGNALED, .code = 9, .reason = "killed by hand" };
	return 0;
}

static void fake_reap(struct instance *in)
{
	fake.reaped++;
	free(in);
}

static void fake_view(const struct instance *in, struct rt_view *view)
{
	(void)in;
	view->guest_bytes = 4096;
}

static const struct runtime_ops fake_runtime = {
	.name = "fake",
	.launch = fake_launch,
	.ready = fake_ready,
	.wait = fake_wait,
	.reap = fake_reap,
	.view = fake_view,
};

static const struct way way = { .ops = &fake_runtime };
static const struct trial_context trial = {
	.timeout_ns = 60 * NSEC_PER_SEC, .cancel_fd = -1, .log_fd = -1
};
static char *argv[] = { (char[]){ "workload" }, NULL };

static void holds_and_releases_all(void **state)
{
	struct rt_view view;
	struct hold h;
	struct err e;

	(void)state;
	memset(&fake, 0, sizeof(fake));
	assert_int_equal(hold_open(&h, &trial, &way, 20, &e), 0);
	assert_int_equal(h.max, 20);
	for (int i = 0; i < 20; i++)
		assert_int_equal(hold_start(&h, argv, i == 3 ? HOLD_REPORT : 0, &e), 0);
	assert_int_equal(h.n, 20);
	assert_true(h.list[3].report_fd >= 0 && h.list[4].report_fd < 0);
	hold_view(&h, 7, &view);
	assert_int_equal(view.guest_bytes, 4096);
	assert_int_equal(hold_start(&h, argv, 0, &e), -E2BIG); /* one too many */
	assert_int_equal(fake.launched, 20);
	assert_int_equal(fake.reaped, 0);
	hold_release(&h);
	assert_int_equal(fake.reaped, 20);
	hold_release(&h); /* twice is fine */
	assert_int_equal(fake.reaped, 20);
}

#define HEAD "bench-report\t1\n"

static const struct {
	const char *name, *report;
	int code, result;
	const char *message;
} failures[] = {
	{ "it ended", NULL, -ESRCH, -ESRCH, "killed by hand" },
	{ "it is late", NULL, -ETIMEDOUT, -ETIMEDOUT, "killed by hand" },
	{ "interrupted", NULL, -ECANCELED, -ECANCELED, "interrupted" },
	{ "it says that it cannot", HEAD "skip\tidle\t\tno timer\nend\t0\n", -ESRCH, -ENOTSUP,
		"no timer" },
	{ "it says that it failed", HEAD "fail\tidle\t\tno memory\nend\t0\n", -ESRCH, -EIO,
		"no memory" },
	{ "it says nonsense", "\x1b[2Jhello\n", -ESRCH, -ESRCH, "killed by hand" },
};

/* One that fails leaves nothing, and those before it stay. */
static void one_that_fails_is_taken_away(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(failures); i++) {
		struct err e = { 0 };
		struct hold h;

		memset(&fake, 0, sizeof(fake));
		assert_int_equal(hold_open(&h, &trial, &way, 5, &e), 0);
		assert_int_equal(hold_start(&h, argv, 0, &e), 0);
		fake.fail_at = 2;
		fake.code = failures[i].code;
		fake.report = failures[i].report;
		if (hold_start(&h, argv, HOLD_REPORT, &e) != failures[i].result ||
			!strstr(e.message, failures[i].message))
			fail_msg("%s: %d, %s", failures[i].name, e.code, e.message);
		assert_int_equal(h.n, 1);
		assert_int_equal(fake.reaped, 1);
		hold_release(&h);
		assert_int_equal(fake.reaped, 2);
	}
}

static void a_runtime_that_cannot_tell_is_refused(void **state)
{
	const struct way null_way = { .ops = &null_runtime };
	struct hold h;
	struct err e;

	(void)state;
	assert_int_equal(hold_open(&h, &trial, &null_way, 5, &e), -ENOTSUP);
	assert_non_null(strstr(e.message, "null"));
	hold_release(&h);
}

/* However much an old reading says that there is, the floor is kept by what is read. */
static void an_old_reading_ends_at_the_floor(void **state)
{
	static const struct {
		uint64_t step_bytes;
		size_t held; /* at half as much again for each, or ten without a look */
	} cases[] = { { 0, 10 }, { 1ull << 59, 9 } };
	static struct suite suite = { .name = "density", .kind = SUITE_HOLDS };
	struct plan plan = { .suites = { &suite }, .n_suites = 1, .n_ways = 1, .time_unit = "ns" };
	struct launch launch = { .kind = LAUNCH_ALONE };
	struct schedule s = { .plan = &plan,
		.run_id = "test",
		.trial = { .timeout_ns = NSEC_PER_SEC, .cancel_fd = -1, .log_fd = -1 } };

	(void)state;
	plan.ways[0] = (struct way){ .ops = &fake_runtime, .name = "fake", .kernel = "" };
	plan.launches = &launch;
	plan.n_launches = 1;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct stair st;
		struct err e = { 0 };
		int r = stair_begin(&st, &s, 0, "hold", 100, 0, &e);

		if (r)
			fail_msg("%s: %s", e.step, e.message);
		st.step_bytes = cases[i].step_bytes;
		st.floor_bytes = 1ull << 60; /* more than any host has */
		st.last.at[MEM_AVAILABLE].bytes = 1ull << 63;
		while (!r && st.hold.n < 50)
			r = stair_step(&st, argv, 0, &e) - 1;
		assert_int_equal(r, -1);
		assert_int_equal(st.hold.n, cases[i].held);
		assert_non_null(strstr(st.stopped, "to stay free"));
		assert_int_equal(stair_end(&st, NULL, NULL, &e), 0);
	}
}

static void nothing_taken_is_nothing_left(void **state)
{
	struct left_behind left;
	struct settle s;
	struct err e;

	(void)state;
	assert_int_equal(settle_note(&s, &e), 0);
	s.memory.at[MEM_AVAILABLE] = amount_of(0); /* whatever the host does meanwhile */
	s.netns = amount_unknown("nobody tells");
	assert_int_equal(settle_wait(&s, 0, -1, &left, &e), 0);
	assert_int_equal(left.bytes + left.netns + left.processes, 0);
}

/* A child that is not reaped is a process left behind. */
static void processes_left_are_counted(void **state)
{
	struct left_behind left;
	struct settle s;
	struct err e;
	pid_t pid;

	(void)state;
	assert_int_equal(settle_note(&s, &e), 0);
	s.memory.at[MEM_AVAILABLE] = amount_of(0);
	s.netns = amount_unknown("nobody tells");
	pid = fork();
	if (pid == 0)
		_exit(0);
	assert_int_equal(settle_wait(&s, 0, -1, &left, &e), 0);
	assert_int_equal(left.processes, 1);
	waitpid(pid, NULL, 0);
}

/* Memory that does not come back is waited for, unless somebody has had enough. */
static void waiting_can_be_interrupted(void **state)
{
	cleanup_fd int cancel = eventfd(1, EFD_CLOEXEC);
	struct left_behind left;
	struct settle s;
	struct err e;

	(void)state;
	assert_int_equal(settle_note(&s, &e), 0);
	s.memory.at[MEM_AVAILABLE] = amount_of(UINT64_MAX); /* so much will never be back */
	assert_int_equal(settle_wait(&s, 0, cancel, &left, &e), -ECANCELED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(holds_and_releases_all),
		cmocka_unit_test(one_that_fails_is_taken_away),
		cmocka_unit_test(a_runtime_that_cannot_tell_is_refused),
		cmocka_unit_test(an_old_reading_ends_at_the_floor),
		cmocka_unit_test(nothing_taken_is_nothing_left),
		cmocka_unit_test(processes_left_are_counted),
		cmocka_unit_test(waiting_can_be_interrupted),
	};

	return cmocka_run_group_tests_name("runner/hold", tests, NULL, NULL);
}
