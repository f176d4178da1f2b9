/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/csv_row.h"

#include <csv.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "results/number.h"

/* Room for @more bytes at the end of the row, or NULL. */
static char *reserve(struct csv_row *row, size_t more)
{
	if (row->failed)
		return NULL;
	if (row->size - row->len < more) {
		size_t size = row->size * 2 + more;
		char *bigger = realloc(row->text, size);

		if (!bigger) {
			row->failed = true;
			return NULL;
		}
		row->text = bigger;
		row->size = size;
	}
	return row->text + row->len;
}

void csv_row_begin(struct csv_row *row)
{
	row->len = 0;
	row->fields = 0;
	row->failed = false;
}

/* Leading and trailing blanks too: readers like libcsv's own strip them from unquoted fields. */
static bool needs_quotes(const char *s, size_t len)
{
	return strcspn(s, "\",\r\n") != len ||
	       (len && (strchr(" \t", s[0]) || strchr(" \t", s[len - 1])));
}

void csv_row_text(struct csv_row *row, const char *s)
{
	size_t len = strlen(s);
	char *to = reserve(row, 2 * len + 3); /* every byte a quote, two around, the comma */

	if (!to)
		return;
	if (row->fields++) {
		*to++ = ',';
		row->len++;
	}
	if (needs_quotes(s, len)) {
		row->len += csv_write(to, 2 * len + 2, s, len);
	} else {
		memcpy(to, s, len); /* NOLINT: a row is bytes and their number */
		row->len += len;
	}
}

void csv_row_count(struct csv_row *row, uint64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, n);
	csv_row_text(row, text);
}

void csv_row_number(struct csv_row *row, double v)
{
	char text[NUMBER_SIZE];

	csv_row_text(row, number_text(v, text));
}

int csv_row_end(struct csv_row *row)
{
	char *to = reserve(row, 1);

	if (!to)
		return -ENOMEM;
	*to = '\n';
	row->len++;
	return 0;
}

int csv_row_put(struct csv_row *row, FILE *f)
{
	if (csv_row_end(row) < 0)
		return -ENOMEM;
	return fwrite(row->text, row->len, 1, f) == 1 ? 0 : -EIO;
}

void csv_row_free(struct csv_row *row)
{
	free(row->text);
	*row = (struct csv_row){ 0 };
}
