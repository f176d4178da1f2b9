/* SPDX-License-Identifier: GPL-3.0-or-later */
/* QEMU's command line for the workload as init of a guest of its machine type "microvm". */
#ifndef BENCH_RUNNER_QEMU_ARGV_H
#define BENCH_RUNNER_QEMU_ARGV_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "runner/words.h"

/* Descriptors that QEMU is started with; 1 and 2 go where the console goes. */
enum qemu_fd {
	QEMU_FD_KERNEL = 3,
	QEMU_FD_INITRAMFS,
	QEMU_FD_REPORT,  /* text that the guest writes to REPORT_PORT, as it is */
	QEMU_FD_MARKS,   /* two bytes for each write to MARK_PORT: mark, argument */
	QEMU_FD_CONSOLE, /* the guest's serial port */
	QEMU_FD_COUNT
};

struct qemu_setup {
	const char *qemu;   /* absolute path */
	const char *kernel; /* path that QEMU opens */
	const char *append; /* the guest kernel's command line */
	uint64_t ram_bytes;
	unsigned vcpus;
};

/* Borrows the strings of @s. 0 or -ENOMEM; words_free is due in every case. */
int qemu_argv_make(const struct qemu_setup *s, struct words *out, struct err *e);

#endif
