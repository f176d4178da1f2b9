/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A root file system for a program of the user's own: either a temporary one with just what the
 * program needs, each file at its own absolute path, or a whole one that the user has.
 */
#ifndef BENCH_RUNNER_TREE_H
#define BENCH_RUNNER_TREE_H

#include <stdint.h>

#include "base/err.h"
#include "runner/needs.h"
#include "runner/paths.h"

#define TREE_BYTES_MAX (UINT64_C(768) << 20) /* what a guest can take: exec_guest_bytes */

struct tree {
	char root[PATH_SIZE];   /* the root file system; "" before tree_make and tree_use */
	char folder[PATH_SIZE]; /* a temporary one's own folder, private to the user; else "" */
	uint64_t bytes;         /* of the files in it, each in whole pages */
};

/*
 * Make an empty temporary tree in $TMPDIR or /tmp. What runs that were killed have left there is
 * removed. tree_close is due in every case.
 */
int tree_make(struct tree *t, struct err *e);

/*
 * Copy a file, or a folder with all that is below it, to its own place in a temporary tree; @path
 * is absolute. A symlink named here is followed, one below a folder is kept. What is there already
 * stays. Permissions become rwxr-xr-x or rw-r--r--. -EINVAL: a place where the kernel's own file
 * systems will be; -EFBIG: more than TREE_BYTES_MAX; or -errno, by name.
 */
int tree_put(struct tree *t, const char *path, struct err *e);

/*
 * All files that a program needs. Each is looked at again as it is copied, by its open
 * file: what lies in a folder of somebody else's may be another by now.
 */
int tree_put_needs(struct tree *t, const struct needs *needs, struct err *e);

/* A file of our own text. */
int tree_put_text(struct tree *t, const char *path, const char *text, struct err *e);

/* An empty folder in a temporary tree; one that is there already is fine. */
int tree_put_folder(struct tree *t, const char *path, struct err *e);

/* The mount points, and the few files of /etc without which a user has no name. */
int tree_finish(struct tree *t, struct err *e);

/* Use the folder @path as a whole tree: mount points are checked, sizes added up. */
int tree_use(struct tree *t, const char *path, struct err *e);

/*
 * Find @name in a whole tree: itself where it has a slash, else in @search (like $PATH). Symlinks
 * are followed below the tree's root only. That it is a program for here, and that its interpreter,
 * and the interpreter's, are in the tree and not in what is mounted over it, is checked.
 */
int tree_find_program(
	const struct tree *t, const char *name, const char *search, char *out, struct err *e);

/* Remove a temporary one. */
void tree_close(struct tree *t);

#endif
