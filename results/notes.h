/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why cells are empty or incomplete: numbered notes, equal ones once. */
#ifndef BENCH_RESULTS_NOTES_H
#define BENCH_RESULTS_NOTES_H

#include "results/summary.h"

struct notes {
	char **texts; /* note number i is texts[i - 1] */
	size_t n;
	unsigned *of; /* the note of each of the summary's groups; 0: none */
};

/*
 * Gather the notes of all groups with skipped or failed samples, numbered in the order of the rows.
 * -ENOMEM or 0; the caller ends it with notes_free either way.
 */
int notes_make(const struct summary *s, struct notes *notes, struct err *e);
void notes_free(struct notes *notes);

/* The note of @g, a group of @s; 0: none. */
unsigned notes_number(
	const struct notes *notes, const struct summary *s, const struct summary_group *g);

#endif
