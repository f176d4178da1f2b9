/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bringing the child into being, with all its namespaces at once. */
#ifndef BENCH_CTR_START_H
#define BENCH_CTR_START_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

/*
 * Ways to start, best first. A child that shares its parent's memory costs the same however much
 * memory the parent has; clone3 alone can put the child into its cgroup at birth.
 */
enum start_way { START_CLONE3_VM, START_CLONE3, START_CLONE_VM, START_CLONE, START_WAYS };

extern const char *const start_way_names[START_WAYS];

struct starter {
	void *stack; /* of the child; one is enough, since start() is followed by the exec */
	enum start_way way;
};

struct started {
	pid_t pid;
	int pidfd;      /* close-on-exec, the caller's */
	bool in_cgroup; /* the child was born in the cgroup asked for */
};

int starter_open(struct starter *st, struct err *e);
void starter_close(struct starter *st);

/*
 * Run @fn(@arg) in a new process with the namespaces @flags (CLONE_NEW*), born in the cgroup v2
 * folder @cgroup_fd (or -1). It gets a copy of the descriptors and signal dispositions, all signals
 * blocked. @fn never returns, keeps to sys.h and constant data, and @arg must stay until it has
 * exec'ed or died. A way that the kernel does not know is given up for the next, for good.
 */
int start_child(struct starter *st, unsigned flags, int cgroup_fd, int (*fn)(void *), void *arg,
	struct started *out, struct err *e);

#endif
