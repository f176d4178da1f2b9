/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of results/ share: a folder that is removed again, and made-up runs. */
#ifndef BENCH_TESTS_RESULTS_FIXTURE_H
#define BENCH_TESTS_RESULTS_FIXTURE_H

#include "tests/unit/check.h"

#include <math.h>
#include <string.h>

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include "base/util.h"
#include "results/manifest.h"
#include "results/samples.h"
#include "results/summary.h"

#define HEADER                                                                                     \
	"schema,run_id,suite,benchmark,params,runtime,kernel,replicate,block,phase,sample,"        \
	"iterations,metric,unit,value,overhead_ns,status,reason\n"

/* A test's state is the path of its folder. */
static inline int make_folder(void **state)
{
	const char *tmp = getenv("TMPDIR");
	char *path = format_text("%s/bench-results-XXXXXX", tmp ? tmp : "/tmp");

	*state = path && mkdtemp(path) ? path : NULL;
	return *state ? 0 : -1;
}

static inline int remove_folder(void **state)
{
	int r = remove_tree(*state);

	free(*state);
	return r;
}

#define in_folder(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

static inline char *path_in(const char *dir, const char *name)
{
	char *path = format_text("%s/%s", dir, name);

	assert_non_null(path);
	return path;
}

static inline void put_file(const char *dir, const char *name, const void *text, size_t len)
{
	cleanup_free char *path = path_in(dir, name);
	cleanup_file FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
}

/* Not inline: gcc 12 then takes the address of text for what is returned. */
__attribute__((noinline, unused)) static char *get_file(
	const char *dir, const char *name, size_t *len)
{
	cleanup_free char *path = path_in(dir, name);
	char *text = NULL;

	assert_int_equal(read_file(path, 64u << 20, &text, len), 0);
	return text;
}

/* Write @text as samples.csv, read and summarise it. */
static inline struct summary *summary_of_text(const char *dir, const char *text)
{
	struct summary *s;
	struct err e = { 0 };

	put_file(dir, SAMPLES_FILE, text, strlen(text));
	if (summary_make(dir, &s, &e) < 0)
		fail_msg("%s", e.message);
	return s;
}

/* Characters of the longest line, a sequence of UTF-8 counted as one. */
static inline size_t widest_line(const char *text)
{
	size_t widest = 0, now = 0;

	for (; *text; text++) {
		now = *text == '\n' ? 0 : now + ((*text & 0xc0) != 0x80);
		widest = now > widest ? now : widest;
	}
	return widest;
}

static inline struct sample plain_sample(void)
{
	return (struct sample){
		.run_id = "run",
		.suite = "syscalls",
		.benchmark = "getppid",
		.params = "",
		.runtime = "host",
		.kernel = "",
		.phase = "",
		.iterations = 1000,
		.metric = "latency",
		.unit = "ns",
		.value = 100,
		.overhead_ns = 0.25,
		.status = SAMPLE_OK,
		.reason = "",
	};
}

/* A benchmark of the made-up run and about how long it takes on the three ways, in ns. */
struct made_up {
	const char *name, *params;
	double ns[3];
};

static const struct made_up made_up[] = {
	{ "getppid", "", { 98, 99, 101 } },
	{ "read", "1B", { 190, 205, 196 } },
	{ "read", "4KiB", { 260, 270, 264 } },
	{ "write", "1B", { 150, 165, 152 } },
	{ "pread", "4KiB", { 410, 428, 420 } },
	{ "stat", "", { 620, 690, 640 } },
	{ "fstat", "", { 210, 224, 212 } },
	{ "open-close", "", { 1250, 1380, 1290 } },
	{ "clock_gettime", "syscall", { 130, 139, 133 } },
	{ "clock_gettime", "vdso", { 24, 24, 26 } },
	{ "sched_yield", "", { 240, 247, 251 } },
	{ "getrandom", "16B", { 310, 318, 312 } },
	{ "epoll_wait", "", { 180, 191, 182 } },
	{ "signal", "", { 1100, 1140, 1130 } },
	{ "mmap-munmap", "4KiB", { 900, 910, 1010 } },
	{ "mprotect", "4KiB", { 700, 712, 930 } },
	{ "page-touch", "first", { 420, 425, 980 } },
	{ "page-touch", "second", { 1.2, 1.2, 1.3 } },
	{ "fork", "", { 85e3, 87e3, 160e3 } },
	{ "vfork-exec", "", { 430e3, 440e3, 700e3 } },
	{ "thread", "", { 22e3, 23e3, 31e3 } },
	{ "pipe", "same-cpu", { 3200, 3300, 3400 } },
	{ "pipe", "cross-cpu", { 9800, 9900, 0 } },
	{ "unix-socket", "same-cpu", { 4800, 4900, 5100 } },
	{ "unix-socket", "cross-cpu", { 12e3, 12.4e3, 0 } },
	{ "futex", "same-cpu", { 2900, 2950, 3050 } },
	{ "futex", "cross-cpu", { 8700, 8800, 0 } },
	{ "sleep", "100us", { 54e3, 54.5e3, 71e3 } },
	{ "cpuid", "", { 110, 110, 24e3 } },
	{ "rdtsc", "", { 9.6, 9.6, 9.7 } },
	{ "port-write", "", { 650, 0, 18e3 } },
};

struct made_up_run {
	unsigned long seed;
	unsigned replicates, batches;
};

/* Lognormal latencies, three ways, a seeded order of them; 0 ns stands for a skip. */
static inline void make_run(const char *dir, struct made_up_run run)
{
	static const char *const names[] = { "host", "ctr", "vm" };
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	struct samples_writer *w;

	gsl_rng_set(rng, run.seed);
	assert_int_equal(samples_create(dir, &w, NULL), 0);
	for (unsigned k = 0; k < run.replicates * 3; k++) {
		unsigned way = (k + k / 3) % 3;
		struct sample s = plain_sample();

		s.runtime = names[way];
		s.kernel = way == 2 ? "distro" : "";
		s.replicate = s.block = k / 3;
		for (size_t i = 0; i < ARRAY_SIZE(made_up); i++) {
			double ns = made_up[i].ns[way];
			double launch = gsl_ran_lognormal(rng, 0, 0.01);
			struct sample x = s;

			x.benchmark = made_up[i].name;
			x.params = made_up[i].params;
			x.status = ns > 0 ? SAMPLE_OK : SAMPLE_SKIPPED;
			x.reason = ns > 0     ? ""
				   : way == 2 ? "needs 2 CPUs, there is 1"
					      : "ioperm: Operation not permitted";
			for (x.sample = 0; x.sample < (ns > 0 ? run.batches : 1); x.sample++) {
				double slow = gsl_rng_uniform(rng) < 0.02 ? 2.5 : 1;

				x.value = ns * launch * slow * gsl_ran_lognormal(rng, 0, 0.02);
				assert_int_equal(samples_append(w, &x, NULL), 0);
			}
		}
	}
	samples_close(w);
	gsl_rng_free(rng);
}

static inline void make_manifest(const char *dir, const char *machine)
{
	static const char *const facts[][2] = {
		{ "run.id", "20260102T030405Z-syscalls" },
		{ "run.suite", "syscalls" },
		{ "run.seed", "42" },
		{ "run.launches", "10" },
		{ "run.utc", "2026-01-02T03:04:05Z" },
		{ "host.cpu.model", "Example CPU 9000 @ 3.00GHz" },
		{ "host.kernel.release", "6.1.0-example-amd64" },
		{ "guest.kernel.release", "6.12.0-guest-amd64" },
	};
	struct manifest *m = manifest_new();

	for (size_t i = 0; i < ARRAY_SIZE(facts); i++)
		assert_int_equal(manifest_set(m, facts[i][0], facts[i][1], NULL), 0);
	assert_int_equal(manifest_set(m, "machine", machine, NULL), 0);
	assert_int_equal(manifest_write(m, dir, NULL), 0);
	manifest_free(m);
}

#endif
