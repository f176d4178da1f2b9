/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BENCH_RESULTS_TABLE_JSON_H
#define BENCH_RESULTS_TABLE_JSON_H

#include <stdio.h>

#include "results/manifest.h"
#include "results/summary.h"

/* Print the summary as one JSON object; numbers that do not exist are null. 0 or -errno. */
int table_print_json(FILE *f, const struct summary *s, const struct manifest *m);

#endif
