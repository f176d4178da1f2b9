/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The suite "startup" as its tables, plots and report need it: one entry a way of running, with its
 * phases side by side. Made from a summary alone; what it points to lives as long as the summary.
 */
#ifndef BENCH_RESULTS_STARTUP_H
#define BENCH_RESULTS_STARTUP_H

#include "base/runtime.h"
#include "results/summary.h"

#define STARTUP_UNIT_INSTRUCTIONS "instructions"

/* The sentence that stands wherever instructions are shown in place of time. */
#define INSTRUCTIONS_MARK                                                                          \
	"instructions: one CPU whose clock counts what it executes; counts to compare, not times"

/* One way of running. A group is NULL where the file has no row of the kind. */
struct startup_way {
	size_t column;                                  /* of the summary */
	const struct summary_group *phase[PHASE_COUNT]; /* from the event before to this one */
	const struct summary_group *since[PHASE_COUNT]; /* from the request to this event */
	const struct summary_group *cpu;
	const char *step; /* "mount" of "ctr:02-mount": adds this to the step before; else NULL */
};

/* A step, and what it adds to the one before: the difference of the medians to exit. */
struct startup_step {
	struct startup_way way;
	bool first; /* of its runtime: nothing before it to compare with */
	double added;
	struct interval added_ci;
};

/* Launches of one kind in one unit: one after the other, or so many at once. */
struct startup_set {
	const char *params, *unit;
	struct startup_way *ways; /* by their median from request to exit, those without one last */
	size_t n_ways;
	struct startup_step *steps; /* in their order */
	size_t n_steps;
};

struct startup {
	struct startup_set *sets;
	size_t n_sets;
	size_t *rates; /* rows of the summary that are launches a second */
	size_t n_rates;
};

/* What an event is: one sentence without its final stop. [PHASE_REQUESTED] is where all begin. */
extern const char *const startup_events[PHASE_COUNT];

/* Is the row told of by the tables of the suite, and so not by the general ones? */
bool startup_covers(const struct summary_row *row);

/* Do the suite's tables show the row's ratio to the baseline? Of the rows they cover. */
bool startup_shows_ratio(const struct summary_row *row);

/* Without any row of the suite all is empty. The caller ends it with startup_free either way. */
int startup_make(const struct summary *s, struct startup *st, struct err *e);
void startup_free(struct startup *st);

/* The median from request to exit, or NAN. */
double startup_total(const struct startup_way *w);

/*
 * Events of the launch whose time from request to exit is the median of the way's launches (the
 * lower of two), since its request; NAN where an event was not told apart. false: no launch.
 */
bool startup_median_launch(const struct summary *s, const struct startup_set *set,
	const struct startup_way *w, double at[PHASE_COUNT]);

/* "mount" of "ctr:02-mount", or NULL where @runtime is not a step of --ctr-steps. */
const char *startup_step_name(const char *runtime);

#endif
