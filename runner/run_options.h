/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What "bench run" was asked to do. */
#ifndef BENCH_RUNNER_RUN_OPTIONS_H
#define BENCH_RUNNER_RUN_OPTIONS_H

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "results/table.h"
#include "runner/option_values.h"
#include "runner/verbs.h"

enum machine_choice { ON_AUTO, ON_NATIVE, ON_EMULATED, MACHINE_CHOICES };
enum start_mode { START_COLD, START_RESTORE, START_MODES };
enum page_mode { PAGES_4K, PAGES_HUGE, PAGE_MODES };
/* As on the command line. */
extern const char *const machine_names[MACHINE_CHOICES], *const start_names[START_MODES],
								 *const page_names[PAGE_MODES];

struct run_options {
	struct name_list suites, runtimes, kernels;
	enum machine_choice machine;
	enum table_format format;
	uint64_t launches; /* 0: by default */
	uint64_t warmup;
	bool warmup_given;
	uint64_t seed;
	bool seed_given;
	uint64_t mem_mib;   /* 0: by default */
	uint64_t vcpus;     /* of a guest */
	bool vcpus_given;   /* then as many CPUs for all ways */
	uint64_t timeout_s; /* 0: by default */
	cpu_set_t cpus;
	bool cpus_given;
	const char *cpus_text;       /* as given, for the emulated machine's inner command line */
	const char *out;             /* NULL: out/<UTC>-<suite> */
	const char *filter;          /* NULL: every benchmark */
	const struct exec_job *exec; /* of "bench exec"; NULL: the suites */
	bool quick;
	bool no_null; /* no null comparison */
	bool dry_run;
	const char
		*run_id; /* NULL: made from the time; the emulated machine's inside is given it */
	const char *resume; /* the folder of a run to be gone on with; NULL: a new one */
	bool raw; /* samples and manifest only: no table, no plots (the emulated machine's inside)
		   */
	bool deterministic;   /* the emulated machine's clocks count instructions */
	unsigned starts;      /* bits 1 << enum start_mode; 0: by default */
	unsigned pages;       /* bits 1 << enum page_mode */
	uint64_t concurrency; /* launches at once, besides those alone; 0: none */
	uint64_t sustain_s;   /* seconds of launches one after the other; 0: none */
	bool sustain_given;
	uint64_t instances; /* held in the suite memory; 0: by default */
	uint64_t count;     /* held in the suite density; 0: by default */
	uint64_t keep_free; /* percent of the host's memory */
	bool keep_free_given;
	uint64_t held_launches; /* of suites that hold instances; 0: by default */
	bool ctr_steps;
	bool ctr_no_cgroup;
	bool ctr_seccomp;
	unsigned ctr_namespaces; /* CLONE_NEW* */
	const char *ctr_without; /* as given */
};

extern const struct option_spec run_option_specs[]; /* ends with a name of NULL */

void run_options_init(struct run_options *o);

/* Fill in what was not given, and check what only makes sense together. 0 or -EINVAL. */
int run_options_finish(struct run_options *o, struct err *e);

/*
 * Is a second host to be launched, for the null comparison (docs/statistics.md)? In full runs that
 * have host and a suite whose launches stand alone, with launches enough to find a difference.
 */
bool run_options_null(const struct run_options *o);

/*
 * CPUs that a program may use where it has no kernel of its own: as many as a guest has vCPUs, and
 * the same ones. Where nobody asked for a number the suites' program has all of them: it pins
 * itself to one, and those rows that want a second say so. A program of the user's own never gets
 * more than beside it a guest would give it.
 */
void run_options_program_cpus(const struct run_options *o, cpu_set_t *out);

/* Is a suite about starting among those asked for? */
bool run_options_any_starts(const struct run_options *o);

/* And one that holds instances? */
bool run_options_any_holds(const struct run_options *o);

/*
 * How many instances to hold where nobody said: fewer in the emulated machine, where a guest takes
 * many seconds to boot. To be called when the machine is known; what was given stays.
 */
void run_options_default_held(struct run_options *o, bool emulated);

/*
 * Add finished options to @w as the words that would give them again, so that nothing is left to a
 * default that could differ elsewhere or later. Not those about where: machine, CPUs, folder. Of
 * "bench exec" those that it shares with "bench run".
 */
struct words;
void run_options_words(const struct run_options *o, struct words *w);

void run_options_free(struct run_options *o);

#endif
