/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "bench demo": carry out demonstrations here or in the emulated machine, and show them. */
#ifndef BENCH_RUNNER_DEMO_PERFORM_H
#define BENCH_RUNNER_DEMO_PERFORM_H

#include <stdbool.h>
#include <stddef.h>

#include "runner/demo/demo.h"
#include "runner/run_options.h"

#define DEMOS_MAX 16

struct demo_options {
	const struct demo *list[DEMOS_MAX]; /* what was asked for, in its order */
	size_t n;
	enum lang lang;
	enum machine_choice machine;
	bool no_pause;      /* ask nobody for a prediction */
	bool raw;           /* collect only, into record: what the other half of it calls */
	const char *record; /* folder to keep what was seen in; NULL */
	const char *replay; /* folder of a recording to show; NULL */
};

/* enum demo_needs of all that was asked for. */
unsigned demo_needs(const struct demo_options *o);

/* Do it, and return the exit status; errors are printed. */
int demo_perform(const struct demo_options *o);

#endif
