/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Starting a program quickly and cleanly: vfork-like, so that the cost does not grow with the
 * parent's memory (method.md: fork from a 512 MB parent takes 23 ms, vfork 0.7 ms).
 */
#ifndef BENCH_BASE_SPAWN_H
#define BENCH_BASE_SPAWN_H

#include <linux/filter.h>
#include <sched.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "base/err.h"

#define SPAWN_MAX_FD 16

struct spawn_limit {
	int resource; /* RLIMIT_* */
	rlim_t value; /* soft and hard */
};

/* For a program that may be taken over by what it reads. */
struct spawn_cage {
	struct sock_fprog filter; /* of system calls, with execve among those that it allows */
	const struct spawn_limit *limits;
	unsigned n_limits;
};

struct spawn {
	const char *path;
	char *const *argv;
	char *const *envp;     /* NULL: an empty environment */
	const int *fds;        /* fds[i] becomes descriptor i of the program; -1: /dev/null */
	unsigned n_fds;        /* at most SPAWN_MAX_FD; every other descriptor is closed */
	const cpu_set_t *cpus; /* affinity, or NULL for the caller's */
	const char *root;      /* chroot there first, or NULL; path and dir are below it */
	const char *dir;       /* working directory, or NULL */
	unsigned own_group;    /* 1: leader of a process group of its own */
	uint32_t *slot;        /* of the guard (base/guard.h), filled before the exec; or NULL */
	int mount_ns;          /* a mount namespace to enter before the exec; 0: the caller's */
	const struct spawn_cage *cage; /* with no_new_privs; or NULL */
};

/* A started process. Times are CLOCK_MONOTONIC, ns. */
struct spawned {
	pid_t pid;
	int pidfd;           /* the caller's, close-on-exec */
	uint64_t process_ns; /* its first own instruction */
	uint64_t exec_ns;    /* right before its exec */
};

/*
 * Start @sp. The program gets default signal dispositions and an empty signal mask, and is killed
 * when the calling thread dies (PR_SET_PDEATHSIG). Returns only after its exec has succeeded or
 * failed: on success *@out is filled. On failure nothing is left behind, and @e names the step of
 * the child that failed.
 */
int spawn_program(const struct spawn *sp, struct spawned *out, struct err *e);

#endif
