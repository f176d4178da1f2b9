/* SPDX-License-Identifier: GPL-3.0-or-later */
/* runner/demo/watch: programs of the system, watched as plain processes. */
#include "tests/unit/check.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/util.h"
#include "runner/cpus.h"
#include "runner/demo/watch.h"

#define SHOWN "/etc/passwd"

struct seen {
	size_t n, opened;
	uint64_t last;
	bool code, file;
};

static void on_call(void *ctx, const struct watch_call *c)
{
	struct seen *s = ctx;
	char path[sizeof(SHOWN)] = "", file[4096];
	uint8_t code[2];
	uint64_t offset;

	s->n++;
	s->last = c->nr;
	if (c->nr == SYS_openat &&
		watch_memory(c->pid, c->args[1], path, sizeof(path)) == sizeof(path))
		s->opened += !strcmp(path, SHOWN);
	s->code =
		watch_memory(c->pid, c->ip - 2, code, 2) == 2 && code[0] == 0x0f && code[1] == 0x05;
	s->file = watch_file(c->pid, c->ip, file, sizeof(file), &offset) && *file == '/';
}

static int watch(char *const *argv, struct seen *s, struct side_result *out, struct err *e)
{
	static struct paths paths;
	char *const env[] = { NULL };
	const struct rt_program program = {
		.tree = "/", .path = argv[0], .dir = "/", .argv = argv, .envp = env
	};
	const struct side_job job = { .runtime = "host", .argv = argv, .program = &program };
	struct demo_run run = { .paths = &paths, .cancel_fd = -1 };
	int r;

	run.log_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	assert_true(run.log_fd >= 0);
	assert_int_equal(cpus_choose(CPUS_DEFAULT, &run.cpus, e), 0);
	*s = (struct seen){ .n = 0 };
	r = watch_run(&run, &job, on_call, s, out, e);
	close(run.log_fd);
	if (!r && !strncmp(out->missing, "ptrace", 6))
		SKIP(out->missing);
	return r;
}

static void sees_what_a_program_does(void **state)
{
	char *const argv[] = { (char *)"/bin/cat", (char *)SHOWN, NULL };
	char *text = NULL;
	struct side_result out;
	struct err e = { 0 };
	struct seen s;

	(void)state;
	assert_int_equal(watch(argv, &s, &out, &e), 0);
	assert_string_equal(out.missing, "");
	assert_int_equal(out.outcome.kind, OUTCOME_EXITED);
	assert_int_equal(out.outcome.code, 0);
	assert_int_equal(read_file(SHOWN, 1 << 20, &text, NULL), 0);
	assert_true(strlen(out.output) > 0);
	assert_memory_equal(out.output, text, strlen(out.output));
	assert_int_equal(s.opened, 1);
	assert_int_equal(s.last, SYS_exit_group);
	assert_true(s.code);
	assert_true(s.file);
	free(text);
	side_free(&out);
}

/* What it starts is seen too, and how all ends is as without being watched. */
static void follows_children(void **state)
{
	char *const argv[] = { (char *)"/bin/sh", (char *)"-c",
		(char *)"/bin/cat " SHOWN " >/dev/null; /bin/cat " SHOWN " >/dev/null; exit 3",
		NULL };
	struct side_result out;
	struct err e = { 0 };
	struct seen s;

	(void)state;
	assert_int_equal(watch(argv, &s, &out, &e), 0);
	assert_int_equal(s.opened, 2);
	assert_int_equal(out.outcome.kind, OUTCOME_EXITED);
	assert_int_equal(out.outcome.code, 3);
	assert_true(*out.outcome.reason);
	side_free(&out);
}

static void a_signal_reaches_it(void **state)
{
	char *const argv[] = { (char *)"/bin/sh", (char *)"-c", (char *)"kill -USR1 $$; exit 0",
		NULL };
	struct side_result out;
	struct err e = { 0 };
	struct seen s;

	(void)state;
	assert_int_equal(watch(argv, &s, &out, &e), 0);
	assert_int_equal(out.outcome.kind, OUTCOME_SIGNALED);
	assert_int_equal(out.outcome.code, SIGUSR1);
	side_free(&out);
}

static void no_such_program(void **state)
{
	char *const argv[] = { (char *)"/nosuch/program", NULL };
	struct side_result out;
	struct err e = { 0 };
	struct seen s;

	(void)state;
	assert_int_equal(watch(argv, &s, &out, &e), -ENOENT);
	assert_non_null(strstr(e.message, "/nosuch/program"));
	assert_int_equal(s.n, 0);
	side_free(&out);
}

static void names_of_calls(void **state)
{
	static const struct {
		uint64_t nr;
		const char *name;
	} cases[] = {
		{ 0, "read" },
		{ 110, "getppid" },
		{ 231, "exit_group" },
		{ 1000000, NULL },
		{ UINT64_MAX, NULL },
		{ UINT64_C(1) << 32, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_free char *name = watch_call_name(cases[i].nr);

		if (cases[i].name) {
			assert_non_null(name);
			assert_string_equal(name, cases[i].name);
		} else {
			assert_null(name);
		}
	}
}

/* Our own memory and maps stand for those of a process that stands still. */
static void reads_memory_and_maps(void **state)
{
	static const char text[] = "a text";
	char out[sizeof(text)], file[4096] = "";
	uint64_t offset = 0;
	void *hole = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)state;
	assert_int_equal(
		watch_memory(getpid(), (uint64_t)(uintptr_t)text, out, sizeof(out)), sizeof(out));
	assert_string_equal(out, text);
	assert_int_equal(watch_memory(getpid(), (uint64_t)(uintptr_t)hole, out, 1), 0);
	assert_true(watch_file(
		getpid(), (uint64_t)(uintptr_t)reads_memory_and_maps, file, sizeof(file), &offset));
	assert_non_null(strstr(file, "test_runner_demo_watch"));
	assert_false(watch_file(getpid(), (uint64_t)(uintptr_t)hole, file, sizeof(file), &offset));
	assert_false(watch_file(-1, 0, file, sizeof(file), &offset));
	munmap(hole, 4096);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sees_what_a_program_does),
		cmocka_unit_test(follows_children),
		cmocka_unit_test(a_signal_reaches_it),
		cmocka_unit_test(no_such_program),
		cmocka_unit_test(names_of_calls),
		cmocka_unit_test(reads_memory_and_maps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
