/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program itself, started as a runner would start it; its report is read record by record. */
#include "tests/unit/check.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/report_abi.h"
#include "workloads/bench.h"

#define ROWS(a) (sizeof(a) / sizeof((a)[0]))
#define MAX_FIELDS 8
#define QUICK "--batch-ns=10000", "--batches=4", "--budget-ns=1"

/* One run: what to start it with, and what came of it. */
struct run {
	const char *args[8];
	int one_cpu;        /* let it have a single CPU */
	long refused;       /* a call that fails, or 0 for none */
	int refused_errno;  /* with this */
	int no_report_file; /* nothing on REPORT_FD */

	int status;                  /* exit status */
	char report[REPORT_MAX + 1]; /* of REPORT_FD */
	char out[64 * 1024];         /* stdout */
};

static struct run run;

static int refuse_call(long nr, int error)
{
	struct sock_filter insns[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)nr, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { ROWS(insns), insns };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog) < 0 ? -errno : 0;
}

static int keep_one_cpu(void)
{
	cpu_set_t all, one;
	int cpu = 0;

	if (sched_getaffinity(0, sizeof(all), &all) < 0)
		return -errno;
	while (!CPU_ISSET(cpu, &all))
		cpu++;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	return sched_setaffinity(0, sizeof(one), &one) < 0 ? -errno : 0;
}

/* $(BUILD)/workload; this test is $(BUILD)/tests/NAME. */
static void program_path(char path[PATH_MAX])
{
	char self[PATH_MAX] = "";

	assert_true(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
	assert_true(snprintf(path, PATH_MAX, "%s/../workload", dirname(self)) < PATH_MAX);
}

static void __attribute__((noreturn)) start_child(const struct run *r, int report, int out)
{
	char path[PATH_MAX], *argv[ROWS(r->args) + 2] = { (char *)"workload" };

	program_path(path);
	for (size_t i = 0; i < ROWS(r->args) && r->args[i]; i++)
		argv[i + 1] = (char *)r->args[i];
	dup2(out, STDOUT_FILENO);
	dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
	if (r->no_report_file)
		close(REPORT_FD);
	else
		dup2(report, REPORT_FD);
	if (r->one_cpu && keep_one_cpu() < 0)
		_exit(125);
	if (r->refused && refuse_call(r->refused, r->refused_errno) < 0)
		_exit(125);
	execv(path, argv);
	_exit(126);
}

/* Like the runner's: neither grows nor shrinks. Far from REPORT_FD, which the child needs. */
static int report_file(void)
{
	int low = memfd_create("report", MFD_ALLOW_SEALING | MFD_CLOEXEC);
	int fd = fcntl(low, F_DUPFD_CLOEXEC, 20);

	assert_true(fd >= 20);
	close(low);
	assert_int_equal(ftruncate(fd, REPORT_MAX), 0);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL), 0);
	return fd;
}

static void start(struct run *r)
{
	int report = report_file(), out = fcntl(memfd_create("out", MFD_CLOEXEC), F_DUPFD, 20);
	pid_t pid = fork();
	int status;

	if (pid == 0)
		start_child(r, report, out);
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	r->status = WEXITSTATUS(status);
	assert_int_equal(pread(report, r->report, REPORT_MAX, 0), REPORT_MAX);
	r->report[REPORT_MAX] = '\0';
	ssize_t n = pread(out, r->out, sizeof(r->out) - 1, 0);

	assert_true(n >= 0);
	r->out[n] = '\0';
	close(report);
	close(out);
	if (r->status == 125)
		SKIP("affinity or seccomp cannot be set here");
}

static uint64_t number(const char *s)
{
	char *end;

	assert_true(*s >= '0' && *s <= '9');
	unsigned long long v = strtoull(s, &end, 10);

	assert_int_equal(*end, 0);
	return v;
}

/* A benchmark's records as they were seen. */
struct seen {
	const struct benchmark *bench;
	unsigned begins, samples, values, skips, fails;
	uint64_t iterations, overhead;
	char reason[256];
};

struct reader {
	struct seen rows[128];
	size_t order[128], count; /* of rows[], as they began */
	unsigned infos;
	int ended;
	uint64_t status;
};

static struct reader reader;

static struct seen *row_of(char **f)
{
	for (size_t i = 0; i < benchmark_count; i++)
		if (strcmp(benchmarks[i].name, f[1]) == 0 &&
			strcmp(benchmarks[i].params, f[2]) == 0) {
			reader.rows[i].bench = &benchmarks[i];
			return &reader.rows[i];
		}
	fail_msg("%s/%s is not in the table", f[1], f[2]);
	return NULL;
}

static void read_sample(char **f)
{
	struct seen *s = row_of(f);

	assert_int_equal(s->begins, 1);
	assert_int_equal(number(f[3]), s->samples);
	if (s->samples++ == 0) {
		s->iterations = number(f[4]);
		s->overhead = number(f[6]);
	}
	assert_true(s->iterations > 0);
	assert_int_equal(number(f[4]), s->iterations);
	assert_int_equal(number(f[6]), s->overhead);
	assert_true(number(f[5]) > 0);
	assert_true(s->overhead >= s->iterations * s->bench->nominal_ns);
}

static void read_value(char **f)
{
	struct seen *s = row_of(f);

	assert_true(s->samples > 0 && *f[3] && number(f[5]) > 0);
	assert_string_equal(f[4], "ns");
	number(f[6]);
	s->values++;
}

static void read_begin(char **f)
{
	struct seen *s = row_of(f);

	s->begins++;
	reader.order[reader.count++] = (size_t)(s - reader.rows);
}

static void read_skip(char **f)
{
	struct seen *s = row_of(f);

	s->skips++;
	snprintf(s->reason, sizeof(s->reason), "%s", f[3]);
}

static void read_fail(char **f)
{
	struct seen *s = row_of(f);

	s->fails++;
	snprintf(s->reason, sizeof(s->reason), "%s", f[3]);
}

static void read_info(char **f)
{
	assert_true(*f[1] != '\0');
	assert_int_equal(reader.count, 0); /* all of them before the first benchmark */
	reader.infos++;
}

static void read_end(char **f)
{
	reader.ended = 1;
	reader.status = number(f[1]);
}

static void read_line(char *line)
{
	static const struct {
		const char *type;
		size_t fields;
		void (*take)(char **f);
	} types[] = { { "info", 3, read_info }, { "begin", 3, read_begin },
		{ "sample", 7, read_sample }, { "value", 7, read_value }, { "skip", 4, read_skip },
		{ "fail", 4, read_fail }, { "end", 2, read_end } };
	char *f[MAX_FIELDS];
	size_t n = 0;

	assert_false(reader.ended);
	while (n < MAX_FIELDS && (f[n] = strsep(&line, "\t")))
		n++;
	for (size_t i = 0; i < ROWS(types); i++)
		if (strcmp(types[i].type, f[0]) == 0) {
			assert_int_equal(n, types[i].fields);
			types[i].take(f);
			return;
		}
	fail_msg("unknown record '%s'", f[0]);
}

/* Read all of it; what is left of the file must be untouched. */
static void read_report(char *text)
{
	const size_t len = strlen(text);
	char *line, *next = text;

	memset(&reader, 0, sizeof(reader));
	assert_true(benchmark_count <= ROWS(reader.rows));
	assert_true(len > 0 && text[len - 1] == '\n');
	text[len - 1] = '\0';
	assert_string_equal(strsep(&next, "\n"), "bench-report\t1");
	while ((line = strsep(&next, "\n")))
		read_line(line);
	assert_true(reader.ended);
}

static const struct seen *seen(const char *name, const char *params)
{
	char *f[] = { NULL, (char *)name, (char *)params };

	return row_of(f);
}

/* Rows that ask for no right and no hardware: they have values everywhere. */
static const char *const always[][2] = { { "getppid", "" }, { "stat", "" }, { "open-close", "" },
	{ "pread", "4KiB" }, { "signal", "" }, { "page-touch", "first" }, { "fork", "" },
	{ "vfork-exec", "" }, { "thread", "" }, { "pipe", "same-cpu" },
	{ "unix-socket", "same-cpu" }, { "futex", "same-cpu" }, { "sleep", "100us" } };

static void whole_suite(void **state)
{
	unsigned rows = 0;

	(void)state;
	run = (struct run){ .args = { QUICK, "--seed=7" } };
	start(&run);
	assert_int_equal(run.status, 0);
	assert_string_equal(run.out, "");
	read_report(run.report);
	assert_int_equal(reader.status, 0);
	assert_true(reader.infos > 20);
	for (size_t i = 0; i < benchmark_count; i++) {
		const struct seen *s = &reader.rows[i];
		bool ours = strcmp(benchmarks[i].suite, "syscalls") == 0;

		assert_int_equal(s->begins, ours);
		if (!ours)
			continue;
		rows++;
		if (s->fails || s->samples != (s->skips ? 0 : 3) || s->skips > 1)
			fail_msg("%s/%s: %u samples, %u skips, %u fails: %s", benchmarks[i].name,
				benchmarks[i].params, s->samples, s->skips, s->fails, s->reason);
		assert_true(s->samples || *s->reason);
	}
	assert_int_equal(reader.count, rows);
	for (size_t i = 0; i < ROWS(always); i++)
		assert_int_equal(seen(always[i][0], always[i][1])->samples, 3);
}

/* Nothing is timed inside: two moments, what was computed, the end. */
static void startup_tells_its_moments(void **state)
{
	uint64_t began, done;

	(void)state;
	run = (struct run){ .args = { "--suite=startup" } };
	start(&run);
	assert_int_equal(run.status, 0);
	assert_non_null(strstr(run.report, "info\twork.sum\t"));
	assert_int_equal(sscanf(run.report,
				 REPORT_MAGIC "\t%*d\ninfo\tmark.main_ns\t%" SCNu64
					      "\ninfo\tmark.work_ns\t%" SCNu64,
				 &began, &done),
		2);
	assert_true(began > 0 && began <= done);
}

static void order_is_the_seeds(void **state)
{
	static size_t first[64];

	(void)state;
	for (int turn = 0; turn < 2; turn++) {
		run = (struct run){ .args = { QUICK, "--seed=3", "--filter=[a-o]*" } };
		start(&run);
		read_report(run.report);
		if (turn == 0)
			memcpy(first, reader.order, sizeof(first));
	}
	assert_memory_equal(first, reader.order, sizeof(first));
	unsigned descents = 0;

	for (size_t i = 1; i < reader.count; i++)
		descents += reader.order[i] < reader.order[i - 1];
	assert_true(descents > 0);
}

static void one_cpu_skips_cross_cpu(void **state)
{
	(void)state;
	run = (struct run){ .args = { QUICK, "--filter=pipe" }, .one_cpu = 1 };
	start(&run);
	assert_int_equal(run.status, 0);
	read_report(run.report);
	assert_int_equal(reader.count, 2);
	assert_int_equal(seen("pipe", "same-cpu")->samples, 3);
	assert_int_equal(seen("pipe", "cross-cpu")->skips, 1);
	assert_non_null(strstr(seen("pipe", "cross-cpu")->reason, "needs 2 CPUs"));
}

/* With less memory than most of it wants: everything is a value or a named skip, nothing fails. */
static void other_suites_whole(void **state)
{
	static const struct {
		const char *arg;
		unsigned rows;
		const char *must[4][2]; /* have values everywhere */
	} cases[] = {
		{ "--suite=cpu", 6,
			{ { "integer", "mix" }, { "float", "sse2" }, { "sha256", "block" },
				{ "branchy", "" } } },
		{ "--suite=wakeup", 10,
			{ { "ping-pong", "pipe-same-cpu" }, { "ping-pong", "futex-same-cpu" },
				{ "timer", "50us" }, { "timer", "1ms" } } },
		{ "--suite=paging", 16, { { "mmap-storm", "1024" } } },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++) {
		run = (struct run){ .args = { QUICK, cases[i].arg, "--mem-limit=40000000" } };
		start(&run);
		assert_int_equal(run.status, 0);
		read_report(run.report);
		assert_int_equal(reader.count, cases[i].rows);
		for (size_t k = 0; k < benchmark_count; k++) {
			const struct seen *s = &reader.rows[k];
			unsigned samples = benchmarks[k].once ? 1 : 3;

			if (s->begins && (s->fails || s->samples != (s->skips ? 0 : samples)))
				fail_msg("%s/%s: %s", s->bench->name, s->bench->params, s->reason);
		}
		for (size_t k = 0; k < 4 && cases[i].must[k][0]; k++)
			assert_int_equal(
				seen(cases[i].must[k][0], cases[i].must[k][1])->samples, 3);
	}
	for (size_t k = 0; k < benchmark_count; k++) /* of paging, the last: what is large */
		if (strcmp(benchmarks[k].name, "walk") == 0)
			assert_non_null(strstr(reader.rows[k].reason, "by --mem "));
}

static void timers_tell_of_single_wake_ups(void **state)
{
	(void)state;
	run = (struct run){ .args = { QUICK, "--suite=wakeup", "--filter=timer/50us" } };
	start(&run);
	assert_int_equal(run.status, 0);
	read_report(run.report);
	assert_int_equal(seen("timer", "50us")->values, 2);
}

/* Without the right to make a spinner there is no polling row; the others stay. */
static void a_refused_spinner_is_named(void **state)
{
	const struct seen *s;

	(void)state;
	run = (struct run){ .args = { QUICK, "--suite=wakeup", "--filter=ping-pong/pipe*" },
		.refused = SYS_sched_setscheduler,
		.refused_errno = EPERM };
	start(&run);
	assert_int_equal(run.status, 0);
	read_report(run.report);
	assert_int_equal(seen("ping-pong", "pipe-same-cpu")->samples, 3);
	s = seen("ping-pong", "pipe-cross-cpu-polling");
	assert_int_equal(s->skips, 1);
	assert_true(strstr(s->reason, "sched_setscheduler") || strstr(s->reason, "2 CPUs"));
}

static void what_is_refused_is_named(void **state)
{
	static const struct {
		const char *name;
		long nr;
		int error;
		const char *reason;
		int skip; /* else a failure */
	} cases[] = {
		{ "getrandom", SYS_getrandom, ENOSYS, "getrandom: ", 1 },
		{ "getppid", SYS_getppid, EPERM, "getppid: ", 1 },
		{ "vfork-exec", SYS_execveat, ENOSYS, "execveat: ", 1 },
		{ "pread", SYS_memfd_create, EPERM, "memfd_create: ", 1 },
		{ "getppid", SYS_getppid, EIO, "getppid: ", 0 },
		{ "mprotect", SYS_mprotect, ENOMEM, "mprotect: ", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++) {
		char number_text[32];

		snprintf(number_text, sizeof(number_text), "(errno %d)", cases[i].error);
		run = (struct run){
			.args = { QUICK }, .refused = cases[i].nr, .refused_errno = cases[i].error
		};
		start(&run);
		assert_int_equal(run.status, 0);
		read_report(run.report);
		for (size_t k = 0; k < benchmark_count; k++) {
			const struct seen *s = &reader.rows[k];

			if (strcmp(benchmarks[k].name, cases[i].name) != 0)
				continue;
			if (s->samples || s->skips != (cases[i].skip ? 1 : 0) ||
				s->fails != (cases[i].skip ? 0 : 1) ||
				strncmp(s->reason, cases[i].reason, strlen(cases[i].reason)) != 0 ||
				!strstr(s->reason, number_text))
				fail_msg("%s: %u samples, %u skips, %u fails: '%s'",
					benchmarks[k].name, s->samples, s->skips, s->fails,
					s->reason);
		}
		assert_int_equal(seen("sched_yield", "")->samples, 3); /* the run went on */
	}
}

static void wrong_usage(void **state)
{
	static const char *const words[] = { "--nonsense", "--batches=0", "--suite=nonsuch",
		"--filter=nonsuch", "getppid" };

	(void)state;
	for (size_t i = 0; i < ROWS(words); i++) {
		run = (struct run){ .args = { words[i] } };
		start(&run);
		assert_int_equal(run.status, 2);
		assert_string_equal(run.report, "bench-report\t1\nend\t2\n");
	}
}

static void no_directory(void **state)
{
	(void)state;
	run = (struct run){ .args = { "--tmp=/nonsuch/dir" } };
	start(&run);
	assert_int_equal(run.status, 1);
	read_report(run.report);
	assert_int_equal(reader.status, 1);
	assert_int_equal(reader.count, 0);
}

static void by_hand_it_goes_to_stdout(void **state)
{
	(void)state;
	run = (struct run){ .args = { QUICK, "--filter=getppid" }, .no_report_file = 1 };
	start(&run);
	assert_int_equal(run.status, 0);
	assert_string_equal(run.report, "");
	read_report(run.out);
	assert_int_equal(seen("getppid", "")->samples, 3);
}

static void lists_the_table(void **state)
{
	size_t lines = 0;

	(void)state;
	run = (struct run){ .args = { "--list" } };
	start(&run);
	assert_int_equal(run.status, 0);
	assert_string_equal(run.report, "");
	for (const char *p = run.out; (p = strchr(p, '\n')); p++)
		lines++;
	assert_int_equal(lines, benchmark_count);
	for (size_t i = 0; i < benchmark_count; i++)
		assert_non_null(strstr(run.out, benchmarks[i].summary));
}

static void true_does_nothing(void **state)
{
	(void)state;
	run = (struct run){ .args = { "--true" } };
	start(&run);
	assert_int_equal(run.status, 0);
	assert_string_equal(run.report, "");
	assert_string_equal(run.out, "");
}

/* What was made in the working directory is gone afterwards. */
static void leaves_nothing_behind(void **state)
{
	char dir[] = "/tmp/test-workloads-XXXXXX", arg[64];

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(arg, sizeof(arg), "--tmp=%s", dir);
	run = (struct run){ .args = { QUICK, "--filter=[so]*", arg } };
	start(&run);
	assert_int_equal(run.status, 0);
	read_report(run.report);
	assert_int_equal(seen("stat", "")->samples, 3);
	assert_int_equal(rmdir(dir), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_suite),
		cmocka_unit_test(startup_tells_its_moments),
		cmocka_unit_test(order_is_the_seeds),
		cmocka_unit_test(one_cpu_skips_cross_cpu),
		cmocka_unit_test(other_suites_whole),
		cmocka_unit_test(timers_tell_of_single_wake_ups),
		cmocka_unit_test(a_refused_spinner_is_named),
		cmocka_unit_test(what_is_refused_is_named),
		cmocka_unit_test(wrong_usage),
		cmocka_unit_test(no_directory),
		cmocka_unit_test(by_hand_it_goes_to_stdout),
		cmocka_unit_test(lists_the_table),
		cmocka_unit_test(true_does_nothing),
		cmocka_unit_test(leaves_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
