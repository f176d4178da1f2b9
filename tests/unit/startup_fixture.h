/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A made-up run of the suite "startup", of about the shape that real ones have. */
#ifndef BENCH_TESTS_STARTUP_FIXTURE_H
#define BENCH_TESTS_STARTUP_FIXTURE_H

#include "tests/unit/results_fixture.h"

#include "base/runtime.h"

/* Microseconds of each phase; 0: not told apart, -1: the way has no such event. */
struct made_up_way {
	const char *runtime, *kernel;
	double us[PHASE_COUNT];
	double cpu_us, per_second;
	const char *lost; /* skipped as a whole */
	bool instructions_too;
};

static const struct made_up_way made_up_ways[] = {
	{ "host", "", { 0, 260, 30, -1, 110, 150, 80, 13 }, 360, 1400, NULL, true },
	{ "vfork", "", { 0, 160, 25, -1, 105, 148, 70, 9 }, 300, 1800, NULL, false },
	{ "ctr", "", { 0, 310, 950, -1, 126, 155, 236, 60 }, 1180, 410, NULL, true },
	{ "vm", "minimal", { 0, 420, 1900, 41e3, 7e3, 260, 800, 900 }, 52e3, 17, NULL, true },
	{ "vm", "distro", { 0, 430, 2600, 690e3, 92e3, 300, 900, 1500 }, 780e3, 1.2, NULL, false },
	{ "vm", "hello", { 0, 410, 1500, -1, -1, -1, 900, 700 }, 1300, 300, NULL, false },
	{ "vm:restore", "minimal", { 0, 420, 2300, -1, 450, 900, 700, 800 }, 4100, 170, NULL,
		true },
	{ "vm:huge", "minimal", { 0, 425, 2400, 37e3, 6.4e3, 250, 820, 1900 }, 47e3, 19, NULL,
		false },
	{ "kvm", "empty", { 0, 290, 480, -1, -1, -1, 210, 240 }, 600, 800, NULL, false },
	{ "bwrap", "", { 0, 330, 0, -1, 4800, 160, 700, 80 }, 5900, 150, NULL, false },
	{ "crun", "", { 0, 350, 0, -1, 9100, 170, 900, 1400 }, 8800, 80, NULL, false },
	{ "runc", "", { 0, 360, 0, -1, 39e3, 180, 2600, 4100 }, 61e3, 20, NULL, false },
	{ "qemu", "minimal", { 0, 0, 0, -1, 0, 0, 0, 0 }, 0, 0,
		"qemu-system-x86_64 is not installed", false },
};

static const struct {
	const char *runtime;
	double us;
} made_up_steps[] = { { "ctr:00-bare", 640 }, { "ctr:01-user", 760 }, { "ctr:02-mount", 1010 },
	{ "ctr:03-pid", 1090 }, { "ctr:04-net", 1830 }, { "ctr:05-ipc", 1900 },
	{ "ctr:06-uts", 1895 }, { "ctr:07-cgroupns", 1930 }, { "ctr:08-cgroup", 2160 },
	{ "ctr:09-caps", 2170 }, { "ctr:10-seccomp", 2320 } };

struct made_up_start {
	unsigned launches;
	bool steps, rates, instructions;
};

static inline void put_sample(struct samples_writer *w, const struct sample *s)
{
	struct err e = { 0 };

	if (samples_append(w, s, &e) < 0)
		fail_msg("%s", e.message);
}

static inline void put_event(
	struct samples_writer *w, struct sample s, const char *metric, enum phase p, double value)
{
	s.metric = metric;
	s.phase = phase_names[p];
	s.value = round(value);
	if (s.status == SAMPLE_OK && !(value > 0)) {
		s.status = SAMPLE_SKIPPED;
		s.reason = "this runtime does not tell the event apart: its time is in the next "
			   "phase";
	}
	put_sample(w, &s);
}

/* All rows of one launch, as runner/rows_start.c writes them. */
static inline void put_launch(struct samples_writer *w, gsl_rng *rng, struct sample s,
	const double us[PHASE_COUNT], double cpu_us, double scale)
{
	double slow = scale * gsl_ran_lognormal(rng, 0, 0.06), at[PHASE_COUNT] = { 0 };

	for (enum phase p = PHASE_PROCESS; p < PHASE_COUNT; p++) {
		double v = round(us[p] * slow * gsl_ran_lognormal(rng, 0, 0.12));

		at[p] = at[p - 1] + (us[p] > 0 ? v : 0);
		if (us[p] >= 0)
			put_event(w, s, "phase", p, us[p] > 0 ? v : 0);
	}
	for (enum phase p = PHASE_MAIN; p < PHASE_COUNT; p++) {
		if (us[p] >= 0)
			put_event(w, s, "since-request", p, us[p] > 0 ? at[p] : 0);
	}
	s.metric = "cpu";
	s.value = round(cpu_us * slow);
	put_sample(w, &s);
}

static inline void put_rates(
	struct samples_writer *w, gsl_rng *rng, struct sample s, double per_second)
{
	s.metric = "rate";
	s.unit = "1/s";
	s.params = "concurrency=8";
	s.value = 1.7 * per_second * gsl_ran_lognormal(rng, 0, 0.05);
	put_sample(w, &s);
	s.benchmark = "sustained";
	s.params = "2s";
	s.value = per_second * gsl_ran_lognormal(rng, 0, 0.03);
	put_sample(w, &s);
}

static inline void put_way(struct samples_writer *w, gsl_rng *rng, struct sample s,
	const struct made_up_way *way, struct made_up_start run)
{
	double scale = run.instructions ? 2900 : 1000; /* of a microsecond */

	s.runtime = way->runtime;
	s.kernel = way->kernel;
	s.status = way->lost ? SAMPLE_SKIPPED : SAMPLE_OK;
	s.reason = way->lost ? way->lost : "";
	if (!way->lost && !strcmp(way->runtime, "runc") && s.replicate == 1) {
		s.status = SAMPLE_FAILED;
		s.reason = "killed by SIGKILL";
	}
	put_launch(w, rng, s, way->us, way->cpu_us, scale);
	if (run.rates)
		put_rates(w, rng, s, way->per_second);
}

static inline void make_startup(const char *dir, struct made_up_start run)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	struct samples_writer *w;

	gsl_rng_set(rng, 1);
	assert_int_equal(samples_create(dir, &w, NULL), 0);
	for (unsigned k = 0; k < run.launches; k++) {
		struct sample s = plain_sample();

		s.suite = "startup";
		s.benchmark = "launch";
		s.unit = run.instructions ? "instructions" : "ns";
		s.iterations = 1;
		s.overhead_ns = 0;
		s.replicate = s.block = k;
		for (size_t i = 0; i < ARRAY_SIZE(made_up_ways); i++) {
			if (!run.instructions || made_up_ways[i].instructions_too)
				put_way(w, rng, s, &made_up_ways[i], run);
		}
		for (size_t i = 0; run.steps && i < ARRAY_SIZE(made_up_steps); i++) {
			double more = made_up_steps[i].us - 600;
			double us[PHASE_COUNT] = { 0, 250, 20 + more, -1, 110, 150, 70, 15 };

			s.runtime = made_up_steps[i].runtime;
			put_launch(w, rng, s, us, 0.8 * made_up_steps[i].us,
				run.instructions ? 2900 : 1000);
		}
	}
	samples_close(w);
	gsl_rng_free(rng);
}

#endif
