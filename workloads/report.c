/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/report_abi.h"
#include "workloads/bench.h"

int report_to_fd(struct report *r, const char *buf, size_t len)
{
	while (len > 0) {
		ssize_t n = write(r->fd, buf, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		buf += n;
		len -= (size_t)n;
	}
	return 0;
}

int report_default_fd(void)
{
	struct stat st;

	if (fstat(REPORT_FD, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == REPORT_MAX)
		return REPORT_FD;
	return STDOUT_FILENO;
}

void report_flush(struct report *r)
{
	if (r->len > 0 && r->error == 0)
		r->error = r->sink(r, r->buf, r->len);
	r->len = 0;
}

void report_clean(char *dst, size_t size, const char *src)
{
	size_t n = 0;

	for (; *src && n + 1 < size; src++) {
		char ch = *src > ' ' && *src < 0x7f ? *src : ' ';

		if (ch != ' ' || n > 0)
			dst[n++] = ch;
	}
	while (n > 0 && dst[n - 1] == ' ')
		n--;
	dst[n] = '\0';
}

/* A whole record or, where it cannot fit, none. */
static void __attribute__((format(printf, 2, 3))) put(struct report *r, const char *fmt, ...)
{
	for (int attempt = 0; attempt < 2; attempt++) {
		size_t room = sizeof(r->buf) - r->len;
		va_list ap;

		va_start(ap, fmt);
		int n = vsnprintf(r->buf + r->len, room, fmt, ap);

		va_end(ap);
		if (n >= 0 && (size_t)n < room) {
			r->len += (size_t)n;
			return;
		}
		report_flush(r);
	}
}

void report_open(struct report *r, report_sink_fn *sink, int fd)
{
	/* Not buf: to clear it would touch two more pages of every start. */
	r->sink = sink;
	r->fd = fd;
	r->error = 0;
	r->len = 0;
	put(r, REPORT_MAGIC "\t%d\n", REPORT_VERSION);
}

void report_info(struct report *r, const char *key, const char *fmt, ...)
{
	char raw[REPORT_VALUE_MAX], name[REPORT_KEY_MAX], value[REPORT_VALUE_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	report_clean(name, sizeof(name), key);
	report_clean(value, sizeof(value), raw);
	put(r, "info\t%s\t%s\n", name, value);
}

void report_begin(struct report *r, const struct benchmark *b)
{
	put(r, "begin\t%s\t%s\n", b->name, b->params);
	report_flush(r);
}

void report_sample(struct report *r, const struct benchmark *b, unsigned index, uint64_t iterations,
	uint64_t elapsed_ns, uint64_t overhead_ns)
{
	put(r, "sample\t%s\t%s\t%u\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\n", b->name, b->params,
		index, iterations, elapsed_ns, overhead_ns);
}

void report_value(struct report *r, const struct benchmark *b, const char *metric, const char *unit,
	uint64_t iterations, uint64_t total)
{
	put(r, "value\t%s\t%s\t%s\t%s\t%" PRIu64 "\t%" PRIu64 "\n", b->name, b->params, metric,
		unit, iterations, total);
}

static void put_reason(
	struct report *r, const char *record, const struct benchmark *b, const char *reason)
{
	char text[REPORT_VALUE_MAX];

	report_clean(text, sizeof(text), reason);
	put(r, "%s\t%s\t%s\t%s\n", record, b->name, b->params, text);
}

void report_skip(struct report *r, const struct benchmark *b, const char *reason)
{
	put_reason(r, "skip", b, reason);
}

void report_fail(struct report *r, const struct benchmark *b, const char *reason)
{
	put_reason(r, "fail", b, reason);
}

int report_end(struct report *r, int status)
{
	put(r, "end\t%d\n", status);
	report_flush(r);
	return r->error;
}
