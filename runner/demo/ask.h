/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asking a person for a prediction. */
#ifndef BENCH_RUNNER_DEMO_ASK_H
#define BENCH_RUNNER_DEMO_ASK_H

#include <stdbool.h>

#include "runner/demo/page.h"

/* Is there a person: a terminal on both sides? */
bool ask_possible(void);

/*
 * Show @choices (ends with MSG_NONE) and wait for one to be named: *@guess, MSG_NONE for an empty
 * line or the end of the input. 0, or -ECANCELED when @cancel_fd became readable.
 */
int ask_prediction(
	struct page *p, const enum msg *choices, int cancel_fd, enum msg *guess, struct err *e);

/* Say how the prediction compares with what was seen. */
void ask_compare(struct page *p, enum msg guess, enum msg seen);

#endif
