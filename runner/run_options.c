/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/run_options.h"

#include <errno.h>
#include <string.h>

#include "base/util.h"
#include "ctr/ns.h"
#include "runner/cpus.h"
#include "runner/option_values.h"
#include "runner/runtimes.h"
#include "runner/suites.h"
#include "runner/ui.h"
#include "vmm/vm_proto.h"

#define MAX_LAUNCHES 100000
#define MAX_MEM_MIB (1u << 20)
#define MAX_TIMEOUT_S 86400
#define MAX_CONCURRENCY 256
#define MAX_INSTANCES 10000
#define MAX_COUNT 100000

static int set_suite(void *p, const char *v, struct err *e)
{
	struct run_options *o = p;
	int r = option_names("suite", v, &o->suites, e);

	for (size_t i = 0; !r && i < o->suites.n; i++) {
		const char *known[MAX_NAMES];

		if (!strcmp(o->suites.names[i], exec_suite.name)) {
			err_set(e, -EINVAL, "usage", "--suite exec: it needs a program");
			return err_help(e, "bench exec -- PROGRAM [ARGS]");
		}
		if (suite_find(o->suites.names[i]))
			continue;
		for (size_t k = 0; k < n_suites; k++)
			known[k] = suites[k].name;
		r = ui_unknown(e, "suite", o->suites.names[i], known, n_suites);
	}
	return r;
}

static int set_runtime(void *p, const char *v, struct err *e)
{
	struct run_options *o = p;
	int r = option_names("runtime", v, &o->runtimes, e);

	for (size_t i = 0; !r && i < o->runtimes.n; i++) {
		if (!runtime_find(o->runtimes.names[i]))
			r = runtime_unknown(o->runtimes.names[i], e);
	}
	return r;
}

static int set_kernel(void *p, const char *v, struct err *e)
{
	struct run_options *o = p;

	return option_names("kernel", v, &o->kernels, e);
}

const char *const machine_names[MACHINE_CHOICES] = { "auto", "native", "emulated" };

static int set_machine(void *p, const char *v, struct err *e)
{
	int i = option_choice("machine", v, machine_names, MACHINE_CHOICES, e);

	if (i >= 0)
		((struct run_options *)p)->machine = (enum machine_choice)i;
	return i < 0 ? i : 0;
}

static int set_format(void *p, const char *v, struct err *e)
{
	return option_format(v, &((struct run_options *)p)->format, e);
}

static int set_launches(void *p, const char *v, struct err *e)
{
	return option_number(
		"launches", v, 1, MAX_LAUNCHES, &((struct run_options *)p)->launches, e);
}

static int set_warmup(void *p, const char *v, struct err *e)
{
	struct run_options *o = p;

	o->warmup_given = true;
	return option_number("warmup", v, 0, MAX_LAUNCHES, &o->warmup, e);
}

static int set_out(void *p, const char *v, struct err *e)
{
	if (!*v)
		return err_set(e, -EINVAL, "usage", "--out: an empty name");
	((struct run_options *)p)->out = v;
	return 0;
}

static int set_cpus(void *p, const char *v, struct err *e)
{
	struct run_options *o = p;

	o->cpus_given = true;
	o->cpus_text = v;
	return cpus_parse(v, &o->cpus, e);
}

static int set_mem(void *p, const char *v, struct err *e)
{
	return option_number("mem", v, 1, MAX_MEM_MIB, &((struct run_options *)p)->mem_mib, e);
}

static int set_vcpus(void *p, const char *v, struct err *e)
{
	struct run_options *o = p;

	o->vcpus_given = true;
	return option_number("vcpus", v, 1, VM_CPUS_MAX, &o->vcpus, e);
}

static int set_timeout(void *p, const char *v, struct err *e)
{
	return option_number(
		"timeout", v, 1, MAX_TIMEOUT_S, &((struct run_options *)p)->timeout_s, e);
}

static int set_seed(void *p, const char *v, struct err *e)
{
	struct run_options *o = p;

	o->seed_given = true;
	/* The workload and GSL take 32 bits of it. */
	return option_number("seed", v, 1, UINT32_MAX, &o->seed, e);
}

static int set_filter(void *p, const char *v, struct err *e)
{
	/* It travels on a guest's command line, which is split at blanks and knows quotes. */
	if (!*v || v[strcspn(v, " \t\n\"'\\")])
		return err_set(e, -EINVAL, "usage",
			"--filter: '%s' is empty or has blanks, quotes or backslashes", v);
	((struct run_options *)p)->filter = v;
	return 0;
}

const char *const start_names[START_MODES] = { "cold", "restore" };
const char *const page_names[PAGE_MODES] = { "4k", "huge" };

static int set_start(void *p, const char *v, struct err *e)
{
	return option_bits(
		"start", v, start_names, START_MODES, &((struct run_options *)p)->starts, e);
}

static int set_pages(void *p, const char *v, struct err *e)
{
	return option_bits(
		"pages", v, page_names, PAGE_MODES, &((struct run_options *)p)->pages, e);
}

static int set_concurrency(void *p, const char *v, struct err *e)
{
	return option_number(
		"concurrency", v, 1, MAX_CONCURRENCY, &((struct run_options *)p)->concurrency, e);
}

static int set_sustain(void *p, const char *v, struct err *e)
{
	struct run_options *o = p;

	o->sustain_given = true;
	return option_number("sustain", v, 0, MAX_TIMEOUT_S, &o->sustain_s, e);
}

static int set_instances(void *p, const char *v, struct err *e)
{
	/* Of fewer than two there is no slope. */
	return option_number(
		"instances", v, 2, MAX_INSTANCES, &((struct run_options *)p)->instances, e);
}

static int set_count(void *p, const char *v, struct err *e)
{
	return option_number("count", v, 1, MAX_COUNT, &((struct run_options *)p)->count, e);
}

static int set_keep_free(void *p, const char *v, struct err *e)
{
	struct run_options *o = p;

	o->keep_free_given = true;
	return option_number("keep-free", v, 1, 99, &o->keep_free, e);
}

static int set_flag(bool *flag)
{
	*flag = true;
	return 0;
}

static int set_deterministic(void *p, const char *v, struct err *e)
{
	(void)v, (void)e;
	return set_flag(&((struct run_options *)p)->deterministic);
}

static int set_ctr_steps(void *p, const char *v, struct err *e)
{
	(void)v, (void)e;
	return set_flag(&((struct run_options *)p)->ctr_steps);
}

static int set_ctr_cgroup(void *p, const char *v, struct err *e)
{
	static const char *const names[] = { "off", "on" };
	int i = option_choice("ctr-cgroup", v, names, ARRAY_SIZE(names), e);

	if (i >= 0)
		((struct run_options *)p)->ctr_no_cgroup = !i;
	return i < 0 ? i : 0;
}

static int set_quick(void *p, const char *v, struct err *e)
{
	(void)v, (void)e;
	return set_flag(&((struct run_options *)p)->quick);
}

static int set_no_null(void *p, const char *v, struct err *e)
{
	(void)v, (void)e;
	return set_flag(&((struct run_options *)p)->no_null);
}

static int set_dry_run(void *p, const char *v, struct err *e)
{
	(void)v, (void)e;
	return set_flag(&((struct run_options *)p)->dry_run);
}

static int set_raw(void *p, const char *v, struct err *e)
{
	(void)v, (void)e;
	return set_flag(&((struct run_options *)p)->raw);
}

static int set_resume(void *p, const char *v, struct err *e)
{
	if (!*v)
		return err_set(e, -EINVAL, "usage", "--resume: an empty name");
	((struct run_options *)p)->resume = v;
	return 0;
}

static int set_run_id(void *p, const char *v, struct err *e)
{
	(void)e;
	((struct run_options *)p)->run_id = v;
	return 0;
}

static int set_ctr_seccomp(void *p, const char *v, struct err *e)
{
	static const char *const names[] = { "off", "on" };
	int i = option_choice("ctr-seccomp", v, names, ARRAY_SIZE(names), e);

	if (i >= 0)
		((struct run_options *)p)->ctr_seccomp = i;
	return i < 0 ? i : 0;
}

static int set_ctr_without(void *p, const char *v, struct err *e)
{
	cleanup_free char *copy = strdup(v);
	const char *names[NS_KINDS];
	struct run_options *o = p;
	char *next = copy, *part;

	if (!copy)
		return err_set(e, -ENOMEM, "usage", "no memory for --ctr-without");
	o->ctr_without = v;
	for (size_t i = 0; i < NS_KINDS; i++)
		names[i] = ns_kinds[i].name;
	while ((part = strsep(&next, ","))) {
		int i = option_choice("ctr-without", part, names, NS_KINDS, e);

		if (i < 0)
			return i;
		o->ctr_namespaces &= ~ns_kinds[i].flag;
	}
	return 0;
}

const struct option_spec run_option_specs[] = {
	{ "suite", "SUITE[,SUITE]", "suites to run (default syscalls)", set_suite },
	{ "runtime", "RUNTIME[,RUNTIME]",
		"ways of running (default: the suite's: bench list suites)", set_runtime },
	{ "kernel", "KERNEL[,KERNEL]", "guest kernels, by name or by a path: bench list kernels",
		set_kernel },
	{ "machine", "MACHINE", "auto, native or emulated (default auto)", set_machine },
	{ "launches", "N", "measured launches a runtime (default 10, quick 3)", set_launches },
	{ "warmup", "N", "launches before them, kept as 'warmup' (default 1, quick 0)",
		set_warmup },
	{ "out", "DIR", "where the results go (default out/<UTC time>-<suite>)", set_out },
	{ "resume", "DIR", "go on with the run in DIR, which was stopped before its end",
		set_resume },
	{ "cpus", "LIST", "CPUs of the workload, like 2-3 (default two of the last)", set_cpus },
	{ "mem", "MIB", "guest memory; set as the container's limit too", set_mem },
	{ "vcpus", "N", "CPUs of a guest, and as many for all other ways (default 1)", set_vcpus },
	{ "timeout", "SEC", "for one launch (default 120)", set_timeout },
	{ "seed", "N", "of order and bootstrap (default: from the kernel's pool)", set_seed },
	{ "filter", "GLOB", "benchmarks to run, matched with NAME and NAME/PARAMS", set_filter },
	{ "deterministic", NULL, "emulated, one CPU, clocks count instructions",
		set_deterministic },
	{ "start", "START[,START]", "of a guest: cold, restore (default cold; startup both)",
		set_start },
	{ "pages", "PAGES[,PAGES]", "that back a guest's memory: 4k, huge (default 4k)",
		set_pages },
	{ "concurrency", "N", "startup: also N launches at once", set_concurrency },
	{ "sustain", "SEC", "startup: also a rate over so long (default 2 with the above)",
		set_sustain },
	{ "instances", "N", "memory: held at once (default 50; quick, emulated: fewer)",
		set_instances },
	{ "count", "N", "density: held at once (default 100; quick, emulated: fewer)", set_count },
	{ "keep-free", "PCT", "memory, density: of the host's memory, never used (default 10)",
		set_keep_free },
	{ "ctr-steps", NULL, "startup: also a container put together step by step", set_ctr_steps },
	{ "ctr-cgroup", "on|off", "the container's cgroup, where the host has one (default on)",
		set_ctr_cgroup },
	{ "ctr-seccomp", "on|off", "the container's system-call filter (default on)",
		set_ctr_seccomp },
	{ "ctr-without", "NS[,NS]", "namespaces not to make: mount,uts,ipc,pid,net,user,cgroup",
		set_ctr_without },
	{ "quick", NULL, "fewer launches and shorter batches: a first look", set_quick },
	{ "no-null", NULL, "leave out the null comparison, host against host", set_no_null },
	{ "dry-run", NULL, "print the plan and stop", set_dry_run },
	{ "format", "table|csv|json", "of what is printed (default table)", set_format },
	{ "raw", NULL, NULL, set_raw },
	{ "run-id", "ID", NULL, set_run_id },
	{ 0 },
};

void run_options_init(struct run_options *o)
{
	*o = (struct run_options){
		.vcpus = 1,
		.ctr_seccomp = true,
		.ctr_namespaces = ns_all(),
	};
}

void run_options_free(struct run_options *o)
{
	names_free(&o->suites);
	names_free(&o->runtimes);
	names_free(&o->kernels);
}
