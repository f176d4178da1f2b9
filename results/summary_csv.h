/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BENCH_RESULTS_SUMMARY_CSV_H
#define BENCH_RESULTS_SUMMARY_CSV_H

#include <stdio.h>

#include "results/summary.h"

/* Print what stands in summary.csv. 0 or a negative errno. */
int summary_print_csv(FILE *f, const struct summary *s);

#endif
