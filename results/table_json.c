/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/table_json.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "results/json_alloc.h"
#include "results/json_value.h"
#include "results/null.h"

#define TEXT(field, from) json_object_set_new(o, #field, json_of_text(from));
#define COUNT(field, from) json_object_set_new(o, #field, json_integer((json_int_t)(from)));
#define NUMBER(field, from) json_object_set_new(o, #field, json_of_number(from));

static json_t *group(const struct summary *s, const struct summary_group *g)
{
	json_t *o = json_object();

#include "results/summary_columns.def"
	return o;
}

/* null where the run had none. */
static json_t *null_object(const struct summary *s, const struct null_comparison *n)
{
	json_t *o, *differs;

	if (!n->way)
		return json_null();
	o = json_object();
	differs = json_array();
	json_object_set_new(o, "way", json_of_text(n->way));
	json_object_set_new(o, "comparisons", json_integer((json_int_t)n->compared));
	json_object_set_new(o, "launches", json_integer((json_int_t)n->launches));
	json_object_set_new(o, "launches_needed",
		n->needed ? json_integer((json_int_t)n->needed) : json_null());
	json_object_set_new(o, "differs", differs);
	for (size_t i = 0; i < n->n_differs; i++) {
		json_t *one = group(s, n->differs[i].group);

		json_object_set_new(one, "p", json_of_number(n->differs[i].p));
		json_array_append_new(differs, one);
	}
	return o;
}

int table_print_json(FILE *f, const struct summary *s, const struct manifest *m)
{
	struct null_comparison null;
	json_t *o, *groups;
	struct err e;
	int r = null_make(s, &null, &e);

	json_alloc_watch();
	o = json_object();
	groups = json_array();
	json_object_set_new(o, "run", json_of_text(manifest_get(m, "run.id")));
	json_object_set_new(o, "machine", json_of_text(manifest_get(m, "machine")));
	json_object_set_new(o, "null_comparison", r ? NULL : null_object(s, &null));
	json_object_set_new(o, "baseline", json_of_text(s->columns[0].runtime));
	null_free(&null);
	if (json_object_set_new(o, "groups", groups) < 0 || r < 0) {
		json_decref(o);
		return -ENOMEM;
	}
	for (size_t i = 0; i < s->n_groups + s->n_null_groups; i++)
		json_array_append_new(groups, group(s, &s->groups[i]));
	r = json_print(f, o);
	json_decref(o);
	return r;
}
