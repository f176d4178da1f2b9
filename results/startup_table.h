/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Start-up on a terminal: phases side by side, what each step of a container adds, and rates. */
#ifndef BENCH_RESULTS_STARTUP_TABLE_H
#define BENCH_RESULTS_STARTUP_TABLE_H

#include "results/notes.h"
#include "results/startup.h"
#include "results/term.h"

/* Print what startup_covers() of @s; nothing where there is nothing. */
int startup_table_print(
	struct term *t, const struct summary *s, const struct notes *notes, struct err *e);

#endif
