/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "results/grid.h"
#include "results/html.h"

#define MAX_COLUMNS 10 /* of a table: what fits the report's width, and a sheet of paper */

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

static void put_headings(const struct grid *g, size_t from, size_t to, FILE *f)
{
	html_print(f, "<thead>\n<tr><th rowspan=\"2\" scope=\"col\">%s</th>", g->corner);
	for (size_t col = from, end; col < to; col = end) {
		unsigned n = group_columns(g, col, &end);

		if (!n)
			continue;
		fprintf(f, "<th class=\"first\" colspan=\"%u\" scope=\"colgroup\">", n);
		html_print(f, "%s</th>", g->columns[col].group);
	}
	fputs("</tr>\n<tr>", f);
	for (size_t col = from, end; col < to; col = end) {
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

/* Where the page is too narrow for a table, each cell stands in a line with its headings. */
static void put_label(const struct grid_column *column, FILE *f)
{
	html_print(f, " data-l=\"%s%s%s\"", column->group, *column->heading ? ", " : "",
		column->heading);
}

static void put_text(const struct grid_cell *c, FILE *f)
{
	html_text(f, c->text);
	if (c->note)
		fprintf(f, " <a href=\"#note-%u\">(%u)</a>", c->note, c->note);
}

static bool is_bad(const struct grid_cell *c)
{
	return c->color && !strcmp(c->color, RED);
}

/* The classes are those of the report's style. */
static const char *class_of(const struct grid_cell *c, bool first)
{
	if (is_bad(c))
		return first ? " class=\"first bad\"" : " class=\"bad\"";
	return first ? " class=\"first\"" : "";
}

static void put_group(const struct grid *g, size_t row, size_t from, size_t to, FILE *f)
{
	bool first = true;

	for (size_t col = from; col < to; col++) {
		if (!has_text(g, col))
			continue;
		fprintf(f, "<td%s", class_of(grid_cell(g, row, col), first));
		put_label(&g->columns[col], f);
		fputc('>', f);
		put_text(grid_cell(g, row, col), f);
		fputs("</td>", f);
		first = false;
	}
}

static void put_row(const struct grid *g, size_t row, size_t from, size_t to, FILE *f)
{
	const struct grid_cell *instead = &g->instead[row];
	unsigned columns = 0;

	html_print(f, "<tr><th scope=\"row\">%s</th>", g->labels[row]);
	for (size_t col = from, end; col < to; col = end) {
		columns += group_columns(g, col, &end);
		if (!*instead->text)
			put_group(g, row, col, end, f);
	}
	if (*instead->text) {
		fprintf(f, "<td class=\"first %s\" colspan=\"%u\">",
			is_bad(instead) ? "bad" : "none", columns ? columns : 1);
		put_text(instead, f);
		fputs("</td>", f);
	}
	fputs("</tr>\n", f);
}

/* Where the table that begins with @from ends: whole groups, one at least. */
static size_t table_end(const struct grid *g, size_t from, unsigned *n)
{
	size_t to = from, end;

	for (*n = 0; to < g->n_columns; to = end) {
		unsigned more = group_columns(g, to, &end);

		if (*n && more && *n + more > MAX_COLUMNS)
			break;
		*n += more;
	}
	return to;
}

void grid_html(const struct grid *g, FILE *f)
{
	size_t from = 0;

	do {
		unsigned n;
		size_t to = table_end(g, from, &n);

		if (from && !n)
			break;
		fputs("<div class=\"wide\"><table>\n", f);
		put_headings(g, from, to, f);
		fputs("<tbody>\n", f);
		for (size_t row = 0; row < g->n_rows; row++)
			put_row(g, row, from, to, f);
		fputs("</tbody>\n</table></div>\n", f);
		from = to;
	} while (from < g->n_columns);
}
