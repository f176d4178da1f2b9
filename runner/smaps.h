/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A process's memory by its mappings: /proc/PID/smaps (proc_pid_smaps(5)), or smaps_rollup. */
#ifndef BENCH_RUNNER_SMAPS_H
#define BENCH_RUNNER_SMAPS_H

#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

/* Bytes. What is shared counts in each process's PSS by the part that falls to it. */
struct smaps_part {
	uint64_t rss, pss, private;
};

struct smaps {
	struct smaps_part all, guest; /* guest: those mappings that hold a guest's RAM */
};

/*
 * Add up @text; mappings that overlap [@guest_at, @guest_at + @guest_bytes) are the guest's. Pages
 * of the pool (hugetlb), which Pss leaves out, are counted as private where they are. -EPROTO: a
 * mapping lacks Rss, Pss or Private_*, or the text is cut off; or there is no mapping at all, as
 * with a process that has ended.
 */
int smaps_parse(const char *text, uint64_t guest_at, uint64_t guest_bytes, struct smaps *out,
	struct err *e);

/* The same of process @pid. 0 or a negative errno. */
int smaps_read(
	pid_t pid, uint64_t guest_at, uint64_t guest_bytes, struct smaps *out, struct err *e);

#endif
