/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/group_cell.h"

#include <stdio.h>
#include <string.h>

void group_cell_word(const struct cell_context *c, const struct summary_group *g, const char *word,
	const char *color, struct grid_cell *cell)
{
	unsigned note = g ? notes_number(c->notes, c->s, g) : 0;

	cell->color = color;
	cell->note = c->links ? note : 0;
	if (note && !c->links)
		snprintf(cell->text, TEXT_SIZE, "%.18s%s(%u)", word, *word ? " " : "", note);
	else
		snprintf(cell->text, TEXT_SIZE, "%.31s", word);
}

void group_cell_value(const struct cell_context *c, const struct summary_group *g, double v,
	struct grid_cell *cell)
{
	char text[TEXT_SIZE];

	if (!g)
		return;
	if (g->n_samples)
		group_cell_word(
			c, g, text_value(v, c->s->rows[g->row].unit, c->utf8, text), NULL, cell);
	else if (summary_has_failures(g))
		group_cell_word(c, g, sample_status_names[g->status], RED, cell);
	else
		group_cell_word(c, g,
			g->status == SAMPLE_SKIPPED ? "n/a" : sample_status_names[g->status], DIM,
			cell);
}

void group_cell_interval(
	const struct cell_context *c, const struct summary_group *g, struct grid_cell *cell)
{
	double factor;

	if (!g || !g->n_samples)
		return;
	factor = text_scale(g->median, c->s->rows[g->row].unit).factor;
	text_interval((struct interval){ g->ci.low / factor, g->ci.high / factor }, cell->text);
}

void group_cell_instead(const struct cell_context *c, const struct summary_group *const *groups,
	size_t n, struct grid_cell *cell)
{
	const struct summary_group *lost = NULL;

	for (size_t i = 0; i < n; i++) {
		if (groups[i] && groups[i]->n_samples)
			return;
		/* Steps, which have no statistics, are not lost. */
		if (groups[i] && groups[i]->status != SAMPLE_OK &&
			(!lost || (summary_has_failures(groups[i]) && !summary_has_failures(lost))))
			lost = groups[i];
	}
	if (lost)
		group_cell_word(c, lost, sample_status_names[lost->status],
			summary_has_failures(lost) ? RED : DIM, cell);
}
