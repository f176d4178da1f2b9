/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/ctr_steps.h"

#include <sched.h>

#include "base/util.h"

#ifndef CLONE_NEWCGROUP
#define CLONE_NEWCGROUP 0x02000000 /* linux/sched.h, kernel 4.6 */
#endif

/* The user namespace first, as it owns the others; what only takes rights away comes last. */
#define WITH_USER CLONE_NEWUSER
#define WITH_MOUNT (WITH_USER | CLONE_NEWNS)
#define WITH_PID (WITH_MOUNT | CLONE_NEWPID)
#define WITH_NET (WITH_PID | CLONE_NEWNET)
#define WITH_IPC (WITH_NET | CLONE_NEWIPC)
#define WITH_UTS (WITH_IPC | CLONE_NEWUTS)
#define WITH_CGROUP_NS (WITH_UTS | CLONE_NEWCGROUP)

const struct ctr_step ctr_steps[] = {
	{ "bare", 0, false, false, false },
	{ "user", WITH_USER, false, false, false },
	{ "mount", WITH_MOUNT, false, false, false },
	{ "pid", WITH_PID, false, false, false },
	{ "net", WITH_NET, false, false, false },
	{ "ipc", WITH_IPC, false, false, false },
	{ "uts", WITH_UTS, false, false, false },
	{ "cgroupns", WITH_CGROUP_NS, false, false, false },
	{ "cgroup", WITH_CGROUP_NS, true, false, false },
	{ "caps", WITH_CGROUP_NS, true, true, false },
	{ "seccomp", WITH_CGROUP_NS, true, true, true },
};
const size_t n_ctr_steps = ARRAY_SIZE(ctr_steps);
