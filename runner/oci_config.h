/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The config.json of an OCI bundle (https://github.com/opencontainers/runtime-spec), as "crun spec"
 * and "runc spec" write it for the workload.
 */
#ifndef BENCH_RUNNER_OCI_CONFIG_H
#define BENCH_RUNNER_OCI_CONFIG_H

#include <stdbool.h>
#include <sys/types.h>

#include <jansson.h>

#include "base/runtime.h"
#include "ctr/tree.h"

/* Where the bundle's root file system has the program. */
#define OCI_PROGRAM "/workload"

struct oci_config {
	const char *rootfs;               /* absolute path on the host */
	const struct rt_program *program; /* of the user's own, in the tree @rootfs; NULL: ours */
	const struct ctr_tree *tree;      /* what that tree has at its top */
	bool cgroup_mount;                /* the host's cgroup tree, read-only, at /sys/fs/cgroup */
	bool rootless;                    /* in a user namespace whose root is the caller */
	uid_t uid;                        /* the caller's, where rootless */
	gid_t gid;
};

/* The whole configuration but for the arguments. *@out is a new reference. 0 or -ENOMEM. */
int oci_config_make(const struct oci_config *c, json_t **out, struct err *e);

/*
 * Put the arguments of one launch in: @argv is NULL-terminated, and argv[0] is replaced by @path,
 * the program's. 0; -EINVAL: an argument that is not UTF-8, which JSON cannot hold; -ENOMEM.
 */
int oci_config_arguments(json_t *config, const char *path, char *const *argv, struct err *e);

#endif
