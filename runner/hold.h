/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Many instances of one way, started one after the other, held while they are looked at, and
 * released together. Whatever ends the runner ends them all: each is a child that dies with it.
 */
#ifndef BENCH_RUNNER_HOLD_H
#define BENCH_RUNNER_HOLD_H

#include "ctr/cgroup.h"
#include "runner/plan.h"
#include "runner/trial.h"

/* What is wanted of one more than that it is held. */
enum hold_wish {
	HOLD_REPORT = 1 << 0, /* its report is kept */
	HOLD_COUNT =
		1 << 1, /* a cgroup of its own counts its memory, where there is one to be had */
};

struct held {
	struct instance *in;
	int report_fd;         /* kept where that was wanted, else -1 */
	struct cgroup account; /* that counts its memory; manager NULL: none */
	uint64_t ready_ns;     /* from the request until it was ready */
};

struct hold {
	const struct trial_context *trial;
	const struct way *way;
	struct held *list;
	size_t n, max;
	struct cgroup_manager accounts;
	bool accounts_asked;
	char no_accounts[200]; /* why no cgroup can be had to count in; "": one can, or nobody asked
				*/
};

/*
 * Nothing is held yet; at most @max will be. -ENOTSUP: this runtime cannot say when it is ready.
 * hold_release is due in every case.
 */
int hold_open(struct hold *h, const struct trial_context *trial, const struct way *way, size_t max,
	struct err *e);

/*
 * Can memory be counted by cgroups here? Asked once; the first time it may change the host's tree:
 * the controller is switched on below this process's cgroup. False: see no_accounts.
 */
bool hold_can_count(struct hold *h);

/*
 * Start one more with the arguments @argv and the wishes @wish, bits of enum hold_wish, and wait
 * until it is ready. 0; -ECANCELED; -ENOTSUP where it told itself that it cannot do this here; or
 * another negative errno: it did not become ready, and nothing is left of it. What is held already
 * stays so.
 */
int hold_start(struct hold *h, char *const *argv, unsigned wish, struct err *e);

/* Where the memory of number @i is to be looked for. Its cgroup is that of its account, unless the
 * runtime has made one that counts. */
void hold_view(const struct hold *h, size_t i, struct rt_view *view);

/* End all of them. */
void hold_release(struct hold *h);

#endif
