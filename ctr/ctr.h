/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The runtime "ctr": the program as process 1 of namespaces of its own. docs/containers.md. */
#ifndef BENCH_CTR_CTR_H
#define BENCH_CTR_CTR_H

#include "base/runtime.h"

extern const struct runtime_ops ctr_runtime;

/*
 * Remove the cgroups that runs of this user left where this process could make its own, and what
 * lives in them: of those alone that were killed, as their names tell. Best effort.
 */
void ctr_sweep(void);

#endif
