/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The folder that a run leaves. */
#ifndef BENCH_RUNNER_RUNDIR_H
#define BENCH_RUNNER_RUNDIR_H

#include <stdbool.h>

#include "base/err.h"
#include "runner/paths.h"
#include "runner/run_options.h"

struct rundir {
	char path[PATH_SIZE];
	char id[96]; /* run id: the folder's base name as by default */
	int log_fd;  /* log.txt: consoles and stdout of what was launched; close-on-exec */
	int dir_fd;  /* the folder, locked while a run writes into it; close-on-exec */
};

#define RUNDIR_CLOSED ((struct rundir){ .log_fd = -1, .dir_fd = -1 })

/*
 * Make the folder and lock it: --out, or by default out/<UTC time>-<suite>. An existing --out must
 * be empty; -EINVAL otherwise, and nothing in it is touched. rundir_close is due in every case.
 */
int rundir_make(const struct run_options *o, struct rundir *d, struct err *e);

/*
 * Lock the folder @dir of a run that was stopped, to go on in it. -EBUSY: another one is writing
 * there. Its id is left to the caller.
 */
int rundir_reopen(const char *dir, struct rundir *d, struct err *e);

/*
 * Make the folder @out, or take it where it is empty; its name goes to @path of PATH_SIZE bytes.
 * -EINVAL: it holds something, or cannot be had.
 */
int rundir_make_named(const char *out, char *path, struct err *e);

/* Make log.txt in it, or, with @again, go on in the one that is there. */
int rundir_open_log(struct rundir *d, bool again, struct err *e);

/*
 * Is the folder where it was? One that was moved meanwhile is followed: its path changes, and that
 * is said. -ESTALE: it was removed.
 */
int rundir_follow(struct rundir *d, struct err *e);

/* Take a new folder in place of one that was removed: beside it, or else in $TMPDIR. */
int rundir_replace(struct rundir *d, struct err *e);

void rundir_close(struct rundir *d);

#endif
