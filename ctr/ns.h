/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The seven namespaces: one table for names, flags and "all". */
#ifndef BENCH_CTR_NS_H
#define BENCH_CTR_NS_H

#include <stddef.h>

struct ns_kind {
	const char *name; /* as on the command line */
	const char *file; /* in /proc/PID/ns */
	unsigned flag;    /* CLONE_NEW* of clone(2) */
};

#define NS_KINDS 7
extern const struct ns_kind ns_kinds[NS_KINDS];

/* All flags of the table. */
unsigned ns_all(void);

/* The flag of the namespace called @name, 0 where there is none. */
unsigned ns_flag(const char *name);

/* Write the names of @flags, separated by commas, into @out; "none" for none. */
void ns_list(unsigned flags, char *out, size_t size);

#endif
