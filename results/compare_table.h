/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A comparison on a terminal. */
#ifndef BENCH_RESULTS_COMPARE_TABLE_H
#define BENCH_RESULTS_COMPARE_TABLE_H

#include <stdio.h>

#include "results/compare.h"
#include "results/table.h"

/* Print @c to @f, of folders called @a and @b. 0, or a negative errno with @e filled. */
int compare_print(FILE *f, const struct comparison *c, const char *a, const char *b,
	const struct table_options *opt, struct err *e);

#endif
