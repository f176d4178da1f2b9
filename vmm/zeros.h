/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A third to a half of a distribution's kernel is pages of zeros: they are worth telling apart. */
#ifndef BENCH_VMM_ZEROS_H
#define BENCH_VMM_ZEROS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Are all @len bytes at @p zero? @len is at least 1. */
static inline bool all_zero(const uint8_t *p, size_t len)
{
	return p[0] == 0 && memcmp(p, p + 1, len - 1) == 0;
}

#endif
