/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The section "Exits" of the report: a table for each way that counts them, and the plot. */
#include <string.h>

#include "results/exits_table.h"
#include "results/html.h"
#include "results/report_parts.h"

static int put_way(const struct report *r, const struct exits *x, size_t column, struct err *e)
{
	struct grid_column columns[EXITS_COLUMNS];
	char name[LABEL_SIZE];
	struct grid g;
	int ret = exits_grid(&g, columns, r->s, x, column, e);

	if (!ret && g.n_rows) {
		html_print(r->f, "<h3>%s</h3>\n", text_column(&r->s->columns[column], name));
		grid_html(&g, r->f);
	}
	grid_free(&g);
	return ret;
}

/* Where KVM itself does not count, the guest said so (COUNTS_INFO). */
static void put_reason(void *ctx, const char *key, const char *value)
{
	const struct report *r = ctx;
	size_t len = strlen(key), tail = strlen("." COUNTS_INFO);

	if (len > tail && !strcmp(key + len - tail, "." COUNTS_INFO) &&
		!strcmp(value, COUNTS_INFO_NONE))
		html_print(r->f, "<p class=\"mark\">Exits were counted %s.</p>\n", value);
}

static int write_section(struct report *r, const struct exits *x, struct err *e)
{
	int ret = 0;

	if (!x->n)
		return 0;
	html_print(r->f,
		"<h2>Exits</h2>\n<p>An exit is a guest's CPU that stops running the guest, so that "
		"the hypervisor can do something: it is what a virtual machine costs beyond what "
		"the hardware gives for nothing. Shown are medians of the launches. %s</p>\n",
		EXITS_LEGEND);
	manifest_each(r->m, put_reason, r);
	for (size_t col = 0; !ret && col < r->s->n_columns; col++)
		ret = put_way(r, x, col, e);
	return ret ? ret : report_pictures(r, PLOT_EXITS, e);
}

int report_exits(struct report *r, struct err *e)
{
	struct exits x;
	int ret = exits_make(r->s, &x, e);

	if (!ret)
		ret = write_section(r, &x, e);
	exits_free(&x);
	return ret;
}
