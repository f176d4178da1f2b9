/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/summary_csv.h"

#include <errno.h>

#include "base/util.h"
#include "results/atomic.h"
#include "results/csv_row.h"

/* A column of summary.csv: its name and how a group fills it. */
struct column {
	const char *name;
	void (*put)(struct csv_row *out, const struct summary *s, const struct summary_group *g);
};

#define TEXT(field, from)                                                                          \
	static void put_##field(                                                                   \
		struct csv_row *out, const struct summary *s, const struct summary_group *g)       \
	{                                                                                          \
		(void)s, (void)g;                                                                  \
		csv_row_text(out, from);                                                           \
	}
#define COUNT(field, from)                                                                         \
	static void put_##field(                                                                   \
		struct csv_row *out, const struct summary *s, const struct summary_group *g)       \
	{                                                                                          \
		(void)s;                                                                           \
		csv_row_count(out, from);                                                          \
	}
#define NUMBER(field, from)                                                                        \
	static void put_##field(                                                                   \
		struct csv_row *out, const struct summary *s, const struct summary_group *g)       \
	{                                                                                          \
		(void)s;                                                                           \
		csv_row_number(out, from);                                                         \
	}
#include "results/summary_columns.def"
#undef TEXT
#undef COUNT
#undef NUMBER

#define TEXT(field, from) { #field, put_##field },
#define COUNT TEXT
#define NUMBER TEXT
static const struct column columns[] = {
#include "results/summary_columns.def"
};

int summary_print_csv(FILE *f, const struct summary *s)
{
	struct csv_row row = { 0 };
	int r;

	csv_row_begin(&row);
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		csv_row_text(&row, columns[i].name);
	r = csv_row_put(&row, f);
	for (size_t i = 0; !r && i < s->n_groups + s->n_null_groups; i++) {
		csv_row_begin(&row);
		for (size_t k = 0; k < ARRAY_SIZE(columns); k++)
			columns[k].put(&row, s, &s->groups[i]);
		r = csv_row_put(&row, f);
	}
	csv_row_free(&row);
	return r;
}

int summary_write(const struct summary *s, const char *dir, struct err *e)
{
	cleanup_atomic struct atomic_file file = { 0 };
	int r = atomic_open(&file, dir, SUMMARY_FILE, e);

	if (r < 0)
		return r;
	errno = 0;
	r = summary_print_csv(file.text.f, s);
	if (r < 0)
		return errno ? err_sys(e, "write", "'%s'", file.path)
			     : err_set(e, r, "write", "'%s' could not be written", file.path);
	return atomic_commit(&file, e);
}
