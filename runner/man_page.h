/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The man page bench(1), made from the tables. */
#ifndef BENCH_RUNNER_MAN_PAGE_H
#define BENCH_RUNNER_MAN_PAGE_H

#include <stdio.h>

void man_page(FILE *f);

/* What no table holds: prose as struct verb's details, and lists of terms (runner/man_text.c). */
struct man_entry {
	const char *term, *text;
};

extern const char man_description[];
/* Each ends with a term of NULL. */
extern const struct man_entry man_statuses[], man_environment[], man_files[], man_examples[];
/* Pages of other programs, ends with NULL. */
extern const char *const man_see_also[];

#endif
