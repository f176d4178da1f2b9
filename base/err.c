/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void fill(struct err *e, int code, const char *step, const char *fmt, va_list ap)
	__attribute__((format(printf, 4, 0)));

static void fill(struct err *e, int code, const char *step, const char *fmt, va_list ap)
{
	e->code = code;
	snprintf(e->step, sizeof(e->step), "%s", step);
	vsnprintf(e->message, sizeof(e->message), fmt, ap);
	e->remedy[0] = '\0';
}

int err_set(struct err *e, int code, const char *step, const char *fmt, ...)
{
	va_list ap;

	if (!e)
		return code;
	va_start(ap, fmt);
	fill(e, code, step, fmt, ap);
	va_end(ap);
	return code;
}

int err_sys(struct err *e, const char *step, const char *fmt, ...)
{
	int code = -errno;
	va_list ap;
	size_t used;

	if (!e)
		return code;
	va_start(ap, fmt);
	fill(e, code, step, fmt, ap);
	va_end(ap);
	used = strlen(e->message);
	snprintf(e->message + used, sizeof(e->message) - used, ": %s", strerror(-code));
	return code;
}

int err_help(struct err *e, const char *fmt, ...)
{
	va_list ap;

	if (!e)
		return -EIO;
	va_start(ap, fmt);
	vsnprintf(e->remedy, sizeof(e->remedy), fmt, ap);
	va_end(ap);
	return e->code;
}
