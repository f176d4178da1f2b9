/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SIGINT, SIGTERM and SIGHUP as a descriptor, so that every wait can be interrupted in order. */
#ifndef BENCH_RUNNER_SIGNALS_H
#define BENCH_RUNNER_SIGNALS_H

#include <stdbool.h>

#include "base/err.h"

/*
 * Block the signals for this process and return a signalfd for them (close-on-exec), or a negative
 * errno. Programs started by base/spawn.h get an empty mask again.
 */
int signals_open(struct err *e);

/* Has one of them come? It stays pending: the answer stays yes. */
bool signals_pending(int fd);

#endif
