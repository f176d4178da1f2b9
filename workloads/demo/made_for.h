/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Three programs with one task, a page of memory that nobody can write to any more: made for an old
 * kernel (mprotect), for a new one (mseal, of Linux 6.10), and for a new one with a fallback.
 */
#ifndef BENCH_WORKLOADS_DEMO_MADE_FOR_H
#define BENCH_WORKLOADS_DEMO_MADE_FOR_H

/* Their names; ends with NULL. */
extern const char *const made_for_names[];

/* Run one: what it has to say goes to stdout. Its exit status; 2: there is none of that name. */
int made_for_run(const char *name);

#endif
