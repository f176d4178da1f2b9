/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A mount namespace in which /sys/fs/cgroup is a plain cgroup v2 tree that cannot be written.
 *
 * crun refuses hosts where v1 and v2 are mixed ("hybrid"), whether it is to manage a cgroup or not;
 * and runc makes a cgroup of its own wherever it can. In this namespace crun starts, and runc does
 * without (with --rootless true, its way of saying that a cgroup that cannot be had is no error).
 */
#ifndef BENCH_RUNNER_OCI_CGROUP_H
#define BENCH_RUNNER_OCI_CGROUP_H

#include <stdbool.h>

#include "base/err.h"

/* Is /sys/fs/cgroup a cgroup v2 tree, as crun wants it? */
bool oci_cgroup_is_v2(void);

/*
 * Make the namespace. Its descriptor, to be entered with setns, is all that holds it: no process
 * lives on. A descriptor (close-on-exec), or a negative errno: -EPERM without CAP_SYS_ADMIN.
 */
int oci_cgroup_namespace(struct err *e);

#endif
