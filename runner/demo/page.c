/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/demo/page.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/util.h"
#include "results/text.h"
#include "runner/ui.h"

#define LABEL_WIDTH 18
#define GAP 2
#define MIN_WIDTH 40

void page_open(struct page *p, FILE *f, unsigned width, enum lang lang)
{
	*p = (struct page){
		.term = { .f = f,
			.color = ui_color(f),
			.utf8 = text_utf8(),
			.width = width < MIN_WIDTH ? MIN_WIDTH : width },
		.lang = lang,
	};
}

/* --- lines --- */

static bool begins_with_any(const char *s, const char *const *list)
{
	for (size_t i = 0; list[i]; i++) {
		if (!strncmp(s, list[i], strlen(list[i])))
			return true;
	}
	return false;
}

/*
 * May a line end before @next, after the character @last of @width columns? Chinese is broken after
 * any character, but a closing mark does not begin a line and an opening one does not end it.
 */
static bool may_break(const char *last, int width, const char *next)
{
	static const char *const closing[] = { "，", "。", "、", "；", "：", "？", "！", "）", "”",
		"’", "》", "」", "…", NULL };
	static const char *const opening[] = { "（", "“", "‘", "《", "「", NULL };

	if (*next == ' ')
		return true;
	if (begins_with_any(next, closing))
		return false;
	return width == 2 ? !begins_with_any(last, opening) : strchr("-/,", *last) != NULL;
}

/*
 * How many bytes of clean @s go into a line of @width columns, at least a character: up to the last
 * place where it may be broken, or cut where there is none.
 */
static size_t line_length(const char *s, int width)
{
	size_t at = 0, good = 0;
	int used = 0;

	while (s[at]) {
		unsigned code;
		size_t n = text_utf8_char(s + at, &code);
		int w = n > 1 ? wcwidth((wchar_t)code) : 1;

		n = n ? n : 1;
		w = w < 0 ? 1 : w;
		if (used + w > width && at)
			return good ? good : at;
		used += w;
		if (may_break(s + at, w, s + at + n))
			good = at + n;
		at += n;
	}
	return at;
}

/* The next line of *@s into @out, which has room for all of *@s; false at its end. */
static bool next_line(const char **s, int width, char *out)
{
	size_t n;

	while (**s == ' ')
		(*s)++;
	if (!**s)
		return false;
	n = line_length(*s, width);
	memcpy(out, *s, n);
	*s += n;
	while (n && out[n - 1] == ' ')
		n--;
	out[n] = '\0';
	return true;
}

static char *clean_copy(const struct page *p, const char *text)
{
	size_t size = strlen(text) + 1;
	char *out = malloc(size);

	if (out)
		text_clean(text, p->term.utf8 || p->lang != LANG_EN, out, size);
	return out;
}

/* --- paragraphs --- */

static void put_paragraph(struct page *p, const char *lead, const char *text, const char *color)
{
	cleanup_free char *clean = clean_copy(p, text);
	cleanup_free char *line = clean ? strdup(clean) : NULL;
	const char *rest = clean;
	int indent = term_width(lead);
	bool first = true;

	while (line && next_line(&rest, (int)p->term.width - indent, line)) {
		term_put(&p->term, first ? lead : "", indent, true, BOLD);
		term_put(&p->term, line, 0, true, color);
		term_end_line(&p->term);
		first = false;
	}
}

void page_paragraph(struct page *p, enum msg lead, enum msg msg, const char *const *args)
{
	cleanup_free char *text = msg_format(p->lang, msg, args);

	if (text)
		put_paragraph(p, msg_text(p->lang, lead), text, NULL);
}

/* --- tables --- */

void page_rule(struct page *p)
{
	int n = p->label_width + (int)p->n_columns * (p->column_width + GAP) - GAP;
	const char *part = p->term.utf8 ? "─" : "-";
	char line[4 * 512] = "";

	for (size_t used = 0; n-- > 0 && used + 4 < sizeof(line); used += strlen(part))
		strcpy(line + used, part);
	term_put(&p->term, line, 0, true, DIM);
	term_end_line(&p->term);
}

#define MAX_LINES 6 /* of a cell: what is more is left away, and "..." says so */

struct cell {
	char *clean, *line; /* owned */
	const char *rest;
	int width;
	const char *color;
};

static bool put_line(struct page *p, struct cell *cells, size_t n, bool last)
{
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		if (cells[i].line && next_line(&cells[i].rest, cells[i].width, cells[i].line))
			any = true;
		else if (cells[i].line)
			cells[i].line[0] = '\0';
		if (last && any && cells[i].rest && *cells[i].rest && cells[i].line)
			strcpy(cells[i].line, "...");
	}
	for (size_t i = 0; any && i < n; i++) {
		term_put(&p->term, cells[i].line ? cells[i].line : "", cells[i].width, true,
			cells[i].color);
		term_gap(&p->term, GAP);
	}
	if (any)
		term_end_line(&p->term);
	return any;
}

/* @colors: one for each of the texts; NULL: @color for all. */
static void put_row(struct page *p, const char *label, const char *const *texts,
	const char *const *colors, const char *color)
{
	struct cell cells[PAGE_COLUMNS + 1] = { 0 };

	for (size_t i = 0; i <= p->n_columns; i++) {
		const char *text = i ? texts[i - 1] : label;
		struct cell *c = &cells[i];

		c->clean = clean_copy(p, text ? text : msg_text(p->lang, MSG_NO_FACT));
		c->line = c->clean ? strdup(c->clean) : NULL;
		c->rest = c->clean;
		c->width = i ? p->column_width : p->label_width - GAP;
		c->color = !text ? DIM : !i ? BOLD : colors ? colors[i - 1] : color;
	}
	for (int i = 1; i <= MAX_LINES; i++)
		put_line(p, cells, p->n_columns + 1, i == MAX_LINES);
	for (size_t i = 0; i <= p->n_columns; i++) {
		free(cells[i].clean);
		free(cells[i].line);
	}
}

void page_table(struct page *p, const char *const *headings, size_t n)
{
	page_table_labels(p, LABEL_WIDTH, headings, n);
}

void page_table_labels(struct page *p, int label_width, const char *const *headings, size_t n)
{
	int width = (int)p->term.width;

	p->n_columns = n > PAGE_COLUMNS ? PAGE_COLUMNS : n;
	p->label_width = label_width;
	p->column_width = (width - p->label_width) / (int)(p->n_columns ? p->n_columns : 1) - GAP;
	fputc('\n', p->term.f);
	put_row(p, "", headings, NULL, BOLD);
	page_rule(p);
}

void page_row(struct page *p, const char *label, const char *const *cells)
{
	put_row(p, label, cells, NULL, NULL);
}

void page_row_colored(
	struct page *p, const char *label, const char *const *cells, const char *const *colors)
{
	put_row(p, label, cells, colors, NULL);
}

void page_table_end(struct page *p)
{
	fputc('\n', p->term.f);
}

char *page_side_name(const struct page *p, const struct demo_facts *f, const char *side)
{
	static const struct {
		const char *side;
		enum msg msg;
	} names[] = {
		{ "host", MSG_SIDE_HOST },
		{ "ctr", MSG_SIDE_CTR },
		{ "vm", MSG_SIDE_VM },
	};

	const char *kernel = demo_get(f, side, "side.kernel");

	if (kernel || !strncmp(side, "vm:", 3))
		return msg_format(
			p->lang, MSG_SIDE_VM_KERNEL, PAGE_ARGS(kernel ? kernel : side + 3));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!strcmp(side, names[i].side))
			return strdup(msg_text(p->lang, names[i].msg));
	}
	return strdup(side);
}

const char *page_side(const struct demo_facts *f, size_t i)
{
	const char *side;

	for (size_t k = 0; (side = demo_side(f, k)); k++) {
		if (!demo_missing(f, side) && !i--)
			return side;
	}
	return NULL;
}

void page_sides(struct page *p, const struct demo_facts *f)
{
	char *names[PAGE_COLUMNS] = { 0 };
	const char *side;
	size_t n = 0;

	while (n < PAGE_COLUMNS && (side = page_side(f, n)))
		names[n++] = page_side_name(p, f, side);
	page_table(p, (const char *const *)names, n);
	for (size_t i = 0; i < n; i++)
		free(names[i]);
}

void page_fact(struct page *p, const struct demo_facts *f, enum msg label, const char *key)
{
	const char *cells[PAGE_COLUMNS];

	for (size_t i = 0; i < p->n_columns; i++)
		cells[i] = demo_get(f, page_side(f, i), key);
	page_row(p, msg_text(p->lang, label), cells);
}

/* --- verdict --- */

static void put_verdict(struct page *p, enum verdict verdict, enum msg word, const char *color)
{
	p->verdict = verdict;
	term_put(&p->term, msg_text(p->lang, word), 0, true, color);
	term_end_line(&p->term);
}

void page_pass(struct page *p, enum msg seen)
{
	p->seen = seen;
	put_verdict(p, VERDICT_PASS, MSG_PASS, GREEN);
}

void page_cannot(struct page *p, const char *reason)
{
	page_paragraph(p, MSG_NONE, MSG_WHY_CANNOT, PAGE_ARGS(reason));
	put_verdict(p, VERDICT_CANNOT, MSG_CANNOT, YELLOW);
}

void page_cannot_named(struct page *p, const char *side, const char *why)
{
	cleanup_free char *reason = msg_format(p->lang, MSG_SIDE_WITHOUT,
		PAGE_ARGS(side ? side : "", why ? why : msg_text(p->lang, MSG_NO_ANSWER)));

	page_cannot(p, reason ? reason : "");
}

bool page_cannot_side(struct page *p, const struct demo_facts *f, const char *side, const char *key)
{
	const char *why = demo_missing(f, side), *ended = demo_get(f, side, "side.ended");
	cleanup_free char *name = page_side_name(p, f, side);

	if (!why && demo_get(f, side, key))
		return false;
	page_cannot_named(p, name, why ? why : ended);
	return true;
}

bool page_cannot_without(struct page *p, const struct demo_facts *f, const char *key)
{
	const char *side;

	for (size_t i = 0; (side = demo_side(f, i)); i++) {
		if (page_cannot_side(p, f, side, key))
			return true;
	}
	return false;
}

void page_fail(struct page *p, enum msg msg, const char *const *args)
{
	cleanup_free char *reason = msg_format(p->lang, msg, args);

	page_paragraph(p, MSG_NONE, MSG_WHY_FAIL, PAGE_ARGS(reason ? reason : ""));
	put_verdict(p, VERDICT_FAIL, MSG_FAIL, RED);
}
