/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The section "Exits" of the report: a table for each way that counts them, and the plot. */
#include <string.h>

#include "results/exits_table.h"
#include "results/html.h"
#include "results/report_parts.h"

static int put_way(const struct report *r, size_t column, struct err *e)
{
	struct grid_column columns[EXITS_COLUMNS];
	char name[LABEL_SIZE];
	struct grid g;
	int ret = exits_grid(&g, columns, r->s, &r->exits, column, e);

	if (!ret && g.n_rows)
		html_print(r->f, "<h3>%s</h3>\n", text_column(&r->s->columns[column], name));
	return report_grid(r, &g, ret);
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

int report_exits(struct report *r, struct err *e)
{
	int ret;

	if (!r->exits.n)
		return 0;
	html_print(r->f,
		"<h2>Exits</h2>\n<p>An exit is a guest's CPU that stops running the guest, so that "
		"the hypervisor can do something: it is what a virtual machine costs beyond what "
		"the hardware gives for nothing. Shown are medians of the launches. %s</p>\n",
		EXITS_LEGEND);
	manifest_each(r->m, put_reason, r);
	ret = report_pictures(r, PLOT_EXITS, e);
	for (size_t col = 0; !ret && col < r->s->n_columns; col++)
		ret = put_way(r, col, e);
	return ret;
}
