/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How much memory a child of ours had at its peak, where ru_maxrss cannot tell: the kernel carries
 * the peak that a process has before its exec into it (fs/exec.c, exec_mmap), and before the exec
 * of a vfork-like child that is our own. Taskstats (Documentation/accounting/taskstats.rst) has the
 * peak of the memory that a process ends with, for who has CAP_NET_ADMIN. Each end of a process on
 * the machine then costs it some microseconds more.
 */
#ifndef BENCH_RUNNER_PEAK_H
#define BENCH_RUNNER_PEAK_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct peak;

/* One process that has ended. */
struct peak_record {
	uint32_t pid, parent; /* of its thread group, and that one's parent */
	uint64_t bytes;
};

/* Listen to the ends of processes. The caller ends it with peak_close. */
int peak_open(struct peak **p, struct err *e);

/* Forget what was heard so far: a launch begins. */
void peak_begin(struct peak *p);

/*
 * The launch is over: what the largest process of it had, as peak_find says. 0: not known, as also
 * where @p is NULL.
 */
uint64_t peak_end(struct peak *p, uint64_t own_bytes);

/*
 * The most that a descendant of @parent had, its smallest child being the program that counts: the
 * helpers of a launcher share our memory and are therefore not below @own_bytes, our own peak. 0
 * where there is no such child.
 */
uint64_t peak_find(const struct peak_record *r, size_t n, uint32_t parent, uint64_t own_bytes);

/* NULL is allowed. */
void peak_close(struct peak *p);

#endif
