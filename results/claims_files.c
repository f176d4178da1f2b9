/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ledger for programs: CSV and JSON with a line for each comparison. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/util.h"
#include "results/claims_book.h"
#include "results/csv_row.h"
#include "results/json_alloc.h"
#include "results/json_value.h"
#include "results/text.h"

/* One line, with everything that is put together for it. */
struct line {
	const struct claims_host *host;
	const struct claim *claim;
	const struct claim_result *result;
	const struct part_result *part;
	const struct claim_comparison *c; /* NULL: the part has none */
	const struct summary_row *row;
	char way[LABEL_SIZE], against[LABEL_SIZE];
	char test[SENTENCE_SIZE], says[SENTENCE_SIZE], checked[SENTENCE_SIZE];
};

/* Called for each line in turn; below 0 ends it. */
typedef int (*line_fn)(void *ctx, const struct line *l);

static void fill_line(struct line *l)
{
	const struct claim_comparison *c = l->c;

	l->row = NULL;
	*l->way = *l->against = *l->checked = *l->says = '\0';
	claim_test_text(l->part->part, l->test);
	if (!c)
		return;
	l->row = &c->run->s->rows[c->of->row];
	text_column(&c->run->s->columns[c->of->column], l->way);
	if (c->to)
		text_column(&c->to_run->s->columns[c->to->column], l->against);
	claim_sentence(l->part->part, c, true, l->says);
	claim_checked(c->run, c->of, c->to, l->part->part->needs, l->checked, sizeof(l->checked));
}

static int each_of_part(struct line *l, line_fn put, void *ctx)
{
	size_t i = 0;
	int r;

	do {
		l->c = l->part->n ? &l->part->list[i] : NULL;
		fill_line(l);
		r = put(ctx, l);
	} while (!r && ++i < l->part->n);
	return r;
}

static int each_line(const struct claims_book *book, line_fn put, void *ctx)
{
	struct line l;
	int r = 0;

	for (size_t i = 0; i < book->n_hosts; i++) {
		l.host = &book->hosts[i];
		for (size_t k = 0; k < n_claims; k++) {
			l.claim = &claims[k];
			l.result = &l.host->ledger.results[k];
			for (size_t p = 0; !r && p < CLAIMS_MAX_PARTS; p++) {
				l.part = &l.result->parts[p];
				if (l.part->part)
					r = each_of_part(&l, put, ctx);
			}
		}
	}
	return r;
}

/* --- CSV --- */

struct csv {
	FILE *f;
	struct csv_row row;
};

static int put_csv(void *ctx, const struct line *l)
{
	struct csv *csv = ctx;

	csv_row_begin(&csv->row);
#define TEXT(field, from) csv_row_text(&csv->row, from);
#define COUNT(field, from) csv_row_count(&csv->row, from);
#define NUMBER(field, from) csv_row_number(&csv->row, from);
#include "results/claims_columns.def"
#undef TEXT
#undef COUNT
#undef NUMBER
	return csv_row_put(&csv->row, csv->f);
}

int claims_print_csv(FILE *f, const struct claims_book *book)
{
	static const char *const names[] = {
#define TEXT(field, from) #field,
#define COUNT TEXT
#define NUMBER TEXT
#include "results/claims_columns.def"
#undef TEXT
#undef COUNT
#undef NUMBER
	};
	struct csv csv = { .f = f };
	int r;

	csv_row_begin(&csv.row);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		csv_row_text(&csv.row, names[i]);
	r = csv_row_put(&csv.row, f);
	if (!r)
		r = each_line(book, put_csv, &csv);
	csv_row_free(&csv.row);
	return r;
}

/* --- JSON --- */

static int put_json(void *ctx, const struct line *l)
{
	json_t *o = json_object();

#define TEXT(field, from) json_object_set_new(o, #field, json_of_text(from));
#define COUNT(field, from) json_object_set_new(o, #field, json_integer((json_int_t)(from)));
#define NUMBER(field, from) json_object_set_new(o, #field, json_of_number(from));
#include "results/claims_columns.def"
#undef TEXT
#undef COUNT
#undef NUMBER
	return json_array_append_new(ctx, o) ? -ENOMEM : 0;
}

static json_t *figure(const struct claims_host *h, const struct figure_result *r)
{
	json_t *o = json_object();

	json_object_set_new(o, "host", json_of_text(h->name));
	json_object_set_new(o, "figure", json_of_text(r->figure->what));
	json_object_set_new(o, "published_low", json_of_number(r->figure->low));
	json_object_set_new(o, "published_high", json_of_number(r->figure->high));
	json_object_set_new(o, "unit", json_of_text(r->figure->unit));
	json_object_set_new(o, "set_up", json_of_text(r->figure->set_up));
	json_object_set_new(o, "run", json_of_text(r->run->dir));
	json_object_set_new(o, "way", json_of_text(r->way));
	json_object_set_new(o, "here", json_of_number(r->ours));
	json_object_set_new(o, "ratio", json_of_number(r->ratio));
	return o;
}

int claims_print_json(FILE *f, const struct claims_book *book)
{
	json_t *root, *lines, *list;
	int r;

	json_alloc_watch();
	root = json_object();
	lines = json_array();
	list = json_array();
	r = root && lines && list ? 0 : -ENOMEM;
	json_object_set_new(root, "claims", lines);
	json_object_set_new(root, "figures", list);
	if (!r)
		r = each_line(book, put_json, lines);
	for (size_t i = 0; !r && i < book->n_hosts; i++) {
		const struct claims_host *h = &book->hosts[i];

		for (size_t k = 0; !r && k < h->figures.n; k++)
			r = json_array_append_new(list, figure(h, &h->figures.list[k])) ? -ENOMEM
											: 0;
	}
	if (!r)
		r = json_print(f, root);
	json_decref(root);
	return r;
}
