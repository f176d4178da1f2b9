/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/warnings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "results/manifest.h"
#include "runner/facts.h"

#define CPU "/sys/devices/system/cpu/"
#define STEAL_LIMIT 0.01 /* of all CPUs' time: as much as the differences that are looked for */
#define VALUE_SIZE 256
#define SWAP_LIMIT 0.01 /* of the memory; less was put there long ago and is not missed */

struct view {
	const char *root, *machine;
};

static bool governor_slows(const struct view *v, char *value)
{
	(void)v;
	return strcmp(value, "performance") != 0;
}

static bool is_zero(const struct view *v, char *value)
{
	(void)v;
	return !strcmp(value, "0");
}

static bool is_one(const struct view *v, char *value)
{
	(void)v;
	return !strcmp(value, "1");
}

/* How many numbers a list like "0,2-3" holds; 1 where it is none. */
static unsigned long count_listed(const char *list)
{
	unsigned long n = 0;

	for (const char *at = list; *at >= '0' && *at <= '9';) {
		char *end;
		unsigned long first = strtoul(at, &end, 10), last = first;

		if (*end == '-')
			last = strtoul(end + 1, &end, 10);
		n += last >= first ? last - first + 1 : 1;
		at = *end == ',' ? end + 1 : end;
	}
	return n ? n : 1;
}

/* More than half of the CPUs have something to do, and one process is not more than its share. */
static bool load_is_high(const struct view *v, char *value)
{
	char online[256] = "";

	value[strcspn(value, " ")] = '\0';
	facts_line(v->root, CPU "online", online, sizeof(online));
	return strtod(value, NULL) > 0.5 * (double)count_listed(online) + 0.5;
}

/* What the vDSO cannot read is a system call each time (clocksource vdso_clock_mode). */
static bool clock_is_slow(const struct view *v, char *value)
{
	static const char *const fast[] = { "tsc", "kvm-clock", "hyperv_clocksource_tsc_page",
		"arch_sys_counter" };

	(void)v;
	for (size_t i = 0; i < ARRAY_SIZE(fast); i++) {
		if (!strcmp(value, fast[i]))
			return false;
	}
	return true;
}

static double share_stolen(struct cpu_ticks t)
{
	return t.all ? (double)t.steal / (double)t.all : 0;
}

static bool much_is_stolen(const struct view *v, char *value)
{
	double share = share_stolen(warnings_ticks(v->root));

	sprintf(value, "%.1f%%", 100 * share);
	return share > STEAL_LIMIT;
}

static bool swap_is_used(const struct view *v, char *value)
{
	char free_text[64], total_text[64];
	double used = strtod(value, NULL);

	if (!facts_field(v->root, "/proc/meminfo", "SwapFree", free_text, sizeof(free_text)) ||
		!facts_field(v->root, "/proc/meminfo", "MemTotal", total_text, sizeof(total_text)))
		return false;
	used -= strtod(free_text, NULL);
	sprintf(value, "%.0f MiB", used / 1024); /* the file is in KiB */
	return used > SWAP_LIMIT * strtod(total_text, NULL);
}

static bool is_emulated(const struct view *v, char *value)
{
	snprintf(value, VALUE_SIZE, "%s", v->machine);
	return !strcmp(v->machine, MACHINE_EMULATED);
}

/*
 * The line of a file, or of its line @field what stands behind the colon; of no file, what @bad
 * puts there. The value stands between what is said and what helps; @bad may put a better one
 * there.
 */
static const struct {
	const char *path, *field;
	bool (*bad)(const struct view *v, char *value);
	const char *what, *remedy;
} rows[] = {
	{ NULL, NULL, is_emulated,
		"the shape of a comparison holds, absolute times do not: this machine is",
		"a host whose KVM runs Linux guests (bench doctor)" },
	{ CPU "cpu0/cpufreq/scaling_governor", NULL, governor_slows,
		"clocks change under the measurement, the frequency governor is",
		"cpupower frequency-set -g performance" },
	{ CPU "intel_pstate/no_turbo", NULL, is_zero,
		"speed depends on heat and neighbours, turbo is on: no_turbo is",
		"echo 1 > " CPU "intel_pstate/no_turbo" },
	{ CPU "cpufreq/boost", NULL, is_one, "speed depends on heat and neighbours, boost is",
		"echo 0 > " CPU "cpufreq/boost" },
	{ CPU "smt/active", NULL, is_one,
		"a neighbour may share the workload's core, SMT active is",
		"--cpus with CPUs whose siblings are idle, or echo off > " CPU "smt/control" },
	{ "/proc/loadavg", NULL, load_is_high,
		"other work is running and intervals will be wide, the load is",
		"stop it, or more --launches" },
	{ NULL, NULL, much_is_stolen,
		"other guests of its host take this machine's CPUs, since its boot",
		"a dedicated host, another hour, or more --launches" },
	{ "/proc/meminfo", "SwapTotal", swap_is_used,
		"memory is short and pages may be read back during a measurement, swapped out are",
		"end what holds memory, then swapoff -a" },
	{ "/sys/kernel/mm/ksm/run", NULL, is_one,
		"a kernel thread merges pages, and writing to one splits it again: KSM's run is",
		"echo 2 > /sys/kernel/mm/ksm/run" },
	{ "/sys/devices/system/clocksource/clocksource0/current_clocksource", NULL, clock_is_slow,
		"reading the time is slow, the clock source is",
		"boot with clocksource=tsc where the TSC is stable" },
};

static bool look(const struct view *v, size_t row, char value[VALUE_SIZE])
{
	const char *path = rows[row].path, *field = rows[row].field;

	if (!path)
		return true;
	return field ? facts_field(v->root, path, field, value, VALUE_SIZE)
		     : facts_line(v->root, path, value, VALUE_SIZE);
}

int warnings_of_host(const char *root, const char *machine, warn_fn warn, void *ctx)
{
	const struct view v = { root, machine };
	int n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char value[VALUE_SIZE], text[VALUE_SIZE + 300];

		if (!look(&v, i, value) || !rows[i].bad(&v, value))
			continue;
		snprintf(text, sizeof(text), "%s '%s'; try: %s", rows[i].what, value,
			rows[i].remedy);
		warn(ctx, text);
		n++;
	}
	return n;
}

struct cpu_ticks warnings_ticks(const char *root)
{
	char line[VALUE_SIZE];
	struct cpu_ticks t = { 0, 0 };
	char *at = line, *end;

	if (!facts_line(root, "/proc/stat", line, sizeof(line)) || strncmp(line, "cpu ", 4))
		return t;
	/* user nice system idle iowait irq softirq steal (proc(5)); guest time is in user's */
	at += 4;
	for (int i = 0; i < 8; i++, at = end) {
		t.steal = strtoull(at, &end, 10);
		if (end == at)
			return (struct cpu_ticks){ 0, 0 };
		t.all += t.steal;
	}
	return t;
}

int warnings_of_run(struct cpu_ticks before, struct cpu_ticks after, warn_fn warn, void *ctx)
{
	struct cpu_ticks run = { after.steal - before.steal, after.all - before.all };
	char text[256];

	if (!before.all || after.all <= before.all || after.steal < before.steal ||
		share_stolen(run) <= STEAL_LIMIT)
		return 0;
	snprintf(text, sizeof(text),
		"other guests of its host took %.1f%% of this machine's CPU time during the run; "
		"try: a dedicated host, another hour, or more --launches",
		100 * share_stolen(run));
	warn(ctx, text);
	return 1;
}

int warnings_of_cpus(const char *root, const char *then, warn_fn warn, void *ctx)
{
	char now[VALUE_SIZE], text[2 * VALUE_SIZE + 300];

	if (!facts_line(root, CPU "online", now, sizeof(now)) || !strcmp(now, then))
		return 0;
	snprintf(text, sizeof(text),
		"CPUs came or went during the run: '%.*s' were online when it began, '%s' at its "
		"end; "
		"try: measure again with these left alone",
		VALUE_SIZE, then, now);
	warn(ctx, text);
	return 1;
}
