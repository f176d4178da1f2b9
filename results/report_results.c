/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The section "Results": what no section of its own tells of, in plots with their tables. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/util.h"
#include "results/covered.h"
#include "results/html.h"
#include "results/report_parts.h"
#include "results/text.h"

/* What a table has of each way; a column without any text is left out, as a baseline's ratios are.
 */
#define FIELDS 5
struct view {
	const char *headings[FIELDS];
	void (*fill)(const struct cell_context *c, const struct summary_group *g,
		struct grid_cell *cells, bool baseline);
};

static void fill_medians(const struct cell_context *c, const struct summary_group *g,
	struct grid_cell *cells, bool baseline)
{
	if (!g->n_samples) {
		group_cell_word(c, g, sample_status_names[g->status],
			summary_has_failures(g) ? RED : DIM, &cells[0]);
		return;
	}
	group_cell_value(c, g, g->median, &cells[0]);
	group_cell_interval(c, g, &cells[1]);
	if (baseline)
		return;
	text_ratio(g->ratio, cells[2].text);
	text_interval(g->ratio_ci, cells[3].text);
}

static void fill_spread(const struct cell_context *c, const struct summary_group *g,
	struct grid_cell *cells, bool baseline)
{
	const char *unit = c->s->rows[g->row].unit;

	(void)baseline;
	if (!g->n_samples)
		return;
	text_value(g->min, unit, c->utf8, cells[0].text);
	text_value(g->mad, unit, c->utf8, cells[1].text);
	text_value(g->p99, unit, c->utf8, cells[2].text);
	text_value(g->max, unit, c->utf8, cells[3].text);
	snprintf(cells[4].text, TEXT_SIZE, "%zu+%zu of %zu", g->outliers.mild, g->outliers.extreme,
		g->n_samples);
}

static const struct view medians = { { "median", "[95%]", "ratio", "[95%]" }, fill_medians };
static const struct view spread = { { "least", "MAD", "p99", "most", "outliers" }, fill_spread };

struct table {
	struct grid g;
	struct grid_column *columns;
	char (*names)[LABEL_SIZE]; /* of the ways, which are the groups */
};

static void table_free(struct table *t)
{
	grid_free(&t->g);
	free(t->columns);
	free(t->names);
}

static size_t general_rows(const struct summary *s)
{
	size_t n = 0;

	for (size_t row = 0; row < s->n_rows; row++)
		n += !covered(&s->rows[row]);
	return n;
}

static void make_columns(const struct summary *s, const struct view *v, struct table *t)
{
	for (size_t col = 0; col < s->n_columns; col++) {
		text_column(&s->columns[col], t->names[col]);
		for (size_t k = 0; k < FIELDS; k++)
			t->columns[col * FIELDS + k] = (struct grid_column){ t->names[col],
				v->headings[k] ? v->headings[k] : "", false, false };
	}
}

static void fill_rows(const struct report *r, const struct view *v, struct table *t)
{
	struct cell_context c = report_cells(r);
	size_t at = 0;

	for (size_t row = 0; row < r->s->n_rows; row++) {
		if (covered(&r->s->rows[row]))
			continue;
		text_row(&r->s->rows[row], t->g.labels[at]);
		for (size_t col = 0; col < r->s->n_columns; col++) {
			const struct summary_group *g = summary_cell(r->s, row, col);

			if (g)
				v->fill(&c, g, grid_cell(&t->g, at, col * FIELDS),
					summary_is_baseline(r->s, col));
		}
		at++;
	}
}

static int put_table(const struct report *r, const struct view *v, struct err *e)
{
	size_t n = r->s->n_columns;
	struct table t = { .columns = calloc(n * FIELDS, sizeof(*t.columns)),
		.names = calloc(n, sizeof(*t.names)) };
	int ret = t.columns && t.names ? grid_make(&t.g, "benchmark", t.columns, n * FIELDS,
						 general_rows(r->s), e)
				       : err_set(e, -ENOMEM, "malloc", "no memory for the table");

	if (!ret) {
		make_columns(r->s, v, &t);
		fill_rows(r, v, &t);
		grid_html(&t.g, r->f);
	}
	table_free(&t);
	return ret;
}

static int put_results(struct report *r, struct err *e)
{
	int ret = 0;

	fputs("<h2>Results</h2>\n", r->f);
	for (int kind = PLOT_OVERVIEW; !ret && kind < PLOT_DISTRIBUTION; kind++)
		ret = report_pictures(r, (enum plot_kind)kind, e);
	if (!ret)
		ret = put_table(r, &medians, e);
	fputs("<h3>Spread</h3>\n<p>Of all samples: the least, the median absolute deviation, the "
	      "99th percentile, the most; outliers by Tukey's fences, mild + extreme.</p>\n",
		r->f);
	if (!ret)
		ret = report_pictures(r, PLOT_DISTRIBUTION, e);
	return ret ? ret : put_table(r, &spread, e);
}

int report_results(struct report *r, struct err *e)
{
	return general_rows(r->s) ? put_results(r, e) : 0;
}
