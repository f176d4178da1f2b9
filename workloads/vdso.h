/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The functions that the kernel maps into every process: vdso(7). */
#ifndef BENCH_WORKLOADS_VDSO_H
#define BENCH_WORKLOADS_VDSO_H

#include <time.h>

typedef int vdso_clock_fn(clockid_t clock, struct timespec *ts);

/* __vdso_clock_gettime, or NULL where the kernel maps none. */
vdso_clock_fn *vdso_clock(void);

enum vdso_answer {
	VDSO_READS,   /* the clock is read without a system call */
	VDSO_CALLS,   /* the function is there, but does the system call */
	VDSO_ABSENT,  /* no such function */
	VDSO_UNKNOWN, /* could not be found out: no seccomp for us */
};

/*
 * Find out which for CLOCK_MONOTONIC, by trying: a child in which a seccomp filter fails the system
 * call with an errno of our own asks the vDSO for the time.
 */
enum vdso_answer vdso_probe(void);

/* For a person. */
const char *vdso_answer_text(enum vdso_answer a);

#endif
