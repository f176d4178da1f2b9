/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Can Linux guests run on this host's /dev/kvm, and where do they run if not? */
#ifndef BENCH_RUNNER_LINUX_GUEST_H
#define BENCH_RUNNER_LINUX_GUEST_H

#include <stdbool.h>

#include "base/runtime.h"

/* What the host has answered; starts as { 0 }. */
struct linux_guest {
	bool asked;
	struct err no; /* code 0: they can */
};

/*
 * 0 where they can. Else the reason and the remedy in @why: -ENODEV; -ECANCELED; another negative
 * errno where it could not be found out. A guest is run for it (vmm/probe.h), once. Of @cfg only
 * libexec, cpus and cancel_fd count.
 */
int linux_guest_check(struct linux_guest *g, const struct rt_config *cfg, struct err *why);

/*
 * For who needs Linux guests wherever that is: *@emulated where they run in the emulated machine
 * and not here, which is said, as it is that they run in neither. 0, or why that could not be found
 * out.
 */
int linux_guest_place(const struct rt_config *cfg, bool *emulated, struct err *e);

#endif
