/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/roff.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "base/util.h"

#define SOURCE_WIDTH 78 /* mandoc -Tlint complains of more than 80 bytes */

/* What would be something else than itself (groff_char(7)). */
static const struct {
	char c;
	const char *escape;
} escapes[] = {
	{ '\\', "\\e" },
	{ '-', "\\-" },
	{ '\'', "\\(aq" },
	{ '`', "\\(ga" },
	{ '^', "\\(ha" },
	{ '~', "\\(ti" },
};

/* Prints @len characters; returns the bytes that they took. */
static size_t put_escaped(FILE *f, const char *text, size_t len)
{
	size_t bytes = 0;

	for (size_t i = 0; i < len; i++) {
		const char *as = NULL;

		for (size_t k = 0; k < ARRAY_SIZE(escapes); k++) {
			if (text[i] == escapes[k].c)
				as = escapes[k].escape;
		}
		if (as)
			fputs(as, f);
		else
			fputc(text[i], f);
		bytes += as ? strlen(as) : 1;
	}
	return bytes;
}

static size_t escaped_length(const char *text, size_t len)
{
	size_t bytes = 0;

	for (size_t i = 0; i < len; i++) {
		size_t one = 1;

		for (size_t k = 0; k < ARRAY_SIZE(escapes); k++) {
			if (text[i] == escapes[k].c)
				one = strlen(escapes[k].escape);
		}
		bytes += one;
	}
	return bytes;
}

/* A dot would begin a request there. */
static void put_line_start(FILE *f, char first)
{
	if (first == '.')
		fputs("\\&", f);
}

/* Words of @len characters, behind the @column bytes that the line has; returns its new length. */
static size_t put_words(FILE *f, const char *text, size_t len, size_t column)
{
	const char *end = text + len;

	while (text < end) {
		size_t word = strcspn(text, " \n");

		if (word > (size_t)(end - text))
			word = (size_t)(end - text);
		if (word) {
			if (column && column + 1 + escaped_length(text, word) > SOURCE_WIDTH) {
				fputc('\n', f);
				column = 0;
			}
			if (column) {
				fputc(' ', f);
				column++;
			} else {
				put_line_start(f, *text);
			}
			column += put_escaped(f, text, word);
		}
		text += word + 1;
	}
	return column;
}

void roff_text(FILE *f, const char *text)
{
	put_words(f, text, strlen(text), 0);
	fputc('\n', f);
}

enum prose { BEGIN, BETWEEN, RUNNING, EXAMPLE };

/* What ends one kind of lines and begins the other. Before the first there is a request already. */
static void change(FILE *f, enum prose from, enum prose to)
{
	if (from == EXAMPLE)
		fputs(".EE\n.RE\n", f);
	if (from != BEGIN && to != BETWEEN)
		fputs(".PP\n", f);
	if (to == EXAMPLE)
		fputs(".RS 4\n.EX\n", f);
}

void roff_prose(FILE *f, const char *text)
{
	enum prose state = BEGIN;
	size_t column = 0;

	while (*text) {
		size_t len = strcspn(text, "\n");
		size_t blanks = strspn(text, " ");
		enum prose next = !len ? BETWEEN : blanks ? EXAMPLE : RUNNING;

		if (next != RUNNING && column) {
			fputc('\n', f);
			column = 0;
		}
		if (state == BEGIN && next == BETWEEN)
			next = BEGIN;
		if (next != state)
			change(f, state, next);
		state = next;
		if (state == EXAMPLE) {
			put_line_start(f, text[blanks]);
			put_escaped(f, text + blanks, len - blanks);
			fputc('\n', f);
		} else if (state == RUNNING) {
			column = put_words(f, text, len, column);
		}
		text += len + (text[len] == '\n');
	}
	if (column)
		fputc('\n', f);
	if (state == EXAMPLE)
		change(f, state, BETWEEN);
}

static char font_of(const char *text, char before)
{
	if (isupper((unsigned char)*text))
		return 'I';
	if (islower((unsigned char)*text) || isdigit((unsigned char)*text))
		return 'B';
	/* The dashes of an option, and those within a word. */
	return *text == '-' && (before == 'B' || text[1]) ? 'B' : 'R';
}

void roff_typed(FILE *f, const char *text)
{
	char font = 'R';

	for (; *text; text++) {
		char wanted = *text == ' ' ? font : font_of(text, font);

		if (wanted != font)
			fprintf(f, "\\f%c", wanted);
		font = wanted;
		put_escaped(f, text, 1);
	}
	fputs(font == 'R' ? "\n" : "\\fR\n", f);
}

void roff_bold(FILE *f, const char *text)
{
	fputs("\\fB", f);
	put_escaped(f, text, strlen(text));
	fputs("\\fR\n", f);
}
