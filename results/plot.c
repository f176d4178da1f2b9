/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/plot.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/util.h"
#include "results/atomic.h"
#include "results/covered.h"
#include "results/gnuplot.h"
#include "results/plot_script.h"
#include "results/text.h"

#define ROWS_PER_PAGE 40
#define ROW_HEIGHT 25
#define KEY_ROW 20
#define MAX_PAGES 500 /* of all kinds; bounds what a hostile file can ask for */

const struct plot_info plot_kinds[PLOT_KINDS] = {
	[PLOT_OVERVIEW] = { "overview", "What each benchmark costs" },
	[PLOT_RATIO] = { "ratio", "How many times as much as under " },
	[PLOT_RATIO_NEAR] = { "ratio-near-1",
		"The same around 1: how many times as much as under " },
	[PLOT_DISTRIBUTION] = { "distribution", "How the samples are distributed" },
	[PLOT_STARTUP_PHASES] = { "startup-phases", "Start-up: where the time goes" },
	[PLOT_STARTUP_TIMELINE] = { "startup-timeline", "Start-up: one launch, event by event" },
	[PLOT_STARTUP_DISTRIBUTION] = { "startup-distribution",
		"Start-up: from request to exit, all launches" },
	[PLOT_STARTUP_CPU] = { "startup-cpu", "Start-up: CPU time beside wall time" },
	[PLOT_STARTUP_STEPS] = { "startup-steps", "Start-up: what each step of a container adds" },
	[PLOT_MEMORY_PARTS] = { "memory-parts", "Memory: what an instance consists of" },
	[PLOT_MEMORY_KERNEL] = { "memory-kernel",
		"Memory: what of the host's kernel an instance takes" },
	[PLOT_MEMORY_STAIR] = { "memory-stair",
		"Memory: what ever more instances take of the host" },
	[PLOT_DENSITY_START] = { "density-start", "Density: time to start the next instance" },
	[PLOT_DENSITY_LATE] = { "density-late", "Density: how late the first instance wakes up" },
	[PLOT_DENSITY_MEMORY] = { "density-memory",
		"Density: what ever more instances take of the host" },
	[PLOT_DENSITY_GROWTH] = { "density-growth", "Density: the last tenth beside the first" },
	[PLOT_EXITS] = { "exits", "Exits per operation" },
};

/* Columns of the summary: from the first on, before the second. */
struct range {
	size_t from, to;
};

struct plotting {
	const struct summary *s;
	const struct manifest *m;
	char *dir; /* the run's plots/ */
	char *scripts[MAX_PAGES + 1];
	size_t n_scripts;
	size_t pages[PLOT_KINDS];
	struct err *e;
};

const char *plot_name(enum plot_kind kind, size_t page, char out[PLOT_NAME_SIZE])
{
	if (page)
		snprintf(out, PLOT_NAME_SIZE, "%s-%zu", plot_kinds[kind].name, page + 1);
	else
		snprintf(out, PLOT_NAME_SIZE, "%s", plot_kinds[kind].name);
	return out;
}

static int open_in(
	const struct plotting *pl, const char *name, const char *suffix, struct atomic_file *a)
{
	char full[PLOT_NAME_SIZE + 8];

	snprintf(full, sizeof(full), "%s%s", name, suffix);
	return atomic_open(a, pl->dir, full, pl->e);
}

static size_t longest_row(const struct summary *s, const size_t *rows, size_t n)
{
	size_t longest = 0;

	for (size_t i = 0; i < n; i++) {
		char label[LABEL_SIZE];
		size_t len = strlen(text_row(&s->rows[rows[i]], label));

		longest = len > longest ? len : longest;
	}
	return longest;
}

/* A plot_page_fn. */
static int make_page(void *ctx, struct plot_page p)
{
	cleanup_atomic struct atomic_file gp = { 0 }, dat = { 0 };
	struct plotting *pl = ctx;
	char name[PLOT_NAME_SIZE];
	int r;

	if (pl->n_scripts == MAX_PAGES)
		return err_set(pl->e, -E2BIG, "plot", "more than %d plots", MAX_PAGES);
	p.s = pl->s;
	p.m = pl->m;
	p.number = pl->pages[p.kind]++;
	plot_name(p.kind, p.number, name);
	r = open_in(pl, name, ".gp", &gp);
	if (!r)
		r = open_in(pl, name, ".dat", &dat);
	if (r < 0)
		return r;
	p.gp = gp.text.f;
	p.dat = dat.text.f;
	p.draw(&p);
	r = atomic_commit(&gp, pl->e);
	if (!r)
		r = atomic_commit(&dat, pl->e);
	if (r < 0)
		return r;
	pl->scripts[pl->n_scripts] = format_text("%s.gp", name);
	if (!pl->scripts[pl->n_scripts++])
		return err_set(pl->e, -ENOMEM, "malloc", "no memory for the plots");
	return 0;
}

/*
 * What a key of all ways takes beyond its first row, CSS pixels: gnuplot gives each entry the width
 * of the longest, its sample and gaps included (measured), and begins a row where none fits more.
 */
static int key_height(const struct plotting *pl, struct range columns, int width)
{
	size_t longest = 0, n = columns.to - columns.from, across;

	for (size_t col = columns.from; col < columns.to; col++) {
		char label[LABEL_SIZE];
		size_t len = strlen(text_column(&pl->s->columns[col], label));

		longest = len > longest ? len : longest;
	}
	across = (size_t)width / (75 + 8 * longest);
	across = across ? across : 1;
	return KEY_ROW * (int)((n - 1) / across);
}

static int make_rows_page(struct plotting *pl, enum plot_kind kind, struct range columns,
	const size_t *rows, size_t n)
{
	bool panels = kind == PLOT_DISTRIBUTION;
	size_t lines = panels ? (n + PLOT_PANELS_ACROSS - 1) / PLOT_PANELS_ACROSS : n;
	int left = plot_label_margin(longest_row(pl->s, rows, n)), right = 30;
	int key = key_height(pl, columns, PLOT_WIDTH - (panels ? 28 : left + right));

	return make_page(pl, (struct plot_page){ .kind = kind,
				     .rows = rows,
				     .n_rows = n,
				     .from = columns.from,
				     .to = columns.to,
				     .left = left,
				     .right = right,
				     .key = key,
				     .height = key + (panels ? 74 + 90 + 165 * (int)lines
							     : 188 + ROW_HEIGHT * (int)lines),
				     .draw = panels ? plot_distributions : plot_intervals });
}

/* Is there a point in this row at all? For the ratio near 1, one that is there is enough. */
static bool has_row(
	const struct plotting *pl, enum plot_kind kind, struct range columns, size_t row)
{
	struct plot_page p = { .s = pl->s, .kind = kind };

	if (covered(&pl->s->rows[row]))
		return false;
	for (size_t col = columns.from; col < columns.to; col++) {
		if (plot_has_point(&p, row, col))
			return true;
	}
	return false;
}

/* Rows of one unit go onto one axis; a page has so many that it fits a sheet. */
static int make_columns(struct plotting *pl, enum plot_kind kind, struct range columns)
{
	const struct summary *s = pl->s;
	size_t limit = kind == PLOT_DISTRIBUTION ? PLOT_PANELS : ROWS_PER_PAGE;
	cleanup_free bool *done = calloc(s->n_rows, sizeof(*done));
	size_t rows[ROWS_PER_PAGE];

	if (!done)
		return err_set(pl->e, -ENOMEM, "malloc", "no memory for the plots");
	for (size_t first = 0; first < s->n_rows;) {
		size_t n = 0;
		int r = 0;

		for (size_t i = first; i < s->n_rows && n < limit; i++) {
			if (done[i] || s->rows[i].unit != s->rows[first].unit ||
				!has_row(pl, kind, columns, i))
				continue;
			done[i] = true;
			rows[n++] = i;
		}
		if (n)
			r = make_rows_page(pl, kind, columns, rows, n);
		else
			first++; /* none of this unit are left from here on */
		if (r < 0)
			return r;
	}
	return 0;
}

/* As many ways as have a mark of their own stand side by side; else each host has its own pages. */
static int make_kind(struct plotting *pl, enum plot_kind kind)
{
	const struct summary *s = pl->s;
	bool split = summary_many_hosts(s) && s->n_columns > PLOT_STYLES;
	int r = 0;

	for (struct range columns = { 0, 0 }; !r && columns.to < s->n_columns;) {
		columns.from = columns.to++;
		while (columns.to < s->n_columns && (!split || !summary_is_baseline(s, columns.to)))
			columns.to++;
		r = make_columns(pl, kind, columns);
	}
	return r;
}

/* Ratios around 1 get a picture of their own where others are so far off that they vanish. */
static bool wants_near(const struct summary *s)
{
	bool near = false, far = false;

	for (size_t i = 0; i < s->n_groups; i++) {
		if (covered(&s->rows[s->groups[i].row]))
			continue;
		far |= s->groups[i].ratio > 3;
		near |= s->groups[i].ratio > 0.8 && s->groups[i].ratio < 1.5;
	}
	return near && far;
}

/* Pages that an earlier run of us left and that this one does not have. */
static void remove_old_pages(const struct plotting *pl)
{
	static const char *const suffixes[] = { "gp", "dat", "svg", "png" };

	for (int kind = 0; kind < PLOT_KINDS; kind++) {
		for (size_t page = pl->pages[kind]; page < MAX_PAGES; page++) {
			char name[PLOT_NAME_SIZE];
			int gone = 0;

			plot_name((enum plot_kind)kind, page, name);
			for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
				cleanup_free char *path =
					format_text("%s/%s.%s", pl->dir, name, suffixes[i]);

				gone += path && unlink(path) == 0;
			}
			if (!gone)
				break;
		}
	}
}

static int make_scripts(struct plotting *pl)
{
	int r = 0;

	for (int kind = 0; !r && kind < PLOT_STARTUP; kind++) {
		if (kind != PLOT_RATIO_NEAR || wants_near(pl->s))
			r = make_kind(pl, (enum plot_kind)kind);
	}
	if (!r)
		r = plot_startup(pl->s, make_page, pl, pl->e);
	if (!r)
		r = plot_held(pl->s, make_page, pl, pl->e);
	if (!r)
		r = plot_exits(pl->s, make_page, pl, pl->e);
	if (!r && !pl->n_scripts)
		r = err_set(pl->e, -ENODATA, "plot", "no measurement has a value: nothing to plot");
	return r;
}

static int make_plots(struct plotting *pl, const char *gnuplot)
{
	int r;

	if (mkdir(pl->dir, 0777) < 0 && errno != EEXIST)
		return err_sys(pl->e, "mkdir", "cannot make '%s'", pl->dir);
	r = make_scripts(pl);
	if (r < 0)
		return r;
	remove_old_pages(pl);
	return gnuplot_run(gnuplot, pl->dir, pl->scripts, pl->e);
}

int plot_run(const char *dir, struct err *e)
{
	cleanup_free char *plots = format_text("%s/" PLOTS_DIR, dir);
	struct summary *s = NULL;
	struct manifest *m = NULL;
	struct plotting pl = { .dir = plots, .e = e };
	cleanup_free char *gnuplot = NULL;
	int r;

	if (!plots)
		return err_set(e, -ENOMEM, "malloc", "no memory for the plots");
	r = summary_make(dir, &s, e);
	if (!r)
		r = manifest_read(dir, &m, e);
	if (!r)
		r = gnuplot_find(&gnuplot, e);
	pl.s = s;
	pl.m = m;
	if (!r)
		r = make_plots(&pl, gnuplot);
	for (size_t i = 0; i < pl.n_scripts; i++)
		free(pl.scripts[i]);
	manifest_free(m);
	summary_free(s);
	return r;
}
