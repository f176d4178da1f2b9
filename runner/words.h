/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A command line that is put together word by word. */
#ifndef BENCH_RUNNER_WORDS_H
#define BENCH_RUNNER_WORDS_H

#include <stddef.h>

#define WORDS_MAX 256

struct words {
	char *argv[WORDS_MAX]; /* ends with a NULL; the words themselves are borrowed or in @text */
	size_t n;
	char *text[WORDS_MAX]; /* owned: what was composed */
	size_t n_text;
	int error; /* 0, -E2BIG or -ENOMEM, from the first word that did not fit: look once, at the
		      end */
};

/* Start with = { 0 }; words_free is due in every case. @word is borrowed; NULL is passed over. */
void words_add(struct words *w, const char *word);
void words_addf(struct words *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void words_free(struct words *w);

#endif
