/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a guest in QEMU tells, read from QEMU's pipes while it runs: marks, which are stamped when
 * they are read, the report, and the console. It is put into the same structure that our own VMM
 * fills, so that the same verdict is given on both (vmm/verdict.h). All of it is untrusted.
 */
#ifndef BENCH_RUNNER_QEMU_WATCH_H
#define BENCH_RUNNER_QEMU_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/runtime.h"
#include "vmm/console.h"
#include "vmm/vm_proto.h"

/* A stream of pairs (mark, argument) that may come in pieces. */
struct qemu_marks {
	uint8_t mark; /* of the pair whose second half is yet to come */
	bool half;
	bool exit_seen;
};

struct qemu_watch {
	int marks, report, console; /* pipes, read ends */
	int report_to, console_to;  /* where the guest's report and console go; owned */
	struct qemu_marks stream;
	struct vm_state st;
	struct console tail;
};

/* Starts with all descriptors at -1. */
void qemu_watch_init(struct qemu_watch *w);

/*
 * Make the pipes; @ends gets their write ends for QEMU, which the caller closes, in the order
 * report, marks, console. @report_fd and @output_fd are duplicated. On failure qemu_watch_free is
 * due all the same.
 */
int qemu_watch_open(struct qemu_watch *w, int report_fd, int output_fd, int ends[3], struct err *e);

/*
 * Read until the process behind @pidfd has ended or is killed at @deadline_ns, and reap it.
 * Otherwise as proc_wait; @out is what is true of the guest.
 */
int qemu_watch_wait(struct qemu_watch *w, int pidfd, uint64_t deadline_ns, int cancel_fd,
	struct outcome *out, struct err *e);

void qemu_watch_free(struct qemu_watch *w);

/* Take @n bytes that were read from the marks' pipe at @now_ns. */
void qemu_marks_take(
	struct qemu_marks *m, struct vm_state *st, const uint8_t *bytes, size_t n, uint64_t now);

#endif
