/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A program from its exec to its end, with each system call as it arrives at the kernel's entry:
 * what "strace -f" does. The runtime is launched by a copy of ourselves, which is followed with all
 * that comes from it, so that nothing need be known of how the runtime starts the program.
 * (trace.h attaches to what lives already.)
 */
#ifndef BENCH_RUNNER_DEMO_WATCH_H
#define BENCH_RUNNER_DEMO_WATCH_H

#include <stdbool.h>

#include "runner/demo/side.h"

struct watch_call {
	pid_t pid;
	uint64_t nr, args[6];
	uint64_t ip; /* after the instruction that entered */
};

/*
 * side_run, with @on_call told of each entry of the program's; the process stands still meanwhile.
 * Of @out, missing, kernel, outcome (without usage and times) and output are filled; of missing
 * also where tracing is not allowed here. The program and we share one CPU.
 */
int watch_run(struct demo_run *run, const struct side_job *job,
	void (*on_call)(void *ctx, const struct watch_call *call), void *ctx,
	struct side_result *out, struct err *e);

/* Read the memory of a process that stands still. How many of the @n bytes were there. */
size_t watch_memory(pid_t pid, uint64_t at, void *out, size_t n);

/* In which file's mapping is the address @at, and at which offset of the file? false: in none. */
bool watch_file(pid_t pid, uint64_t at, char *path, size_t size, uint64_t *offset);

/* The name of a system call of x86-64; the caller frees. NULL: it has none. */
char *watch_call_name(uint64_t nr);

#endif
