/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the parts of the program lie, found from where it lies itself. */
#ifndef BENCH_RUNNER_PATHS_H
#define BENCH_RUNNER_PATHS_H

#include "base/err.h"

#define PATH_SIZE 1024

struct paths {
	char self[PATH_SIZE];     /* the running program */
	char libexec[PATH_SIZE];  /* folder of bench-vmm, workload, hello.elf */
	char workload[PATH_SIZE]; /* the static program */
	char scripts[PATH_SIZE];  /* folder of the scripts */
	char cache[PATH_SIZE];    /* $XDG_CACHE_HOME/bench or ~/.cache/bench; may not exist */
};

/*
 * Fill @out. The helper programs lie beside the program (a build tree, a copy) or in
 * ../libexec/bench as seen from it (installed); scripts/ with them or above them. $BENCH_LIBEXEC
 * and $BENCH_SCRIPTS override this. -ENOENT with a remedy when a part is missing.
 */
int paths_find(struct paths *out, struct err *e);

/*
 * Where the executable @name is, by $PATH (the system's usual folders where that is not set), as an
 * absolute path that the caller frees. NULL where it is in none of them.
 */
char *program_find(const char *name);

#endif
