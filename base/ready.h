/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * "It is ready", said by one process to another through a word of memory that they share: 0 until
 * then. Who waits sleeps on it (futex(2)), and who says it need not be woken to be asked.
 */
#ifndef BENCH_BASE_READY_H
#define BENCH_BASE_READY_H

#include <stdint.h>

#include "base/err.h"

/* Make *@word 1 and wake whoever waits for it. */
void ready_say(uint32_t *word);

/*
 * Wait until *@word is no longer 0: 0. -ECANCELED when @cancel_fd (or -1) became readable; -ESRCH
 * when the process behind @pidfd ended first; -ETIMEDOUT at @deadline_ns (CLOCK_MONOTONIC), and the
 * process lives on. None of these fills the outcome of a launch: wait() has it.
 */
int ready_await(uint32_t *word, int pidfd, uint64_t deadline_ns, int cancel_fd, struct err *e);

/*
 * The word of a report file (report_abi.h): *@word is to be given back with ready_unmap. It is the
 * report's first word, so that it takes no page of its own.
 */
int ready_map(int report_fd, uint32_t **word, struct err *e);
void ready_unmap(uint32_t **word); /* NULL there is fine */

#endif
