/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Demonstrations in the emulated machine, where this host cannot run a Linux guest. */
#ifndef BENCH_RUNNER_DEMO_EMULATED_H
#define BENCH_RUNNER_DEMO_EMULATED_H

#include "runner/demo/perform.h"
#include "runner/words.h"

/* Add to @w the command that collects @o->list on @machine into @dir, and shows nothing. */
void demo_command(struct words *w, const struct demo_options *o, const struct paths *paths,
	enum machine_choice machine, const char *dir);

/*
 * Boot the machine and collect @o->list there; the files appear in @dir one after the other. Waits
 * for the end. 0; -ECANCELED; another negative errno where machine or demonstration failed.
 */
int demo_emulated(const struct demo_options *o, const struct paths *paths, const char *dir,
	int cancel_fd, struct err *e);

#endif
