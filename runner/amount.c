/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/amount.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/util.h"

struct amount amount_of(uint64_t bytes)
{
	return (struct amount){ .bytes = bytes };
}

struct amount amount_unknown(const char *fmt, ...)
{
	struct amount a = { 0 };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(a.why, sizeof(a.why), fmt, ap);
	va_end(ap);
	return a;
}

struct amount amount_sum(const struct amount *a, unsigned n)
{
	struct amount sum = { 0 };

	for (unsigned i = 0; i < n; i++) {
		if (!amount_known(&a[i]))
			return a[i];
		sum.bytes += a[i].bytes;
	}
	return sum;
}

/* What follows @key at the beginning of a line, or NULL. */
static const char *line_of(const char *text, const char *key)
{
	size_t len = strlen(key);

	for (const char *p = text; p && *p; p = strchr(p, '\n')) {
		p += *p == '\n';
		if (!strncmp(p, key, len) && (p[len] == ' ' || p[len] == ':'))
			return p + len;
	}
	return NULL;
}

struct amount amount_find(const char *text, const char *key, const char *unit, const char *file)
{
	uint64_t number, scale = *unit ? 1024 : 1;
	const char *at = line_of(text, key), *end;
	char digits[24];
	size_t n;

	if (!at)
		return amount_unknown("this kernel's %s has no '%s'", file, key);
	at += *at == ':';
	at += strspn(at, " \t");
	n = strspn(at, "0123456789");
	end = at + n;
	if (n && n < sizeof(digits)) {
		snprintf(digits, sizeof(digits), "%.*s", (int)n, at);
		if (*unit && *end == ' ')
			end++;
		if (!strncmp(end, unit, strlen(unit)) && end[strlen(unit)] == '\n' &&
			!parse_u64(digits, 0, UINT64_MAX / scale, &number))
			return amount_of(number * scale);
	}
	return amount_unknown("the line '%s' of %s is not understood", key, file);
}
