/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Published figures beside ours. No test: each comes from a set-up of its own, and what a ratio to
 * it says is for the reader to judge (docs/claims.md).
 */
#ifndef BENCH_RESULTS_FIGURES_H
#define BENCH_RESULTS_FIGURES_H

#include "results/claims.h"
#include "results/text.h"

struct figure {
	const char *what;   /* was measured, by whom */
	double low, high;   /* as published: the same where it is one number; low 0: at most high */
	const char *unit;   /* "ns", "bytes", "cycles" */
	const char *set_up; /* as far as it was published, and how ours is another */
	const char *rows, *metric, *phase; /* as of a claim's part */
	const char *way;                   /* runtime */
	const char *steps; /* names of steps of --ctr-steps, separated by '|': what they add */
	double times;      /* ours is so many operations; 0: one */
};

#define FIGURES_MAX 64
extern const struct figure figures[]; /* FIGURES_MAX at most */
extern const size_t n_figures;

/* A figure beside what one way of one run gave. */
struct figure_result {
	const struct figure *figure;
	const struct claims_run *run;
	char way[96];
	double ours;
	double ratio; /* to the nearer end of what was published, 1 between; NAN where ours is no
			 time of real hardware, or cannot be told from zero */
};

struct figure_results {
	struct figure_result *list; /* in the order of the table */
	size_t n;
};

/* All that the runs have. 0 or -errno; figures_free is due in either case. */
int figures_make(struct figure_results *r, const struct claims_run *runs, size_t n, struct err *e);
void figures_free(struct figure_results *r);

/* "at most 125 ms", "1.50 ms to 1.90 ms". Returns @out. */
const char *figure_published(const struct figure *f, bool utf8, char out[96]);

/* "1.97 ms", "220 cycles". Returns @out. */
const char *figure_ours(const struct figure_result *r, bool utf8, char out[TEXT_SIZE]);

/* "within" what was published, the ratio, or "-" where there is none. Returns @out. */
const char *figure_ratio(const struct figure_result *r, char out[TEXT_SIZE]);

/* The remark that stands with every such table. */
#define FIGURES_REMARK                                                                             \
	"Each published figure comes from its own machine, kernel, program and end points: a "     \
	"ratio (to the nearer end of what was published) says on which order of magnitude this "   \
	"machine is, not who is faster."

#endif
