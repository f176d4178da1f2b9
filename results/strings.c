/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/strings.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

const char *strings_keep(void **pool, const char *s)
{
	void **node = tfind(s, pool, compare);
	char *copy;

	if (node)
		return *node;
	copy = strdup(s);
	if (!copy)
		return NULL;
	if (!tsearch(copy, pool, compare)) {
		free(copy);
		return NULL;
	}
	return copy;
}

void strings_free(void *pool)
{
	tdestroy(pool, free);
}
