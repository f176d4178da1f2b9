/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What about a host makes figures hard to compare, each with what helps (docs/method.md). Read from
 * @root/proc and @root/sys: "" in use, a recorded tree in tests. What cannot be read is no warning.
 */
#ifndef BENCH_RUNNER_WARNINGS_H
#define BENCH_RUNNER_WARNINGS_H

#include <stdbool.h>
#include <stdint.h>

typedef void (*warn_fn)(void *ctx, const char *text);

/*
 * Hand each warning to @warn as one sentence with its remedy: governor, turbo, SMT, load, steal,
 * swap, KSM, clock source, and where @machine (machine_kind()) is emulated. Returns their number.
 */
int warnings_of_host(const char *root, const char *machine, warn_fn warn, void *ctx);

/* The time of all CPUs since boot, in ticks; @all is 0 where it cannot be found out. */
struct cpu_ticks {
	uint64_t steal, all;
};

struct cpu_ticks warnings_ticks(const char *root);

/* The same for what happened between two looks at the ticks: other guests had the CPUs. */
int warnings_of_run(struct cpu_ticks before, struct cpu_ticks after, warn_fn warn, void *ctx);

/* The same where the CPUs that are online are no longer those of @then (host.cpu.online). */
int warnings_of_cpus(const char *root, const char *then, warn_fn warn, void *ctx);

#endif
