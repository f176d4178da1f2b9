/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Made-up runs of the suites "memory" and "density", of about the shape that real ones have. */
#ifndef BENCH_TESTS_HELD_FIXTURE_H
#define BENCH_TESTS_HELD_FIXTURE_H

#include "tests/unit/results_fixture.h"

#define KIB 1024.0
#define MIB (1024 * KIB)

/* Sizes in KiB of an idle instance; 0: the way has none such, -1: not to be had on the host. */
struct made_up_holder {
	const char *runtime, *kernel;
	double own;                               /* PSS: of the process, or of the VMM */
	double guest, taken, offered;             /* of a VM */
	double stacks, tables, slab, percpu, kvm; /* of the host's kernel */
	double hidden;                            /* what nothing but the slope sees */
	bool cgroup;
	const char *lost;        /* skipped as a whole */
	double start_us, growth; /* density: of the first instance, and what the last takes more */
	double late_us;
};

static const struct made_up_holder made_up_holders[] = {
	{ "host", "", 96, 0, 0, 0, 16, 36, 28, 1, 0, 12, false, NULL, 620, 1.05, 62 },
	{ "ctr", "", 104, 0, 0, 0, 16, 40, 210, 96, 0, 60, true, NULL, 1900, 1.42, 64 },
	{ "vm", "minimal", 620, 21e3, 14e3, 128 * KIB, 64, 180, 190, 3, 96, 240, true, NULL, 52e3,
		1.08, 71 },
	{ "vm", "hello", 610, 1100, 0, 16 * KIB, 64, 60, 170, 3, 24, 130, true, NULL, 2600, 0.99,
		66 },
	{ "vm:huge", "minimal", 640, 26e3, 14e3, 128 * KIB, 64, 90, 190, 3, 40, 220, true, NULL,
		51e3, 1.02, 70 },
	{ "crun", "", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, false,
		"crun cannot hold an instance: it does not tell when the program is ready", 0, 0,
		0 },
};

struct made_up_hold {
	unsigned launches, instances; /* of a stair */
	bool only_host, no_meminfo, warmup, failed;
	const char *more; /* of every runtime's name, for long ones */
};

static inline void put_one(struct samples_writer *w, const struct sample *s)
{
	struct err e = { 0 };

	if (samples_append(w, s, &e) < 0)
		fail_msg("%s", e.message);
}

/* A number in KiB, or why there is none. */
static inline void put_kib(
	struct samples_writer *w, struct sample s, const char *metric, double kib, const char *why)
{
	s.metric = metric;
	s.value = round(kib * KIB);
	if (kib < 0 || why) {
		s.status = SAMPLE_SKIPPED;
		s.reason = why ? why : "not to be had";
	}
	put_one(w, &s);
}

/* The stair: MemAvailable step by step, and the slopes that come of it. */
static inline void put_stair(struct samples_writer *w, gsl_rng *rng, struct sample s,
	const struct made_up_holder *h, double touched, const struct made_up_hold *run)
{
	double kernel = h->stacks + h->tables + h->slab + h->percpu;
	double each = (h->own + h->guest + touched + kernel + h->kvm + h->hidden) * KIB *
		      gsl_ran_lognormal(rng, 0, 0.01);
	double start = 20e9 + 1e9 * gsl_rng_uniform(rng);
	const char *why = run->no_meminfo ? "/proc/meminfo has no line of the name" : NULL;
	struct sample step = s;

	step.metric = "mem-available";
	for (step.sample = 0; step.sample <= run->instances; step.sample++) {
		step.value = round((start - each * step.sample + gsl_ran_gaussian(rng, 300 * KIB)) /
				     4096) *
			     4096;
		put_one(w, &step);
	}
	s.iterations = run->instances;
	put_kib(w, s, "slope", each / KIB, NULL);
	put_kib(w, s, "slope-kernel-stack", h->stacks, why);
	put_kib(w, s, "slope-page-tables", h->tables * gsl_ran_lognormal(rng, 0, 0.02), why);
	put_kib(w, s, "slope-slab", h->slab * gsl_ran_lognormal(rng, 0, 0.04), why);
	put_kib(w, s, "slope-percpu", h->percpu, why);
	put_kib(w, s, "slope-kernel", kernel * gsl_ran_lognormal(rng, 0, 0.02), why);
	put_kib(w, s, "slope-kvm-page-tables", h->kvm, h->kvm > 0 ? why : "no SecPageTables");
}

static inline void put_cgroup(
	struct samples_writer *w, struct sample s, const struct made_up_holder *h, double touched)
{
	static const char none[] = "no cgroup of its own: the memory controller is not bound here";
	const char *why = h->cgroup ? NULL : none;
	double all = h->own + h->guest + touched, kernel = h->stacks + h->tables + h->slab;

	put_kib(w, s, "cgroup-current", all + kernel, why);
	put_kib(w, s, "cgroup-peak", (all + kernel) * 1.2 + 100, why);
	put_kib(w, s, "anon", 0.2 * all + touched, why);
	put_kib(w, s, "file", 0.1 * all, why);
	put_kib(w, s, "shmem", 0.7 * all, why);
	put_kib(w, s, "kernel", kernel + h->percpu, why);
	put_kib(w, s, "kernel-stack", h->stacks, why);
	put_kib(w, s, "page-tables", h->tables, why);
	put_kib(w, s, "slab", h->slab, why);
	put_kib(w, s, "percpu", h->percpu, why);
	put_kib(w, s, "kvm-page-tables", h->kvm, why ? why : "memory.stat has no sec_pagetables");
}

static inline void put_instances(struct samples_writer *w, gsl_rng *rng, struct sample s,
	const struct made_up_holder *h, double touched, const struct made_up_hold *run)
{
	const unsigned which[] = { 0, run->instances / 2, run->instances - 1 };

	for (size_t i = 0; i < ARRAY_SIZE(which); i++) {
		double own = h->own * gsl_ran_lognormal(rng, 0, 0.01);

		s.sample = which[i];
		put_kib(w, s, "pss", own + h->guest + touched, NULL);
		put_kib(w, s, "private", 0.9 * own + h->guest + touched, NULL);
		put_cgroup(w, s, h, touched);
		if (!h->offered)
			continue;
		put_kib(w, s, "pss-guest", h->guest + touched, NULL);
		put_kib(w, s, "pss-vmm", own, NULL);
		put_kib(w, s, "guest-touched", h->guest + touched, NULL);
	}
	s.sample = 0;
	if (!h->offered)
		return;
	put_kib(w, s, "guest-offered", h->offered, NULL);
	put_kib(w, s, "guest-taken", h->taken, h->taken ? NULL : "this kernel does not tell");
	put_kib(w, s, "guest-total", h->offered - h->taken,
		h->taken ? NULL : "this kernel does not tell");
	put_kib(w, s, "guest-used", h->guest / 4 + touched,
		h->taken ? NULL : "this kernel does not tell");
}

static inline struct sample held_sample(const struct made_up_holder *h, unsigned launch,
	const struct made_up_hold *run, char name[256])
{
	struct sample s = plain_sample();

	snprintf(name, 256, "%s%s", h->runtime, run->more ? run->more : "");
	s.runtime = name;
	s.kernel = h->kernel;
	s.replicate = s.block = launch;
	s.iterations = 1;
	s.overhead_ns = 0;
	if (h->lost) {
		s.status = SAMPLE_SKIPPED;
		s.reason = h->lost;
	} else if (run->failed && launch == 1 && !strcmp(h->runtime, "ctr")) {
		s.status = SAMPLE_FAILED;
		s.reason = "instance 7 died: killed by SIGKILL";
	} else if (run->warmup && !launch) {
		s.status = SAMPLE_WARMUP;
	}
	return s;
}

/* A launch without values has one row a metric. */
static inline void put_lost(struct samples_writer *w, struct sample s, const char *const *metrics,
	const char *const *units, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		s.metric = metrics[i];
		s.unit = units ? units[i] : "bytes";
		put_one(w, &s);
	}
}

static inline void put_memory(
	struct samples_writer *w, gsl_rng *rng, const struct made_up_hold *run)
{
	static const struct {
		const char *name;
		double kib;
	} states[] = { { "idle", 0 }, { "touched", 64 * KIB }, { "returned", 40 } };
	static const char *const metrics[] = { "mem-available", "slope", "slope-kernel", "pss",
		"private", "cgroup-current" };

	for (unsigned k = 0; k < run->launches; k++) {
		for (size_t i = 0; i < (run->only_host ? 1 : ARRAY_SIZE(made_up_holders)); i++) {
			const struct made_up_holder *h = &made_up_holders[i];
			char name[256];
			struct sample s = held_sample(h, k, run, name);

			s.suite = "memory";
			s.unit = "bytes";
			for (size_t j = 0; j < ARRAY_SIZE(states); j++) {
				s.benchmark = states[j].name;
				if (!sample_has_value(&s)) {
					put_lost(w, s, metrics, NULL, ARRAY_SIZE(metrics));
					continue;
				}
				put_stair(w, rng, s, h, states[j].kib, run);
				put_instances(w, rng, s, h, states[j].kib, run);
			}
		}
	}
}

static inline void put_series(struct samples_writer *w, gsl_rng *rng, struct sample s,
	const struct made_up_holder *h, const struct made_up_hold *run)
{
	double each =
		(h->own + h->guest + h->stacks + h->tables + h->slab + h->percpu + h->hidden) * KIB;
	double there = 22e9;

	for (s.sample = 0; s.sample < run->instances; s.sample++) {
		double part = (double)s.sample / run->instances;

		s.metric = "start";
		s.unit = "ns";
		s.value = round(1e3 * h->start_us * (1 + (h->growth - 1) * part) *
				gsl_ran_lognormal(rng, 0, 0.08) *
				(gsl_rng_uniform(rng) < 0.01 ? 8 : 1));
		put_one(w, &s);
		there -= each;
		s.metric = "late";
		for (int i = 0; s.sample && i < 3; i++) {
			s.value = round(1e3 * h->late_us * gsl_ran_lognormal(rng, 0, 0.25) *
					(gsl_rng_uniform(rng) < 0.01 ? 20 : 1));
			put_one(w, &s);
		}
		if (s.sample % (run->instances / 50 + 1) && s.sample + 1 < run->instances)
			continue;
		s.metric = "mem-available";
		s.unit = "bytes";
		s.value = round((there + gsl_ran_gaussian(rng, 400 * KIB)) / 4096) * 4096;
		put_one(w, &s);
	}
}

static inline void put_density(
	struct samples_writer *w, gsl_rng *rng, const struct made_up_hold *run)
{
	static const char *const metrics[] = { "start", "mem-available", "held", "late", "release",
		"left-behind" };
	static const char *const units[] = { "ns", "bytes", "count", "ns", "ns", "count" };

	for (unsigned k = 0; k < run->launches; k++) {
		for (size_t i = 0; i < (run->only_host ? 1 : ARRAY_SIZE(made_up_holders)); i++) {
			const struct made_up_holder *h = &made_up_holders[i];
			bool vm = h->offered > 100 * KIB;
			struct made_up_hold of = *run;
			char name[256];
			struct sample s = held_sample(h, k, run, name);

			s.suite = "density";
			s.benchmark = "hold";
			if (!sample_has_value(&s)) {
				put_lost(w, s, metrics, units, ARRAY_SIZE(metrics));
				continue;
			}
			of.instances = vm && of.instances > 20 ? of.instances / 10 : of.instances;
			put_series(w, rng, s, h, &of);
			s.unit = "count";
			s.metric = "held";
			s.value = of.instances;
			s.reason = vm && of.instances < run->instances
					   ? "MemAvailable is at the floor of 10 % (--keep-free)"
					   : "";
			put_one(w, &s);
			s.reason = "";
			s.metric = "left-behind";
			s.value = strcmp(h->kernel, "hello") ? 0 : 2;
			s.reason = s.value > 0 ? "2 cgroups" : "";
			put_one(w, &s);
			s.reason = "";
			s.metric = "release";
			s.unit = "ns";
			s.value = 1e6 * of.instances;
			s.iterations = of.instances;
			put_one(w, &s);
		}
	}
}

static inline void make_held(const char *dir, const struct made_up_hold *run,
	void (*put)(struct samples_writer *, gsl_rng *, const struct made_up_hold *))
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	struct samples_writer *w;

	gsl_rng_set(rng, 1);
	assert_int_equal(samples_create(dir, &w, NULL), 0);
	put(w, rng, run);
	samples_close(w);
	gsl_rng_free(rng);
}

#endif
