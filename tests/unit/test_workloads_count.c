/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Does a row issue exactly the calls that it says, as often as it is told to? A tracer counts them
 * in a child that runs the row's own loop.
 */
#include "tests/unit/check.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "workloads/bench.h"

#define ROWS(a) (sizeof(a) / sizeof((a)[0]))
#define TURNS 100
#define NONE (-1)

static const struct {
	const char *name, *params;
	long calls[2]; /* of an iteration, one of each */
} cases[] = {
	{ "getppid", "", { SYS_getppid, NONE } },
	{ "read", "1B", { SYS_read, NONE } },
	{ "read", "4KiB", { SYS_read, NONE } },
	{ "write", "1B", { SYS_write, NONE } },
	{ "pread", "4KiB", { SYS_pread64, NONE } },
	{ "stat", "", { SYS_stat, NONE } },
	{ "fstat", "", { SYS_fstat, NONE } },
	{ "open-close", "", { SYS_open, SYS_close } },
	{ "clock_gettime", "syscall", { SYS_clock_gettime, NONE } },
	{ "clock_gettime", "vdso", { NONE, NONE } },
	{ "sched_yield", "", { SYS_sched_yield, NONE } },
	{ "getrandom", "16B", { SYS_getrandom, NONE } },
	{ "epoll_wait", "", { SYS_epoll_wait, NONE } },
	{ "signal", "", { SYS_tgkill, SYS_rt_sigreturn } },
	{ "mmap-munmap", "4KiB", { SYS_mmap, SYS_munmap } },
	{ "mprotect", "4KiB", { SYS_mprotect, NONE } },
	{ "page-touch", "second", { NONE, NONE } },
	{ "sleep", "100us", { SYS_clock_nanosleep, NONE } },
	{ "cpuid", "", { NONE, NONE } },
	{ "rdtsc", "", { NONE, NONE } },
	{ "integer", "chain", { NONE, NONE } },
	{ "float", "sse2", { NONE, NONE } },
	{ "sha256", "block", { NONE, NONE } },
	{ "branchy", "", { NONE, NONE } },
	{ "touch", "cold", { NONE, NONE } },
	{ "touch", "first-4k", { NONE, NONE } },
	{ "touch", "second-huge", { NONE, NONE } },
	{ "walk", "64MiB-4k", { NONE, NONE } },
	{ "mmap-storm", "1024", { SYS_mmap, SYS_munmap } },
	{ "mprotect-storm", "1024", { SYS_mprotect, NONE } },
};

#define MAX_NR 1024
enum child_status { CHILD_OK, CHILD_NO_TRACE, CHILD_NO_SETUP, CHILD_FAILED };

static const struct benchmark *find(const char *name, const char *params)
{
	for (size_t i = 0; i < benchmark_count; i++)
		if (strcmp(benchmarks[i].name, name) == 0 &&
			strcmp(benchmarks[i].params, params) == 0)
			return &benchmarks[i];
	return NULL;
}

/* In the child: stop before the loop and after it. */
static void __attribute__((noreturn)) run_traced(const struct benchmark *b)
{
	static struct bench_ctx c = { .fd = { -1, -1 } };

	const pid_t self = getpid();

	c.bench = b;
	if (b->setup(&c) < 0 || (b->before && b->before(&c) < 0))
		_exit(CHILD_NO_SETUP);
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
		_exit(CHILD_NO_TRACE);
	syscall(SYS_kill, self, SIGSTOP);
	long r = b->run(TURNS, &c);

	syscall(SYS_kill, self, SIGSTOP);
	if (b->teardown)
		b->teardown(&c);
	_exit(r == 0 ? CHILD_OK : CHILD_FAILED);
}

/* Count entries into calls between the child's two SIGSTOPs. */
static void count_calls(pid_t pid, unsigned counts[MAX_NR])
{
	struct user_regs_struct regs;
	int status, entering = 1, deliver = 0;

	ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
	for (;;) {
		assert_int_equal(ptrace(PTRACE_SYSCALL, pid, NULL, deliver), 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSTOPPED(status));
		deliver = 0;
		if (WSTOPSIG(status) == SIGSTOP)
			return;
		if (WSTOPSIG(status) != (SIGTRAP | 0x80)) {
			deliver = WSTOPSIG(status);
			continue;
		}
		if (entering) {
			assert_int_equal(ptrace(PTRACE_GETREGS, pid, NULL, &regs), 0);
			if (regs.orig_rax < MAX_NR)
				counts[regs.orig_rax]++;
		}
		entering = !entering;
	}
}

static void check_counts(size_t row, const unsigned counts[MAX_NR])
{
	const long *calls = cases[row].calls;

	for (long nr = 0; nr < MAX_NR; nr++) {
		unsigned wanted = nr == calls[0] || nr == calls[1] ? TURNS : 0;

		if (nr == SYS_kill) /* the second stop's own */
			wanted = 1;
		if (counts[nr] != wanted)
			fail_msg("%s/%s: call %ld made %u times in %d turns", cases[row].name,
				cases[row].params, nr, counts[nr], TURNS);
	}
}

static void every_turn_is_its_calls(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++) {
		const struct benchmark *b = find(cases[i].name, cases[i].params);
		unsigned counts[MAX_NR] = { 0 };
		int status;

		assert_non_null(b);
		pid_t pid = fork();

		if (pid == 0)
			run_traced(b);
		assert_true(pid > 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (WIFEXITED(status) && WEXITSTATUS(status) == CHILD_NO_TRACE)
			SKIP("ptrace is refused here");
		if (WIFEXITED(status) && WEXITSTATUS(status) == CHILD_NO_SETUP) {
			print_message("%s/%s cannot run here\n", b->name, b->params);
			continue;
		}
		assert_true(WIFSTOPPED(status));
		count_calls(pid, counts);
		check_counts(i, counts);
		ptrace(PTRACE_DETACH, pid, NULL, 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (!WIFEXITED(status) || WEXITSTATUS(status) != CHILD_OK)
			fail_msg("%s/%s: wait status %#x", b->name, b->params, status);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_turn_is_its_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
