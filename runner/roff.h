/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text as the requests of man(7), which groff and mandoc understand. */
#ifndef BENCH_RUNNER_ROFF_H
#define BENCH_RUNNER_ROFF_H

#include <stdio.h>

/* Running text: @text has blanks or newlines between its words. */
void roff_text(FILE *f, const char *text);

/*
 * Paragraphs: an empty line parts them, lines that begin with a blank are examples and stay as they
 * are. As struct verb's details. Begins without a request: behind one of .SH, .SS, .PP, .TP.
 */
void roff_prose(FILE *f, const char *text);

/* What is typed, on a line of its own: capitals are metavariables, and slanted; words are bold. */
void roff_typed(FILE *f, const char *text);

/* @text bold on a line of its own. */
void roff_bold(FILE *f, const char *text);

#endif
