/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BENCH_RESULTS_HTML_H
#define BENCH_RESULTS_HTML_H

#include <stdio.h>

/*
 * Print untrusted @s as text or as the value of an attribute in double quotes: & < > " ' are
 * escaped; control characters and what is not UTF-8 become '?'.
 */
void html_text(FILE *f, const char *s);

/* printf of trusted markup in which each %s is escaped by html_text. No other conversions. */
void html_print(FILE *f, const char *markup, ...);

#endif
