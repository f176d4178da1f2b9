/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/claims_rows.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "results/startup.h"

const char *row_name(const struct summary_row *row, char out[ROW_NAME_SIZE])
{
	snprintf(out, ROW_NAME_SIZE, "%s/%s/%s", row->suite, row->benchmark, row->params);
	return out;
}

bool row_matches(const char *patterns, const char *name)
{
	char copy[512], *rest = copy, *pattern;

	snprintf(copy, sizeof(copy), "%s", patterns);
	while ((pattern = strsep(&rest, "|"))) {
		if (!fnmatch(pattern, name, 0))
			return true;
	}
	return false;
}

bool row_is_of(const struct summary_row *row, const char *metric, const char *phase)
{
	return !strcmp(row->metric, metric) && !strcmp(row->phase, phase ? phase : "") &&
	       strcmp(row->unit, STARTUP_UNIT_INSTRUCTIONS) != 0;
}
