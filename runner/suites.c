/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/suites.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "base/util.h"

const struct suite suites[] = {
	{ "syscalls", "what system calls, context switches and the boundary itself cost",
		"host,ctr,vm", SUITE_TIMED },
	{ "cpu", "plain computation: equal everywhere is the expected answer", "host,ctr,vm",
		SUITE_TIMED },
	{ "paging", "what page tables and page faults cost", "host,ctr,vm", SUITE_TIMED },
	{ "wakeup", "how long it takes to be woken, by others and by timers", "host,ctr,vm",
		SUITE_TIMED },
	{ "startup", "what it costs to start one, cut into phases",
		"vfork,host,ctr,bwrap,crun,runc,kvm,vm,qemu", SUITE_STARTS },
};
const size_t n_suites = ARRAY_SIZE(suites);

const struct suite exec_suite = { "exec", "a program of the user's own, start to exit",
	"host,ctr,vm", SUITE_TIMED };

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
