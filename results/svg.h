/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pictures as a part of a page of HTML. */
#ifndef BENCH_RESULTS_SVG_H
#define BENCH_RESULTS_SVG_H

#include <stddef.h>
#include <stdio.h>

#include "base/err.h"

/*
 * Print the picture @svg of @len bytes as an element of an HTML page. Whoever made the file is not
 * trusted: of what it holds only the elements and attributes of a table are printed (shapes, text,
 * colours, as gnuplot writes them), each with a value of harmless characters, and nothing that
 * could run, load or link. Names that the picture refers to become "@id-NAME", so that pictures of
 * a page do not meet; colours become "#rrggbb", so that a style sheet can name them; the fonts are
 * the page's. @label is the alternative text, untrusted.
 * -EBADMSG where it is no such picture: then nothing is printed, and the error, of step @path, says
 * where. -ENOMEM.
 */
int svg_print(FILE *f, const char *svg, size_t len, const char *path, const char *id,
	const char *label, struct err *e);

#endif
