/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the sections of report.html share. */
#ifndef BENCH_RESULTS_REPORT_PARTS_H
#define BENCH_RESULTS_REPORT_PARTS_H

#include <stdio.h>

#include "results/manifest.h"
#include "results/notes.h"
#include "results/null.h"
#include "results/plot.h"
#include "results/startup.h"

struct report {
	FILE *f;
	const char *dir;
	const struct summary *s;
	const struct manifest *m;
	struct notes notes;
	struct null_comparison null;
	struct startup st;
	size_t n_pictures;
};

/* The number of the group's note as a link, or nothing. */
void report_note_link(const struct report *r, const struct summary_group *g);

/* All pages of a kind of plot as figures; none where there are none. */
int report_pictures(struct report *r, enum plot_kind kind, struct err *e);

/* The section "Start-up", where the run has something of the suite. */
int report_startup(struct report *r, struct err *e);

/* The sections "Memory" and "Density", likewise. */
int report_memory(struct report *r, struct err *e);

/* The section "Exits", where somebody counted them. */
int report_exits(struct report *r, struct err *e);

/* The section "Claims", where the run has something that a claim or a figure speaks of. */
int report_claims(struct report *r, struct err *e);

#endif
