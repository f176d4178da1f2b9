/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The runtime that every other is compared with: a plain child process. */
#ifndef BENCH_RUNNER_RT_HOST_H
#define BENCH_RUNNER_RT_HOST_H

#include "base/runtime.h"

extern const struct runtime_ops host_runtime;

#endif
