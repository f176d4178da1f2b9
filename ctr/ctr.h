/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The runtime "ctr": the program as process 1 of namespaces of its own. docs/containers.md. */
#ifndef BENCH_CTR_CTR_H
#define BENCH_CTR_CTR_H

#include "base/runtime.h"

extern const struct runtime_ops ctr_runtime;

#endif
