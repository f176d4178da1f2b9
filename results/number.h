/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers of the files: shortest text that reads back as the same double, and strict reading. */
#ifndef BENCH_RESULTS_NUMBER_H
#define BENCH_RESULTS_NUMBER_H

#include <stddef.h>

#define NUMBER_SIZE 32 /* 17 digits, sign, point, exponent and NUL are 25 at most */

/* The shortest of %.15g to %.17g that reads back as @v; "" for what is not finite. Returns @out. */
const char *number_text(double v, char out[NUMBER_SIZE]);

/*
 * Parse the whole of @s as a finite decimal number: no blanks, no hexadecimal, no inf, no nan.
 * 0 or -EINVAL; *@out is untouched on failure.
 */
int number_parse(const char *s, double *out);

#endif
