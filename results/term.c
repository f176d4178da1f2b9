/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/term.h"

#include <string.h>
#include <wchar.h>

#include "base/util.h"
#include "results/text.h"

#define DEFAULT_WIDTH 100 /* for running text where there is no limit */
#define SEPARATOR_WIDTH 3

/* Display width of the character at *@s, which is passed over. */
static int next_width(const char **s)
{
	unsigned code;
	size_t n = text_utf8_char(*s, &code);
	int w = n > 1 ? wcwidth((wchar_t)code) : 1;

	*s += n ? n : 1;
	return w < 0 ? 1 : w;
}

int term_width(const char *s)
{
	int width = 0;

	while (*s)
		width += next_width(&s);
	return width;
}

void term_cut(char *s, int width)
{
	const char *at = s, *end = s;
	int used = 0;

	while (*at && used <= width) {
		end = at;
		used += next_width(&at);
	}
	if (used > width)
		s[end - s] = '\0';
}

void term_label(const struct term *t, const char *s, char *out, size_t size)
{
	text_clean(s, t->utf8, out, size);
	term_cut(out, TERM_MAX_LABEL);
}

static void pad(FILE *f, int n)
{
	if (n > 0)
		fprintf(f, "%*s", n, "");
}

void term_put(struct term *t, const char *s, int width, bool left, const char *color)
{
	int fill = width - term_width(s);

	if (!left)
		t->blanks += fill > 0 ? fill : 0;
	if (*s) {
		pad(t->f, t->blanks);
		t->blanks = 0;
		if (t->color && color)
			fprintf(t->f, "%s%s" PLAIN, color, s);
		else
			fputs(s, t->f);
	}
	if (left)
		t->blanks += fill > 0 ? fill : 0;
}

void term_gap(struct term *t, int blanks)
{
	t->blanks += blanks;
}

void term_separator(struct term *t)
{
	term_put(t, t->utf8 ? " │" : " |", SEPARATOR_WIDTH, true, DIM);
}

void term_end_line(struct term *t)
{
	t->blanks = 0;
	fputc('\n', t->f);
}

void term_wrapped(struct term *t, const char *label, const char *text)
{
	int indent = term_width(label), used = indent;
	int limit = t->width ? (int)t->width : DEFAULT_WIDTH;
	size_t size = strlen(text) + 1;
	cleanup_free char *clean = malloc(size);
	char *rest = clean, *word;

	if (!clean)
		return;
	text_clean(text, t->utf8, clean, size);
	fputs(label, t->f);
	while ((word = strsep(&rest, " "))) {
		if (used > indent && used + 1 + term_width(word) > limit) {
			fputc('\n', t->f);
			pad(t->f, indent);
			used = indent;
		}
		used += fprintf(t->f, "%s", used > indent ? " " : "");
		fputs(word, t->f);
		used += term_width(word);
	}
	fputc('\n', t->f);
}
