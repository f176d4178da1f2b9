/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Namespaces for VMMs: one without files, one without a network, both owned by a user namespace
 * where only VMMs are. They are made once, and each VMM joins them: a network namespace takes a
 * millisecond to make, as long as a small VM, and in an empty one there is nothing to share.
 */
#ifndef BENCH_VMM_EMPTY_NS_H
#define BENCH_VMM_EMPTY_NS_H

#include <sched.h>
#include <stdint.h>

#include "base/err.h"
#include "vmm/sandbox.h"

#define EMPTY_NS_ALL ((uint32_t)(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET))

struct empty_ns {
	int fd[SANDBOX_NS]; /* in the order of sandbox_ns[]; -1: not to be had */
	uint32_t flags;     /* CLONE_NEW* of those that are there */
	struct err why;     /* where none is: what failed, and what helps */
};

/*
 * Make those of @wanted, CLONE_NEW*. Where user namespaces are not to be had but root's rights are,
 * the two others are made without; where neither is, there are none, which is no failure: ns->why
 * says so.
 */
void empty_ns_make(struct empty_ns *ns, uint32_t wanted);
void empty_ns_free(struct empty_ns *ns);

#endif
