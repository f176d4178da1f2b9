/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A pool that keeps one copy of each string: a file of samples repeats the same few thousands of
 * times. */
#ifndef BENCH_RESULTS_STRINGS_H
#define BENCH_RESULTS_STRINGS_H

/*
 * The pool's own copy of @s, made on first sight; NULL when out of memory. Start with *@pool NULL.
 * Equal strings give the same pointer.
 */
const char *strings_keep(void **pool, const char *s);

/* Frees all strings of the pool. NULL is allowed. */
void strings_free(void *pool);

#endif
