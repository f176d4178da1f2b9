/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/info.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "workloads/boundary.h"
#include "workloads/slurp.h"
#include "workloads/vdso.h"
#include "workloads/workdir.h"

#define UNKNOWN "unknown"
#define VULNERABILITIES "/sys/devices/system/cpu/vulnerabilities"

static const char *text_of(const char *path, char *buf, size_t size)
{
	return slurp(path, buf, size) < 0 ? UNKNOWN : buf;
}

static void put_files(struct report *r)
{
	static const struct {
		const char *key, *path;
	} rows[] = {
		{ "kernel.proc_version", "/proc/version" },
		{ "kernel.cmdline", "/proc/cmdline" },
		{ "clock.source",
			"/sys/devices/system/clocksource/clocksource0/current_clocksource" },
		{ "cpu.online", "/sys/devices/system/cpu/online" },
		{ "mem.thp", "/sys/kernel/mm/transparent_hugepage/enabled" },
		{ "proc.cgroup", "/proc/self/cgroup" },
	};
	char buf[REPORT_VALUE_MAX];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		report_info(r, rows[i].key, "%s", text_of(rows[i].path, buf, sizeof(buf)));
}

/* Lines "Name:<tab>value" of /proc/self/status. */
static void put_status(struct report *r)
{
	static const struct {
		const char *key, *line;
	} rows[] = {
		{ "proc.seccomp", "\nSeccomp:" },
		{ "proc.no_new_privs", "\nNoNewPrivs:" },
		{ "proc.cap_eff", "\nCapEff:" },
	};
	char buf[4096];
	const char *status = text_of("/proc/self/status", buf, sizeof(buf));

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *p = strstr(status, rows[i].line);

		p = p ? p + strlen(rows[i].line) : UNKNOWN;
		report_info(r, rows[i].key, "%.*s", (int)strcspn(p, "\n"), p);
	}
}

static void put_vulnerabilities(struct report *r)
{
	char buf[REPORT_VALUE_MAX], path[512], key[300];
	DIR *d = opendir(VULNERABILITIES);
	struct dirent *e;

	if (!d) {
		report_info(r, "vuln", UNKNOWN);
		return;
	}
	while ((e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), VULNERABILITIES "/%s", e->d_name);
		snprintf(key, sizeof(key), "vuln.%s", e->d_name);
		report_info(r, key, "%s", text_of(path, buf, sizeof(buf)));
	}
	closedir(d);
}

/* Leaf 1, ecx bit 31; the signature of leaf 0x40000000 is what hypervisors agreed on. */
static void put_hypervisor(struct report *r)
{
	uint32_t v[4];

	if (!cpuid_allowed()) {
		report_info(r, "cpu.hypervisor", UNKNOWN);
		return;
	}
	cpuid(1, v);
	const int present = v[2] >> 31;
	char signature[13] = "";

	if (present) {
		cpuid(0x40000000, v);
		memcpy(signature, &v[1], 12);
	}
	report_info(r, "cpu.hypervisor", "%d", present);
	report_info(r, "cpu.hypervisor_signature", "%s", signature);
}

static void put_kernel(struct report *r)
{
	struct utsname u;

	if (uname(&u) < 0)
		return;
	report_info(r, "kernel.sysname", "%s", u.sysname);
	report_info(r, "kernel.release", "%s", u.release);
	report_info(r, "kernel.version", "%s", u.version);
	report_info(r, "kernel.machine", "%s", u.machine);
}

static void put_process(struct report *r, const struct cpus *cpus)
{
	int slack = prctl(PR_GET_TIMERSLACK);

	report_info(r, "proc.pid", "%d", (int)getpid());
	if (slack < 0)
		report_info(r, "proc.timer_slack_ns", UNKNOWN);
	else
		report_info(r, "proc.timer_slack_ns", "%d", slack);
	if (cpus->error)
		report_info(r, "cpu.pinned", "no: %s", strerror(cpus->error));
	else
		report_info(r, "cpu.pinned", "%d", cpus->first[0]);
	report_info(r, "tmp.is_tmpfs", "%d", workdir_is_tmpfs(".") == 1);
}

/* A guest of ours asks its VMM; nobody else has anybody to ask. */
static void put_counts(struct report *r, const struct meter *m)
{
	struct counts now;

	if (!m->count)
		return;
	m->count(&now);
	report_info(r, COUNTS_INFO, "%s",
		now.n[COUNT_ALL] == COUNT_UNKNOWN ? COUNTS_INFO_NONE : COUNTS_INFO_ALL);
}

void info_report(struct report *r, const struct meter *m, const struct cpus *cpus)
{
	put_kernel(r);
	put_files(r);
	put_status(r);
	put_process(r, cpus);
	put_hypervisor(r);
	put_vulnerabilities(r);
	put_counts(r, m);
	report_info(r, "clock.vdso", "%s", vdso_answer_text(vdso_probe()));
	report_info(r, "clock.measured_by", "CLOCK_MONOTONIC_RAW");
	report_info(r, "clock.step_ns", "%" PRIu64, m->step_ns);
	report_info(r, "clock.batch_ns", "%" PRIu64, m->batch_ns);
}
