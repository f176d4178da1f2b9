/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One run on this machine: from finished options to the files samples.csv and manifest.json. */
#ifndef BENCH_RUNNER_SESSION_H
#define BENCH_RUNNER_SESSION_H

#include "runner/linux_guest.h"
#include "runner/paths.h"
#include "runner/plan.h"
#include "runner/run_options.h"
#include "runner/rundir.h"

struct session {
	const struct run_options *options;
	const struct paths *paths;
	const char *command;   /* the command line, for the manifest */
	int cancel_fd;         /* signals_open() */
	struct resume *resume; /* the run to go on with; NULL: a new one */
	bool quiet;            /* warnings stay in the manifest alone */
	struct plan plan;
	char kernels[MAX_NAMES * MAX_NAMES][PATH_SIZE]; /* image of each way that has one */
	struct linux_guest linux_guest;
};

/*
 * Build the plan, find the kernels, and open every way of running that works here. A way that does
 * not is kept as unusable with its reason, which becomes skipped rows; but with --machine native
 * (it was asked for) it is an error. -ENODEV: nothing can run here (exit status 3).
 * session_close is due in every case.
 */
int session_open(struct session *s, struct err *e);

/*
 * Carry out the plan into @dir. *@failed: a measurement failed. 0, -ECANCELED, or an error of the
 * harness; the files are valid in every case. -ESTALE: the folder was removed meanwhile, and @dir
 * is a new one, which holds what had been measured.
 */
int session_measure(struct session *s, struct rundir *dir, bool *failed, struct err *e);

void session_close(struct session *s);

#endif
