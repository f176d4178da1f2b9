/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Made-up runs for the claims: cells with a value and a spread, on a host with facts. */
#ifndef BENCH_TESTS_CLAIMS_FIXTURE_H
#define BENCH_TESTS_CLAIMS_FIXTURE_H

#include "tests/unit/results_fixture.h"

/* What was measured in one way; launches differ by @spread of the value, half above and below. */
struct cell {
	const char *row; /* "suite/benchmark/params" */
	const char *way; /* "vm", "vm=hello" with another guest kernel than "distro" */
	const char *metric, *phase;
	double value, spread;
	const char *skipped; /* why there is no value; NULL: there is */
};

#define NS(row, way, value, spread)                                                                \
	{                                                                                          \
		row, way, "latency", "", value, spread, NULL                                       \
	}
#define EXITS(row, value, spread)                                                                  \
	{                                                                                          \
		row, "vm", "exits", "", value, spread, NULL                                        \
	}
#define SINCE(way, value)                                                                          \
	{                                                                                          \
		"startup/launch/", way, "since-request", "work", value, 0.02, NULL                 \
	}
#define BYTES(row, way, metric, value, spread)                                                     \
	{                                                                                          \
		row, way, metric, "", value, spread, NULL                                          \
	}
#define SKIPPED(row, way, metric, why)                                                             \
	{                                                                                          \
		row, way, metric, "", 0, 0, why                                                    \
	}

struct fact {
	const char *key, *value; /* NULL: the fact is left out */
};

#define MAX_CELLS 12
#define MAX_FACTS 8

static const struct fact good_host[] = {
	{ "run.id", "20260102T030405Z-made-up" },
	{ "run.state", "complete" },
	{ "run.suite", "made-up" },
	{ "run.suites", NULL },
	{ "run.utc", "2026-01-02T03:04:05Z" },
	{ "machine", "native" },
	{ "host.cpu.model", "Example CPU 9000" },
	{ "host.cpu.tsc_khz", "3000000" },
	{ "host.hypervisor", "none" },
	{ "host.kernel.release", "6.1.0-example" },
	{ "host.kernel.version", "#1 SMP" },
	{ "host.kvm.module", "kvm_intel" },
	{ "host.kvm.ept", "Y" },
	{ "ways.0.runtime", "host" },
	{ "ways.0.kernel", "" },
	{ "ways.0.inside.kernel.release", "6.1.0-example" },
	{ "ways.0.inside.kernel.version", "#1 SMP" },
	{ "ways.0.inside.vuln.meltdown", "Not affected" },
	{ "ways.0.inside.vuln.spectre_v2", "Mitigation: Retpolines" },
	{ "ways.1.runtime", "vm" },
	{ "ways.1.kernel", "distro" },
	{ "ways.1.vcpus", "2" },
	{ "ways.1.inside.kernel.release", "6.1.0-example" },
	{ "ways.1.inside.kernel.version", "#1 SMP" },
	{ "ways.1.inside.kernel.sysname", "Linux" },
	{ "ways.1.inside.vuln.meltdown", "Not affected" },
	{ "ways.1.inside.vuln.spectre_v2", "Mitigation: Retpolines" },
	{ "ways.2.runtime", "vm:huge" },
	{ "ways.2.kernel", "distro" },
	{ "ways.2.vcpus", "2" },
};

/* The host's facts, but for those among @others. */
static inline void put_facts(const char *dir, const struct fact *others)
{
	struct manifest *m = manifest_new();

	for (size_t i = 0; i < ARRAY_SIZE(good_host); i++) {
		const char *value = good_host[i].value;

		for (size_t k = 0; k < MAX_FACTS && others[k].key; k++) {
			if (!strcmp(others[k].key, good_host[i].key))
				value = others[k].value;
		}
		if (value)
			assert_int_equal(manifest_set(m, good_host[i].key, value, NULL), 0);
	}
	assert_int_equal(manifest_write(m, dir, NULL), 0);
	manifest_free(m);
}

/* From -1 to 1 over the launches, in an order that is not sorted. */
static inline double place(unsigned launch, unsigned launches)
{
	return launches > 1 ? 2.0 * ((launch * 7) % launches) / (launches - 1) - 1 : 0;
}

static inline const char *unit_of(const char *metric)
{
	if (!strncmp(metric, "exits", 5))
		return "count";
	return !strcmp(metric, "latency") || !strcmp(metric, "since-request") ? "ns" : "bytes";
}

static inline void put_cell(struct samples_writer *w, const struct cell *c, unsigned launches)
{
	char names[128], way[64], *rest = names, *kernel;
	struct sample s = plain_sample();

	snprintf(names, sizeof(names), "%s", c->row);
	snprintf(way, sizeof(way), "%s", c->way);
	kernel = strchr(way, '=');
	if (kernel)
		*kernel++ = '\0';
	s.suite = strsep(&rest, "/");
	s.benchmark = strsep(&rest, "/");
	s.params = rest;
	s.runtime = way;
	s.kernel = kernel ? kernel : !strncmp(way, "vm", 2) ? "distro" : "";
	s.metric = c->metric;
	s.phase = c->phase;
	s.unit = unit_of(c->metric);
	s.status = c->skipped ? SAMPLE_SKIPPED : SAMPLE_OK;
	s.reason = c->skipped ? c->skipped : "";
	for (unsigned i = 0; i < (c->skipped ? 1 : launches); i++) {
		struct err e = { 0 };

		s.replicate = s.block = i;
		s.value = c->value * (1 + c->spread * place(i, launches));
		if (samples_append(w, &s, &e) < 0)
			fail_msg("%s", e.message);
	}
}

/* A run in the new folder @dir. @cells end with a row of NULL, or after MAX_CELLS. */
static inline void put_run(
	const char *dir, const struct cell *cells, const struct fact *others, unsigned launches)
{
	struct samples_writer *w;

	assert_int_equal(make_dirs(dir), 0);
	assert_int_equal(samples_create(dir, &w, NULL), 0);
	for (size_t i = 0; i < MAX_CELLS && cells[i].row; i++)
		put_cell(w, &cells[i], launches);
	samples_close(w);
	put_facts(dir, others);
}

#endif
