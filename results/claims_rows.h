/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of a summary by name, as the tables of claims and figures give them. */
#ifndef BENCH_RESULTS_CLAIMS_ROWS_H
#define BENCH_RESULTS_CLAIMS_ROWS_H

#include <stdbool.h>

#include "results/summary.h"

#define ROW_NAME_SIZE 512

/* "suite/benchmark/params"; the last is empty where there are none. Returns @out. */
const char *row_name(const struct summary_row *row, char out[ROW_NAME_SIZE]);

/* Does one of @patterns, which '|' separates, match @name (fnmatch)? */
bool row_matches(const char *patterns, const char *name);

/*
 * Is it of this metric and phase (NULL: none)? Never where the unit is instructions: they are no
 * time, and stand in rows of their own.
 */
bool row_is_of(const struct summary_row *row, const char *metric, const char *phase);

#endif
