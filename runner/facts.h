/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the host is, for the manifest (docs/method.md, rule 14). What cannot be found out is
 * "unknown", never guessed.
 */
#ifndef BENCH_RUNNER_FACTS_H
#define BENCH_RUNNER_FACTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/runtime.h"

/*
 * Hand all facts of the host to @put, with keys like "host.cpu.model". @root is put before every
 * path of /proc and /sys: "" in use, a recorded tree in tests.
 */
void facts_host(const char *root, fact_fn put, void *ctx);

/* What changes during a run: load and steal time. @when is "before" or "after". */
void facts_weather(const char *root, const char *when, fact_fn put, void *ctx);

/* "v1", "v2", "hybrid" or "none", from @root/proc/self/mountinfo. */
const char *facts_cgroup_mode(const char *root);

/* The one line of the file @root@path; false where it cannot be read. */
bool facts_line(const char *root, const char *path, char *out, size_t size);

/* The value of the first line "@name <blanks>: value" in the file; false where there is none. */
bool facts_field(const char *root, const char *path, const char *name, char *out, size_t size);

#endif
