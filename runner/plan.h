/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The plan of a run: which way of running is launched when. Launches come in blocks; each block
 * holds every way once per suite, in an order shuffled from the seed (docs/method.md, rule 5).
 */
#ifndef BENCH_RUNNER_PLAN_H
#define BENCH_RUNNER_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/runtime.h"
#include "runner/run_options.h"
#include "runner/suites.h"

/*
 * One way of running: a runtime, for a VM which guest kernel, and a variant: "vm:restore" starts
 * from a snapshot, "vm:huge" has its memory on huge pages, "ctr:04-net" is one of --ctr-steps,
 * "host:null" is host once more, for the null comparison.
 */
struct way {
	const struct runtime_ops *ops;
	char name[48];      /* the runtime's, with the variant: the column runtime of samples.csv */
	const char *kernel; /* name as given, "" without an own kernel */
	bool restore, huge_pages;
	const struct ctr_step *step; /* NULL: a container as the options say */
	bool null;                   /* host once more */
	bool silent;                 /* nothing in it reports */
	struct rt_config cfg;
	struct runtime *rt; /* open while the run lasts */
	bool usable;
	bool told;                 /* what it is like inside has been told */
	struct err why_not;        /* where it is not */
	struct together *together; /* processes for launches at once; NULL: not started */
};

/* How one turn of a plan is carried out. */
enum launch_kind {
	LAUNCH_ALONE,
	LAUNCH_TOGETHER,  /* plan.concurrency of them at once */
	LAUNCH_SUSTAINED, /* one after the other for plan.sustain_s seconds */
	LAUNCH_HELD, /* many, held together: what a suite of the kind SUITE_HOLDS has instead */
	LAUNCH_KINDS
};

struct launch {
	unsigned way;   /* index into plan.ways */
	unsigned suite; /* index into plan.suites */
	unsigned block;
	enum launch_kind kind;
	bool warmup;
};

struct plan {
	const struct suite *suites[MAX_NAMES];
	size_t n_suites;
	struct way ways[MAX_NAMES * MAX_NAMES];
	size_t n_ways;
	struct launch *launches;
	size_t n_launches;
	const char *filter;          /* NULL: all benchmarks */
	const struct exec_job *exec; /* the program of "bench exec"; NULL: the suites' benchmarks */
	uint64_t seed;
	unsigned concurrency, sustain_s; /* 0: no such turns */
	unsigned held_launches;          /* of each way, of suites that hold instances */
	size_t instances, count;         /* to hold, of the suites memory and density */
	unsigned keep_free;              /* percent of the host's memory */
	const char *time_unit;           /* "ns", or "instructions" where the clocks count them */
};

/*
 * Make the plan for finished options. Strings of @o are borrowed. Ways are filled with ops and
 * kernel only. 0 or -ENOMEM. The caller frees with plan_free.
 */
int plan_build(const struct run_options *o, struct plan *p, struct err *e);

void plan_free(struct plan *p);

/* For --dry-run: one line a launch, and what would be measured. */
void plan_print(FILE *f, const struct plan *p);

/* "vm:restore" or "vm/distro": how a way is called in messages and in the manifest. */
const char *way_label(const struct way *w, char *buf, size_t size);

#endif
