/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --ctr-steps: a container that is put together one part at a time, so that each has its price. */
#ifndef BENCH_RUNNER_CTR_STEPS_H
#define BENCH_RUNNER_CTR_STEPS_H

#include <stdbool.h>
#include <stddef.h>

struct ctr_step {
	const char *name;
	unsigned namespaces; /* CLONE_NEW*, of this step and those before it */
	bool cgroup, drop_caps, seccomp;
};

/* In their order: each holds the one before it. */
extern const struct ctr_step ctr_steps[];
extern const size_t n_ctr_steps;

#endif
