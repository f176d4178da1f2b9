/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>

#include "workloads/hello_kernel/program/program.h"

static char buffer[16384];
static u64 used;

void report_flush(void)
{
	kernel_call(HELLO_report, (u64)buffer, used);
	used = 0;
}

void report_raw(const char *text)
{
	for (; *text; text++) {
		if (used == sizeof(buffer))
			report_flush();
		buffer[used++] = *text;
	}
}

void report(const char *type, ...)
{
	const char *field;
	va_list ap;

	report_raw(type);
	va_start(ap, type);
	while ((field = va_arg(ap, const char *))) {
		report_raw("\t");
		report_raw(field);
	}
	va_end(ap);
	report_raw("\n");
}

void report_info_number(const char *key, u64 value)
{
	char digits[DECIMAL_SIZE];

	report("info", key, text_decimal(value, digits), NULL);
}
