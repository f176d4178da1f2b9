/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exits per operation: benchmarks from top to bottom, on an axis that has a place for 0. */
#include <math.h>
#include <string.h>

#include "base/util.h"
#include "results/plot_bars.h"

#define ROWS_PER_PAGE 40
#define ROW_HEIGHT 25
#define KEY_HEIGHT                                                                                 \
	18 /* of a line of the key; each way has one, with a column for each of its marks */

/*
 * The axis is linear around 0 and logarithmic from some multiples of KNEE on: what is less is a
 * stray tick of a clock. In gnuplot's terms: set nonlinear x via f(x) inverse g(x).
 */
#define KNEE 0.01

/* The two counts that a benchmark has a mark for. */
static const struct {
	enum exit_count count;
	const char *what;
	bool hollow;
} marks[] = {
	{ COUNT_ALL, "all exits", false },
	{ COUNT_USER, "to the VMM", true },
};

static const struct exits_bench *bench_at(const struct plot_page *p, size_t i)
{
	return &p->exits->benches[p->first + i];
}

static size_t ways_with_counts(const struct summary *s, const struct exits *x)
{
	size_t n = 0;

	for (size_t col = 0; col < s->n_columns; col++)
		n += exits_has_column(s, x, col);
	return n;
}

/* @shift: of the marks from the middle of their rows. Returns the largest value, 0 without any. */
static double write_block(
	const struct plot_page *p, enum exit_count count, size_t col, double shift)
{
	double most = 0;

	for (size_t i = 0; i < p->n_rows; i++) {
		const struct summary_group *g = exits_group(p->s, bench_at(p, i), count, col);
		char label[LABEL_SIZE], clean[LABEL_SIZE];

		if (!g)
			continue;
		text_clean(text_row(&bench_at(p, i)->name, label), true, clean, sizeof(clean));
		fprintf(p->dat, "%.4f\t%.17g\t%.17g\t%.17g\t%s\n", (double)i + shift, g->median,
			plot_low_end(g), plot_high_end(g), clean);
		most = fmax(most, plot_high_end(g));
	}
	fputs("\n\n", p->dat);
	return most;
}

/* A block of lines "y, value, low, high" for each way and count. Returns the largest value. */
static double write_data(const struct plot_page *p)
{
	size_t blocks = ways_with_counts(p->s, p->exits) * ARRAY_SIZE(marks);
	double n = (double)blocks, at = 0, most = 1;

	fprintf(p->dat, "# y\texits\tlow\thigh\tbenchmark\n");
	for (size_t col = 0; col < p->s->n_columns; col++) {
		if (!exits_has_column(p->s, p->exits, col))
			continue;
		for (size_t k = 0; k < ARRAY_SIZE(marks); k++, at++)
			most = fmax(most,
				write_block(p, marks[k].count, col, 0.7 / n * (at - (n - 1) / 2)));
	}
	return most;
}

static void write_axis(const struct plot_page *p, double most)
{
	fprintf(p->gp,
		"set nonlinear x via log10(1 + x / %g) inverse %g * (10**x - 1)\n"
		"set xrange [%g:%.10g]\nset yrange [%.2f:-0.6]\n"
		"set xtics nomirror out textcolor rgb '#000000' (0, 0.01, 0.1",
		KNEE, KNEE, -KNEE / 4, most * 1.5, (double)p->n_rows - 0.4);
	for (double tick = 1; tick <= most * 1.5 && tick < 1e12; tick *= 10) {
		fprintf(p->gp, ", %g", tick);
		if (most < 30)
			fprintf(p->gp, ", %g, %g", 2 * tick, 5 * tick);
	}
	fputs(")\nset xlabel 'exits per operation; linear near 0' noenhanced\n", p->gp);
}

static void write_rows(const struct plot_page *p)
{
	for (size_t i = 0; i < p->n_rows; i++) {
		char label[LABEL_SIZE];

		plot_name_at(p, i, p->n_rows, text_row(&bench_at(p, i)->name, label));
	}
	plot_row_bands(p);
}

static bool block_is_empty(const struct plot_page *p, enum exit_count count, size_t col)
{
	size_t i = 0;

	while (i < p->n_rows && !exits_group(p->s, bench_at(p, i), count, col))
		i++;
	return i == p->n_rows;
}

static void write_plot(const struct plot_page *p)
{
	const char *separator = "plot ";
	char name[PLOT_NAME_SIZE], label[LABEL_SIZE];
	size_t block = 0, style = 0;

	plot_name(p->kind, p->number, name);
	for (size_t col = 0; col < p->s->n_columns; col++) {
		if (!exits_has_column(p->s, p->exits, col))
			continue;
		for (size_t k = 0; k < ARRAY_SIZE(marks); k++) {
			const struct plot_style *st = plot_style(style);
			char title[LABEL_SIZE + 16];

			if (block_is_empty(p, marks[k].count, col))
				continue;
			snprintf(title, sizeof(title), "%s, %s",
				text_column(&p->s->columns[col], label), marks[k].what);
			fprintf(p->gp,
				"%s\\\n  '%s.dat' index %zu using 2:1:3:4 with xerrorbars "
				"pointtype %d pointsize %g linewidth 1.3 linecolor rgb '%s' title ",
				separator, name, block++, marks[k].hollow ? 6 : 7,
				marks[k].hollow ? 0.9 : 0.7, st->color);
			plot_quote(p->gp, title);
			separator = ", ";
		}
		style++;
	}
	fputc('\n', p->gp);
}

static void draw(struct plot_page *p)
{
	double most = write_data(p);

	plot_begin(p);
	plot_caption(p, plot_kinds[p->kind].title,
		"Mark: median of the launches; bar: its bootstrap 95% interval. Counted "
		"around the timed batches; 0 is a count too.");
	fprintf(p->gp,
		"set lmargin at screen %.5f\nset rmargin at screen %.5f\n"
		"set tmargin at screen %.5f\nset bmargin at screen %.5f\n"
		"set key at screen %.5f, screen %.5f top right horizontal maxcols 2 Left "
		"reverse noenhanced samplen 2 width 1\n"
		"set border 1 linecolor rgb '#666666'\nset tics nomirror out\n"
		"set grid xtics linetype 1 linecolor rgb '#cccccc'\n",
		plot_x(p->left), plot_x(PLOT_WIDTH - p->right),
		plot_y(p, p->height - 48 - KEY_HEIGHT * (int)ways_with_counts(p->s, p->exits)),
		plot_y(p, 140), plot_x(PLOT_WIDTH - p->right), plot_y(p, p->height - 38));
	write_axis(p, most);
	write_rows(p);
	write_plot(p);
	plot_end(p);
}

static size_t longest_name(const struct exits *x)
{
	size_t longest = 0;

	for (size_t i = 0; i < x->n; i++) {
		char label[LABEL_SIZE];
		size_t len = strlen(text_row(&x->benches[i].name, label));

		longest = len > longest ? len : longest;
	}
	return longest;
}

int plot_exits(const struct summary *s, plot_page_fn make, void *ctx, struct err *e)
{
	struct exits x;
	int r = exits_make(s, &x, e);
	size_t n_ways = r ? 0 : ways_with_counts(s, &x);

	for (size_t first = 0; !r && first < x.n; first += ROWS_PER_PAGE) {
		size_t n = x.n - first < ROWS_PER_PAGE ? x.n - first : ROWS_PER_PAGE;

		r = make(
			ctx, (struct plot_page){ .kind = PLOT_EXITS,
				     .exits = &x,
				     .first = first,
				     .n_rows = n,
				     .left = plot_label_margin(longest_name(&x)),
				     .right = 30,
				     .height = KEY_HEIGHT * (int)n_ways + 188 + ROW_HEIGHT * (int)n,
				     .draw = draw });
	}
	exits_free(&x);
	return r;
}
