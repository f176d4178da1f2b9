/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The system call filter: compiled once, installed by the child as its last act before exec. */
#ifndef BENCH_CTR_SECCOMP_H
#define BENCH_CTR_SECCOMP_H

#include <linux/filter.h>

#include "base/err.h"

/*
 * The whole filter, and the same in two halves that are installed one after the other: @early lets
 * through the few calls by which the child joins its network namespace as well, @late takes just
 * those away. A kernel takes the strictest answer, so both together are the whole. Nearly all of
 * the cost is that of @early, which is then paid while the network namespace is being made.
 */
enum seccomp_part { SECCOMP_WHOLE, SECCOMP_EARLY, SECCOMP_LATE, SECCOMP_PARTS };

struct seccomp_program {
	struct sock_fprog part[SECCOMP_PARTS]; /* len 0: no filter */
	unsigned allowed; /* system calls let through, some only with certain arguments */
};

/* What happens to the calls of a group; everything that is in no group gets ENOSYS. */
enum seccomp_verdict {
	SECCOMP_LET,
	SECCOMP_EPERM, /* the call exists, and the container may not */
	SECCOMP_ENOSYS
};

struct seccomp_group {
	enum seccomp_verdict verdict;
	const char *why;
	const char *const *calls; /* NULL-terminated */
};

/* seccomp_table.c; the last one has no calls. */
extern const struct seccomp_group seccomp_groups[];

/*
 * Compile the table and the checks of arguments. libseccomp says which number a call has; its own
 * programs are twice as long, and cannot say "all but these values" beside a rule that allows a
 * call. On success the caller releases it with seccomp_free.
 */
int seccomp_compile(struct seccomp_program *sp, struct err *e);
void seccomp_free(struct seccomp_program *sp);

/* For the child: no_new_privs must be set. 0 or -errno. */
long seccomp_install(const struct seccomp_program *sp, enum seccomp_part part);

#endif
