/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bubblewrap (https://github.com/containers/bubblewrap) as a runtime to compare with. */
#ifndef BENCH_RUNNER_RT_BWRAP_H
#define BENCH_RUNNER_RT_BWRAP_H

#include <stddef.h>

#include "base/runtime.h"

extern const struct runtime_ops bwrap_runtime;

/*
 * The command line that runs @workload with the arguments @argv (argv[0] is left out: bubblewrap
 * gives its own) into @out, which has room for @max words with the NULL. Words are borrowed.
 * 0 or -E2BIG.
 */
int bwrap_argv(const char *bwrap, const char *workload, char *const *argv, char **out, size_t max,
	struct err *e);

struct ctr_tree;

/* The same for a program of the user's own, whose tree is the root. */
int bwrap_program_argv(const char *bwrap, const struct rt_program *p, const struct ctr_tree *tree,
	char **out, size_t max, struct err *e);

#endif
