/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/covered.h"

#include "base/util.h"
#include "results/density.h"
#include "results/exits.h"
#include "results/memory.h"
#include "results/startup.h"

static bool (*const own[])(const struct summary_row *) = { startup_covers, memory_covers,
	density_covers, exits_covers };

bool covered(const struct summary_row *row)
{
	for (size_t i = 0; i < ARRAY_SIZE(own); i++) {
		if (own[i](row))
			return true;
	}
	return false;
}

bool covered_shows_ratio(const struct summary_row *row)
{
	return !covered(row) || startup_shows_ratio(row);
}

bool covered_is_steps(const struct summary_row *row)
{
	return memory_is_steps(row) || density_is_steps(row);
}

bool covered_leaves_column(const struct summary *s, size_t column)
{
	if (summary_is_baseline(s, column))
		return true;
	for (size_t row = 0; row < s->n_rows; row++) {
		if (summary_cell(s, row, column) && !covered(&s->rows[row]))
			return true;
	}
	return false;
}
