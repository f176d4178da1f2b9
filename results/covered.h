/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which rows have tables, plots and a section of their own, and so no place in the general ones. */
#ifndef BENCH_RESULTS_COVERED_H
#define BENCH_RESULTS_COVERED_H

#include "results/summary.h"

/* Do the tables of some suite tell of the row? What they do not know stays in the general ones. */
bool covered(const struct summary_row *row);

/* Is the row's ratio to the baseline shown anywhere? */
bool covered_shows_ratio(const struct summary_row *row);

/*
 * Is it a row of steps: numbers that differ because something was done between them (MemAvailable
 * with ever more instances held)? No statistic over them means anything; whoever shows them reads
 * the samples.
 */
bool covered_is_steps(const struct summary_row *row);

/* Does the column stand in the general tables? A baseline, or one with something left for them. */
bool covered_leaves_column(const struct summary *s, size_t column);

#endif
