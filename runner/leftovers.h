/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What runs that were killed by SIGKILL left: processes end by themselves, since each is killed
 * with its parent, but nobody is there to remove a folder or a cgroup. A later run does.
 */
#ifndef BENCH_RUNNER_LEFTOVERS_H
#define BENCH_RUNNER_LEFTOVERS_H

#include "runner/paths.h"

/*
 * Find by their names, and remove, what runs of this user left that are no more: temporary folders,
 * cgroups, containers of crun and runc. Nothing else is touched: not what a living run uses, not
 * what another user, pid namespace or machine made, nothing behind a symlink. Best effort, silent.
 */
void leftovers_sweep(const struct paths *paths);

#endif
