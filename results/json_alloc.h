/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Did jansson want for memory? It tells nobody: a file "cannot be parsed" then, and a key "cannot
 * be set". */
#ifndef BENCH_RESULTS_JSON_ALLOC_H
#define BENCH_RESULTS_JSON_ALLOC_H

#include <stdbool.h>

/* Watch what this thread makes jansson allocate, from here on. May be called again and again. */
void json_alloc_watch(void);

/* Something that was to go in had no memory on its way there. */
void json_alloc_missed(void);

/* Has one of these allocations failed since json_alloc_watch()? */
bool json_alloc_failed(void);

#endif
