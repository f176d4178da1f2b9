/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One launch of one way, carried out from request to release, and judged. */
#ifndef BENCH_RUNNER_TRIAL_H
#define BENCH_RUNNER_TRIAL_H

#include <stdbool.h>

#include "runner/plan.h"
#include "runner/report.h"

/* What is the same for all launches of a run. */
struct trial_context {
	uint64_t timeout_ns; /* for one launch */
	int cancel_fd;       /* poll()s readable when everything is to stop; -1: never */
	int log_fd;          /* what is launched prints there */
};

struct trial {
	struct outcome outcome; /* at[] is complete: the workload's own marks are in it */
	struct report report;
	bool launched;      /* false: launch() itself failed, outcome is empty */
	char failure[1024]; /* what is wrong with launch, outcome or report in a line; "" */
};

/*
 * Launch @w with @argv, wait, and take everything away again. 0 also where the launch failed or
 * ended badly: see @t->failure. -ECANCELED: interrupted; other negative errno: the harness failed.
 * trial_free is due in every case.
 */
int trial_run(const struct trial_context *c, const struct way *w, char *const *argv,
	struct trial *t, struct err *e);

/*
 * The first half of it, for who judges in another way: launch @w with @job, wait, and take
 * everything away. t->failure says so where launch() failed.
 */
int trial_carry_out(const struct trial_context *c, const struct way *w, const struct job *job,
	struct trial *t, struct err *e);

void trial_free(struct trial *t);

#endif
