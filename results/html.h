/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BENCH_RESULTS_HTML_H
#define BENCH_RESULTS_HTML_H

#include <stddef.h>
#include <stdio.h>

/*
 * Print untrusted @s as text or as the value of an attribute in double quotes: & < > " ' are
 * escaped; control characters and what is not UTF-8 become '?'.
 */
void html_text(FILE *f, const char *s);

/* printf of trusted markup in which each %s is escaped by html_text. No other conversions. */
void html_print(FILE *f, const char *markup, ...);

/* Print @len bytes in base64 (RFC 4648), without line breaks. */
void html_base64(FILE *f, const void *data, size_t len);

#endif
