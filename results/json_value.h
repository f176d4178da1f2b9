/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON as the results need it. The caller owns the values that are returned; NULL: no memory. */
#ifndef BENCH_RESULTS_JSON_VALUE_H
#define BENCH_RESULTS_JSON_VALUE_H

#include <stdio.h>

#include <jansson.h>

/* null for what is not finite. */
json_t *json_of_number(double v);

/* Untrusted text; what is not UTF-8 becomes '?', since jansson takes nothing else. */
json_t *json_of_text(const char *s);

/*
 * Print @root, which stays the caller's, with all digits and a newline at its end. 0; -EIO; or
 * -ENOMEM where since the last json_alloc_watch() something of it could not be made.
 */
int json_print(FILE *f, const json_t *root);

#endif
