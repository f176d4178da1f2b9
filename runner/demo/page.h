/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A demonstration as a terminal shows it: heading, question, sides beside each other, verdict. */
#ifndef BENCH_RUNNER_DEMO_PAGE_H
#define BENCH_RUNNER_DEMO_PAGE_H

#include <stdio.h>

#include "results/demo_facts.h"
#include "results/term.h"
#include "runner/demo/messages.h"

#define PAGE_COLUMNS 8

enum verdict {
	VERDICT_NONE,   /* not judged yet: of a page at its end a fault of the demonstration */
	VERDICT_PASS,   /* what was to be shown was seen */
	VERDICT_CANNOT, /* this host cannot show it */
	VERDICT_FAIL    /* something else was seen */
};

struct page {
	struct term term;
	enum lang lang;
	size_t n_columns;
	int label_width, column_width; /* of the table that is open, in columns of the terminal */
	enum verdict verdict;
	enum msg seen; /* the choice of the question that came true; MSG_NONE: not asked */
};

/* On @f, of @width columns; colours where @f is a terminal that takes them. */
void page_open(struct page *p, FILE *f, unsigned width, enum lang lang);

/* A list of arguments for "$1", "$2", ... of a message. */
#define PAGE_ARGS(...) ((const char *const[]){ __VA_ARGS__ __VA_OPT__(, ) NULL })

/* A paragraph: the message, its lines broken at the page's width. */
#define page_say(p, msg, ...) page_paragraph(p, MSG_NONE, msg, PAGE_ARGS(__VA_ARGS__))
void page_paragraph(struct page *p, enum msg lead, enum msg msg, const char *const *args);

/*
 * A table: @headings of its columns (@n, at most PAGE_COLUMNS), above which the column of labels
 * has none; then rows of as many cells, which are broken into lines where they are long. A cell
 * that is NULL is "unknown". Cells may be anybody's bytes.
 */
void page_table(struct page *p, const char *const *headings, size_t n);
void page_row(struct page *p, const char *label, const char *const *cells);
/* The same with room for labels of @label_width columns, two of them the gap to the cells; with a
 * colour (results/term.h) a cell; and a rule between two rows. */
void page_table_labels(struct page *p, int label_width, const char *const *headings, size_t n);
void page_row_colored(
	struct page *p, const char *label, const char *const *cells, const char *const *colors);
void page_rule(struct page *p);
void page_table_end(struct page *p);

/* The usual case: the sides of @f that are not missing as columns, and a fact of each in a row. */
void page_sides(struct page *p, const struct demo_facts *f);
const char *page_side(const struct demo_facts *f, size_t i); /* of the @i-th column; NULL: none */
void page_fact(struct page *p, const struct demo_facts *f, enum msg label, const char *key);

/* How the side is called in a heading: "VM (distro)". The caller frees; NULL: no memory. */
char *page_side_name(const struct page *p, const struct demo_facts *f, const char *side);

/* The one sentence of what was seen. */
#define page_seen(p, msg, ...) page_paragraph(p, MSG_SEEN, msg, PAGE_ARGS(__VA_ARGS__))

/*
 * The last line. @seen: which choice of the question came true, for PASS. The reason of the two
 * others is a sentence in the page's language, or what a runtime said.
 */
void page_pass(struct page *p, enum msg seen);
void page_cannot(struct page *p, const char *reason);

/* The same for a side that is called @side on the page; @why may be NULL: it gave no answer. */
void page_cannot_named(struct page *p, const char *side, const char *why);

/*
 * The usual case of it: @side, which need not be in the facts, is missing or has not told @key; or
 * any of those that are in the facts. False where all have.
 */
bool page_cannot_side(
	struct page *p, const struct demo_facts *f, const char *side, const char *key);
bool page_cannot_without(struct page *p, const struct demo_facts *f, const char *key);

void page_fail(struct page *p, enum msg msg, const char *const *args);

#endif
