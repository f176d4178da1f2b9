/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Plots of a run, by gnuplot. DIR/plots/ gets a script (.gp) and its data (.dat) for each, so that
 * one can be changed and run again by hand, and the picture as .svg and .png:
 *
 *   overview      median and 95 % interval of every benchmark
 *   ratio         the same to the baseline, with a line at 1
 *   ratio-near-1  the part of it around 1, where some ratios are far away
 *   distribution  the empirical distribution of all samples, a panel a benchmark
 *
 * and of the suite "startup", whose rows the others leave out:
 *
 *   startup-phases        medians of the phases, stacked; further pages zoom in on the fast ways
 *   startup-timeline      the events of each way's median launch, log axis
 *   startup-distribution  the empirical distribution from request to exit
 *   startup-cpu           CPU time beside wall time; zoomed like the phases
 *   startup-steps         what each step of putting a container together adds
 *
 * and of the suites "memory" and "density", likewise:
 *
 *   memory-parts    what an instance consists of, stacked, with the slope beside it
 *   memory-kernel   the same of its kernel memory alone
 *   memory-stair    what MemAvailable falls by with ever more instances, and the slope
 *   density-start   time to start against the number held
 *   density-late    how late the first instance wakes up against the number held
 *   density-memory  what MemAvailable falls by
 *   density-growth  what the last tenth costs beside the first
 *
 * and of guests that count them:
 *
 *   exits         exits per operation, all and those that reach the VMM
 *
 * Further pages are called overview-2 and so on.
 */
#ifndef BENCH_RESULTS_PLOT_H
#define BENCH_RESULTS_PLOT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define PLOTS_DIR "plots"
#define PLOT_NAME_SIZE 32

/* The kinds in the order in which they are shown. */
enum plot_kind {
	PLOT_OVERVIEW,
	PLOT_RATIO,
	PLOT_RATIO_NEAR,
	PLOT_DISTRIBUTION,
	PLOT_STARTUP_PHASES,
	PLOT_STARTUP_TIMELINE,
	PLOT_STARTUP_DISTRIBUTION,
	PLOT_STARTUP_CPU,
	PLOT_STARTUP_STEPS,
	PLOT_MEMORY_PARTS,
	PLOT_MEMORY_KERNEL,
	PLOT_MEMORY_STAIR,
	PLOT_DENSITY_START,
	PLOT_DENSITY_LATE,
	PLOT_DENSITY_MEMORY,
	PLOT_DENSITY_GROWTH,
	PLOT_EXITS,
	PLOT_KINDS
};
#define PLOT_STARTUP PLOT_STARTUP_PHASES /* the first of those of the suite "startup" */

struct plot_info {
	const char *name;
	const char *title; /* what it shows, for headings and alternative texts */
};
extern const struct plot_info plot_kinds[PLOT_KINDS];

/* "overview" for page 0, "overview-2" for page 1, ... Returns @out. */
const char *plot_name(enum plot_kind kind, size_t page, char out[PLOT_NAME_SIZE]);

/*
 * Make the plots of the run in @dir from its files. -ENOENT with the remedy where gnuplot is not
 * installed, -ENODATA where the run has no value to plot.
 */
int plot_run(const char *dir, struct err *e);

#endif
