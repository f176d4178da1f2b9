/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The scripts that put something into the user's cache: run quietly, their last word told. */
#ifndef BENCH_RUNNER_MAKE_SCRIPT_H
#define BENCH_RUNNER_MAKE_SCRIPT_H

#include <stdint.h>

#include "runner/paths.h"

/* What is to be made; all is borrowed. */
struct make_script {
	const char *script;    /* its name in the folder of the scripts */
	const char *doing;     /* "fetching" */
	const char *what;      /* "the kernel" */
	const char *otherwise; /* remedy when it fails; NULL */
	uint64_t seconds;      /* when it is taken for hung */
};

/*
 * Run "script NAME DIR", or with a @source "script NAME DIR --source TREE". 0; -ECANCELED: it was
 * interrupted; -EIO with the last line that it wrote; or another negative errno.
 */
int make_script_run(const struct make_script *m, const char *name, const char *dir,
	const char *source, const struct paths *paths, struct err *e);

#endif
