/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What firmware tables end up with: the byte that makes the sum of all their bytes 0. */
#ifndef BENCH_VMM_CHECKSUM_H
#define BENCH_VMM_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

static inline uint8_t table_checksum(const void *p, size_t len)
{
	const uint8_t *b = p;
	uint8_t sum = 0;

	while (len--)
		sum += *b++;
	return (uint8_t)-sum;
}

#endif
