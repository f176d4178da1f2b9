/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two root file systems of scripts/userland, in the user's cache. */
#ifndef BENCH_RUNNER_DEMO_USERLAND_H
#define BENCH_RUNNER_DEMO_USERLAND_H

#include "runner/paths.h"

/* "glibc", "musl"; ends with NULL. */
extern const char *const userlands[];

struct userland {
	char dir[PATH_SIZE];      /* as the script made it */
	char root[PATH_SIZE + 8]; /* the root file system in it */
};

/*
 * Find the userland @name, which is made where it is not there yet (not in the emulated machine).
 * 0, or a negative errno with what is in the way and what helps.
 */
int userland_need(const char *name, const struct paths *paths, struct userland *out, struct err *e);

#endif
