/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which pages there are about instances that are held, and what goes into their panels. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "results/plot_script.h"

#define BARS_PER_PAGE 30
#define GROWTHS_PER_PAGE 16
#define ROW_HEIGHT 32
#define TRIPLE_HEIGHT 60
#define ZOOM 10 /* a way this many times as small as the largest is too small to be seen */
#define MAX_ZOOMS 3
#define LINE_POINTS 300 /* of a running median: more than a panel has pixels */
#define WINDOW 1001     /* the widest of a running median */

struct making {
	const struct summary *s;
	plot_page_fn make;
	void *ctx;
	struct err *e;
};

struct panels {
	struct plot_panel *p;
	size_t n;
};

static int no_memory(struct err *e)
{
	return err_set(e, -ENOMEM, "plot", "no memory for the plots");
}

static int alloc_panels(struct panels *all, size_t most, struct err *e)
{
	*all = (struct panels){ calloc(most + 1, sizeof(*all->p)), 0 };
	return all->p ? 0 : no_memory(e);
}

/* Of the panel behind the last one, which was just filled: without points it is none. */
static void keep_panel(struct panels *all)
{
	struct plot_panel *panel = &all->p[all->n];

	if (panel->n) {
		all->n++;
		return;
	}
	free(panel->points);
	*panel = (struct plot_panel){ 0 };
}

static void free_panels(struct panels *all)
{
	for (size_t i = 0; i < all->n; i++) {
		free(all->p[i].points);
		free(all->p[i].line);
	}
	free(all->p);
}

/* Values of a hostile file may be so large that their difference is none. */
static size_t keep_finite(struct held_point *p, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		if (isfinite(p[i].value) && fabs(p[i].value) < 1e200)
			p[kept++] = p[i];
	}
	return kept;
}

const char *plot_held_title(const struct plot_page *p, char out[PLOT_TITLE_SIZE])
{
	const struct memory_set *set = p->memory;

	snprintf(out, PLOT_TITLE_SIZE, "%s%s%s%s%s%s", plot_kinds[p->kind].title, set ? ", " : "",
		set ? set->state : "", set && *set->params ? " " : "", set ? set->params : "",
		p->zoomed ? ", the small ones" : "");
	return out;
}

static int make_panels(const struct making *mk, struct plot_page p, const struct panels *all)
{
	int r = 0;

	p.draw = plot_panels;
	for (size_t i = 0; !r && i < all->n; i += PLOT_HELD_PANELS) {
		p.panels = all->p + i;
		p.n_panels = all->n - i < PLOT_HELD_PANELS ? all->n - i : PLOT_HELD_PANELS;
		p.height = plot_panels_height(p.n_panels);
		r = mk->make(mk->ctx, p);
	}
	return r;
}

/* From none to the most held of the panel's points. */
static int straight_line(struct plot_panel *panel, double at_zero, double slope, struct err *e)
{
	double most = 0;

	for (size_t i = 0; i < panel->n; i++)
		most = fmax(most, panel->points[i].held);
	panel->line = calloc(2, sizeof(*panel->line));
	if (!panel->line)
		return no_memory(e);
	panel->line[0] = (struct held_point){ .held = 0, .value = at_zero };
	panel->line[1] = (struct held_point){ .held = most, .value = at_zero + slope * most };
	panel->n_line = keep_finite(panel->line, 2);
	return 0;
}

/* A line of @slope that has as many points above it as below. */
static int slope_line(struct plot_panel *panel, double slope, struct err *e)
{
	cleanup_free double *off = calloc(panel->n + 1, sizeof(double));

	if (!off)
		return no_memory(e);
	for (size_t i = 0; i < panel->n; i++)
		off[i] = panel->points[i].value - slope * panel->points[i].held;
	stats_sort(off, panel->n);
	return straight_line(panel, stats_median(off, panel->n), slope, e);
}

static void slope_note(const struct summary_group *g, char out[LABEL_SIZE])
{
	char value[TEXT_SIZE], low[TEXT_SIZE], high[TEXT_SIZE];

	text_value(g->median, "bytes", true, value);
	if (stats_has_interval(g->ci))
		snprintf(out, LABEL_SIZE, "%s each [%s, %s]", value,
			text_value(g->ci.low, "bytes", true, low),
			text_value(g->ci.high, "bytes", true, high));
	else
		snprintf(out, LABEL_SIZE, "%s each", value);
}

static int stair_panel(const struct making *mk, const struct memory_set *set,
	const struct memory_way *w, struct plot_panel *panel)
{
	double slope = memory_median(w, MEM_SLOPE);
	int r = memory_stair(mk->s, set, w, &panel->points, &panel->n, mk->e);

	panel->n = keep_finite(panel->points, panel->n);
	if (r || !panel->n)
		return r;
	panel->unit = "bytes";
	panel->from_zero = true;
	text_column(&mk->s->columns[w->column], panel->title);
	if (isnan(slope)) {
		snprintf(panel->note, LABEL_SIZE, "no slope");
		return 0;
	}
	slope_note(w->g[MEM_SLOPE], panel->note);
	return slope_line(panel, slope, mk->e);
}

static int make_stair(const struct making *mk, const struct memory_set *set)
{
	struct panels all;
	int r = alloc_panels(&all, set->n_ways, mk->e);

	for (size_t i = 0; !r && i < set->n_ways; i++) {
		r = stair_panel(mk, set, &set->ways[i], &all.p[all.n]);
		keep_panel(&all);
	}
	if (!r)
		r = make_panels(
			mk, (struct plot_page){ .kind = PLOT_MEMORY_STAIR, .memory = set }, &all);
	free_panels(&all);
	return r;
}

/* Medians of so many points around; the points are by number held, whatever launch. */
static int running_median(struct plot_panel *panel, struct err *e)
{
	size_t n = panel->n, window = n / 10 < 5 ? 5 : n / 10,
	       out = n < LINE_POINTS ? n : LINE_POINTS;
	cleanup_free double *values = NULL;

	window = window > WINDOW ? WINDOW : window;
	values = calloc(window + 1, sizeof(double));
	panel->line = calloc(out + 1, sizeof(*panel->line));
	if (!values || !panel->line)
		return no_memory(e);
	if (n < window)
		return 0; /* too few for a line */
	for (size_t k = 0; k < out; k++) {
		size_t at = out > 1 ? k * (n - 1) / (out - 1) : 0;
		size_t from = at < window / 2 ? 0 : at - window / 2;

		from = from + window > n ? n - window : from;
		for (size_t i = 0; i < window; i++)
			values[i] = panel->points[from + i].value;
		stats_sort(values, window);
		panel->line[k] = (struct held_point){ .held = panel->points[at].held,
			.value = stats_median(values, window) };
	}
	panel->n_line = out;
	return 0;
}

static void growth_note(const struct density_way *w, int m, char out[LABEL_SIZE])
{
	const struct density_tenths *t = &w->tenths[m];
	char first[TEXT_SIZE], last[TEXT_SIZE];

	if (isnan(t->first) || isnan(t->last))
		return;
	snprintf(out, LABEL_SIZE, "%s \u2192 %s: %s",
		text_value(t->first, density_units[m], true, first),
		text_value(t->last, density_units[m], true, last), density_verdict_on(w, m));
}

static int density_panel(
	const struct making *mk, const struct density_way *w, int m, struct plot_panel *panel)
{
	const struct density_series *se = &w->series[m];
	struct held_line line;

	panel->points = calloc(se->n + 1, sizeof(*panel->points));
	if (!panel->points)
		return no_memory(mk->e);
	memcpy(panel->points, se->points, se->n * sizeof(*panel->points));
	if (m == DENSITY_MEMORY)
		held_taken(panel->points, se->n);
	panel->n = keep_finite(panel->points, se->n);
	if (!panel->n)
		return 0;
	for (size_t i = 0; i < panel->n; i++) { /* by number held, whatever launch */
		panel->points[i].run = NULL;
		panel->points[i].replicate = 0;
	}
	held_sort(panel->points, panel->n);
	panel->unit = density_units[m];
	panel->from_zero = m == DENSITY_MEMORY;
	text_column(&mk->s->columns[w->column], panel->title);
	growth_note(w, m, panel->note);
	if (m != DENSITY_MEMORY)
		return running_median(panel, mk->e);
	line = held_fit(panel->points, panel->n);
	return straight_line(panel, line.at_zero, line.slope, mk->e);
}

static int make_series(const struct making *mk, const struct density *d, int m, enum plot_kind kind)
{
	struct panels all;
	int r = alloc_panels(&all, d->n_ways, mk->e);

	for (size_t i = 0; !r && i < d->n_ways; i++) {
		r = density_panel(mk, &d->ways[i], m, &all.p[all.n]);
		keep_panel(&all);
	}
	if (!r)
		r = make_panels(mk, (struct plot_page){ .kind = kind, .density = d }, &all);
	free_panels(&all);
	return r;
}

/* Pages of at most @limit ways each; @right is the margin there. */
static int make_bars(
	const struct making *mk, struct plot_page p, size_t limit, int row_height, int right)
{
	size_t end = p.first + p.n_ways;
	int r = 0;

	for (; !r && p.first < end; p.first += limit) {
		size_t longest = 0;

		p.n_ways = end - p.first < limit ? end - p.first : limit;
		for (size_t i = p.first; i < p.first + p.n_ways; i++) {
			size_t column =
				p.memory ? p.memory->ways[i].column : p.density->ways[i].column;
			char label[LABEL_SIZE];
			size_t len = strlen(text_column(&mk->s->columns[column], label));

			longest = len > longest ? len : longest;
		}
		p.left = plot_label_margin(longest);
		p.right = right;
		p.height = 220 + row_height * (int)p.n_ways;
		r = mk->make(mk->ctx, p);
	}
	return r;
}

static bool has_parts(const struct memory_way *w)
{
	double total = memory_total(w);

	return total > 0 && total < 1e200;
}

/* Bars from zero: where the largest hide the small ones, again without those. */
static int make_parts(const struct making *mk, const struct memory_set *set)
{
	struct plot_page p = {
		.kind = PLOT_MEMORY_PARTS, .memory = set, .draw = plot_memory_parts
	};
	size_t first = 0, n = 0;
	int r = 0;

	/* By total: those below zero first, those without one last. All are on the first pages. */
	p.n_ways = set->n_ways;
	while (first < set->n_ways && !has_parts(&set->ways[first]))
		first++;
	while (first + n < set->n_ways && has_parts(&set->ways[first + n]))
		n++;
	for (int zoom = 0; !r && n && zoom <= MAX_ZOOMS; zoom++) {
		double most = memory_total(&set->ways[first + n - 1]);

		r = make_bars(mk, p, BARS_PER_PAGE, ROW_HEIGHT, 30);
		while (n && memory_total(&set->ways[first + n - 1]) * ZOOM > most)
			n--;
		p.first = first;
		p.n_ways = n;
		p.zoomed = true;
	}
	return r;
}

static int make_kernel(const struct making *mk, const struct memory_set *set)
{
	struct plot_page p = { .kind = PLOT_MEMORY_KERNEL,
		.memory = set,
		.n_ways = set->n_ways,
		.draw = plot_memory_kernel };

	for (size_t i = 0; i < set->n_ways; i++) {
		if (plot_memory_has_kernel(&set->ways[i]))
			return make_bars(mk, p, BARS_PER_PAGE, ROW_HEIGHT, 30);
	}
	return 0;
}

static int make_growth(const struct making *mk, const struct density *d)
{
	struct plot_page p = { .kind = PLOT_DENSITY_GROWTH,
		.density = d,
		.n_ways = d->n_ways,
		.draw = plot_density_growth };

	for (size_t i = 0; i < d->n_ways; i++) {
		for (int m = 0; m < DENSITY_SERIES; m++) {
			if (plot_density_has_ratio(&d->ways[i].tenths[m]))
				return make_bars(mk, p, GROWTHS_PER_PAGE, TRIPLE_HEIGHT, 210);
		}
	}
	return 0;
}

static int make_memory(const struct making *mk)
{
	struct memory m;
	int r = memory_make(mk->s, &m, mk->e);

	for (size_t i = 0; !r && i < m.n_sets; i++)
		r = make_parts(mk, &m.sets[i]);
	for (size_t i = 0; !r && i < m.n_sets; i++)
		r = make_kernel(mk, &m.sets[i]);
	for (size_t i = 0; !r && i < m.n_sets; i++)
		r = make_stair(mk, &m.sets[i]);
	memory_free(&m);
	return r;
}

static int make_density(const struct making *mk)
{
	static const struct {
		int series;
		enum plot_kind kind;
	} kinds[] = {
		{ DENSITY_START, PLOT_DENSITY_START },
		{ DENSITY_LATE, PLOT_DENSITY_LATE },
		{ DENSITY_MEMORY, PLOT_DENSITY_MEMORY },
	};
	struct density d;
	int r = density_make(mk->s, &d, mk->e);

	for (size_t i = 0; !r && i < ARRAY_SIZE(kinds); i++)
		r = make_series(mk, &d, kinds[i].series, kinds[i].kind);
	if (!r)
		r = make_growth(mk, &d);
	density_free(&d);
	return r;
}

int plot_held(const struct summary *s, plot_page_fn make, void *ctx, struct err *e)
{
	struct making mk = { .s = s, .make = make, .ctx = ctx, .e = e };
	int r = make_memory(&mk);

	return r ? r : make_density(&mk);
}
