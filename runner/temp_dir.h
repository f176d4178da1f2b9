/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Temporary folders of runtimes and trees. Their names tell for what and whose they are
 * (base/owner.h), so that what a killed runner could not remove is recognized by the next one, and
 * nothing else ever is.
 */
#ifndef BENCH_RUNNER_TEMP_DIR_H
#define BENCH_RUNNER_TEMP_DIR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define TEMP_DIR_SIZE 256

/*
 * Make a folder for the runtime @name: in $XDG_RUNTIME_DIR, or in the first of /run, /dev/shm and
 * /tmp that is in memory and can be written to and executed from, or else in any that can. 0 with
 * its path in @out, or -errno.
 */
int temp_dir_make(const char *name, char out[TEMP_DIR_SIZE], struct err *e);

/*
 * Remove the folders of the runtime @name that runners of this user left who live no more; before,
 * @before(@ctx, path) may end what still uses one, or keep it by false.
 */
void temp_dir_sweep(const char *name, bool (*before)(void *ctx, const char *path), void *ctx);

/* Where what is large goes, and what scripts make: $TMPDIR where that is absolute, or /tmp. */
const char *temp_dir_tmp(void);

/*
 * The same in a place of the caller's choosing, whose file system is the caller's concern. @out has
 * @size bytes, and is empty on failure: -ENAMETOOLONG or what mkdtemp(3) said.
 */
int temp_dir_make_in(const char *place, const char *name, char *out, size_t size, struct err *e);
void temp_dir_sweep_in(const char *place, const char *name,
	bool (*before)(void *ctx, const char *path), void *ctx);

#endif
