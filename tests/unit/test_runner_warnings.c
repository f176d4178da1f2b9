/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Warnings and their remedies, from recorded and made-up hosts: tests/data/hosts. */
#include "tests/unit/check.h"

#include <string.h>

#include "base/util.h"
#include "runner/differences.h"
#include "runner/facts.h"
#include "runner/warnings.h"

#define HOSTS "tests/data/hosts/"
#define MAX_WARNINGS 8

struct expected {
	const char *what, *remedy;
};

#define GOVERNOR "cpupower frequency-set -g performance"
#define NEIGHBOUR "a neighbour may share the workload's core, SMT active is '1'"

/* All that is said of a host, in this order. */
static const struct {
	const char *host, *machine;
	struct expected warnings[MAX_WARNINGS];
} hosts[] = {
	{ "laptop", MACHINE_NATIVE,
		{ { "the frequency governor is 'powersave'", GOVERNOR },
			{ "turbo is on: no_turbo is '0'",
				"echo 1 > /sys/devices/system/cpu/intel_pstate/no_turbo" },
			{ NEIGHBOUR, "echo off > /sys/devices/system/cpu/smt/control" },
			{ "swapped out are '1151 MiB'", "swapoff -a" } } },
	{ "quiet-server", MACHINE_NATIVE, { { 0 } } },
	{ "cloud-vm", MACHINE_NATIVE,
		{ { "the load is '3.91'", "stop it, or more --launches" },
			{ "other guests of its host take this machine's CPUs, since its boot "
			  "'5.7%'",
				"a dedicated host" } } },
	{ "desktop", MACHINE_NATIVE,
		{ { "the frequency governor is 'schedutil'", GOVERNOR },
			{ "boost is '1'", "echo 0 > /sys/devices/system/cpu/cpufreq/boost" },
			{ NEIGHBOUR, "--cpus with CPUs whose siblings are idle" },
			{ "KSM's run is '1'", "echo 2 > /sys/kernel/mm/ksm/run" },
			{ "the clock source is 'hpet'", "clocksource=tsc" } } },
	{ "emulated", MACHINE_EMULATED,
		{ { "this machine is 'emulated'", "bench doctor" },
			{ "the clock source is 'acpi_pm'", "clocksource=tsc" } } },
	{ "locked-down", MACHINE_NATIVE, { { 0 } } },
	{ "no-such-host", MACHINE_NATIVE, { { 0 } } },
	/*
	 * Two CPUs and a load just above 0.5 * 2 + 0.5. A guest sees no governor, no boost and none
	 * of the threads that its host's cores have; 0.29 % of its time was stolen, below the
	 * limit.
	 */
	{ "recorded-pvm-guest", MACHINE_NATIVE,
		{ { "the load is '1.51'", "stop it, or more --launches" } } },
	/* Its TSC is QEMU's, which was told to be reliable: reading it is no system call. */
	{ "recorded-emulated-6.1", MACHINE_EMULATED,
		{ { "this machine is 'emulated'", "bench doctor" } } },
	{ "recorded-emulated-6.12", MACHINE_EMULATED,
		{ { "this machine is 'emulated'", "bench doctor" } } },
};

struct said {
	const struct expected *next;
	const char *of;
	unsigned n;
};

/* The sentence is "what; try: remedy". */
static void check_warning(void *ctx, const char *text)
{
	struct said *s = ctx;
	const char *remedy = strstr(text, "; try: ");

	if (!s->next->what || !remedy)
		fail_msg("%s: not expected: '%s'", s->of, text);
	if (!strstr(text, s->next->what) || strstr(text, s->next->what) > remedy ||
		!strstr(remedy, s->next->remedy))
		fail_msg("%s: '%s' in place of '%s' with '%s'", s->of, text, s->next->what,
			s->next->remedy);
	s->next++;
	s->n++;
}

static void every_host_has_its_warnings(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++) {
		cleanup_free char *root = format_text(HOSTS "%s", hosts[i].host);
		struct said said = { hosts[i].warnings, hosts[i].host, 0 };
		int n = warnings_of_host(root, hosts[i].machine, check_warning, &said);

		assert_int_equal(n, said.n);
		if (said.next->what)
			fail_msg("%s: nothing is said of '%s'", hosts[i].host, said.next->what);
	}
}

/* 3318 ticks went by between the two looks at the cloud's VM, 300 of them to others. */
static const struct {
	const char *before, *after;
	struct expected warnings[2];
} pairs[] = {
	{ "cloud-vm", "cloud-vm-later",
		{ { "other guests of its host took 9.0% of this machine's CPU time during the run",
			"a dedicated host" } } },
	{ "cloud-vm", "cloud-vm", { { 0 } } },       /* no time went by */
	{ "cloud-vm-later", "cloud-vm", { { 0 } } }, /* it went backwards */
	{ "emulated", "desktop", { { 0 } } },        /* nothing stolen */
	{ "recorded-emulated-6.1", "recorded-emulated-6.12", { { 0 } } },
	{ "locked-down", "cloud-vm", { { 0 } } },
	{ "cloud-vm", "no-such-host", { { 0 } } },
};

static void what_was_stolen_during_a_run(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		cleanup_free char *before = format_text(HOSTS "%s", pairs[i].before);
		cleanup_free char *after = format_text(HOSTS "%s", pairs[i].after);
		struct said said = { pairs[i].warnings, pairs[i].before, 0 };
		int n = warnings_of_run(
			warnings_ticks(before), warnings_ticks(after), check_warning, &said);

		assert_int_equal(n, said.n);
		if (said.next->what)
			fail_msg("%s, %s: nothing said", pairs[i].before, pairs[i].after);
	}
}

/* What a workload inside would tell of a host, under the names that it uses. */
struct inside {
	struct manifest *m;
	unsigned way;
};

static void put_inside(void *ctx, const char *key, const char *value)
{
	static const char *const names[][2] = {
		{ "host.kernel.release", "kernel.release" },
		{ "host.memory.transparent_huge_pages", "mem.thp" },
		{ "host.cpu.vulnerabilities.", "vuln." },
	};
	struct inside *in = ctx;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		cleanup_free char *full = NULL;
		struct err e;

		if (strncmp(key, names[i][0], strlen(names[i][0])))
			continue;
		full = format_text(
			"ways.%u.inside.%s%s", in->way, names[i][1], key + strlen(names[i][0]));
		assert_int_equal(manifest_set(in->m, full, value, &e), 0);
	}
}

/* Two ways that ran on kernels like those of the two hosts. */
static const struct {
	const char *a, *b;
	struct expected warnings[MAX_WARNINGS];
} sides[] = {
	{ "laptop", "laptop", { { 0 } } },
	{ "laptop", "quiet-server",
		{ { "host and vm ran different kernels (6.8.0-40-generic, 6.1.0-25-amd64)",
			  "--kernel host" },
			{ "different transparent huge pages (always [madvise] never, [always] "
			  "madvise never)",
				"the same transparent_hugepage=" },
			{ "different mitigations (gather_data_sampling, spectre_v2)",
				"and the same mitigations= on both kernel command lines" } } },
	/* One says nothing of the other's gather_data_sampling, mds and spectre_v2. */
	{ "quiet-server", "desktop", { { 0 } } },
	{ "cloud-vm", "emulated",
		{ { "different mitigations (meltdown)", "the same mitigations=" } } },
	{ "laptop", "locked-down", { { 0 } } },
	{ "no-such-host", "laptop", { { 0 } } },
	/* One CPU and one command line: 6.12 calls vulnerable what 6.1 called mitigated. */
	{ "recorded-emulated-6.1", "recorded-emulated-6.12",
		{ { "different kernels (6.1.0-56-cloud-amd64, 6.12.117+deb12-cloud-amd64)",
			  "--kernel host" },
			{ "different mitigations (spec_rstack_overflow)",
				"one kernel for both (--kernel host), and the same "
				"mitigations=" } } },
	/* A newer CPU that retbleed spares, but whose guests are not offered the switch of SSB. */
	{ "recorded-pvm-guest", "recorded-emulated-6.12",
		{ { "different kernels (6.18.44-custom, 6.12.117+deb12-cloud-amd64)",
			  "--kernel host" },
			{ "different transparent huge pages", "the same transparent_hugepage=" },
			{ "different mitigations (retbleed, spec_store_bypass)",
				"one kernel for both (--kernel host)" } } },
};

static void two_sides_that_are_unlike(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sides); i++) {
		cleanup_free char *a = format_text(HOSTS "%s", sides[i].a);
		cleanup_free char *b = format_text(HOSTS "%s", sides[i].b);
		struct inside in = { manifest_new(), 0 };
		struct said said = { sides[i].warnings, sides[i].b, 0 };
		int n;

		facts_host(a, put_inside, &in);
		in.way = 1;
		facts_host(b, put_inside, &in);
		n = differences_find(in.m, 0, "host", 1, "vm", check_warning, &said);
		assert_int_equal(n, said.n);
		if (said.next->what)
			fail_msg("%s, %s: nothing is said of '%s'", sides[i].a, sides[i].b,
				said.next->what);
		manifest_free(in.m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_host_has_its_warnings),
		cmocka_unit_test(what_was_stolen_during_a_run),
		cmocka_unit_test(two_sides_that_are_unlike),
	};

	return cmocka_run_group_tests_name("runner/warnings", tests, NULL, NULL);
}
