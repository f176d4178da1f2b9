/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Many launches of one way at once. Each is made by a process of its own, all of them ready and
 * waiting before the word is given: what is measured is starting, not getting ready to start. A
 * handle of a runtime belongs to one process, so each opens its own, except where it may be shared
 * (RT_SHARED): a hundred VMs start from one snapshot, not from a hundred.
 */
#ifndef BENCH_RUNNER_TOGETHER_H
#define BENCH_RUNNER_TOGETHER_H

#include "runner/trial.h"

#define TOGETHER_MAX 256

struct together; /* the waiting processes of one way */

/* What became of one of them. */
struct together_result {
	struct outcome outcome;
	bool launched;
	char failure[512]; /* "" when all is well */
};

/*
 * Start @n processes (at most TOGETHER_MAX), each with a handle of @w's runtime. @w and @c must
 * outlive them. On success the caller ends *@t with together_close. The processes die with the
 * caller's thread.
 */
int together_open(const struct trial_context *c, const struct way *w, unsigned n,
	struct together **t, struct err *e);

/*
 * One launch in each, at once; @results has n of them. *@took_ns is from the word to the last
 * release. 0; -ECANCELED; or another negative errno, after which only together_close is possible.
 */
int together_run(struct together *t, char *const *argv, struct together_result *results,
	uint64_t *took_ns, struct err *e);

/* End the processes and wait for them. NULL is allowed. */
void together_close(struct together *t);

#endif
