/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BENCH_RUNNER_VERSION_H
#define BENCH_RUNNER_VERSION_H

/* scripts/debian/changelog begins with the same version and day. */
#define BENCH_VERSION "0.1.0"
#define BENCH_RELEASED "2026-11-25"

#define BENCH_PURPOSE "container or VM, what does it really cost?"

#endif
