/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Woken by somebody else, on a CPU that is idle or kept from it; woken by a timer. */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "workloads/bench.h"
#include "workloads/cpus.h"
#include "workloads/raw.h"
#include "workloads/vdso.h"
#include "workloads/wakeup.h"

#define NSEC_PER_SEC INT64_C(1000000000)

/* The spinner is there for nothing but not to be idle. No PAUSE: a hypervisor may count those and
 * stop a guest's CPU that does too many. */
static void __attribute__((noreturn)) spin(void)
{
	for (;;)
		__asm__ volatile("" : : : "memory");
}

/*
 * A process on @cpu that runs when nobody else wants to. It is stopped from outside only, so that
 * what is refused is known here.
 */
static long start_spinner(struct bench_ctx *c, unsigned i)
{
	const struct sched_param none = { 0 };
	pid_t parent = getpid();
	long pid = raw0(SYS_fork), r;

	if (pid == 0) {
		die_with_parent(parent);
		spin();
	}
	if (pid < 0)
		return bench_refused(c, "fork", pid);
	c->spinner[i] = (pid_t)pid;
	r = raw3(SYS_sched_setscheduler, pid, SCHED_IDLE, (long)&none);
	if (r < 0)
		return bench_refused(c, "sched_setscheduler(SCHED_IDLE)", r);
	r = cpus_pin_task((pid_t)pid, c->cpu[i]);
	return r < 0 ? bench_refused(c, "sched_setaffinity of the spinner", r) : 0;
}

static long start_spinners(struct bench_ctx *c)
{
	long r = 0;

	for (unsigned i = 0; i < BENCH_CPUS && r == 0; i++)
		r = start_spinner(c, i);
	return r;
}

/* The round trip's own part last: its peer must not inherit what a failure leaves half done. */
long setup_pipe_polling(struct bench_ctx *c)
{
	long r = start_spinners(c);

	return r < 0 ? r : setup_pipe(c);
}

long setup_futex_polling(struct bench_ctx *c)
{
	long r = start_spinners(c);

	return r < 0 ? r : setup_futex(c);
}

/* How late the last so many wake-ups were, in ns: more than a launch makes of any row but the
 * shortest. */
static struct {
	uint64_t late[LATENESS_MAX];
	uint64_t count; /* of all there were */
} wakes;

static vdso_clock_fn *clock_read;

static int64_t now(void)
{
	struct timespec ts = { 0 };

	if (!clock_read || clock_read(CLOCK_MONOTONIC, &ts) != 0)
		raw2(SYS_clock_gettime, CLOCK_MONOTONIC, (long)&ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

/* As for sleep, the timer slack is put down to its least. */
long setup_lateness(struct bench_ctx *c)
{
	clock_read = vdso_clock();
	memset(&wakes, 0, sizeof(wakes));
	return setup_sleep(c);
}

/* To a moment .arg ns from now, and a look at the clock: nothing adds up from turn to turn. */
long run_lateness(uint64_t iterations, struct bench_ctx *c)
{
	for (uint64_t i = 0; i < iterations; i++) {
		const int64_t due = now() + (int64_t)c->bench->arg;
		const struct timespec ts = { due / NSEC_PER_SEC, due % NSEC_PER_SEC };
		long r = raw4(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, (long)&ts, 0);

		if (unlikely(r < 0))
			return bench_refused(c, "clock_nanosleep", r);
		int64_t late = now() - due;

		wakes.late[wakes.count++ % LATENESS_MAX] = late > 0 ? (uint64_t)late : 0;
	}
	return 0;
}

static int by_size(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

uint64_t nearest_rank(const uint64_t *sorted, uint64_t n, unsigned percent)
{
	uint64_t rank = (n * percent + 99) / 100;

	return sorted[rank ? rank - 1 : 0];
}

/* Of single wake-ups: a batch's mean would hide the late ones. */
long teardown_lateness(struct bench_ctx *c)
{
	static const struct {
		const char *metric;
		unsigned percent;
	} rows[] = { { "late-median", 50 }, { "late-p99", 99 } };
	const uint64_t n = wakes.count < LATENESS_MAX ? wakes.count : LATENESS_MAX;

	teardown_sleep(c);
	qsort(wakes.late, n, sizeof(wakes.late[0]), by_size);
	for (size_t i = 0; n > 0 && i < sizeof(rows) / sizeof(rows[0]); i++)
		c->values[c->n_values++] = (struct bench_value){ rows[i].metric, "ns", 1,
			nearest_rank(wakes.late, n, rows[i].percent) };
	return 0;
}
