/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/exits.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN_FROM 0.005 /* rounds to 0.01 */

static const char *const metrics[COUNT_COUNT] = {
#define X(name, metric, statistic) [COUNT_##name] = metric,
	EXIT_COUNTS(X)
#undef X
};

static enum exit_count count_of(const struct summary_row *row)
{
	unsigned i = 0;

	while (i < COUNT_COUNT && strcmp(row->metric, metrics[i]))
		i++;
	return strcmp(row->unit, "count") ? COUNT_COUNT : (enum exit_count)i;
}

bool exits_covers(const struct summary_row *row)
{
	return count_of(row) != COUNT_COUNT;
}

/* The strings of a summary are unique: equal ones are the same pointer. */
static bool same_bench(const struct summary_row *a, const struct summary_row *b)
{
	return a->suite == b->suite && a->benchmark == b->benchmark && a->params == b->params &&
	       a->phase == b->phase;
}

static struct exits_bench *find_bench(struct exits *x, const struct summary_row *row)
{
	struct exits_bench *b = x->benches;

	while (b < x->benches + x->n && !same_bench(&b->name, row))
		b++;
	if (b == x->benches + x->n) {
		b->name = *row;
		b->name.metric = "latency"; /* the one that a row's name leaves out */
		for (size_t i = 0; i < COUNT_COUNT; i++)
			b->rows[i] = EXITS_NO_ROW;
		x->n++;
	}
	return b;
}

int exits_make(const struct summary *s, struct exits *x, struct err *e)
{
	*x = (struct exits){ .benches = calloc(s->n_rows + 1, sizeof(*x->benches)) };
	if (!x->benches)
		return err_set(e, -ENOMEM, "exits", "no memory for the counts of exits");
	for (size_t row = 0; row < s->n_rows; row++) {
		enum exit_count count = count_of(&s->rows[row]);

		if (count != COUNT_COUNT)
			find_bench(x, &s->rows[row])->rows[count] = row;
	}
	return 0;
}

void exits_free(struct exits *x)
{
	free(x->benches);
	*x = (struct exits){ 0 };
}

const struct summary_group *exits_group(
	const struct summary *s, const struct exits_bench *b, enum exit_count count, size_t column)
{
	const struct summary_group *g =
		b->rows[count] == EXITS_NO_ROW ? NULL : summary_cell(s, b->rows[count], column);

	return g && g->n_samples ? g : NULL;
}

bool exits_has_column(const struct summary *s, const struct exits *x, size_t column)
{
	for (size_t i = 0; i < x->n; i++) {
		for (unsigned k = 0; k < COUNT_COUNT; k++) {
			if (exits_group(s, &x->benches[i], (enum exit_count)k, column))
				return true;
		}
	}
	return false;
}

const char *exits_kind(enum exit_count count)
{
	const char *dash = strchr(metrics[count], '-');

	return dash ? dash + 1 : metrics[count];
}

bool exits_shows(double v)
{
	return v >= SHOWN_FROM;
}

const char *exits_text(double v, char out[TEXT_SIZE])
{
	if (v > 0 && !exits_shows(v))
		snprintf(out, TEXT_SIZE, "<0.01");
	else if (v == 0)
		snprintf(out, TEXT_SIZE, "0");
	else
		text_ratio(v, out);
	return out;
}
