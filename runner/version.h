/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BENCH_RUNNER_VERSION_H
#define BENCH_RUNNER_VERSION_H

#define BENCH_VERSION "0.1.0"

#endif
