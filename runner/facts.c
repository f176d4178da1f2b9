/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/facts.h"

#include <dirent.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/hash.h"
#include "base/util.h"

#define UNKNOWN "unknown"
#define CPU "/sys/devices/system/cpu/"

/* Facts that are the one line of a file; the first of the paths that is there counts. */
static const struct {
	const char *key;
	const char *paths[3];
} line_facts[] = {
	{ "host.kernel.release", { "/proc/sys/kernel/osrelease" } },
	{ "host.kernel.version", { "/proc/sys/kernel/version" } },
	{ "host.kernel.command_line", { "/proc/cmdline" } },
	{ "host.kernel.rcu_expedited", { "/sys/kernel/rcu_expedited" } },
	{ "host.cpu.online", { CPU "online" } },
	{ "host.cpu.isolated", { CPU "isolated" } },
	{ "host.cpu.nohz_full", { CPU "nohz_full" } },
	{ "host.cpu.smt_active", { CPU "smt/active" } },
	{ "host.cpu.governor", { CPU "cpu0/cpufreq/scaling_governor" } },
	{ "host.cpu.frequency_driver", { CPU "cpu0/cpufreq/scaling_driver" } },
	{ "host.cpu.no_turbo", { CPU "intel_pstate/no_turbo" } },
	{ "host.cpu.boost", { CPU "cpufreq/boost" } },
	{ "host.cpu.idle_driver", { CPU "cpuidle/current_driver" } },
	{ "host.clock.source",
		{ "/sys/devices/system/clocksource/clocksource0/current_clocksource" } },
	{ "host.memory.transparent_huge_pages", { "/sys/kernel/mm/transparent_hugepage/enabled" } },
	{ "host.memory.ksm", { "/sys/kernel/mm/ksm/run" } },
	{ "host.memory.numa_nodes", { "/sys/devices/system/node/online" } },
	{ "host.kvm.ept", { "/sys/module/kvm_intel/parameters/ept" } },
	{ "host.kvm.npt", { "/sys/module/kvm_amd/parameters/npt" } },
	{ "host.kvm.nested", { "/sys/module/kvm_intel/parameters/nested",
				     "/sys/module/kvm_amd/parameters/nested" } },
	{ "host.kvm.halt_poll_ns", { "/sys/module/kvm/parameters/halt_poll_ns" } },
	{ "host.kvm.nx_huge_pages", { "/sys/module/kvm/parameters/nx_huge_pages" } },
};

/* Facts that are the value of a "key : value" line. */
static const struct {
	const char *key, *path, *name;
} field_facts[] = {
	{ "host.cpu.vendor", "/proc/cpuinfo", "vendor_id" },
	{ "host.cpu.model", "/proc/cpuinfo", "model name" },
	{ "host.cpu.family", "/proc/cpuinfo", "cpu family" },
	{ "host.cpu.model_number", "/proc/cpuinfo", "model" },
	{ "host.cpu.stepping", "/proc/cpuinfo", "stepping" },
	{ "host.cpu.microcode", "/proc/cpuinfo", "microcode" },
	{ "host.memory.total", "/proc/meminfo", "MemTotal" },
	{ "host.memory.swap", "/proc/meminfo", "SwapTotal" },
	{ "host.process.seccomp", "/proc/self/status", "Seccomp" },
	{ "host.process.capabilities", "/proc/self/status", "CapEff" },
};

bool facts_line(const char *root, const char *path, char *out, size_t size)
{
	char full[512];

	snprintf(full, sizeof(full), "%s%s", root, path);
	return read_line(full, out, size) == 0;
}

bool facts_field(const char *root, const char *path, const char *name, char *out, size_t size)
{
	cleanup_free char *text = NULL;
	char full[512];
	char *next, *line;

	snprintf(full, sizeof(full), "%s%s", root, path);
	if (read_file(full, 1 << 22, &text, NULL))
		return false;
	for (next = text; (line = strsep(&next, "\n"));) {
		size_t len = strlen(name);

		if (strncmp(line, name, len))
			continue;
		line += len;
		line += strspn(line, " \t");
		if (*line != ':')
			continue;
		line += 1 + strspn(line + 1, " \t");
		snprintf(out, size, "%s", line);
		return true;
	}
	return false;
}

static void put_lines(const char *root, fact_fn put, void *ctx)
{
	char value[4096];

	for (size_t i = 0; i < ARRAY_SIZE(line_facts); i++) {
		bool found = false;

		for (size_t k = 0; !found && k < 3 && line_facts[i].paths[k]; k++)
			found = facts_line(root, line_facts[i].paths[k], value, sizeof(value));
		/* The kernel's words for a set of CPUs that was never made: nohz_full is not used.
		 */
		if (found && !strcmp(value, "(null)"))
			value[0] = '\0';
		put(ctx, line_facts[i].key, found ? value : UNKNOWN);
	}
	for (size_t i = 0; i < ARRAY_SIZE(field_facts); i++) {
		bool found = facts_field(
			root, field_facts[i].path, field_facts[i].name, value, sizeof(value));

		put(ctx, field_facts[i].key, found ? value : UNKNOWN);
	}
}

static void put_vulnerabilities(const char *root, fact_fn put, void *ctx)
{
	char dir[512], path[800], key[320], value[512];
	struct dirent **list;
	int n;

	snprintf(dir, sizeof(dir), "%s" CPU "vulnerabilities", root);
	n = scandir(dir, &list, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, list[i]->d_name);
		snprintf(key, sizeof(key), "host.cpu.vulnerabilities.%s", list[i]->d_name);
		if (list[i]->d_name[0] != '.')
			put(ctx, key, read_line(path, value, sizeof(value)) ? UNKNOWN : value);
		free(list[i]);
	}
	if (n < 0)
		put(ctx, "host.cpu.vulnerabilities", UNKNOWN);
	else
		free(list);
}

static void put_kvm_module(const char *root, fact_fn put, void *ctx)
{
	static const char *const modules[] = { "kvm_intel", "kvm_amd", "kvm_pvm" };
	const char *found = "none";
	char path[512];

	for (size_t i = 0; i < ARRAY_SIZE(modules); i++) {
		snprintf(path, sizeof(path), "%s/sys/module/%s", root, modules[i]);
		if (!access(path, F_OK))
			found = modules[i];
	}
	put(ctx, "host.kvm.module", found);
}

static void put_config_hash(const char *root, fact_fn put, void *ctx)
{
	struct utsname u;
	char path[600], hex[SHA256_HEX_SIZE];

	uname(&u);
	snprintf(path, sizeof(path), "%s/boot/config-%s", root, u.release);
	if (sha256_path(path, hex)) {
		snprintf(path, sizeof(path), "%s/proc/config.gz", root);
		if (sha256_path(path, hex))
			snprintf(hex, sizeof(hex), UNKNOWN);
	}
	put(ctx, "host.kernel.config_sha256", hex);
}

const char *facts_cgroup_mode(const char *root)
{
	cleanup_free char *text = NULL;
	char full[512];
	bool v1, v2;

	snprintf(full, sizeof(full), "%s/proc/self/mountinfo", root);
	if (read_file(full, 1 << 22, &text, NULL))
		return UNKNOWN;
	v1 = strstr(text, " - cgroup ");
	v2 = strstr(text, " - cgroup2 ");
	return v1 && v2 ? "hybrid" : v1 ? "v1" : v2 ? "v2" : "none";
}

void facts_host(const char *root, fact_fn put, void *ctx)
{
	put_lines(root, put, ctx);
	put_vulnerabilities(root, put, ctx);
	put_kvm_module(root, put, ctx);
	put_config_hash(root, put, ctx);
	put(ctx, "host.cgroup", facts_cgroup_mode(root));
}

void facts_weather(const char *root, const char *when, fact_fn put, void *ctx)
{
	char key[64], value[4096];
	char *field = value;

	snprintf(key, sizeof(key), "host.load.%s", when);
	put(ctx, key, facts_line(root, "/proc/loadavg", value, sizeof(value)) ? value : UNKNOWN);
	snprintf(key, sizeof(key), "host.steal_ticks.%s", when);
	if (!facts_line(root, "/proc/stat", value, sizeof(value))) {
		put(ctx, key, UNKNOWN);
		return;
	}
	/* "cpu  user nice system idle iowait irq softirq steal ..." (proc(5)) */
	for (int i = 0; field && i < 8; i++) {
		field = strchr(field, ' ');
		field = field ? field + strspn(field, " ") : NULL;
	}
	if (field)
		field[strcspn(field, " ")] = '\0';
	put(ctx, key, field ? field : UNKNOWN);
}
