/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/words.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/util.h"

void words_add(struct words *w, const char *word)
{
	if (w->n + 1 >= WORDS_MAX)
		w->error = w->error ? w->error : -E2BIG;
	else if (word)
		w->argv[w->n++] = (char *)word; /* execve's signature; nobody writes there */
}

void words_addf(struct words *w, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;
	int n = -1;

	va_start(ap, fmt);
	if (w->n_text < ARRAY_SIZE(w->text))
		n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0) {
		w->error = w->error ? w->error : -ENOMEM;
		return;
	}
	w->text[w->n_text++] = text;
	words_add(w, text);
}

void words_free(struct words *w)
{
	for (size_t i = 0; i < w->n_text; i++)
		free(w->text[i]);
	*w = (struct words){ 0 };
}
