/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/suites.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "base/util.h"
#include "runner/held_density.h"
#include "runner/held_memory.h"

#define ALL "host,ctr,vm"

const struct suite suites[] = {
	{ .name = "syscalls",
		.summary = "what system calls, context switches and the boundary itself cost",
		.runtimes = ALL,
		.kind = SUITE_TIMED },
	{ .name = "cpu",
		.summary = "plain computation: equal everywhere is the expected answer",
		.runtimes = ALL,
		.kind = SUITE_TIMED },
	{ .name = "paging",
		.summary = "what page tables and page faults cost",
		.runtimes = ALL,
		.kind = SUITE_TIMED },
	{ .name = "wakeup",
		.summary = "how long it takes to be woken, by others and by timers",
		.runtimes = ALL,
		.kind = SUITE_TIMED },
	{ .name = "exits",
		.summary = "what makes a guest leave, in time and in exits",
		.runtimes = ALL,
		.kind = SUITE_TIMED },
	{ .name = "startup",
		.summary = "what it costs to start one, cut into phases",
		.runtimes = "vfork,host,ctr,bwrap,crun,runc,kvm,vm,qemu",
		.kind = SUITE_STARTS },
	{ .name = "memory",
		.summary = "what one takes of the host's memory, idle and in use",
		.runtimes = ALL,
		.kind = SUITE_HOLDS,
		.hold = held_memory,
		.metric = "slope",
		.unit = "bytes" },
	{ .name = "density",
		.summary = "many at once: how fast they start, what each takes, who wakes up late",
		.runtimes = ALL,
		.kind = SUITE_HOLDS,
		.hold = held_density,
		.metric = "held",
		.unit = "count" },
};
const size_t n_suites = ARRAY_SIZE(suites);

const struct suite exec_suite = { .name = "exec",
	.summary = "a program of the user's own, start to exit",
	.runtimes = ALL,
	.kind = SUITE_TIMED };

const struct bench benches[] = {
#define BENCHMARK(suite, name, params, summary, ...) { suite, name, params, summary },
#include "workloads/benchmarks.def"
#undef BENCHMARK
};
const size_t n_benches = ARRAY_SIZE(benches);

const struct suite *suite_find(const char *name)
{
	for (size_t i = 0; i < n_suites; i++) {
		if (!strcmp(suites[i].name, name))
			return &suites[i];
	}
	return strcmp(exec_suite.name, name) ? NULL : &exec_suite;
}

bool bench_matches(const struct bench *b, const char *glob)
{
	char full[128];

	if (!glob || !fnmatch(glob, b->name, 0))
		return true;
	snprintf(full, sizeof(full), "%s/%s", b->name, b->params);
	return !fnmatch(glob, full, 0);
}

size_t suite_count(const char *suite, const char *glob)
{
	size_t n = 0;

	for (size_t i = 0; i < n_benches; i++)
		n += !strcmp(benches[i].suite, suite) && bench_matches(&benches[i], glob);
	return n;
}
