/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A third to a half of a distribution's kernel is pages of zeros: they are worth telling apart. */
#ifndef BENCH_VMM_ZEROS_H
#define BENCH_VMM_ZEROS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Are all @len bytes at @p zero? By words: not every libc's memcmp compares more than a byte at a
 * time. */
static inline bool all_zero(const uint8_t *p, size_t len)
{
	uint64_t word;

	for (; len >= sizeof(word); p += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		if (word)
			return false;
	}
	while (len) {
		if (p[--len])
			return false;
	}
	return true;
}

#endif
