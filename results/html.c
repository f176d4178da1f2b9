/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/html.h"

#include <stdarg.h>
#include <string.h>

#include "results/text.h"

static const char *entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void html_text(FILE *f, const char *s)
{
	char piece[256];

	while (*s) {
		unsigned code;
		size_t n = text_utf8_char(s, &code);
		const char *escaped = entity(*s);

		if (escaped) {
			fputs(escaped, f);
		} else {
			char one[8] = { 0 };

			memcpy(one, s, n ? n : 1);
			text_clean(one, true, piece, sizeof(piece));
			fputs(piece, f);
		}
		s += n ? n : 1;
	}
}

void html_print(FILE *f, const char *markup, ...)
{
	va_list ap;

	va_start(ap, markup);
	for (const char *p = markup; *p; p++) {
		if (p[0] == '%' && p[1] == 's') {
			html_text(f, va_arg(ap, const char *));
			p++;
		} else {
			fputc(*p, f);
		}
	}
	va_end(ap);
}
