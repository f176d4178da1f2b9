/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BENCH_RESULTS_GNUPLOT_H
#define BENCH_RESULTS_GNUPLOT_H

#include "base/err.h"

/*
 * The path of gnuplot as found in PATH, malloc'ed, in *@path. -ENOENT with @e naming the remedy
 * where it is not installed; another negative errno where that could not be found out.
 */
int gnuplot_find(char **path, struct err *e);

/*
 * Run @scripts (NULL-terminated names in the folder @dir) one after the other in one process, in
 * that folder. What gnuplot complained about is in the message.
 */
int gnuplot_run(const char *gnuplot, const char *dir, char *const *scripts, struct err *e);

#endif
