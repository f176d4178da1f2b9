/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The folder that a run leaves. */
#ifndef BENCH_RUNNER_RUNDIR_H
#define BENCH_RUNNER_RUNDIR_H

#include "base/err.h"
#include "runner/paths.h"
#include "runner/run_options.h"

struct rundir {
	char path[PATH_SIZE];
	char id[96]; /* run id: the folder's base name as by default */
	int log_fd;  /* log.txt: consoles and stdout of what was launched; close-on-exec */
};

/*
 * Make the folder: --out, or by default out/<UTC time>-<suite>. An existing --out must be empty;
 * -EINVAL otherwise, and nothing in it is touched.
 */
int rundir_make(const struct run_options *o, struct rundir *d, struct err *e);

/*
 * Make the folder @out, or take it where it is empty; its name goes to @path of PATH_SIZE bytes.
 * -EINVAL: it holds something, or cannot be had.
 */
int rundir_make_named(const char *out, char *path, struct err *e);

/* Make log.txt in it. */
int rundir_open_log(struct rundir *d, struct err *e);

void rundir_close(struct rundir *d);

#endif
