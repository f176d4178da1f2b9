/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Timers and spinners of the suite wakeup. How long anything takes is not looked at. */
#include "tests/unit/check.h"

#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "workloads/bench.h"
#include "workloads/cpus.h"
#include "workloads/wakeup.h"

#define ROWS(a) (sizeof(a) / sizeof((a)[0]))

static void ranks(void **state)
{
	static uint64_t numbers[1000];
	static const struct {
		uint64_t n, median, p99, max;
	} cases[] = { { 1, 1, 1, 1 }, { 2, 1, 2, 2 }, { 3, 2, 3, 3 }, { 99, 50, 99, 99 },
		{ 100, 50, 99, 100 }, { 101, 51, 100, 101 }, { 1000, 500, 990, 1000 } };

	(void)state;
	for (size_t i = 0; i < ROWS(numbers); i++)
		numbers[i] = i + 1;
	for (size_t i = 0; i < ROWS(cases); i++) {
		assert_int_equal(nearest_rank(numbers, cases[i].n, 50), cases[i].median);
		assert_int_equal(nearest_rank(numbers, cases[i].n, 99), cases[i].p99);
		assert_int_equal(nearest_rank(numbers, cases[i].n, 100), cases[i].max);
	}
}

static void single_wake_ups_are_told(void **state)
{
	static const char *const metrics[] = { "late-median", "late-p99" };
	const struct benchmark b = { .arg = 1000 };
	static struct bench_ctx c;

	(void)state;
	c.bench = &b;
	assert_int_equal(setup_lateness(&c), 0);
	assert_int_equal(run_lateness(LATENESS_MAX + 10, &c), 0);
	teardown_lateness(&c);
	assert_int_equal(c.n_values, 2);
	for (unsigned i = 0; i < 2; i++) {
		assert_string_equal(c.values[i].metric, metrics[i]);
		assert_string_equal(c.values[i].unit, "ns");
		assert_int_equal(c.values[i].iterations, 1);
		assert_true(i == 0 || c.values[i].total >= c.values[i - 1].total);
	}
	assert_true(c.values[1].total > 0);
}

/* Where setup fails there were no wake-ups, and nothing is told of them. */
static void no_wake_ups_no_values(void **state)
{
	const struct benchmark b = { .arg = 1000 };
	static struct bench_ctx c;

	(void)state;
	c.bench = &b;
	assert_int_equal(setup_lateness(&c), 0);
	teardown_lateness(&c);
	assert_int_equal(c.n_values, 0);
}

static void end(pid_t pid)
{
	assert_true(pid > 0);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void spinners_are_idle_class_on_a_cpu_each(void **state)
{
	const struct benchmark b = { .cpus = 2 };
	static struct bench_ctx c = { .fd = { -1, -1 } };
	cpu_set_t before;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
	struct cpus cpus = cpus_pin();

	if (cpus.count < 2)
		SKIP("one CPU");
	c.bench = &b;
	c.cpus = cpus.count;
	memcpy(c.cpu, cpus.first, sizeof(c.cpu));
	long r = setup_pipe_polling(&c);

	if (r < 0)
		SKIP(c.why);
	assert_int_equal(run_ping_pong(10, &c), 0);
	for (unsigned i = 0; i < BENCH_CPUS; i++) {
		cpu_set_t set;

		assert_int_equal(sched_getscheduler(c.spinner[i]), SCHED_IDLE);
		assert_int_equal(sched_getaffinity(c.spinner[i], sizeof(set), &set), 0);
		assert_int_equal(CPU_COUNT(&set), 1);
		assert_true(CPU_ISSET(cpus.first[i], &set));
	}
	assert_int_equal(sched_getscheduler(0), SCHED_OTHER); /* who is measured stays what it is */
	assert_int_equal(sched_getscheduler(c.peer), SCHED_OTHER);
	for (unsigned i = 0; i < BENCH_CPUS; i++)
		end(c.spinner[i]);
	end(c.peer);
	close(c.fd[0]);
	close(c.fd[1]);
	sched_setaffinity(0, sizeof(before), &before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranks),
		cmocka_unit_test(single_wake_ups_are_told),
		cmocka_unit_test(no_wake_ups_no_values),
		cmocka_unit_test(spinners_are_idle_class_on_a_cpu_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
