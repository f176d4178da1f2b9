/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Temporary folders of other people's runtimes. Their names tell whose they are (runtime, pid and
 * start time of the runner, its pid namespace), so that what a killed runner could not remove is
 * recognized by the next one, and nothing else ever is.
 */
#ifndef BENCH_RUNNER_PEER_DIR_H
#define BENCH_RUNNER_PEER_DIR_H

#include <stddef.h>

#include "base/err.h"

#define PEER_DIR_SIZE 200

/*
 * Make a folder for the runtime @name: in $XDG_RUNTIME_DIR, /run, /dev/shm or /tmp, the first that
 * can be written to and executed from. 0 with its path in @out, or -errno.
 */
int peer_dir_make(const char *name, char out[PEER_DIR_SIZE], struct err *e);

/*
 * Remove the folders of the runtime @name that runners of this user left who live no more; before,
 * @before(@ctx, path) may end what still uses one.
 */
void peer_dir_sweep(const char *name, void (*before)(void *ctx, const char *path), void *ctx);

#endif
