/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctr/limits.h"

#include <sched.h>

static rlim_t at_most(rlim_t limit, rlim_t max)
{
	return limit < max ? limit : max; /* RLIM_INFINITY is the largest */
}

/*
 * The kernel counts for this limit by user and user namespace (before 5.14 by user alone, which
 * stops the bomb as well, a little early): with a namespace of one's own that is the container.
 * Without, uid 0 is the host's, which is never limited (copy_process() in kernel/fork.c).
 */
int limits_for_processes(
	const struct cgroup_manager *m, unsigned namespaces, struct rlimit *out, struct err *e)
{
	struct rlimit now;

	*out = (struct rlimit){ 0, 0 };
	if (m->limits_processes || !(namespaces & CLONE_NEWUSER))
		return 0;
	if (getrlimit(RLIMIT_NPROC, &now) < 0)
		return err_sys(e, "getrlimit", "the limit on processes");
	*out = (struct rlimit){ at_most(now.rlim_cur, CGROUP_PIDS_MAX),
		at_most(now.rlim_max, CGROUP_PIDS_MAX) };
	return 0;
}
