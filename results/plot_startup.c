/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which pages there are about starting, and what they share. */
#include <math.h>
#include <string.h>

#include "base/util.h"
#include "results/plot_script.h"

#define BARS_PER_PAGE 30
#define CURVES_PER_PAGE 14
#define ROW_HEIGHT 32
#define PAIR_HEIGHT 42
#define ZOOM 10 /* a way this many times as fast as the slowest is too small to be seen */
#define MAX_ZOOMS 3

struct making {
	const struct summary *s;
	plot_page_fn make;
	void *ctx;
};

static size_t longest_name(const struct summary *s, const struct plot_page *p)
{
	size_t longest = 0;

	for (size_t i = p->first; i < p->first + p->n_ways; i++) {
		size_t column = p->draw == plot_startup_steps ? p->set->steps[i].way.column
							      : p->set->ways[i].column;
		char label[LABEL_SIZE];
		size_t len = strlen(text_column(&s->columns[column], label));

		longest = len > longest ? len : longest;
	}
	return longest;
}

static int make_page(const struct making *mk, struct plot_page p)
{
	size_t longest = longest_name(mk->s, &p);
	bool curves = p.kind == PLOT_STARTUP_DISTRIBUTION;

	p.left = curves ? 60 : plot_label_margin(longest);
	p.right = curves ? 50 + plot_label_margin(longest) : 30;
	p.height = curves ? 540
			  : 220 + (p.kind == PLOT_STARTUP_CPU ? PAIR_HEIGHT : ROW_HEIGHT) *
					    (int)p.n_ways;
	return mk->make(mk->ctx, p);
}

/* Pages of at most @limit ways each. */
static int make_pages(const struct making *mk, struct plot_page p, size_t limit)
{
	size_t end = p.first + p.n_ways;
	int r = 0;

	for (; !r && p.first < end; p.first += limit) {
		p.n_ways = end - p.first < limit ? end - p.first : limit;
		r = make_page(mk, p);
	}
	return r;
}

/* Ways that have a total above zero; they are sorted by it, those without one last. */
static size_t drawable(const struct startup_set *set, size_t *first)
{
	size_t n = 0;

	for (*first = 0; *first < set->n_ways && !(startup_total(&set->ways[*first]) > 0);)
		++*first;
	while (*first + n < set->n_ways && startup_total(&set->ways[*first + n]) > 0)
		n++;
	if (!n)
		*first = 0;
	return n;
}

/* Bars from zero: where the slowest hide the fast ones, again without those. */
static int make_bars(const struct making *mk, struct plot_page p)
{
	int r = 0;

	for (int zoom = 0; !r && zoom <= MAX_ZOOMS; zoom++) {
		double longest = startup_total(&p.set->ways[p.first + p.n_ways - 1]);
		size_t n = p.n_ways;

		r = make_pages(mk, p, BARS_PER_PAGE);
		while (n && startup_total(&p.set->ways[p.first + n - 1]) * ZOOM > longest)
			n--;
		if (!n)
			break;
		p.n_ways = n;
		p.zoomed = true;
	}
	return r;
}

static int make_steps(const struct making *mk, const struct startup_set *set)
{
	struct plot_page p = { .kind = PLOT_STARTUP_STEPS, .set = set, .draw = plot_startup_steps };

	for (size_t i = 0; i < set->n_steps; i++) {
		if (startup_total(&set->steps[i].way) > 0) {
			p.n_ways = set->n_steps;
			return make_pages(mk, p, BARS_PER_PAGE);
		}
	}
	return 0;
}

static int make_set(const struct making *mk, const struct startup_set *set)
{
	struct plot_page p = { .set = set };
	int r = 0;

	p.n_ways = drawable(set, &p.first);
	if (!p.n_ways)
		return make_steps(mk, set);
	p.kind = PLOT_STARTUP_PHASES;
	p.draw = plot_startup_phases;
	r = make_bars(mk, p);
	p.kind = PLOT_STARTUP_TIMELINE;
	p.draw = plot_startup_timeline;
	if (!r)
		r = make_pages(mk, p, BARS_PER_PAGE);
	p.kind = PLOT_STARTUP_DISTRIBUTION;
	p.draw = plot_startup_distribution;
	if (!r)
		r = make_pages(mk, p, CURVES_PER_PAGE);
	p.kind = PLOT_STARTUP_CPU;
	p.draw = plot_startup_cpu;
	if (!r)
		r = make_bars(mk, p);
	return r ? r : make_steps(mk, set);
}

int plot_startup(const struct summary *s, plot_page_fn make, void *ctx, struct err *e)
{
	struct making mk = { .s = s, .make = make, .ctx = ctx };
	struct startup st;
	int r = startup_make(s, &st, e);

	for (size_t i = 0; !r && i < st.n_sets; i++)
		r = make_set(&mk, &st.sets[i]);
	startup_free(&st);
	return r;
}

/* Okabe and Ito again, dark and light in turn, so that neighbours differ in black and white too. */
const char *plot_startup_color(enum phase event)
{
	static const char *const colors[PHASE_COUNT] = {
		[PHASE_PROCESS] = "#56B4E9",
		[PHASE_SANDBOX] = "#0072B2",
		[PHASE_INIT] = "#E69F00",
		[PHASE_MAIN] = "#D55E00",
		[PHASE_WORK] = "#F0E442",
		[PHASE_EXIT] = "#009E73",
		[PHASE_RELEASED] = "#FFFFFF",
	};

	return colors[event];
}

void plot_startup_frame(const struct plot_page *p, const char *what)
{
	char title[LABEL_SIZE + 64];

	snprintf(title, sizeof(title), "%s%s%s%s", plot_kinds[p->kind].title,
		*p->set->params ? ", " : "", p->set->params, p->zoomed ? ", the fast ones" : "");
	plot_frame(p, title, what);
}

void plot_startup_names(const struct plot_page *p)
{
	bool steps = p->draw == plot_startup_steps;

	for (size_t i = 0; i < p->n_ways; i++) {
		size_t column = steps ? p->set->steps[p->first + i].way.column
				      : p->set->ways[p->first + i].column;
		char label[LABEL_SIZE];

		plot_name_at(p, i, p->n_ways, text_column(&p->s->columns[column], label));
	}
	fprintf(p->gp, "set yrange [%.2f:-0.6]\n", (double)p->n_ways - 0.4);
}

void plot_startup_axis(const struct plot_page *p, double low, double high, struct scale scale)
{
	bool counts = !strcmp(p->set->unit, STARTUP_UNIT_INSTRUCTIONS);
	char unit[LABEL_SIZE];

	snprintf(unit, sizeof(unit), "%s%s%s", scale.utf8, *scale.utf8 && counts ? " " : "",
		counts || !*scale.utf8 ? p->set->unit : "");
	fprintf(p->gp, "set xrange [%.10g:%.10g]\n", low, high);
	plot_linear_ticks(p->gp, low, high);
	fputs("set xlabel ", p->gp);
	plot_quote(p->gp, unit);
	fputs(" noenhanced offset 0, 0.4\n", p->gp);
}
