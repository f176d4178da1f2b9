/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stddef.h>

#include "workloads/hello_kernel/program/program.h"

u64 text_length(const char *s)
{
	u64 n = 0;

	while (s[n])
		n++;
	return n;
}

bool text_equal(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

/* '*' for any text, '?' for any character: go on from the last star when what follows fails. */
static bool matches(const char *text, const char *pattern)
{
	const char *star = NULL, *resume = text;

	while (*text) {
		if (*pattern == '*') {
			star = ++pattern;
			resume = text;
		} else if (*pattern == '?' || *pattern == *text) {
			pattern++;
			text++;
		} else if (star) {
			pattern = star;
			text = ++resume;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

static char *append(char *to, const char *end, const char *s)
{
	while (*s && to < end)
		*to++ = *s++;
	*to = '\0';
	return to;
}

bool text_matches(const char *a, const char *b, const char *c, const char *pattern)
{
	char text[128], *end = text + sizeof(text) - 1, *p = text;

	p = append(p, end, a);
	p = append(p, end, b);
	append(p, end, c);
	return matches(text, pattern);
}

bool text_number(const char *s, u64 *out)
{
	u64 value = 0;

	if (!*s)
		return false;
	for (; *s; s++) {
		if (*s < '0' || *s > '9' || __builtin_mul_overflow(value, 10, &value) ||
			__builtin_add_overflow(value, (u64)(*s - '0'), &value))
			return false;
	}
	*out = value;
	return true;
}

const char *text_decimal(u64 value, char out[DECIMAL_SIZE])
{
	char *p = out + DECIMAL_SIZE - 1;

	*p = '\0';
	do
		*--p = (char)('0' + value % 10);
	while (value /= 10);
	return p;
}

void console(const char *s)
{
	kernel_call(HELLO_print, (u64)s, text_length(s));
}
