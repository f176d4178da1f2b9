/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/plot_script.h"

#include <math.h>
#include <string.h>

#include "base/util.h"
#include "results/text.h"

#define LINE 17         /* height of a line of the caption, CSS pixels */
#define LABEL_CHARS 150 /* what of an untrusted name goes onto a plot */

/* M. Okabe and K. Ito, Color Universal Design, 2008; its yellow is left out: too light on white. */
static const struct plot_style styles[PLOT_STYLES] = {
	{ "#000000", 7, "1", 1.5 },
	{ "#0072B2", 4, "(10,5)", 2 },
	{ "#D55E00", 9, "(3,3)", 2 },
	{ "#009E73", 12, "(12,4,2,4)", 2 },
	{ "#CC79A7", 5, "(6,2)", 2 },
	{ "#E69F00", 10, "(2,5)", 2 },
	{ "#56B4E9", 13, "(14,3,3,3,3,3)", 2 },
};

const struct plot_style *plot_style(size_t column)
{
	return &styles[column % ARRAY_SIZE(styles)];
}

static void quote(FILE *f, const char *s, const char *percent)
{
	char clean[LABEL_CHARS];

	text_clean(s, true, clean, sizeof(clean));
	fputc('\'', f);
	for (const char *p = clean; *p; p++) {
		if (*p == '\'') /* doubling it is not safe: gnuplot 5.4 misreads three in a row */
			fputs("\u2019", f);
		else if (*p == '%')
			fputs(percent, f);
		else
			fputc(*p == '`' ? '?' : *p, f);
	}
	fputc('\'', f);
}

void plot_quote(FILE *f, const char *s)
{
	quote(f, s, "%");
}

void plot_quote_tick(FILE *f, const char *s)
{
	quote(f, s, "%%");
}

int plot_label_margin(size_t longest)
{
	return 26 + 8 * (int)(longest > 60 ? 60 : longest);
}

double plot_x(double pixels)
{
	return pixels / PLOT_WIDTH;
}

double plot_y(const struct plot_page *p, double pixels)
{
	return pixels / p->height;
}

void plot_begin(const struct plot_page *p)
{
	char name[PLOT_NAME_SIZE];

	plot_name(p->kind, p->number, name);
	fprintf(p->gp,
		"# Made by bench from %s.dat; change it and run: gnuplot %s.gp\n"
		"do for [format in 'svg png'] {\n"
		"reset\n"
		"set encoding utf8\n"
		"set datafile separator tab\n"
		"if (format eq 'svg') {\n"
		"  set terminal svg size %d,%d dynamic noenhanced font 'sans-serif,13' background "
		"'#ffffff'\n"
		"} else {\n"
		"  set terminal pngcairo size %d,%d noenhanced font 'sans,10' fontscale 2 "
		"linewidth 2 pointscale 2 background '#ffffff'\n"
		"}\n"
		"set output '%s.'.format\n",
		name, name, PLOT_WIDTH, p->height, 2 * PLOT_WIDTH, 2 * p->height, name);
}

void plot_end(const struct plot_page *p)
{
	fputs("unset output\n}\n", p->gp);
}

static bool is_known(const char *fact)
{
	return strcmp(fact, MANIFEST_UNKNOWN) != 0;
}

static void caption_line(const struct plot_page *p, int line, const char *color, const char *text)
{
	fprintf(p->gp, "set label %d ", line + 10);
	plot_quote(p->gp, text);
	fprintf(p->gp, " at screen %.5f, screen %.5f left noenhanced textcolor rgb '%s'\n",
		plot_x(16), plot_y(p, 12 + LINE * line), color);
}

void plot_caption(const struct plot_page *p, const char *title, const char *what)
{
	const char *guest = manifest_get(p->m, "guest.kernel.release");
	char n[CAVEAT_SIZE];
	cleanup_free char *host = NULL;
	int line = 0;

	fputs("set label 1 ", p->gp);
	plot_quote(p->gp, title);
	fprintf(p->gp, " at screen %.5f, screen %.5f left noenhanced font ',16'\n", plot_x(16),
		plot_y(p, p->height - 22));
	host = format_text("Host: %s, kernel %s%s%s; machine: %s",
		manifest_get(p->m, "host.cpu.model"), manifest_get(p->m, "host.kernel.release"),
		is_known(guest) ? "; guest kernel " : "", is_known(guest) ? guest : "",
		manifest_get(p->m, "machine"));
	if (host)
		caption_line(p, line++, "#444444", host);
	text_counts(p->s, n);
	caption_line(p, line++, "#444444", n);
	caption_line(p, line++, "#444444", what);
	if (p->set && !strcmp(p->set->unit, STARTUP_UNIT_INSTRUCTIONS))
		caption_line(p, line++, "#B03000", INSTRUCTIONS_MARK);
	else if (manifest_emulated(p->m))
		caption_line(p, line++, "#B03000", EMULATED_MARK);
}

bool plot_has_point(const struct plot_page *p, size_t row, size_t column)
{
	const struct summary_group *g = summary_cell(p->s, row, column);

	if (!g || !g->n_samples)
		return false;
	if (p->kind == PLOT_DISTRIBUTION)
		return true;
	return p->kind == PLOT_OVERVIEW ? g->median > 0 : g->ratio > 0;
}

static void put_tick(FILE *f, bool *first, double at, const char *unit)
{
	char text[TEXT_SIZE];
	struct scale scale = text_scale(at * 1.0001, unit);

	snprintf(text, sizeof(text), "%g%s%s", at / scale.factor, *scale.utf8 ? " " : "",
		scale.utf8);
	fprintf(f, "%s", *first ? "" : ", ");
	plot_quote(f, text);
	fprintf(f, " %.10g", at);
	*first = false;
}

void plot_log_range(double *low, double *high, double margin)
{
	double from = log10(*low), to = log10(*high), more = margin * (to - from);

	*low = pow(10, fmax(from - more, -300));
	*high = pow(10, fmin(to + more, 300));
}

static void log_ticks(FILE *f, char axis, double low, double high, const char *unit, double room)
{
	static const double finest[] = { 1, 1.5, 2, 3, 5, 7 }, fine[] = { 1, 2, 5 };
	double decades = log10(high) - log10(low);
	size_t per_decade = decades < room / 3 ? ARRAY_SIZE(finest)
			    : decades < room   ? ARRAY_SIZE(fine)
					       : 1;
	const double *at_each = per_decade > ARRAY_SIZE(fine) ? finest : fine;
	int every = decades > 3 * room ? 3 : 1;
	bool first = true;

	fprintf(f, "set %ctics nomirror out textcolor rgb '#000000' (", axis);
	for (int d = (int)floor(log10(low)); d <= (int)ceil(log10(high)); d++) {
		for (size_t i = 0; i < per_decade; i++) {
			double at = at_each[i] * pow(10, d);

			if (d % every == 0 && at >= low * 0.999 && at <= high * 1.001)
				put_tick(f, &first, at, unit);
		}
	}
	fputs(")\n", f);
}

static void linear_ticks(FILE *f, char axis, double low, double high)
{
	static const double steps[] = { 1, 2, 5, 10 };
	double power = pow(10, floor(log10((high - low) / 2)) - 1), step = power;
	bool first = true;

	for (int more = 0; more < 3; more++) {
		for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
			step = power * pow(10, more) * steps[i];
			if ((high - low) / step < 5)
				goto found;
		}
	}
found:
	fprintf(f, "set %ctics nomirror out textcolor rgb '#000000' (", axis);
	for (double k = ceil(low / step); k * step <= high && k < ceil(low / step) + 10; k++)
		put_tick(f, &first, k * step + 0.0, ""); /* +0, not -0 */
	fputs(")\n", f);
}

void plot_log_ticks(FILE *f, double low, double high, const char *unit, double room)
{
	log_ticks(f, 'x', low, high, unit, room);
}

void plot_log_ticks_y(FILE *f, double low, double high, const char *unit, double room)
{
	log_ticks(f, 'y', low, high, unit, room);
}

void plot_linear_ticks(FILE *f, double low, double high)
{
	linear_ticks(f, 'x', low, high);
}

void plot_linear_ticks_y(FILE *f, double low, double high)
{
	linear_ticks(f, 'y', low, high);
}

void plot_frame(const struct plot_page *p, const char *title, const char *what)
{
	plot_begin(p);
	plot_caption(p, title, what);
	fprintf(p->gp,
		"set lmargin at screen %.5f\nset rmargin at screen %.5f\n"
		"set tmargin at screen %.5f\nset bmargin at screen %.5f\n"
		"set border 1 linecolor rgb '#666666'\nset tics nomirror out\n"
		"set grid xtics linetype 1 linecolor rgb '#cccccc'\n",
		plot_x(p->left), plot_x(PLOT_WIDTH - p->right), plot_y(p, p->height - 86),
		plot_y(p, 134));
}

void plot_name_at(const struct plot_page *p, size_t i, size_t n, const char *name)
{
	fputs(i ? ", " : "set ytics scale 0 (", p->gp);
	plot_quote_tick(p->gp, name);
	fprintf(p->gp, " %zu", i);
	if (i + 1 == n)
		fputs(") noenhanced textcolor rgb '#000000'\n", p->gp);
}

void plot_row_bands(const struct plot_page *p)
{
	for (size_t i = 0; i < p->n_rows; i += 2)
		fprintf(p->gp,
			"set object %zu rectangle from graph 0, first %.1f to graph 1, first %.1f "
			"behind fillcolor rgb '#f2f2f2' fillstyle solid noborder\n",
			i + 1, (double)i - 0.5, (double)i + 0.5);
}
