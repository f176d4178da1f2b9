/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the samples of a run to what people look at: summary, table, plots, report. */
#ifndef BENCH_RUNNER_SHOW_H
#define BENCH_RUNNER_SHOW_H

#include "runner/run_options.h"

/*
 * Write summary.csv, the plots and report.html of the run in @dir, and print the table on stdout.
 * A missing gnuplot costs the plots alone and is a warning.
 */
int show_run(const char *dir, const struct run_options *o, struct err *e);

#endif
