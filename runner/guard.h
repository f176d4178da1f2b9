/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A supervisor beside the runner, for programs that are not ours. What the runner starts is killed
 * with it (base/spawn.h), but not what that started in turn: a user's program may have children,
 * and a bubblewrap that is killed early leaves one that waits for it for ever. When the runner
 * dies, the guard kills the process group that is being run.
 */
#ifndef BENCH_RUNNER_GUARD_H
#define BENCH_RUNNER_GUARD_H

#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

struct guard {
	pid_t pid; /* of the guard; 0: there is none */
	uint32_t
		*group; /* memory shared with it: the group to kill, or 0. For struct spawn.group */
};

/* Start one, in a session of its own, holding none of this process's descriptors. 0 or -errno. */
int guard_start(struct guard *g, struct err *e);

/*
 * The group has been killed by who started it. To be called before its leader is reaped, which
 * keeps the number from going to somebody else.
 */
void guard_forget(const struct guard *g);

/* End it; one that was never started, all zero, is fine. */
void guard_stop(struct guard *g);

#endif
