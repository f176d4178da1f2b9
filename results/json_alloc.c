/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/json_alloc.h"

#include <jansson.h>
#include <stdlib.h>

static __thread bool failed;

static void *watched_malloc(size_t size)
{
	void *p = malloc(size);

	failed |= !p;
	return p;
}

/* Where it comes late nothing is lost: what jansson had before is malloc's as well. */
void json_alloc_watch(void)
{
	failed = false;
	json_set_alloc_funcs(watched_malloc, free);
}

void json_alloc_missed(void)
{
	failed = true;
}

bool json_alloc_failed(void)
{
	return failed;
}
