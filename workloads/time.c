/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Clocks and sleeping. */
#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#include "workloads/bench.h"
#include "workloads/raw.h"
#include "workloads/vdso.h"

long run_clock_syscall(uint64_t iterations, struct bench_ctx *c)
{
	for (uint64_t i = 0; i < iterations; i++) {
		long r = raw2(SYS_clock_gettime, CLOCK_MONOTONIC, (long)c->block);

		if (unlikely(r < 0))
			return bench_refused(c, "clock_gettime", r);
	}
	return 0;
}

static vdso_clock_fn *clock_of_vdso;

/* A system call in disguise would only repeat the row above: it is said instead. */
long setup_vdso(struct bench_ctx *c)
{
	enum vdso_answer a = vdso_probe();

	clock_of_vdso = vdso_clock();
	if (a == VDSO_READS || a == VDSO_UNKNOWN)
		return 0;
	strncpy(c->why, vdso_answer_text(a), sizeof(c->why) - 1);
	return -EOPNOTSUPP;
}

long run_clock_vdso(uint64_t iterations, struct bench_ctx *c)
{
	vdso_clock_fn *const clock = clock_of_vdso;
	struct timespec ts;

	for (uint64_t i = 0; i < iterations; i++) {
		long r = clock(CLOCK_MONOTONIC, &ts);

		if (unlikely(r < 0))
			return bench_refused(c, "__vdso_clock_gettime", r);
	}
	return 0;
}

/*
 * The kernel may put a sleep's end off by the timer slack, 50 us by default, to save wake-ups: the
 * benchmark would be a measurement of that. 1 ns is the least there is (0 means the default).
 */
long setup_sleep(struct bench_ctx *c)
{
	return prctl(PR_SET_TIMERSLACK, 1UL) < 0
		       ? bench_refused(c, "prctl(PR_SET_TIMERSLACK)", -errno)
		       : 0;
}

/* Back to the default that was inherited. */
long teardown_sleep(struct bench_ctx *c)
{
	(void)c;
	return prctl(PR_SET_TIMERSLACK, 0UL);
}

long run_sleep(uint64_t iterations, struct bench_ctx *c)
{
	const struct timespec ts = { .tv_nsec = (long)c->bench->arg };

	for (uint64_t i = 0; i < iterations; i++) {
		long r = raw4(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, (long)&ts, 0);

		if (unlikely(r < 0))
			return bench_refused(c, "clock_nanosleep", r);
	}
	return 0;
}
