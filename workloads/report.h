/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The workload's side of base/report_abi.h: records into a buffer, the buffer
 * to a sink. Nothing is sent but by report_flush(), by report_begin(), which
 * must be out before a benchmark can crash, or when the buffer is full.
 */
#ifndef BENCH_WORKLOADS_REPORT_H
#define BENCH_WORKLOADS_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "base/report_abi.h"

struct benchmark;
struct report;

/* Send @len bytes; 0 or a negative errno. */
typedef int report_sink_fn(struct report *r, const char *buf, size_t len);

struct report {
	report_sink_fn *sink;
	int fd;     /* of report_to_fd */
	int error;  /* first failure of the sink: from then on nothing is sent */
	size_t len; /* bytes in the buffer */
	char buf[8192];
};

/* Sink: a file descriptor. */
report_sink_fn report_to_fd;

/*
 * REPORT_FD, if that is a memory file made for it (a plain file of exactly REPORT_MAX bytes);
 * stdout otherwise: then a person has started us.
 */
int report_default_fd(void);

/* Start a report with its first line. */
void report_open(struct report *r, report_sink_fn *sink, int fd);

void report_info(struct report *r, const char *key, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void report_begin(struct report *r, const struct benchmark *b);
void report_sample(struct report *r, const struct benchmark *b, unsigned index, uint64_t iterations,
	uint64_t elapsed_ns, uint64_t overhead_ns);
/* Something else about a benchmark: @total over @iterations; metric and unit: report_abi.h. */
void report_value(struct report *r, const struct benchmark *b, const char *metric, const char *unit,
	uint64_t iterations, uint64_t total);
void report_skip(struct report *r, const struct benchmark *b, const char *reason);
void report_fail(struct report *r, const struct benchmark *b, const char *reason);

/* The last record, and all that is left in the buffer. 0, or the first error of the sink. */
int report_end(struct report *r, int status);

/* Send what is in the buffer. */
void report_flush(struct report *r);

/*
 * Copy @src to @dst of @size bytes, cut to fit, as a field may be: what is not printable ASCII is
 * a blank, none of them first or last.
 */
void report_clean(char *dst, size_t size, const char *src);

#endif
