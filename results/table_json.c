/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/table_json.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "results/text.h"

static json_t *number(double v)
{
	return isfinite(v) ? json_real(v) : json_null();
}

/* What is not UTF-8 in an untrusted file becomes '?': jansson takes nothing else. */
static json_t *text(const char *s)
{
	size_t size = strlen(s) + 1;
	char *clean = malloc(size);
	json_t *t;

	if (!clean)
		return NULL;
	text_clean(s, true, clean, size);
	t = json_string(clean);
	free(clean);
	return t;
}

#define TEXT(field, from) json_object_set_new(o, #field, text(from));
#define COUNT(field, from) json_object_set_new(o, #field, json_integer((json_int_t)(from)));
#define NUMBER(field, from) json_object_set_new(o, #field, number(from));

static json_t *group(const struct summary *s, const struct summary_group *g)
{
	json_t *o = json_object();

#include "results/summary_columns.def"
	return o;
}

int table_print_json(FILE *f, const struct summary *s, const struct manifest *m)
{
	json_t *o = json_object(), *groups = json_array();
	int r = 0;

	json_object_set_new(o, "run", text(manifest_get(m, "run.id")));
	json_object_set_new(o, "machine", text(manifest_get(m, "machine")));
	json_object_set_new(o, "baseline", text(s->columns[0].runtime));
	if (json_object_set_new(o, "groups", groups) < 0) {
		json_decref(o);
		return -ENOMEM;
	}
	for (size_t i = 0; i < s->n_groups; i++)
		json_array_append_new(groups, group(s, &s->groups[i]));
	if (json_dumpf(o, f, JSON_INDENT(1) | JSON_REAL_PRECISION(17)) < 0 || fputc('\n', f) == EOF)
		r = -EIO;
	json_decref(o);
	return r;
}
