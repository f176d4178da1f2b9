/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A tree that a program of the user's own finds as its root: what lies at its top, looked up ahead,
 * since the child that mounts it has no libc to read folders with. The container's root stays a
 * tmpfs of our own, with /dev, /proc, /sys and /tmp as ever; everything else at the tree's top is
 * bound into it, read-only, and what the tree has in /tmp into the new /tmp.
 */
#ifndef BENCH_CTR_TREE_H
#define BENCH_CTR_TREE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

#define TREE_TOP_MAX 256 /* entries at the top of a tree, and as many in its /tmp */

struct ctr_tree_entry {
	char *name;
	char *host_path, *path; /* on the host, and in the container: for who takes paths */
	char *target;           /* of a symlink, which is made anew; NULL: to be bound */
	bool folder;
};

struct ctr_tree_list {
	struct ctr_tree_entry entries[TREE_TOP_MAX];
	unsigned n;
};

/*
 * @fd keeps the folder that was looked at, so that its number is not given to another one: a child
 * opens @path anew in its own mount namespace, and goes on only where it finds that same folder. A
 * name that has been made a link to "/" meanwhile would show the host's files otherwise.
 */
struct ctr_tree {
	char *path; /* on the host, absolute */
	int fd;     /* O_PATH */
	dev_t dev;
	ino_t ino;
	struct ctr_tree_list top, tmp;
};

/*
 * Look at the tree @path. What is neither folder, file nor symlink is left out, and so is what the
 * container has of its own, whatever it is there: links, pipes and devices at the places of /proc,
 * /sys and /dev are not even looked at. Its /tmp is looked into, so a link there is -ELOOP, and
 * anything else that is no folder -ENOTDIR. -E2BIG: too many entries; or -errno. The caller frees
 * with ctr_tree_free.
 */
int ctr_tree_scan(const char *path, struct ctr_tree **out, struct err *e);

/* NULL is allowed. */
void ctr_tree_free(struct ctr_tree *t);

#endif
