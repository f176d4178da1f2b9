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

struct held {
	struct instance *in;
	int report_fd;         /* kept of those that are looked at, else -1 */
	struct cgroup account; /* that counts its memory; manager NULL: none */
	uint64_t ready_ns;     /* from the request until it was ready */
};

struct hold {
	const struct trial_context *trial;
	const struct way *way;
	struct held *list;
	size_t n, max;
	struct cgroup_manager accounts;
	char no_accounts[200]; /* why no cgroup can be had to count in; "": one can */
};

/*
 * Nothing is held yet; at most @max will be. -ENOTSUP: this runtime cannot say when it is ready.
 * hold_release is due in every case.
 */
int hold_open(struct hold *h, const struct trial_context *trial, const struct way *way, size_t max,
	struct err *e);

/*
 * Start one more with the arguments @argv and wait until it is ready. With @look its memory is
 * counted by a cgroup of its own where the host has one to give, and its report is kept. 0;
 * -ECANCELED; -ENOTSUP where it told itself that it cannot do this here; or another negative errno:
 * it did not become ready, and nothing is left of it. What is held already stays so.
 */
int hold_start(struct hold *h, char *const *argv, bool look, struct err *e);

/* Where the memory of number @i is to be looked for. Its cgroup is that of its account, unless the
 * runtime has made one that counts. */
void hold_view(const struct hold *h, size_t i, struct rt_view *view);

/* End all of them. */
void hold_release(struct hold *h);

#endif
