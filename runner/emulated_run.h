/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "bench run" inside the emulated machine: the same command line, the same folder of results. */
#ifndef BENCH_RUNNER_EMULATED_RUN_H
#define BENCH_RUNNER_EMULATED_RUN_H

#include "runner/measure.h"

/*
 * Run what @m asks for in the emulated machine; samples.csv and manifest.json come into @dir (made
 * here, or that of the run which is gone on with), and the facts of the real host are added to the
 * manifest as "outside.*".
 * *@failed: a measurement failed. 0, -ENODEV where there is no emulated machine, -ECANCELED, or
 * another negative errno.
 */
int emulated_run(const struct measure *m, struct rundir *dir, bool *failed, struct err *e);

#endif
