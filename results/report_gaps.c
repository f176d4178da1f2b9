/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The section "Gaps" of the report: every cell that has no value, or not all, with its reason. */
#include <string.h>

#include "results/html.h"
#include "results/report_parts.h"
#include "results/text.h"

static bool has_note(const struct report *r, size_t row, size_t column, unsigned note)
{
	const struct summary_group *g = summary_cell(r->s, row, column);

	return g && notes_number(&r->notes, r->s, g) == note;
}

/* "3 failed, 1 timeout": of the cell's rows in samples.csv. */
static void put_counts(const struct report *r, const struct summary_group *g)
{
	static const enum sample_status lost[] = { SAMPLE_FAILED, SAMPLE_TIMEOUT, SAMPLE_SKIPPED };
	const char *before = " (";

	for (size_t i = 0; i < sizeof(lost) / sizeof(lost[0]); i++) {
		if (!g->count[lost[i]])
			continue;
		fprintf(r->f, "%s%zu %s", before, g->count[lost[i]], sample_status_names[lost[i]]);
		before = ", ";
	}
	if (g->n_samples)
		fprintf(r->f, "%s%zu %s", before, g->n_samples, sample_status_names[SAMPLE_OK]);
	fputs(")", r->f);
}

static void put_cells(const struct report *r, size_t column, unsigned note)
{
	const char *before = "";
	char name[LABEL_SIZE];

	for (size_t row = 0; row < r->s->n_rows; row++) {
		if (!has_note(r, row, column, note))
			continue;
		if (!*before)
			html_print(r->f, "<li>%s: ", text_column(&r->s->columns[column], name));
		fputs(before, r->f);
		html_print(r->f, "%s", text_row(&r->s->rows[row], name));
		put_counts(r, summary_cell(r->s, row, column));
		before = ", ";
	}
	if (*before)
		fputs("</li>\n", r->f);
}

int report_gaps(struct report *r, struct err *e)
{
	(void)e;
	fputs("<h2>Gaps</h2>\n", r->f);
	if (!r->notes.n) {
		fputs("<p>None: nothing that was planned was skipped or failed.</p>\n", r->f);
		return 0;
	}
	fputs("<p>What was skipped or failed, by reason; how many rows of <code>samples.csv</code> "
	      "each.</p>\n<ol class=\"gaps\">\n",
		r->f);
	for (unsigned note = 1; note <= r->notes.n; note++) {
		fprintf(r->f, "<li id=\"note-%u\">", note);
		html_print(r->f, "%s\n<ul>\n", r->notes.texts[note - 1]);
		for (size_t col = 0; col < r->s->n_columns; col++)
			put_cells(r, col, note);
		fputs("</ul>\n</li>\n", r->f);
	}
	fputs("</ol>\n", r->f);
	return 0;
}
