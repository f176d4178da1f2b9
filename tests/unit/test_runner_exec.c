/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench exec from the plan to its rows, over a runtime that makes everything up; and what is made
 * of a request. */
#include "tests/unit/check.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/util.h"
#include "runner/exec_job.h"
#include "runner/schedule.h"
#include "tests/unit/folder_fixture.h"

/* --- a made-up runtime --- */

static struct outcome next;
static const char *next_report;

static int fake_launch(
	struct runtime *rt, const struct job *job, struct instance **in, struct err *e)
{
	(void)rt, (void)e;
	*in = NULL;
	assert_string_equal(job->argv[0], "tool");
	assert_int_equal(write_all(job->output_fd, "printed", 7), 0);
	return write_all(job->report_fd, next_report, strlen(next_report));
}

static int fake_wait(struct instance *in, struct outcome *out, struct err *e)
{
	(void)in, (void)e;
	*out = next;
	return 0;
}

static void fake_reap(struct instance *in)
{
	(void)in;
}

static const struct runtime_ops process = { .name = "host",
	.caps = RT_ANY_PROGRAM,
	.launch = fake_launch,
	.wait = fake_wait,
	.reap = fake_reap };
static const struct runtime_ops guest = { .name = "vm",
	.caps = RT_ANY_PROGRAM | RT_OWN_KERNEL,
	.launch = fake_launch,
	.wait = fake_wait,
	.reap = fake_reap };

/* --- rows --- */

static char rows[2048];

static int put(void *ctx, const struct sample *s, struct err *e)
{
	size_t used = strlen(rows);

	(void)ctx, (void)e;
	assert_string_equal(s->benchmark, "tool");
	snprintf(rows + used, sizeof(rows) - used, "%s %s %s ", s->metric, s->unit,
		sample_status_names[s->status]);
	used = strlen(rows);
	if (s->status == SAMPLE_OK || s->status == SAMPLE_WARMUP)
		snprintf(rows + used, sizeof(rows) - used, "%.0f|", s->value);
	else
		snprintf(rows + used, sizeof(rows) - used, "%.40s|", s->reason);
	return 0;
}

#define INFO(key, value) "info\t" key "\t" value "\n"
#define GOOD_REPORT                                                                                \
	"bench-report\t1\n" INFO("exec.status", "0") INFO("exec.user_ns", "11")                    \
		INFO("exec.system_ns", "22") INFO("exec.maxrss_bytes", "4096") "end\t0\n"
#define ALL(status, reason)                                                                        \
	"wall ns " status " " reason "|user ns " status " " reason "|system ns " status " " reason \
	"|cpu ns " status " " reason "|peak-memory bytes " status " " reason "|"

static const struct {
	const struct runtime_ops *ops;
	enum outcome_kind kind;
	int code, good_status;
	long maxrss_kib;
	const char *report, *rows;
	bool failed;
} cases[] = {
	{ &process, OUTCOME_EXITED, 0, 0, 1 << 30, "",
		"wall ns ok 900|user ns ok 1000002000|system ns ok 3000|cpu ns ok 1000005000|"
		"peak-memory bytes ok 1099511627776|",
		false },
	{ &process, OUTCOME_EXITED, 0, 0, 1, "",
		"wall ns ok 900|user ns ok 1000002000|system ns ok 3000|cpu ns ok 1000005000|"
		"peak-memory bytes skipped less than bench itself, and only root is|",
		false },
	{ &process, OUTCOME_EXITED, 7, 0, 1, "", ALL("failed", "made up"), true },
	{ &process, OUTCOME_EXITED, 7, 7, 1 << 30, "",
		"wall ns ok 900|user ns ok 1000002000|system ns ok 3000|cpu ns ok 1000005000|"
		"peak-memory bytes ok 1099511627776|",
		false },
	{ &process, OUTCOME_EXITED, 7, 8, 1, "", ALL("failed", "made up"), true },
	{ &process, OUTCOME_SIGNALED, SIGKILL, 0, 1, "", ALL("failed", "made up"), true },
	{ &process, OUTCOME_TIMEOUT, 0, EXEC_ANY_STATUS, 1, "", ALL("timeout", "made up"), true },
	{ &guest, OUTCOME_EXITED, 0, 0, 1, GOOD_REPORT,
		"wall ns ok 900|user ns ok 11|system ns ok 22|cpu ns ok 1000005000|"
		"peak-memory bytes ok 4096|",
		false },
	/* A guest is untrusted. */
	{ &guest, OUTCOME_EXITED, 0, 0, 1, "garbage\n",
		"wall ns ok 900|user ns skipped the guest's init did not tell|"
		"system ns skipped the guest's init did not tell|cpu ns ok 1000005000|"
		"peak-memory bytes skipped the guest's init did not tell|",
		false },
	{ &guest, OUTCOME_EXITED, 0, 0, 1,
		"bench-report\t1\n" INFO("exec.user_ns", "-1") INFO("exec.system_ns", "1x")
			INFO("exec.maxrss_bytes", "99999999999999999999") "end\t0\n",
		"wall ns ok 900|user ns skipped the guest's init did not tell|"
		"system ns skipped the guest's init did not tell|cpu ns ok 1000005000|"
		"peak-memory bytes skipped the guest's init did not tell|",
		false },
	{ &guest, OUTCOME_EXITED, 137, 0, 1,
		"bench-report\t1\n" INFO("exec.signal", "9") "end\t0\n",
		ALL("failed", "killed by signal 9 (Killed)"), true },
	{ &guest, OUTCOME_EXITED, 127, EXEC_ANY_STATUS, 1,
		"bench-report\t1\n" INFO("exec.error", "starting it: no") "end\t0\n",
		ALL("failed", "starting it: no"), true },
};

static void launches_and_their_rows(void **state)
{
	char *argv[] = { (char[]){ "tool" }, NULL };
	cleanup_free char *output = format_text("%s/output", dir);
	cleanup_fd int log_fd = open("/dev/null", O_WRONLY | O_APPEND | O_CLOEXEC);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		static struct exec_job job;
		static struct plan plan;
		struct launch launch = { 0 };
		struct schedule s = { .plan = &plan,
			.run_id = "id",
			.trial = { .cancel_fd = -1, .timeout_ns = NSEC_PER_SEC, .log_fd = log_fd },
			.dir = dir,
			.put = put };
		struct err e = { 0 };

		job = (struct exec_job){ .name = "tool",
			.program = { .argv = argv },
			.request = { .good_status = cases[i].good_status } };
		plan = (struct plan){
			.exec = &job, .n_ways = 1, .n_launches = 1, .time_unit = "ns"
		};
		plan.launches = &launch;
		plan.suites[0] = &exec_suite;
		plan.ways[0] = (struct way){
			.ops = cases[i].ops, .name = "way", .kernel = "", .usable = true
		};
		next = (struct outcome){ .kind = cases[i].kind,
			.code = cases[i].code,
			.at = { [PHASE_REQUESTED] = 100, [PHASE_EXIT] = 1000 },
			.usage = { .ru_utime = { 1, 2 },
				.ru_stime = { 0, 3 },
				.ru_maxrss = cases[i].maxrss_kib },
			.reason = "made up" };
		next_report = cases[i].report;
		rows[0] = '\0';
		assert_int_equal(remove_tree(output) == 0 || errno == ENOENT, 1);
		assert_int_equal(schedule_run(&s, &e), 0);
		assert_string_equal(rows, cases[i].rows);
		assert_int_equal(s.failed, cases[i].failed);
	}
}

/* --- requests --- */

static const struct {
	const char *env, *want; /* NULL: refused */
} envs[] = {
	{ "A=1", "A=1" },
	{ "A=", "A=" },
	{ "A=b=c", "A=b=c" },
	{ "HOME=/x", "HOME=/x" }, /* instead of the default */
	{ "FROM_HERE", "FROM_HERE=value" },
	{ "NOT_SET_HERE", NULL },
	{ "=1", NULL },
	{ "", NULL },
};

static void environments(void **state)
{
	char *argv[] = { (char[]){ "/bin/sh" }, NULL };

	(void)state;
	setenv("FROM_HERE", "value", 1);
	unsetenv("NOT_SET_HERE");
	for (size_t i = 0; i < ARRAY_SIZE(envs); i++) {
		struct exec_request req = { .env = { envs[i].env }, .n_env = 1 };
		static struct exec_job j;
		struct err e = { 0 };
		int r = exec_job_open(&j, &req, argv, &e), n = 0, name = 0;

		assert_int_equal(r == 0, envs[i].want != NULL);
		for (char *const *word = j.env; !r && *word; word++) {
			n += !strcmp(*word, envs[i].want);
			name += !strncmp(*word, envs[i].want, strcspn(envs[i].want, "=") + 1);
		}
		assert_int_equal(n, r ? 0 : 1);
		assert_int_equal(name, r ? 0 : 1);
		exec_job_close(&j);
	}
}

static const struct {
	const char *name, *want;
} names[] = {
	{ "/bin/ls", "ls" },
	{ "ls", "ls" },
	{ "./a b,c\"d\n", "a_b_c_d_" },
	{ "x/g++-12.1", "g++-12.1" },
};

static void names_are_fit_for_files_and_tables(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char *argv[] = { (char[]){ "/bin/sh" }, NULL };
		struct exec_request req = { .name = names[i].name };
		static struct exec_job j;
		struct err e = { 0 };

		assert_int_equal(exec_job_open(&j, &req, argv, &e), 0);
		assert_string_equal(j.name, names[i].want);
		assert_string_equal(j.path, "/bin/sh");
		assert_int_equal(exec_guest_bytes(&j) % (2 << 20), 0);
		exec_job_close(&j);
		assert_int_equal(access(j.tree.root, F_OK), -1);
	}
}

static void too_many_arguments_are_refused(void **state)
{
	static char word[] = "x";
	char *argv[EXEC_ARGS_MAX + 2];
	struct exec_request req = { 0 };
	static struct exec_job j;
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i <= EXEC_ARGS_MAX; i++)
		argv[i] = word;
	argv[EXEC_ARGS_MAX + 1] = NULL;
	assert_int_equal(exec_job_open(&j, &req, argv, &e), -EINVAL);
	exec_job_close(&j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(launches_and_their_rows),
		cmocka_unit_test(environments),
		cmocka_unit_test(names_are_fit_for_files_and_tables),
		cmocka_unit_test(too_many_arguments_are_refused),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
