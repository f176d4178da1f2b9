/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A whole tree as the root of a plain process: chroot, and nothing else of a container. The tree is
 * shown read-only, with /proc, /sys, /dev and /tmp mounted in it, in a mount namespace of bench's
 * own, so that the tree itself is not changed and nothing stays.
 */
#ifndef BENCH_RUNNER_HOST_ROOT_H
#define BENCH_RUNNER_HOST_ROOT_H

#include "base/err.h"

struct host_root {
	char path[96]; /* what to chroot to; "" where there is none */
};

/* May we? 0, or -EPERM and the remedy. */
int host_root_probe(struct err *e);

/* Make it at @folder/root for the tree @tree. host_root_remove is due after success. */
int host_root_make(struct host_root *h, const char *folder, const char *tree, struct err *e);

void host_root_remove(struct host_root *h);

#endif
