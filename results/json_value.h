/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values for JSON as the results need them. The caller owns what they return; NULL: no memory. */
#ifndef BENCH_RESULTS_JSON_VALUE_H
#define BENCH_RESULTS_JSON_VALUE_H

#include <jansson.h>

/* null for what is not finite. */
json_t *json_of_number(double v);

/* Untrusted text; what is not UTF-8 becomes '?', since jansson takes nothing else. */
json_t *json_of_text(const char *s);

#endif
