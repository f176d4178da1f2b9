/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/run_options.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "base/util.h"
#include "ctr/ns.h"
#include "runner/cpus.h"
#include "runner/runtimes.h"
#include "runner/suites.h"
#include "runner/ui.h"

#define DEFAULT_LAUNCHES 10
#define QUICK_LAUNCHES 3
#define MAX_LAUNCHES 100000
#define MAX_MEM_MIB (1u << 20)
#define MAX_VCPUS 256
#define MAX_TIMEOUT_S 86400
#define MAX_CONCURRENCY 256
#define DEFAULT_SUSTAIN_S 2 /* with --concurrency: long enough for what is cleaned up late */

static int set_number(const char *option, const char *value, uint64_t min, uint64_t max,
	uint64_t *out, struct err *e)
{
	int r = parse_u64(value, min, max, out);

	if (r == -EINVAL)
		return err_set(
			e, -EINVAL, "usage", "--%s: '%s' is not a whole number", option, value);
	if (r)
		return err_set(e, -EINVAL, "usage", "--%s: %s is not between %ju and %ju", option,
			value, (uintmax_t)min, (uintmax_t)max);
	return 0;
}

/* Index of @value in @names, or an error that lists them. */
static int set_choice(
	const char *option, const char *value, const char *const *names, size_t n, struct err *e)
{
	char what[32];

	for (size_t i = 0; i < n; i++) {
		if (!strcmp(value, names[i]))
			return (int)i;
	}
	snprintf(what, sizeof(what), "--%s", option);
	return ui_unknown(e, what, value, names, n);
}

static bool has_name(const struct name_list *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++) {
		if (!strcmp(l->names[i], name))
			return true;
	}
	return false;
}

static int split_names(const char *option, const char *value, struct name_list *out, struct err *e)
{
	cleanup_free char *copy = strdup(value);
	char *next = copy, *part;

	while ((part = strsep(&next, ","))) {
		if (!*part)
			return err_set(
				e, -EINVAL, "usage", "--%s: an empty name in '%s'", option, value);
		if (has_name(out, part))
			return err_set(
				e, -EINVAL, "usage", "--%s: '%s' is named twice", option, part);
		if (out->n == MAX_NAMES)
			return err_set(
				e, -EINVAL, "usage", "--%s: more than %d names", option, MAX_NAMES);
		out->names[out->n++] = strdup(part);
	}
	return 0;
}

static int set_suite(void *p, const char *v, struct err *e)
{
	struct run_options *o = p;
	int r = split_names("suite", v, &o->suites, e);

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
	int r = split_names("runtime", v, &o->runtimes, e);

	for (size_t i = 0; !r && i < o->runtimes.n; i++) {
		if (!runtime_find(o->runtimes.names[i]))
			r = runtime_unknown(o->runtimes.names[i], e);
	}
	return r;
}

static int set_kernel(void *p, const char *v, struct err *e)
{
	struct run_options *o = p;

	return split_names("kernel", v, &o->kernels, e);
}

static int set_machine(void *p, const char *v, struct err *e)
{
	static const char *const names[] = { "auto", "native", "emulated" };
	int i = set_choice("machine", v, names, ARRAY_SIZE(names), e);

	if (i >= 0)
		((struct run_options *)p)->machine = (enum machine_choice)i;
	return i < 0 ? i : 0;
}

static int set_format(void *p, const char *v, struct err *e)
{
	static const char *const names[] = { "table", "csv", "json" };
	int i = set_choice("format", v, names, ARRAY_SIZE(names), e);

	if (i >= 0)
		((struct run_options *)p)->format = (enum output_format)i;
	return i < 0 ? i : 0;
}

static int set_launches(void *p, const char *v, struct err *e)
{
	return set_number("launches", v, 1, MAX_LAUNCHES, &((struct run_options *)p)->launches, e);
}

static int set_warmup(void *p, const char *v, struct err *e)
{
	struct run_options *o = p;

	o->warmup_given = true;
	return set_number("warmup", v, 0, MAX_LAUNCHES, &o->warmup, e);
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
	return set_number("mem", v, 1, MAX_MEM_MIB, &((struct run_options *)p)->mem_mib, e);
}

static int set_vcpus(void *p, const char *v, struct err *e)
{
	return set_number("vcpus", v, 1, MAX_VCPUS, &((struct run_options *)p)->vcpus, e);
}

static int set_timeout(void *p, const char *v, struct err *e)
{
	return set_number("timeout", v, 1, MAX_TIMEOUT_S, &((struct run_options *)p)->timeout_s, e);
}

static int set_seed(void *p, const char *v, struct err *e)
{
	struct run_options *o = p;

	o->seed_given = true;
	/* The workload and GSL take 32 bits of it. */
	return set_number("seed", v, 1, UINT32_MAX, &o->seed, e);
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

/* A comma-separated list of @names as bits of their positions. */
static int set_bits(const char *option, const char *value, const char *const *names, size_t n,
	unsigned *out, struct err *e)
{
	cleanup_free char *copy = strdup(value);
	char *next = copy, *part;

	*out = 0;
	while ((part = strsep(&next, ","))) {
		int i = set_choice(option, part, names, n, e);

		if (i < 0)
			return i;
		*out |= 1u << i;
	}
	return 0;
}

const char *const start_names[START_MODES] = { "cold", "restore" };
const char *const page_names[PAGE_MODES] = { "4k", "huge" };

static int set_start(void *p, const char *v, struct err *e)
{
	return set_bits(
		"start", v, start_names, START_MODES, &((struct run_options *)p)->starts, e);
}

static int set_pages(void *p, const char *v, struct err *e)
{
	return set_bits("pages", v, page_names, PAGE_MODES, &((struct run_options *)p)->pages, e);
}

static int set_concurrency(void *p, const char *v, struct err *e)
{
	return set_number(
		"concurrency", v, 1, MAX_CONCURRENCY, &((struct run_options *)p)->concurrency, e);
}

static int set_sustain(void *p, const char *v, struct err *e)
{
	struct run_options *o = p;

	o->sustain_given = true;
	return set_number("sustain", v, 0, MAX_TIMEOUT_S, &o->sustain_s, e);
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
	int i = set_choice("ctr-cgroup", v, names, ARRAY_SIZE(names), e);

	if (i >= 0)
		((struct run_options *)p)->ctr_no_cgroup = !i;
	return i < 0 ? i : 0;
}

static int set_quick(void *p, const char *v, struct err *e)
{
	(void)v, (void)e;
	return set_flag(&((struct run_options *)p)->quick);
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

static int set_run_id(void *p, const char *v, struct err *e)
{
	(void)e;
	((struct run_options *)p)->run_id = v;
	return 0;
}

static int set_ctr_seccomp(void *p, const char *v, struct err *e)
{
	static const char *const names[] = { "off", "on" };
	int i = set_choice("ctr-seccomp", v, names, ARRAY_SIZE(names), e);

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

	o->ctr_without = v;
	for (size_t i = 0; i < NS_KINDS; i++)
		names[i] = ns_kinds[i].name;
	while ((part = strsep(&next, ","))) {
		int i = set_choice("ctr-without", part, names, NS_KINDS, e);

		if (i < 0)
			return i;
		o->ctr_namespaces &= ~ns_kinds[i].flag;
	}
	return 0;
}

const struct option_spec run_option_specs[] = {
	{ "suite", "S[,S]", "suites to run (default syscalls)", set_suite },
	{ "runtime", "R[,R]", "ways of running (default: the suite's: bench list suites)",
		set_runtime },
	{ "kernel", "K[,K]", "guest kernels: host, distro, minimal, hello, empty, a path",
		set_kernel },
	{ "machine", "M", "auto, native or emulated (default auto)", set_machine },
	{ "launches", "N", "measured launches a runtime (default 10, quick 3)", set_launches },
	{ "warmup", "N", "launches before them, kept as 'warmup' (default 1, quick 0)",
		set_warmup },
	{ "out", "DIR", "where the results go (default out/<UTC time>-<suite>)", set_out },
	{ "cpus", "LIST", "CPUs of the workload, like 2-3 (default two of the last)", set_cpus },
	{ "mem", "MIB", "guest memory; set as the container's limit too", set_mem },
	{ "vcpus", "N", "CPUs of a guest (default 1)", set_vcpus },
	{ "timeout", "SEC", "for one launch (default 120)", set_timeout },
	{ "seed", "N", "of order and bootstrap (default: from the kernel's pool)", set_seed },
	{ "filter", "GLOB", "benchmarks to run, matched with NAME and NAME/PARAMS", set_filter },
	{ "deterministic", NULL, "emulated, one CPU, clocks count instructions",
		set_deterministic },
	{ "start", "S[,S]", "of a guest: cold, restore (default cold; startup both)", set_start },
	{ "pages", "P[,P]", "that back a guest's memory: 4k, huge (default 4k)", set_pages },
	{ "concurrency", "N", "startup: also N launches at once", set_concurrency },
	{ "sustain", "SEC", "startup: also a rate over so long (default 2 with the above)",
		set_sustain },
	{ "ctr-steps", NULL, "startup: also a container put together step by step", set_ctr_steps },
	{ "ctr-cgroup", "on|off", "the container's cgroup, where the host has one (default on)",
		set_ctr_cgroup },
	{ "ctr-seccomp", "on|off", "the container's system-call filter (default on)",
		set_ctr_seccomp },
	{ "ctr-without", "NS[,NS]", "namespaces not to make: mount,uts,ipc,pid,net,user,cgroup",
		set_ctr_without },
	{ "quick", NULL, "fewer launches and shorter batches: a first look", set_quick },
	{ "dry-run", NULL, "print the plan and stop", set_dry_run },
	{ "format", "F", "of what is printed: table, csv or json (default table)", set_format },
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

static int default_names(struct name_list *l, const char *csv, struct err *e)
{
	return l->n ? 0 : split_names("default", csv, l, e);
}

/* A filter that is no pattern is taken for a benchmark's name. */
static int unknown_benchmark(const char *filter, struct err *e)
{
	const char *names[128];
	size_t n = 0;

	for (size_t i = 0; i < n_benches && n < ARRAY_SIZE(names); i++) {
		if (!n || strcmp(names[n - 1], benches[i].name))
			names[n++] = benches[i].name;
	}
	return ui_unknown(e, "benchmark", filter, names, n);
}

static int check_filter(const struct run_options *o, struct err *e)
{
	size_t matched = o->exec != NULL;

	for (size_t i = 0; i < o->suites.n; i++)
		matched += suite_count(o->suites.names[i], o->filter);
	return matched ? 0 : unknown_benchmark(o->filter, e);
}

/* The runtimes of all suites, each once. */
static int default_runtimes(struct run_options *o, struct err *e)
{
	bool given = o->runtimes.n > 0;

	for (size_t i = 0; i < o->suites.n && !given; i++) {
		cleanup_free char *copy = strdup(suite_find(o->suites.names[i])->runtimes);
		char *next = copy, *part;

		while ((part = strsep(&next, ","))) {
			int r = 0;

			if (!has_name(&o->runtimes, part) && runtime_find(part))
				r = split_names("default", part, &o->runtimes, e);
			if (r < 0)
				return r;
		}
	}
	return 0;
}

bool run_options_any_starts(const struct run_options *o)
{
	bool any = false;

	for (size_t i = 0; i < o->suites.n; i++)
		any |= suite_find(o->suites.names[i])->kind == SUITE_STARTS;
	return any;
}

/* What only makes sense together. */
static int check_together(struct run_options *o, struct err *e)
{
	if (!run_options_any_starts(o) && (o->concurrency || o->sustain_s || o->ctr_steps))
		return err_set(e, -EINVAL, "usage",
			"--concurrency, --sustain and --ctr-steps belong to the suite startup");
	if (o->deterministic && o->machine == ON_NATIVE && !o->raw)
		return err_set(e, -EINVAL, "usage",
			"--deterministic counts instructions in the emulated machine: it cannot be "
			"native");
	if (o->deterministic && o->vcpus > 1)
		return err_set(e, -EINVAL, "usage",
			"--deterministic has one CPU, so --vcpus %ju cannot be",
			(uintmax_t)o->vcpus);
	return 0;
}

static void finish_starts(struct run_options *o)
{
	bool starts = run_options_any_starts(o);

	if (!o->starts)
		o->starts = 1u << START_COLD | (starts && !o->quick ? 1u << START_RESTORE : 0);
	if (!o->pages)
		o->pages = 1u << PAGES_4K;
	if (o->concurrency > 1 && !o->sustain_given)
		o->sustain_s = DEFAULT_SUSTAIN_S;
	if (o->deterministic && !o->raw)
		o->machine = ON_EMULATED;
}

int run_options_finish(struct run_options *o, struct err *e)
{
	int r = default_names(&o->suites, o->exec ? exec_suite.name : "syscalls", e);

	if (!r)
		r = default_runtimes(o, e);
	if (!r)
		r = check_filter(o, e);
	if (!r)
		r = check_together(o, e);
	if (!r && !o->cpus_given)
		r = cpus_choose(&o->cpus, e);
	if (r)
		return r;
	finish_starts(o);
	if (!o->launches)
		o->launches = o->quick ? QUICK_LAUNCHES : DEFAULT_LAUNCHES;
	if (!o->warmup_given)
		o->warmup = o->quick ? 0 : 1;
	if (!o->timeout_s)
		o->timeout_s = 120;
	if (!o->seed_given) {
		uint32_t seed = 0;

		if (getrandom(&seed, sizeof(seed), 0) < 0)
			return err_sys(e, "getrandom", "choosing a seed");
		o->seed = seed ? seed : 1;
	}
	return 0;
}

static void free_names(struct name_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->names[i]);
	l->n = 0;
}

void run_options_free(struct run_options *o)
{
	free_names(&o->suites);
	free_names(&o->runtimes);
	free_names(&o->kernels);
}
