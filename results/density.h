/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The suite "density" as its tables, plots and report need it: of each way of running how many
 * were held, and whether one more costs in the end what it cost in the beginning (docs/memory.md).
 * Made from a summary; what it points to lives as long as the summary.
 */
#ifndef BENCH_RESULTS_DENSITY_H
#define BENCH_RESULTS_DENSITY_H

#include "results/held.h"
#include "results/summary.h"

#define DENSITY_GROWTH 1.2 /* a cost that is more than so many times as high in the end grows */

enum density_metric {
	DENSITY_START,   /* ns, request to ready */
	DENSITY_MEMORY,  /* MemAvailable, bytes */
	DENSITY_LATE,    /* ns, lateness of the first instance's wake-ups */
	DENSITY_HELD,    /* count */
	DENSITY_RELEASE, /* ns, all of them */
	DENSITY_LEFT,    /* count, what stayed behind */
	DENSITY_SLABS,   /* bytes that lie free in slabs; MemAvailable leaves them out */
	DENSITY_METRICS
};
#define DENSITY_SERIES DENSITY_HELD /* those before it have a value for each number held */

struct density_series {
	struct held_point *points; /* sorted; held: instances there before the one that starts */
	size_t n;
};

enum growth {
	GROWTH_UNKNOWN, /* no values, or too few to say */
	GROWTH_NONE,    /* the whole interval is at most 20% above 1 */
	GROWTH_LESS,    /* it falls by more than that, and the whole interval is below 1 */
	GROWTH_UNCLEAR, /* the interval is too wide for any of the others */
	GROWTH_MORE     /* more than 20% more, and the whole interval is above 1 */
};

/* A cost in the first tenth of what was held and in the last. NAN: unknown. */
struct density_tenths {
	double first, last, ratio;
	struct interval ci; /* of the ratio */
	size_t n;           /* values in the smaller of the two */
	enum growth growth;
};

struct density_way {
	size_t column; /* of the summary */
	const struct summary_group *g[DENSITY_METRICS];
	struct density_series series[DENSITY_SERIES];
	/* By series: time to start, bytes an instance, lateness; medians but for the bytes. */
	struct density_tenths tenths[DENSITY_SERIES];
	/* Bytes an instance where what lies free in slabs counts as available. NAN: not known. */
	struct density_tenths corrected;
	struct density_series slabs;
	double late_p99_first, late_p99_last;
	const char *stopped; /* why fewer were held than asked for, or "" */
	const char *left;    /* what stayed behind, or "" */
};

struct density {
	struct density_way *ways; /* as the summary's columns */
	size_t n_ways;
};

bool density_covers(const struct summary_row *row);
bool density_is_steps(const struct summary_row *row);

/* Without any row of the suite all is empty. The caller ends it with density_free either way. */
int density_make(const struct summary *s, struct density *d, struct err *e);
void density_free(struct density *d);

/* The median of what is there; NAN for NULL and without values. */
double density_median(const struct density_way *w, enum density_metric metric);

/* "time to start", "memory an instance", "wake-up lateness". */
extern const char *const density_series_names[DENSITY_SERIES];
/* "ns", "bytes", "ns". */
extern const char *const density_units[DENSITY_METRICS];
/* "within 20%", "grows", ... */
const char *density_verdict(const struct density_tenths *t);
/* Memory grows, but not where what lies free in slabs counts as available. */
bool density_slabs_explain(const struct density_way *w);
/* The verdict on one cost of a way; "slabs; within 20%" where the above is so. */
const char *density_verdict_on(const struct density_way *w, enum density_metric m);

/* What grows, what stopped a way early and what stayed behind. Where nothing grows, one says so. */
void density_remarks(
	const struct summary *s, const struct density *d, bool utf8, held_remark_fn put, void *ctx);

#endif
