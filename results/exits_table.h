/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exits per operation on a terminal: a table for each way of running that counts them. */
#ifndef BENCH_RESULTS_EXITS_TABLE_H
#define BENCH_RESULTS_EXITS_TABLE_H

#include "results/summary.h"
#include "results/term.h"

/* Nothing where nobody counted. */
int exits_table_print(struct term *t, const struct summary *s, struct err *e);

#endif
