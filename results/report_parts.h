/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the sections of report.html share. */
#ifndef BENCH_RESULTS_REPORT_PARTS_H
#define BENCH_RESULTS_REPORT_PARTS_H

#include <stdio.h>

#include "results/density.h"
#include "results/exits.h"
#include "results/group_cell.h"
#include "results/manifest.h"
#include "results/memory.h"
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
	struct memory memory;
	struct density density;
	struct exits exits;
	size_t n_pictures;
};

/*
 * The sections, each with its heading; nothing where the run has nothing of the kind. 0, or a
 * negative errno with @e filled.
 */
int report_conclusions(struct report *r, struct err *e);
int report_results(struct report *r, struct err *e);
int report_startup(struct report *r, struct err *e);
int report_memory(struct report *r, struct err *e);
int report_density(struct report *r, struct err *e);
int report_exits(struct report *r, struct err *e);
int report_versions(struct report *r, struct err *e);
int report_claims(struct report *r, struct err *e);
int report_gaps(struct report *r, struct err *e);

/* All that stands in the element "style". */
void report_style(FILE *f);

/* How groups are shown in the report's grids. */
struct cell_context report_cells(const struct report *r);

/* Print @g and end it; nothing without rows. @ret: what making it returned, which is returned. */
int report_grid(const struct report *r, struct grid *g, int ret);

/* All pages of a kind of plot as figures; none where there are none. */
int report_pictures(struct report *r, enum plot_kind kind, struct err *e);

/* What the plots of the kind show, in words and numbers: the alternative text. */
void report_alternative(const struct report *r, enum plot_kind kind, FILE *f);

#endif
