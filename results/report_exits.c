/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The section "Exits" of the report: a table for each way that counts them, and the plot. */
#include <string.h>

#include "results/exits.h"
#include "results/html.h"
#include "results/report_parts.h"

#define FIRST_KIND (COUNT_USER + 1)

/* Kinds that some benchmark of the way has enough of. */
static void find_kinds(
	const struct report *r, const struct exits *x, size_t column, bool shown[COUNT_COUNT])
{
	for (unsigned k = 0; k < COUNT_COUNT; k++) {
		shown[k] = false;
		for (size_t i = 0; i < x->n && k >= FIRST_KIND; i++) {
			const struct summary_group *g =
				exits_group(r->s, &x->benches[i], (enum exit_count)k, column);

			shown[k] |= g && exits_shows(g->median);
		}
	}
}

static void put_count(const struct report *r, const struct summary_group *g, const char *open)
{
	char text[TEXT_SIZE] = "";

	fputs(open, r->f);
	html_text(r->f, g ? exits_text(g->median, text) : "");
	fputs("</td>", r->f);
}

static void put_bench(const struct report *r, const struct exits_bench *b, size_t column,
	const bool shown[COUNT_COUNT])
{
	const struct summary_group *all = exits_group(r->s, b, COUNT_ALL, column);
	const struct summary_group *user = exits_group(r->s, b, COUNT_USER, column);
	char text[LABEL_SIZE];

	if (!all && !user)
		return;
	html_print(r->f, "<tr><th scope=\"row\">%s</th>", text_row(&b->name, text));
	put_count(r, all, "<td class=\"first\">");
	html_print(r->f, "<td>%s</td>",
		all && exits_shows(all->median) ? text_interval(all->ci, text) : "");
	put_count(r, user, "<td>");
	for (unsigned k = FIRST_KIND, first = 1; k < COUNT_COUNT; k++) {
		const struct summary_group *g = exits_group(r->s, b, (enum exit_count)k, column);

		if (!shown[k])
			continue;
		put_count(r, g && exits_shows(g->median) ? g : NULL,
			first ? "<td class=\"first\">" : "<td>");
		first = 0;
	}
	fputs("</tr>\n", r->f);
}

static void put_way(const struct report *r, const struct exits *x, size_t column)
{
	bool shown[COUNT_COUNT];
	char name[LABEL_SIZE];
	unsigned kinds = 0;

	find_kinds(r, x, column, shown);
	for (unsigned k = 0; k < COUNT_COUNT; k++)
		kinds += shown[k];
	html_print(r->f,
		"<h3>%s</h3>\n<div class=\"wide\"><table>\n<thead>\n<tr><th rowspan=\"2\" "
		"scope=\"col\">benchmark</th><th class=\"first\" colspan=\"3\" "
		"scope=\"colgroup\">per operation, medians</th>",
		text_column(&r->s->columns[column], name));
	if (kinds)
		fprintf(r->f, "<th class=\"first\" colspan=\"%u\" scope=\"colgroup\">by kind</th>",
			kinds);
	fputs("</tr>\n<tr><th class=\"first\" scope=\"col\">exits</th><th scope=\"col\">95%</th>"
	      "<th scope=\"col\">to the VMM</th>",
		r->f);
	for (unsigned k = 0; k < COUNT_COUNT; k++) {
		if (shown[k])
			html_print(
				r->f, "<th scope=\"col\">%s</th>", exits_kind((enum exit_count)k));
	}
	fputs("</tr>\n</thead>\n<tbody>\n", r->f);
	for (size_t i = 0; i < x->n; i++)
		put_bench(r, &x->benches[i], column, shown);
	fputs("</tbody>\n</table></div>\n", r->f);
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
	if (!x->n)
		return 0;
	html_print(r->f,
		"<h2>Exits</h2>\n<p>An exit is a guest's CPU that stops running the guest, so that "
		"the hypervisor can do something: it is what a virtual machine costs beyond what "
		"the hardware gives for nothing. %s</p>\n",
		EXITS_LEGEND);
	manifest_each(r->m, put_reason, r);
	for (size_t col = 0; col < r->s->n_columns; col++) {
		if (exits_has_column(r->s, x, col))
			put_way(r, x, col);
	}
	return report_pictures(r, PLOT_EXITS, e);
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
