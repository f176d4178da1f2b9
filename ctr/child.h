/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the new process does from its first instruction to the program's. */
#ifndef BENCH_CTR_CHILD_H
#define BENCH_CTR_CHILD_H

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>

#include "base/runtime.h"
#include "ctr/beside.h"
#include "ctr/idmap.h"
#include "ctr/rootfs.h"
#include "ctr/seccomp.h"

/* Computed once, the same for every launch. */
struct child_plan {
	unsigned namespaces;
	cpu_set_t cpus;
	struct idmap ids;
	struct rootfs rootfs;
	struct seccomp_program filter;
	unsigned capabilities; /* caps_known() */
	int null_fd;           /* stdin of the program */
	int runner_fd;         /* pidfd of the runner's process */
	const struct rt_program
		*program;        /* of the user's own, in rootfs.tree; NULL: the workload */
	int program_fd;          /* for the exec without a mount namespace */
	struct rlimit processes; /* where no cgroup limits them; rlim_max 0: one does, or nobody
				    can */
	bool keep_caps;          /* to measure what dropping them costs, and for nothing else */
	bool prepared;           /* rootfs.fixed is there, and a helper makes user and net beside */
};

/* In memory that stays shared with the child, however it was started. CLOCK_MONOTONIC, ns. */
struct child_shared {
	uint64_t process; /* first statement */
	uint64_t sandbox; /* all is in place, exec is next */
	struct meeting meeting;
};

struct child_args {
	const struct child_plan *plan;
	char *const *argv; /* NULL: a trial, which ends where the exec would be */
	int output_fd, error_fd;
	int report_fd;
	int channel;    /* the child's end of a SOCK_SEQPACKET pair */
	int helper;     /* pidfd of the process beside, or -1 */
	unsigned later; /* namespaces to make itself, once it is in its cgroup */
	struct child_shared *shared;
};

/*
 * What the child says on the channel when a step fails. The channel closes with the exec: its end
 * without a message means that the program runs, and nothing that it does can be taken for this.
 */
struct child_failure {
	int error; /* errno */
	char step[24];
	char what[64];
};

/*
 * Before that it may hand over, in a message of this length, a descriptor of its mount namespace.
 * The last one out of a mount namespace takes its mounts away, and waits for a grace period of RCU
 * before anyone hears that he has ended. That belongs to the release, not to the program's end: so
 * the last one is to be the runner.
 */
#define CHILD_MOUNTS 1

/* Never returns. @args is a struct child_args. */
int child_main(void *args);

/*
 * In a process with a mount namespace of its own: rootfs_make_fixed. It says one byte on the
 * channel and stays until it is killed: meanwhile the runner opens the mount namespace.
 */
int child_fix_mounts(void *args);

#endif
