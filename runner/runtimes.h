/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All ways of running, in one table. */
#ifndef BENCH_RUNNER_RUNTIMES_H
#define BENCH_RUNNER_RUNTIMES_H

#include <stddef.h>

#include "base/runtime.h"

extern const struct runtime_ops *const runtimes[];
extern const size_t n_runtimes;

/* NULL where there is none of that name. */
const struct runtime_ops *runtime_find(const char *name);

/* Fill @e for an unknown runtime; returns -EINVAL. */
int runtime_unknown(const char *name, struct err *e);

#endif
