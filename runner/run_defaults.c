/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What follows from the options that were given: defaults, and what cannot be together. */
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "base/util.h"
#include "runner/cpus.h"
#include "runner/meminfo.h"
#include "runner/option_values.h"
#include "runner/rt_host.h"
#include "runner/run_options.h"
#include "runner/runtimes.h"
#include "runner/suites.h"
#include "runner/ui.h"

#define DEFAULT_LAUNCHES 10
#define QUICK_LAUNCHES 3
/* Three launches against three cannot differ at 5 %, whatever they are (permute_smallest). */
#define NULL_LAUNCHES_MIN 4
#define HELD_LAUNCHES 3 /* of each way: a stair is long */
#define QUICK_HELD_LAUNCHES 1
#define DEFAULT_KEEP_FREE 10    /* percent */
#define COUNT_UNTIL_FLOOR 20000 /* with --keep-free alone it is the floor that stops */
#define DEFAULT_SUSTAIN_S 2     /* with --concurrency: long enough for what is cleaned up late */

static int default_names(struct name_list *l, const char *csv, struct err *e)
{
	return l->n ? 0 : option_names("default", csv, l, e);
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

		if (!copy)
			return err_set(e, -ENOMEM, "default", "no memory for the runtimes");
		while ((part = strsep(&next, ","))) {
			int r = 0;

			if (!names_have(&o->runtimes, part) && runtime_find(part))
				r = option_names("default", part, &o->runtimes, e);
			if (r < 0)
				return r;
		}
	}
	return 0;
}

static size_t count_kind(const struct run_options *o, enum suite_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < o->suites.n; i++)
		n += suite_find(o->suites.names[i])->kind == kind;
	return n;
}

bool run_options_any_starts(const struct run_options *o)
{
	return count_kind(o, SUITE_STARTS) > 0;
}

bool run_options_any_holds(const struct run_options *o)
{
	return count_kind(o, SUITE_HOLDS) > 0;
}

/* What only suites that hold instances know, and what this host could never hold. */
static int check_held(const struct run_options *o, struct err *e)
{
	struct meminfo m;
	int r;

	if (!run_options_any_holds(o) && (o->instances || o->count || o->keep_free_given))
		return err_set(e, -EINVAL, "usage",
			"--instances, --count and --keep-free belong to the suites memory and "
			"density");
	if (!run_options_any_holds(o) || !o->mem_mib || o->machine == ON_EMULATED)
		return 0;
	r = meminfo_read(&m, e);
	if (r < 0 || !amount_known(&m.at[MEM_TOTAL]) || o->mem_mib << 20 <= m.at[MEM_TOTAL].bytes)
		return r;
	return err_set(e, -EINVAL, "usage", "--mem %ju: this host has %ju MiB",
		(uintmax_t)o->mem_mib, (uintmax_t)m.at[MEM_TOTAL].bytes >> 20);
}

static void finish_held(struct run_options *o)
{
	bool alone = count_kind(o, SUITE_HOLDS) == o->suites.n;

	o->held_launches = o->quick ? QUICK_HELD_LAUNCHES : HELD_LAUNCHES;
	if (alone && o->launches)
		o->held_launches = o->launches;
	else if (alone)
		o->launches = o->held_launches;
	if (alone && !o->warmup_given) {
		o->warmup = 0;
		o->warmup_given = true;
	}
	if (!o->keep_free_given)
		o->keep_free = DEFAULT_KEEP_FREE;
}

void run_options_default_held(struct run_options *o, bool emulated)
{
	static const struct {
		uint64_t instances, count;
	} by_default[2][2] = {
		/* by emulated, quick */
		{ { 50, 100 }, { 10, 20 } },
		{ { 8, 10 }, { 4, 5 } },
	};

	if (!o->instances)
		o->instances = by_default[emulated][o->quick].instances;
	if (!o->count && o->keep_free_given && !emulated)
		o->count = COUNT_UNTIL_FLOOR;
	if (!o->count)
		o->count = by_default[emulated][o->quick].count;
}

bool run_options_null(const struct run_options *o)
{
	bool alone = false;

	for (size_t i = 0; i < o->suites.n; i++)
		alone |= suite_find(o->suites.names[i])->kind != SUITE_HOLDS;
	return alone && !o->no_null && !o->quick && o->launches >= NULL_LAUNCHES_MIN &&
	       names_have(&o->runtimes, host_runtime.name);
}

static bool any_guest(const struct run_options *o)
{
	bool any = false;

	for (size_t i = 0; i < o->runtimes.n; i++)
		any |= runtime_find(o->runtimes.names[i])->caps & RT_OWN_KERNEL;
	return any;
}

void run_options_program_cpus(const struct run_options *o, cpu_set_t *out)
{
	bool as_guest = o->vcpus_given || (o->exec && any_guest(o));

	cpus_first(&o->cpus, as_guest ? (unsigned)o->vcpus : CPU_SETSIZE, out);
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
	if (!r)
		r = check_held(o, e);
	if (!r && !o->cpus_given)
		r = cpus_choose(
			o->vcpus > CPUS_DEFAULT ? (unsigned)o->vcpus : CPUS_DEFAULT, &o->cpus, e);
	if (r)
		return r;
	finish_starts(o);
	finish_held(o);
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
