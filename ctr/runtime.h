/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the runner's side of a container is made of, for the files of it. */
#ifndef BENCH_CTR_RUNTIME_H
#define BENCH_CTR_RUNTIME_H

#include <limits.h>
#include <stdint.h>

#include "base/guard.h"
#include "base/runtime.h"
#include "ctr/beside.h"
#include "ctr/cgroup.h"
#include "ctr/child.h"
#include "ctr/start.h"

struct runtime {
	struct child_plan plan;
	struct starter starter;
	struct beside beside;
	struct cgroup_manager cgroups;
	struct guard guard;
	struct child_shared *shared; /* one is enough: launch() ends with the exec */
	char unprepared[256];        /* why nothing could be made ahead, "" if it could */
	char program[PATH_MAX];
	struct ctr_tree *tree; /* of a program of the user's own; NULL: the workload */
	int cancel_fd;
	int dumpable; /* PR_GET_DUMPABLE of the runner */
};

struct instance {
	struct runtime *rt;
	struct started child;
	struct started helper; /* while launch() runs */
	uint32_t *slot;        /* of the guard, until the child is reaped */
	int mounts;            /* keeps the container's mount namespace until it is released */
	struct cgroup cgroup;
	uint32_t *ready; /* of its report, while it is waited for; NULL: not held */
	uint64_t deadline_ns;
	uint64_t at[PHASE_COUNT];
};

/* runtime_ops.open and .close. */
int ctr_open(const struct rt_config *cfg, struct runtime **out, struct err *e);
void ctr_close(struct runtime *rt);

/*
 * One message of a child's by its channel into @f, its descriptor, if one comes along, into
 * *@mounts. @flags of recv(2). Bytes, 0 at the channel's end, or -1 with errno.
 */
ssize_t ctr_hear(int channel, struct child_failure *f, int *mounts, int flags);

/* @e from a failure that a child has told. Returns its code. */
int ctr_tell_failure(const struct runtime *rt, const struct child_failure *f, struct err *e);

/* Facts for the manifest: runtime_ops.describe. */
void ctr_describe(struct runtime *rt, fact_fn put, void *ctx);

#endif
