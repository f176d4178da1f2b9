/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading the workload's report (base/report_abi.h). It may come from a guest or a container: all
 * of it is untrusted, so it is parsed strictly, and one bad record makes the rest of it void.
 */
#ifndef BENCH_RUNNER_REPORT_H
#define BENCH_RUNNER_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum record_kind {
	RECORD_INFO,
	RECORD_BEGIN,
	RECORD_SAMPLE,
	RECORD_VALUE,
	RECORD_SKIP,
	RECORD_FAIL
};

/* Strings point into the report's own buffer. */
struct record {
	enum record_kind kind;
	const char *name;   /* benchmark, or the key of an info */
	const char *params; /* "" for an info */
	const char *text;   /* reason of a skip or fail, value of an info; "" otherwise */
	uint32_t index;
	uint64_t iterations;
	uint64_t elapsed_ns;
	uint64_t overhead_ns;
	const char *metric, *unit; /* of a value, which is total over all iterations */
	uint64_t total;
};

struct report {
	char *buffer;
	struct record *records;
	size_t n;
	bool ended; /* an "end" record was seen */
	int status; /* its status */
};

/*
 * Read what was written to the report file @fd (report_abi.h). Returns 0, or -EPROTO with @e naming
 * the line and what is wrong with it; @out then holds the good records before it. In both cases
 * report_free is due. A report that does not end is no error: see ended.
 */
int report_read(int fd, struct report *out, struct err *e);

/* The same from @len bytes of memory, which are copied. */
int report_parse(const char *text, size_t len, struct report *out, struct err *e);

void report_free(struct report *r);

/* The value of the first info record with @key, or NULL. */
const char *report_info(const struct report *r, const char *key);

/* A report file: REPORT_MAX zero bytes that can neither grow nor shrink. A descriptor or -errno. */
int report_file(void);

#endif
