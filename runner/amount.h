/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A number of bytes that a file of the kernel's tells, or the reason why it does not. */
#ifndef BENCH_RUNNER_AMOUNT_H
#define BENCH_RUNNER_AMOUNT_H

#include <stdbool.h>
#include <stdint.h>

struct amount {
	uint64_t bytes;
	char why[120]; /* "": known. Else one line, and bytes mean nothing */
};

static inline bool amount_known(const struct amount *a)
{
	return !a->why[0];
}

struct amount amount_of(uint64_t bytes);
struct amount amount_unknown(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The sum where all @n are known; else why the first of the others is not. */
struct amount amount_sum(const struct amount *a, unsigned n);

/*
 * The value of @key in @text, whose lines are "KEY NUMBER UNIT" or "KEY: NUMBER UNIT". @unit is
 * "kB" (1024 bytes), or "" for bytes. What is not exactly so, or has no end of line, is unknown;
 * @file is the name of the text in that reason.
 */
struct amount amount_find(const char *text, const char *key, const char *unit, const char *file);

#endif
