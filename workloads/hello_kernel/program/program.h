/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program of the hello kernel: what its files have of each other. It runs in ring 3. */
#ifndef HELLO_PROGRAM_H
#define HELLO_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/report_abi.h"
#include "workloads/hello_kernel/abi.h"

enum status { STATUS_OK, STATUS_FAILED, STATUS_USAGE }; /* the workload's own (workloads/main.c) */

/* The way into the kernel that works here, once program_main has found out. */
extern i64 (*kernel_call)(u64 number, u64 a, u64 b);
i64 call_by_syscall(u64 number, u64 a, u64 b);
i64 call_by_trap(u64 number, u64 a, u64 b);

void __attribute__((noreturn)) program_main(const struct boot_info *boot);

/* options.c: the words of the kernel command line that are for us, with or without "--". */
struct options {
	u64 tsc_khz; /* 0: not told */
	u64 batches; /* 0: nothing is measured */
	u64 batch_ns;
	u64 budget_ns;
	const char *suite;
	const char *filter;    /* "name" or "name/params", with * and ? */
	const char *hold;      /* NULL, or the state to be held in: held.c */
	const char *misbehave; /* NULL, or a row of misdeeds.c */
};

/* Cuts @cmdline into words, in place. Returns NULL, or the first word that is ours but wrong. */
const char *options_parse(struct options *o, char *cmdline);

/* text.c */
#define DECIMAL_SIZE 21
u64 text_length(const char *s);
bool text_equal(const char *a, const char *b);
/* Does @a, @b and @c, put together, match @pattern with its * and ? as in fnmatch(3)? */
bool text_matches(const char *a, const char *b, const char *c, const char *pattern);
bool text_number(const char *s, u64 *out);
const char *text_decimal(u64 value, char out[DECIMAL_SIZE]);
void console(const char *s);

/* report.c: a record of base/report_abi.h; the last field is NULL. Held back until report_flush. */
void report(const char *type, ...) __attribute__((sentinel));
void report_info_number(const char *key, u64 value);
void report_raw(const char *text);
void report_flush(void);

/* measure.c: all benchmarks that need no Linux, and what only this kernel can tell. */
void measure_rings(void);
void measure_all(const struct options *o);

/*
 * held.c: come into the state @name, tell, and stay for good. Returns true where that cannot be
 * done and the report says so, false where there is no such state.
 */
bool be_held(const char *name);

/* misdeeds.c: be a bad guest in the way of that name. Returns false where the name is unknown. */
bool misbehave(const char *name);

#endif
