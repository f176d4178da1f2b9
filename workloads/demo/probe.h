/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * build/demo-probe: what the demonstrations of "bench demo" run on each side. One static program as
 * the workload is, plain process, process 1 of a container, or init of a guest; but nothing is
 * timed here: it says what it sees as info records of its report (base/report_abi.h).
 */
#ifndef BENCH_WORKLOADS_DEMO_PROBE_H
#define BENCH_WORKLOADS_DEMO_PROBE_H

#include "workloads/report.h"

struct probe {
	struct report *report;
	int guest;         /* 1: init of a guest of ours */
	const char *value; /* of --NAME=VALUE; NULL */
	const char *tmp;   /* a folder that may be written to */
};

/* Say that all is there to be looked at, and stay until killed. */
void probe_stay(const struct probe *p) __attribute__((noreturn));

/* One for each of its options; returns the exit status. */
int probe_crash(const struct probe *p);
int probe_kernel(const struct probe *p);
int probe_made_for(const struct probe *p);
int probe_versions(const struct probe *p);
int probe_windows(const struct probe *p);

/*
 * --visible=NAME:PID: start children of that name, say which numbers they have in here, what stands
 * in /proc, and what PID is in here; then stay.
 */
int probe_visible(const struct probe *p);

/*
 * --calls=N: make N system calls (getppid) in one go, and say so right before and right after
 * ("calls.begin", "calls.end").
 */
int probe_calls(const struct probe *p);

#endif
