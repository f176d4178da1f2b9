/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A benchmark is one function f(iterations, context) and one row of
 * benchmarks.def. The harness (measure.c) owns warm-up, the number of
 * iterations, the clock and what is subtracted; the function owns its loop and
 * nothing else.
 */
#ifndef BENCH_WORKLOADS_BENCH_H
#define BENCH_WORKLOADS_BENCH_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define BENCH_PAGE 4096 /* x86-64's smallest page; all "per page" figures mean this one */
#define BENCH_CPUS 2    /* a benchmark uses one CPU or two */

struct benchmark;

/*
 * Rows of a group run one after the other, shuffled among themselves, at the place of the first:
 * what one has set up the next can have too (area.h).
 */
enum bench_group {
	GROUP_NONE,
	GROUP_SMALL_PAGES,
	GROUP_HUGE_PAGES,
	GROUP_FIRST, /* before all others: what must find things as the kernel's start left them */
};

/* Something else that was found out about a benchmark: a "value" record of report_abi.h. */
struct bench_value {
	const char *metric, *unit;
	uint64_t iterations, total;
};
#define BENCH_VALUES 4

/* What a benchmark works with. The harness makes it empty before setup and releases it after. */
struct bench_ctx {
	const struct benchmark *bench;
	int cpu[BENCH_CPUS]; /* first CPUs of the affinity mask that was inherited */
	unsigned cpus;       /* how many of cpu[] are filled; cpu[0] is where this task is pinned */

	/* Filled by setup; whatever is there afterwards is closed, unmapped, killed and reaped. */
	int fd[2]; /* -1: none */
	char *mem; /* private mapping of mem_len bytes, or NULL */
	size_t mem_len;
	char *lent; /* mapping that is not the context's to release (area.h), or NULL */
	pid_t peer; /* child process, or 0 */
	pid_t spinner[BENCH_CPUS]; /* more of them, or 0 */

	uint64_t cursor;                         /* for run: where the last batch stopped */
	struct bench_value values[BENCH_VALUES]; /* filled by run or teardown; reported last */
	unsigned n_values;

	char why[160];                       /* after a failure: the call and its errno */
	_Alignas(64) char block[BENCH_PAGE]; /* data of calls that read or write some */
};

/*
 * The timed loop: @iterations operations, then 0; or the value of bench_refused() as soon as a
 * call fails. Nothing but the operation belongs in it.
 */
typedef long bench_run_fn(uint64_t iterations, struct bench_ctx *c);

/* Not timed; once before the first batch. 0, or a negative errno by bench_refused(). */
typedef long bench_setup_fn(struct bench_ctx *c);

struct benchmark {
	const char *suite;
	const char *name;
	const char *params;  /* tells rows of the same name apart; may be empty */
	const char *summary; /* one operation, in a line */
	bench_run_fn *run;
	bench_setup_fn *setup;
	/* The rest is optional, by designated initialiser. */
	bench_setup_fn *before;   /* not timed, before each batch */
	bench_setup_fn *teardown; /* not timed, once after the last batch; failure is ignored */
	size_t arg;               /* for the row's own functions, e.g. bytes */
	unsigned cpus;            /* CPUs needed; 0 is 1 */
	uint64_t min_iterations;  /* of a batch; 0 is 1 */
	uint64_t max_iterations;  /* of a batch; 0: no limit */
	unsigned once; /* one batch of max_iterations is all: no calibration, no second */
	unsigned huge; /* on transparent huge pages, or not at all */
	enum bench_group group;
	uint64_t nominal_ns; /* of an operation that is meant to take time: subtracted too */
};

/* The table, in its order, and its length. */
extern const struct benchmark benchmarks[];
extern const size_t benchmark_count;

/*
 * Say which call failed: @result is its negative errno, which is returned; a result that is not
 * negative (a short read) counts as -EIO. Kept out of the loops' way.
 */
long bench_refused(struct bench_ctx *c, const char *call, long result)
	__attribute__((cold, noinline));

/* Does this errno mean "cannot be had here" (a skip) rather than "went wrong" (a failure)? */
int bench_is_refusal(long code);

/* Anonymous memory of small pages into the context; @flags: more of mmap's. 0 or a refusal. */
long bench_map_small(struct bench_ctx *c, size_t len, int flags);

/* In a child: not to outlive @parent, which may have died before this. */
void die_with_parent(pid_t parent);

/* Nothing to set up. */
bench_setup_fn setup_nothing;

/* An empty loop of the same shape: what it takes is subtracted. */
bench_run_fn run_empty;

/* Every row's functions, declared from the table itself. */
#define BENCHMARK(suite, name, params, summary, run, setup, ...)                                   \
	bench_run_fn run;                                                                          \
	bench_setup_fn setup;
#include "workloads/benchmarks.def"
#undef BENCHMARK
bench_setup_fn before_first_touch, before_fresh_touch, teardown_target, teardown_sleep,
	teardown_port;
bench_setup_fn before_file_read, teardown_lateness;

#endif
