/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small multiples: a number against how many instances were held, a panel a way of running. */
#include <math.h>

#include "results/plot_script.h"
#include "results/term.h"

#define ACROSS 3
#define PANEL_HEIGHT 216
#define TOP 84          /* title and key of the page */
#define MAX_POINTS 1500 /* of a panel; more only make the file large */
#define TITLE_CHARS 36  /* what has room above a panel */

struct frame {
	double x_high, low, high;
	struct scale scale;
	bool log_axis;
};

static void widen(struct frame *fr, const struct held_point *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		fr->x_high = fmax(fr->x_high, p[i].held);
		fr->low = fmin(fr->low, p[i].value);
		fr->high = fmax(fr->high, p[i].value);
	}
}

static struct frame frame_of(const struct plot_panel *panel)
{
	struct frame fr = { 1, INFINITY, -INFINITY, { 1, "", "" }, false };
	double margin;

	widen(&fr, panel->points, panel->n);
	widen(&fr, panel->line, panel->n_line);
	fr.log_axis = !panel->from_zero && fr.low > 0 && fr.high / fr.low > 5;
	fr.scale = text_scale(
		fr.log_axis ? sqrt(fr.low) * sqrt(fr.high) : fmax(fabs(fr.low), fabs(fr.high)),
		panel->unit);
	fr.low /= fr.scale.factor;
	fr.high /= fr.scale.factor;
	if (fr.log_axis) {
		plot_log_range(&fr.low, &fr.high, 0.06);
		return fr;
	}
	fr.low = fmin(fr.low, 0);
	fr.high = fmax(fr.high, 0);
	margin = 0.06 * (fr.high - fr.low);
	margin += margin > 0 ? 0 : 0.5;
	fr.low -= fr.low < 0 ? margin : 0;
	fr.high += margin;
	return fr;
}

static void put_line(
	const struct plot_page *p, int tag, const char *text, double x, double y, const char *color)
{
	char cut[LABEL_SIZE];

	text_clean(text, true, cut, sizeof(cut));
	term_cut(cut, TITLE_CHARS);
	fprintf(p->gp, "set label %d ", tag);
	plot_quote(p->gp, cut);
	fprintf(p->gp, " at screen %.5f, screen %.5f left noenhanced textcolor rgb '%s'\n",
		plot_x(x), plot_y(p, y), color);
}

static void write_frame(const struct plot_page *p, const struct plot_panel *panel,
	const struct frame *fr, size_t at)
{
	double width = (double)PLOT_WIDTH / ACROSS, x = width * (double)(at % ACROSS);
	size_t above = at / ACROSS;
	double top = p->height - TOP - PANEL_HEIGHT * (double)above;

	put_line(p, 101, panel->title, x + 56, top - 8, "#000000");
	put_line(p, 102, panel->note, x + 56, top - 24, "#444444");
	fprintf(p->gp,
		"set lmargin at screen %.5f\nset rmargin at screen %.5f\n"
		"set tmargin at screen %.5f\nset bmargin at screen %.5f\n",
		plot_x(x + 56), plot_x(x + width - 14), plot_y(p, top - 36),
		plot_y(p, top - PANEL_HEIGHT + 42));
	/* In this order: what the last panel left must not meet a log axis. */
	fprintf(p->gp, "unset logscale y\nset xrange [0:%.10g]\nset yrange [%.10g:%.10g]\n%s",
		fr->x_high * 1.03, fr->low, fr->high, fr->log_axis ? "set logscale y\n" : "");
	plot_linear_ticks(p->gp, 0, fr->x_high * 1.03);
	if (fr->log_axis)
		plot_log_ticks_y(p->gp, fr->low, fr->high, "", 2.6);
	else
		plot_linear_ticks_y(p->gp, fr->low, fr->high);
	fputs("set xlabel 'instances held' noenhanced offset 0, 0.6\n"
	      "set label 103 ",
		p->gp);
	plot_quote(p->gp, *fr->scale.utf8 ? fr->scale.utf8 : panel->unit);
	fprintf(p->gp, " at screen %.5f, screen %.5f right noenhanced textcolor rgb '#000000'\n",
		plot_x(x + 50), plot_y(p, top - 24));
}

static void write_points(
	FILE *dat, const struct held_point *p, size_t n, size_t stride, double factor)
{
	for (size_t i = 0; i < n; i += stride)
		fprintf(dat, "%.17g\t%.17g\n", p[i].held, p[i].value / factor);
	fputs("\n\n", dat);
}

static void write_panel(const struct plot_page *p, size_t at, int *index)
{
	const struct plot_panel *panel = &p->panels[at];
	struct frame fr = frame_of(panel);
	char name[PLOT_NAME_SIZE];

	plot_name(p->kind, p->number, name);
	write_frame(p, panel, &fr, at);
	write_points(p->dat, panel->points, panel->n, (panel->n + MAX_POINTS - 1) / MAX_POINTS,
		fr.scale.factor);
	fprintf(p->gp,
		"plot '%s.dat' index %d using 1:2 with points pointtype 7 pointsize 0.3 linecolor "
		"rgb '#56B4E9' notitle",
		name, (*index)++);
	if (panel->n_line) {
		write_points(p->dat, panel->line, panel->n_line, 1, fr.scale.factor);
		fprintf(p->gp,
			",\\\n  '%s.dat' index %d using 1:2 with lines linewidth 2 linecolor rgb "
			"'#D55E00' notitle",
			name, (*index)++);
	}
	fputc('\n', p->gp);
}

/* What a point is, what the line is, and the caption's sentence. */
static const struct {
	enum plot_kind kind;
	const char *point, *line, *what;
} words[] = {
	{ PLOT_MEMORY_STAIR, "one reading, all stairs", "slope (median of the stairs)",
		"Taken: MemAvailable with none held, less what it is with so many. The slope is "
		"what one more instance takes. Each panel has axes of its own." },
	{ PLOT_DENSITY_START, "one start", "running median",
		"From request to ready, while so many were held already. Each panel has axes of "
		"its "
		"own." },
	{ PLOT_DENSITY_LATE, "one wake-up", "running median",
		"The first instance sleeps 10 ms again and again: how long after the time asked "
		"for "
		"it woke up. Each panel has axes of its own." },
	{ PLOT_DENSITY_MEMORY, "one reading", "line through all (least squares)",
		"Taken: MemAvailable with none held, less what it is with so many. Each panel has "
		"axes of its own." },
};

static size_t words_of(enum plot_kind kind)
{
	size_t i = 0;

	while (words[i].kind != kind)
		i++;
	return i;
}

/* One key for all panels: a plot without data, over the whole page. */
static void write_key(const struct plot_page *p)
{
	size_t i = words_of(p->kind);

	fprintf(p->gp,
		"set lmargin at screen 0\nset rmargin at screen %.5f\n"
		"set tmargin at screen %.5f\nset bmargin at screen 0\n"
		"unset border\nunset tics\nset xrange [0:1]\nset yrange [0:1]\n"
		"set key at graph 1, graph 1 top right horizontal maxrows 1 Left reverse "
		"noenhanced samplen 2 width 1\n"
		"plot NaN with points pointtype 7 pointsize 0.6 linecolor rgb '#56B4E9' title '%s',"
		"\\\n  NaN with lines linewidth 2 linecolor rgb '#D55E00' title '%s'\n",
		plot_x(PLOT_WIDTH - 14), plot_y(p, p->height - 38), words[i].point, words[i].line);
}

int plot_panels_height(size_t n)
{
	return TOP + PANEL_HEIGHT * (int)((n + ACROSS - 1) / ACROSS) + 84;
}

void plot_panels(struct plot_page *p)
{
	char title[PLOT_TITLE_SIZE];
	int index = 0;

	fputs("# instances held\tvalue; for each panel a block of points, and one of its line\n",
		p->dat);
	plot_begin(p);
	fputs("set multiplot\n", p->gp);
	plot_caption(p, plot_held_title(p, title), words[words_of(p->kind)].what);
	write_key(p);
	for (int label = 1; label < 20; label++)
		fprintf(p->gp, "unset label %d\n", label);
	fputs("unset key\nset border 3 linecolor rgb '#666666'\nset tics nomirror out scale 0.5\n"
	      "set grid linetype 1 linecolor rgb '#dddddd'\n",
		p->gp);
	for (size_t i = 0; i < p->n_panels; i++)
		write_panel(p, i, &index);
	fputs("unset multiplot\n", p->gp);
	plot_end(p);
}
