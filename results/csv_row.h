/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One row of a CSV file, built in memory. An out-of-memory is remembered until csv_row_end, so that
 * a row is put together without a check at each field. Zero-initialise before the first use.
 */
#ifndef BENCH_RESULTS_CSV_ROW_H
#define BENCH_RESULTS_CSV_ROW_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct csv_row {
	char *text; /* not NUL-terminated */
	size_t len, size;
	unsigned fields;
	bool failed;
};

void csv_row_begin(struct csv_row *row);
/* Quoted where RFC 4180 or a careless reader needs it, else plain. */
void csv_row_text(struct csv_row *row, const char *s);
void csv_row_count(struct csv_row *row, uint64_t n);
/* Empty for what is not finite. */
void csv_row_number(struct csv_row *row, double v);
/* Ends the row with a newline; 0 or -ENOMEM. */
int csv_row_end(struct csv_row *row);

/* The same, and writes it to @f; 0, -ENOMEM or -EIO. */
int csv_row_put(struct csv_row *row, FILE *f);
void csv_row_free(struct csv_row *row);

#endif
