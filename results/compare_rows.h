/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A comparison for programs: one row a cell, those that only one run has included. */
#ifndef BENCH_RESULTS_COMPARE_ROWS_H
#define BENCH_RESULTS_COMPARE_ROWS_H

#include <stdio.h>

#include "results/compare.h"

/* 0, -ENOMEM or -EIO. */
int compare_print_csv(FILE *f, const struct comparison *c);
int compare_print_json(FILE *f, const struct comparison *c);

#endif
