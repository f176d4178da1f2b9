/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/compare_rows.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "results/csv_row.h"
#include "results/json_alloc.h"
#include "results/json_value.h"

static size_t launches(const struct summary_group *g)
{
	return g ? g->n_replicates : 0;
}

static struct interval interval(const struct summary_group *g)
{
	return g ? g->ci : (struct interval){ NAN, NAN };
}

static const char *verdict(const struct compared *x)
{
	return !x->a ? "only in B" : !x->b ? "only in A" : compare_verdict(x);
}

/* "": was not asked, or cannot be. */
static const char *equal(const struct comparison *c, const struct compared *x)
{
	if (isnan(c->options.equivalence) || !x->a || !x->b)
		return "";
	return x->equal ? "yes" : "no";
}

static const char *fails(const struct comparison *c, const struct compared *x)
{
	return isnan(c->options.fail_above) ? "" : x->fails ? "yes" : "no";
}

static struct compared half(const struct uncompared *o)
{
	const struct interval no = { NAN, NAN };

	return (struct compared){
		.row = o->row,
		.column = o->column,
		.a = o->in_a ? o->group : NULL,
		.b = o->in_a ? NULL : o->group,
		.ratio = NAN,
		.ratio_ci = no,
		.difference = NAN,
		.difference_ci = no,
		.p = NAN,
		.p_corrected = NAN,
		.fails = o->fails,
	};
}

#define TEXT(field, from) csv_row_text(row, from);
#define COUNT(field, from) csv_row_count(row, from);
#define NUMBER(field, from) csv_row_number(row, from);

static int put_row(
	FILE *f, struct csv_row *row, const struct comparison *c, const struct compared *x)
{
	csv_row_begin(row);
#include "results/compare_columns.def"
	return csv_row_put(row, f);
}
#undef TEXT
#undef COUNT
#undef NUMBER

#define TEXT(field, from) csv_row_text(row, #field);
#define COUNT TEXT
#define NUMBER TEXT

static int put_header(FILE *f, struct csv_row *row)
{
	csv_row_begin(row);
#include "results/compare_columns.def"
	return csv_row_put(row, f);
}
#undef TEXT
#undef COUNT
#undef NUMBER

int compare_print_csv(FILE *f, const struct comparison *c)
{
	struct csv_row row = { 0 };
	int r = put_header(f, &row);

	for (size_t i = 0; !r && i < c->n_cells; i++)
		r = put_row(f, &row, c, &c->cells[i]);
	for (size_t i = 0; !r && i < c->n_others; i++) {
		struct compared x = half(&c->others[i]);

		r = put_row(f, &row, c, &x);
	}
	csv_row_free(&row);
	return r;
}

#define TEXT(field, from) json_object_set_new(o, #field, json_of_text(from));
#define COUNT(field, from) json_object_set_new(o, #field, json_integer((json_int_t)(from)));
#define NUMBER(field, from) json_object_set_new(o, #field, json_of_number(from));

static json_t *cell(const struct comparison *c, const struct compared *x)
{
	json_t *o = json_object();

#include "results/compare_columns.def"
	return o;
}

static json_t *differences(const struct facts_differences *d)
{
	json_t *list = json_array();

	for (size_t i = 0; i < d->n; i++) {
		json_t *o = json_object();

		TEXT(key, d->list[i].key)
		TEXT(a, d->list[i].a)
		TEXT(b, d->list[i].b)
		json_object_set_new(o, "grave", json_boolean(d->list[i].grave));
		json_array_append_new(list, o);
	}
	return list;
}

int compare_print_json(FILE *f, const struct comparison *c)
{
	json_t *o, *cells;
	int r = 0;

	json_alloc_watch();
	o = json_object();
	cells = json_array();
	TEXT(a, manifest_get(c->manifest[0], "run.id"))
	TEXT(b, manifest_get(c->manifest[1], "run.id"))
	NUMBER(level, COMPARE_LEVEL)
	NUMBER(fail_above, c->options.fail_above)
	NUMBER(equivalence, c->options.equivalence)
	COUNT(tested, c->tested)
	COUNT(launches_needed, c->needed)
	json_object_set_new(o, "too_few_launches", json_boolean(c->blind));
	COUNT(failing, c->failing)
	json_object_set_new(o, "differences", differences(&c->facts));
	for (size_t i = 0; i < c->n_cells; i++)
		json_array_append_new(cells, cell(c, &c->cells[i]));
	for (size_t i = 0; i < c->n_others; i++) {
		struct compared x = half(&c->others[i]);

		json_array_append_new(cells, cell(c, &x));
	}
	if (json_object_set_new(o, "cells", cells) < 0)
		r = -ENOMEM;
	else
		r = json_print(f, o);
	json_decref(o);
	return r;
}
