/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * "bench compare A B": are two runs different, cell by cell? What the words mean, and what they are
 * worth, is in docs/compare.md and docs/statistics.md.
 */
#ifndef BENCH_RESULTS_COMPARE_H
#define BENCH_RESULTS_COMPARE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "results/compare_facts.h"
#include "results/manifest.h"
#include "results/summary.h"

/* The probability of calling any of a comparison's equal cells different. */
#define COMPARE_LEVEL 0.05

enum verdict {
	VERDICT_NONE,    /* no difference found, though one could have been */
	VERDICT_MORE,    /* B's values are larger: in words that suit the unit, see compare_words */
	VERDICT_LESS,    /* smaller */
	VERDICT_TOO_FEW, /* so few launches that no difference could have been found */
	VERDICT_COUNT
};

/* One cell that has values in both runs. */
struct compared {
	const struct summary_row *row; /* of A's summary, like the column */
	const struct summary_column *column;
	const struct summary_group *a, *b;
	double ratio; /* median of B / median of A; NAN where that of A is not above 0 */
	struct interval ratio_ci; /* its 95 % interval; none where a resampled median of A is not */
	double difference;        /* median of B - median of A */
	struct interval difference_ci;
	double p;           /* of the permutation test, alone */
	double p_corrected; /* for the number of cells; NAN where it was not tested */
	enum verdict verdict;
	bool equal; /* within the margin asked for: the ratio's interval lies inside */
	bool fails; /* by --fail-above */
};

/* A cell that only one of the runs has values for. */
struct uncompared {
	const struct summary_row *row;
	const struct summary_column *column;
	const struct summary_group *group; /* that has them */
	const struct summary_group *other; /* of the run without values, NULL: not in it at all */
	bool in_a;                         /* the values are A's */
	bool fails;                        /* by --fail-above: B failed at what A could do */
};

struct compare_options {
	double fail_above;  /* per cent; NAN: not asked */
	double equivalence; /* the same */
};

struct comparison {
	struct summary *summary[2]; /* A and B */
	struct manifest *manifest[2];
	struct compare_options options;
	struct facts_differences facts; /* what differs beside the numbers */
	struct compared *cells;         /* in the order of A's rows, then its columns */
	size_t n_cells;
	struct uncompared *others;
	size_t n_others;
	size_t tested; /* cells that the p's are corrected for */
	size_t needed; /* launches of either side, without which nothing can be found */
	bool blind;    /* no difference of any size could have been found */
	size_t count[VERDICT_COUNT];
	size_t equal, failing;
};

/*
 * Compare the runs in the folders @a and @b. -ENODATA where no cell has values in both. The caller
 * ends *@c with compare_free.
 */
int compare_make(const char *a, const char *b, const struct compare_options *o,
	struct comparison **c, struct err *e);

/* NULL is allowed. */
void compare_free(struct comparison *c);

/* What more and less are called for a unit, and which of them a gate is for. */
struct compare_words {
	const char *more, *less;
	bool more_is_better;
};
struct compare_words compare_words(const char *unit);

/* "slower", "no difference found", ...: the verdict without what equivalence adds. */
const char *compare_verdict(const struct compared *c);

/* Is it the worse of the two? */
bool compare_is_worse(const struct compared *c);

#endif
