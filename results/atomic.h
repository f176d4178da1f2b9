/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A file that appears whole or not at all: made in memory, written under a temporary name, then
 * renamed. In memory, so that what fails in writing is known by name: stdio forgets it.
 */
#ifndef BENCH_RESULTS_ATOMIC_H
#define BENCH_RESULTS_ATOMIC_H

#include <stdbool.h>

#include "base/err.h"
#include "base/memstream.h"

struct atomic_file {
	struct memstream text; /* write to its f; errors may be left to atomic_commit */
	char *path;            /* the final name, for messages */
	char *temporary;
	bool durable; /* to be set before the commit: after it, a power cut leaves the file */
};

/* Removes what was not committed. */
#define cleanup_atomic __attribute__((cleanup(atomic_abort)))

/* Begin DIR/NAME in a zero-initialised @a. */
int atomic_open(struct atomic_file *a, const char *dir, const char *name, struct err *e);

/* Write and put in place, replacing what had the name; a write that failed before is told here. */
int atomic_commit(struct atomic_file *a, struct err *e);

void atomic_abort(struct atomic_file *a);

#endif
