/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The system call filter: compiled once, installed by the child as its last act before exec. */
#ifndef BENCH_CTR_SECCOMP_H
#define BENCH_CTR_SECCOMP_H

#include <linux/filter.h>

#include "base/err.h"

struct seccomp_program {
	struct sock_fprog prog; /* len 0: no filter */
	unsigned allowed;       /* system calls let through, some only with certain arguments */
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
 * Compile the table. Two filters are made by libseccomp and spliced: one refuses some calls for
 * their arguments ("all but these values" cannot be said beside a rule that allows the call), the
 * other says which calls there are. Two programs installed one after the other would do the same
 * and cost every launch twice.
 * On success the caller releases it with seccomp_free.
 */
int seccomp_compile(struct seccomp_program *sp, struct err *e);
void seccomp_free(struct seccomp_program *sp);

/* For the child: no_new_privs must be set. 0 or -errno. */
long seccomp_install(const struct seccomp_program *sp);

#endif
