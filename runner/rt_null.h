/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A runtime that runs nothing: launches end at once with a made-up report, the same for the same
 * seed. It tests the harness without root, KVM or time. The environment variable BENCH_NULL makes
 * it misbehave: "crash" (killed by SIGSEGV in the middle), "hang" (until the deadline), "garbage"
 * (a report that is none), "refuse" (launch fails), "short" (ends without all benchmarks), "skip"
 * (every benchmark skipped), "fail" (every benchmark failed).
 */
#ifndef BENCH_RUNNER_RT_NULL_H
#define BENCH_RUNNER_RT_NULL_H

#include "base/runtime.h"

extern const struct runtime_ops null_runtime;

#endif
