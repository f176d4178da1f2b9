/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the fuzz targets share. Each is one function of libFuzzer's interface, built twice: by clang
 * with libFuzzer ("make fuzz"), and by the project's own compiler with replay.c ("make unit"),
 * which gives it the corpus and what was found once.
 *
 * A target asserts what its reader promises for any input, besides not crashing. It keeps nothing
 * from one input to the next, and files in memory only: millions of inputs are to be had.
 */
#ifndef BENCH_TESTS_FUZZ_H
#define BENCH_TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/err.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* A promise of the code that is tested, or a need of the test: kept, or a finding. */
#define MUST(promise)                                                                              \
	do {                                                                                       \
		if (!(promise)) {                                                                  \
			dprintf(STDERR_FILENO, "%s:%d: not kept: %s\n", __FILE__, __LINE__,        \
				#promise);                                                         \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* A memory file that lives as long as the process, with a path by which it can be opened. */
struct fuzz_file {
	int fd;
	char path[32];
};

/* Have @len bytes at @data in @f, which is made on first use: it begins all zero. */
static inline void fuzz_file_set(struct fuzz_file *f, const uint8_t *data, size_t len)
{
	if (!*f->path) {
		f->fd = memfd_create("fuzz", MFD_CLOEXEC);
		MUST(f->fd >= 0);
		snprintf(f->path, sizeof(f->path), "/proc/self/fd/%d", f->fd);
	}
	MUST(ftruncate(f->fd, (off_t)len) == 0);
	MUST(pwrite(f->fd, data, len, 0) == (ssize_t)len);
}

/* An input taken apart from its beginning; what is missing at its end is zeros. */
struct fuzz_bytes {
	const uint8_t *p;
	size_t left;
};

static inline uint64_t fuzz_number(struct fuzz_bytes *b, size_t bytes)
{
	uint64_t v = 0;
	size_t n = b->left < bytes ? b->left : bytes;

	memcpy(&v, b->p, n);
	b->p += n;
	b->left -= n;
	return v;
}

/* May @s be shown on a terminal as one line? */
static inline bool fuzz_printable(const char *s)
{
	for (; *s; s++) {
		if ((unsigned char)*s < ' ' || *s == 127)
			return false;
	}
	return true;
}

/* A failure as docs/errors.md has it: a negative errno that stands in @e too, and a message. */
static inline void fuzz_check_error(int r, const struct err *e)
{
	MUST(r < 0 && r == e->code && *e->step && *e->message);
}

#endif
