/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the samples of a run come to. A grid: a row is what was measured (benchmark, parameters,
 * metric, phase), a column is a way of running (runtime and guest kernel), a cell is one group of
 * samples. Docs: docs/results.md (columns), docs/method.md (statistics).
 */
#ifndef BENCH_RESULTS_SUMMARY_H
#define BENCH_RESULTS_SUMMARY_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/stats.h"
#include "results/samples.h"

#define SUMMARY_FILE "summary.csv"

/* Any fixed number: all that is drawn for a group starts from it, so that none depends on another.
 */
#define BOOTSTRAP_SEED 20240229

struct summary_row {
	const char *suite, *benchmark, *params, *metric, *unit, *phase;
	const char *prefix; /* the suite, where another one has a benchmark of that name; or NULL */
};

struct summary_column {
	const char *runtime, *kernel;
	const char *host; /* "" but in a data set of many ("bench merge") */
};

struct summary_group {
	size_t row, column;
	size_t n_replicates, n_samples; /* with status ok: what the statistics are made of */
	double *replicates;             /* median of each replicate, in their order */
	double *values;                 /* all samples, ascending */

	/* NAN where there are no values. */
	double median;      /* of the replicates' medians */
	struct interval ci; /* bootstrap 95 %, resampling replicates */
	double mad;         /* of all samples, like the rest */
	double p99, min, max;
	struct outliers outliers;

	/* To the same row of the baseline column; NAN there, and where there is none to compare. */
	double ratio;
	struct interval ratio_ci;

	size_t count[SAMPLE_STATUS_COUNT]; /* rows of samples.csv by status */
	enum sample_status status; /* SAMPLE_OK where there are values, else why there are none */
	const char *reason;        /* of the first sample that failed or was skipped, or "" */
};

struct summary {
	struct sample_set set;    /* owns all strings */
	struct summary_row *rows; /* in the order in which they first appear in the file */
	/* By host, each host's baseline first, its others by name. */
	struct summary_column *columns;
	size_t *baselines;            /* of each column: the first one of its host */
	struct summary_group *groups; /* by row, then by column */
	size_t n_rows, n_columns, n_groups;
	/*
	 * What a second launch of a way gave (NULL_SUFFIX) is in no row of the grid: such groups
	 * and columns stand behind the others in their arrays. results/null.h knows more.
	 */
	size_t n_null_groups, n_null_columns;
	const struct summary_group **cells; /* n_rows * n_columns, NULL: no sample at all */
};

/*
 * Read DIR/samples.csv and summarise it. The baseline is the runtime "host" if it is there, else
 * the first by name; each host of a merged data set has its own. The caller ends *@s with
 * summary_free.
 */
int summary_make(const char *dir, struct summary **s, struct err *e);

/* NULL is allowed. */
void summary_free(struct summary *s);

/* Are there several hosts? Ratios are to the baseline of the same one. */
bool summary_many_hosts(const struct summary *s);

/* Is the sample, of the summary's own set, one of the column's way of running? */
bool summary_in_column(const struct summary *s, const struct sample *x, size_t column);

/* The group in @row and @column, or NULL. */
static inline const struct summary_group *summary_cell(
	const struct summary *s, size_t row, size_t column)
{
	return s->cells[row * s->n_columns + column];
}

/* NAN for NULL and without values. */
static inline double summary_median(const struct summary_group *g)
{
	return g ? g->median : NAN;
}

/* Is the column what others of its host are compared with? */
static inline bool summary_is_baseline(const struct summary *s, size_t column)
{
	return s->baselines[column] == column;
}

/* Are there rows with status failed or timeout among the group's? */
bool summary_has_failures(const struct summary_group *g);

/* The fewest and the most replicates (samples) of a group that has any; 0 where none has. */
struct summary_range {
	size_t replicates_min, replicates_max, samples_min, samples_max;
};
struct summary_range summary_range(const struct summary *s);

/* Number of intervals of ratios that are shown: how often "95 %" is claimed at once. */
size_t summary_comparisons(const struct summary *s);

/* Write DIR/summary.csv anew, whole or not at all. */
int summary_write(const struct summary *s, const char *dir, struct err *e);

#endif
