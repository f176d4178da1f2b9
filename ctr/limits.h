/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Limits that a container has without a cgroup. */
#ifndef BENCH_CTR_LIMITS_H
#define BENCH_CTR_LIMITS_H

#include <sys/resource.h>

#include "base/err.h"
#include "ctr/cgroup.h"

/*
 * What a container with the namespaces @namespaces gets as RLIMIT_NPROC: CGROUP_PIDS_MAX where no
 * cgroup counts processes (v1, where joining one is dear, or none that may be written to), so that
 * a fork bomb ends there too. @out->rlim_max is 0 where a cgroup does it, or nobody can. 0 or
 * -errno.
 */
int limits_for_processes(
	const struct cgroup_manager *m, unsigned namespaces, struct rlimit *out, struct err *e);

#endif
