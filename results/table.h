/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The summary on a terminal, or as CSV or JSON for a program. */
#ifndef BENCH_RESULTS_TABLE_H
#define BENCH_RESULTS_TABLE_H

#include <stdio.h>

#include "results/manifest.h"
#include "results/summary.h"

enum table_format {
	TABLE_TEXT,
	TABLE_CSV,  /* as summary.csv */
	TABLE_JSON, /* one object: machine, baseline, groups */
};

struct table_options {
	enum table_format format;
	bool color;
	unsigned width; /* columns of the terminal; 0: no limit. What does not fit goes below. */
};

/* Print @s to @f. UTF-8 only where the locale has it. 0, or a negative errno with @e filled. */
int table_print(FILE *f, const struct summary *s, const struct manifest *m,
	const struct table_options *opt, struct err *e);

#endif
