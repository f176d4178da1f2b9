/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What "bench run" and "bench exec" share: choose where, measure, and show what came out. */
#ifndef BENCH_RUNNER_MEASURE_H
#define BENCH_RUNNER_MEASURE_H

#include "runner/paths.h"
#include "runner/run_options.h"
#include "runner/rundir.h"

struct measure {
	struct run_options *options; /* as parsed: measure() finishes them */
	char *command;               /* the command line as typed; the caller's */
	struct resume *resume;       /* the run to go on with, whose options these are; or NULL */
	int cancel_fd;               /* -1: for measure()'s own use */
	bool emulated;               /* filled: it ran in the emulated machine */
	struct paths paths;          /* filled */
	char dir[PATH_SIZE];         /* filled: where the results are; "" where there are none */
};

/* Do all of it, and return the exit status; errors and warnings are printed. */
int measure(struct measure *m);

/* "bench" and @argv in one line, as it is kept in the manifest. The caller frees; may be NULL. */
char *command_line(int argc, char **argv);

#endif
