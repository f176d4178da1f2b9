/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Text that is written like a file. As open_memstream(3), which cannot be used where memory may
 * end: what does not find room is lost there without a word, neither ferror nor fclose tells of it
 * (glibc 2.36, musl 1.2.3), and where glibc cannot give back what it has too much fclose makes NULL
 * of it all.
 */
#ifndef BENCH_BASE_MEMSTREAM_H
#define BENCH_BASE_MEMSTREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct memstream {
	FILE *f;    /* write here; NULL: it is not open */
	size_t len; /* bytes of the text, without its NUL: all of them once it is closed */
	char *text;
	size_t room; /* bytes that @text has */
	bool failed; /* not all found room; kept here, since clearerr(3) forgets and musl does not
			say */
};

/* @m stays where it is until it is closed. 0, or -ENOMEM: then there is nothing to close. */
int memstream_open(struct memstream *m);

/* All that was written, NUL-terminated, which the caller frees; NULL where not all found room. */
char *memstream_close(struct memstream *m);

#endif
