/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The least that starting a program costs: clone, execve, wait, and no more. */
#ifndef BENCH_RUNNER_RT_VFORK_H
#define BENCH_RUNNER_RT_VFORK_H

#include "base/runtime.h"

extern const struct runtime_ops vfork_runtime;

#endif
