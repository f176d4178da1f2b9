/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "results/grid.h"
#include "results/html.h"

static bool has_text(const struct grid *g, size_t col)
{
	for (size_t row = 0; row < g->n_rows; row++) {
		const struct grid_cell *c = grid_cell(g, row, col);

		if (*c->text || c->note)
			return true;
	}
	return false;
}

/* Columns with text of the group that begins with @col; @end: where the next one begins. */
static unsigned group_columns(const struct grid *g, size_t col, size_t *end)
{
	unsigned n = 0;

	for (*end = col; *end < g->n_columns && g->columns[*end].group == g->columns[col].group;
		(*end)++)
		n += has_text(g, *end);
	return n;
}

static void put_headings(const struct grid *g, FILE *f)
{
	html_print(f, "<thead>\n<tr><th rowspan=\"2\" scope=\"col\">%s</th>", g->corner);
	for (size_t col = 0, end; col < g->n_columns; col = end) {
		unsigned n = group_columns(g, col, &end);

		if (!n)
			continue;
		fprintf(f, "<th class=\"first\" colspan=\"%u\" scope=\"colgroup\">", n);
		html_print(f, "%s</th>", g->columns[col].group);
	}
	fputs("</tr>\n<tr>", f);
	for (size_t col = 0, end; col < g->n_columns; col = end) {
		bool first = true;

		group_columns(g, col, &end);
		for (size_t i = col; i < end; i++) {
			if (!has_text(g, i))
				continue;
			fprintf(f, "<th%s scope=\"col\">", first ? " class=\"first\"" : "");
			html_print(f, "%s</th>", g->columns[i].heading);
			first = false;
		}
	}
	fputs("</tr>\n</thead>\n", f);
}

static void put_text(const struct grid_cell *c, FILE *f)
{
	html_text(f, c->text);
	if (c->note)
		fprintf(f, " <a href=\"#note-%u\">(%u)</a>", c->note, c->note);
}

/* The classes are those of the report's style. */
static const char *class_of(const struct grid_cell *c, bool first)
{
	bool bad = c->color && !strcmp(c->color, RED);

	if (bad)
		return first ? " class=\"first bad\"" : " class=\"bad\"";
	return first ? " class=\"first\"" : "";
}

static void put_row(const struct grid *g, size_t row, FILE *f)
{
	const struct grid_cell *instead = &g->instead[row];
	unsigned columns = 0;

	html_print(f, "<tr><th scope=\"row\">%s</th>", g->labels[row]);
	for (size_t col = 0, end; col < g->n_columns; col = end) {
		bool first = true;

		columns += group_columns(g, col, &end);
		for (size_t i = col; i < end && !*instead->text; i++) {
			if (!has_text(g, i))
				continue;
			fprintf(f, "<td%s>", class_of(grid_cell(g, row, i), first));
			put_text(grid_cell(g, row, i), f);
			fputs("</td>", f);
			first = false;
		}
	}
	if (*instead->text) {
		fprintf(f, "<td class=\"first %s\" colspan=\"%u\">",
			instead->color && !strcmp(instead->color, RED) ? "bad" : "none",
			columns ? columns : 1);
		put_text(instead, f);
		fputs("</td>", f);
	}
	fputs("</tr>\n", f);
}

void grid_html(const struct grid *g, FILE *f)
{
	fputs("<div class=\"wide\"><table>\n", f);
	put_headings(g, f);
	fputs("<tbody>\n", f);
	for (size_t row = 0; row < g->n_rows; row++)
		put_row(g, row, f);
	fputs("</tbody>\n</table></div>\n", f);
}
