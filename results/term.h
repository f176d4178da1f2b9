/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text in columns on a terminal: display widths, colours, lines that do not end in blanks. */
#ifndef BENCH_RESULTS_TERM_H
#define BENCH_RESULTS_TERM_H

#include <stdbool.h>
#include <stdio.h>

#define TERM_MAX_LABEL 40 /* display width of a name; longer ones are cut */

#define RED "\033[31m"
#define GREEN "\033[32m"
#define YELLOW "\033[33m"
#define DIM "\033[2m"
#define BOLD "\033[1m"
#define PLAIN "\033[0m"

/* Where text goes, and what may go there. */
struct term {
	FILE *f;
	bool color, utf8;
	unsigned width; /* columns; 0: no limit */
	int blanks;     /* held back until something follows them in the line */
};

/* Display width of clean text (text_clean). */
int term_width(const char *s);

/* Cut clean @s to @width columns. */
void term_cut(char *s, int width);

/* @s as it may be printed, at most TERM_MAX_LABEL columns of it. */
void term_label(const struct term *t, const char *s, char *out, size_t size);

/* Print @s in @color (NULL: none) in a field of @width columns. */
void term_put(struct term *t, const char *s, int width, bool left, const char *color);

/* A blank or more, if something follows; the line between columns; the end of a line. */
void term_gap(struct term *t, int blanks);
void term_separator(struct term *t);
void term_end_line(struct term *t);

/* Print words of untrusted @text in lines of at most the terminal's width, the first after @label.
 */
void term_wrapped(struct term *t, const char *label, const char *text);

#endif
