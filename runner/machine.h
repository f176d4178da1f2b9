/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The emulated machine (docs/emulated-machine.md) as the runner uses it, and what machine this
 * process itself runs in.
 */
#ifndef BENCH_RUNNER_MACHINE_H
#define BENCH_RUNNER_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include "runner/kernels.h"
#include "runner/paths.h"
#include "runner/words.h"

/* A command for the emulated machine. Everything is borrowed. */
struct machine_job {
	const struct paths *paths;
	char *const *argv;       /* NULL-terminated; argv[0] is looked up inside */
	char *const *copies;     /* NULL-terminated paths that it needs inside; or NULL.
				    The project's own programs and scripts are always there. */
	const char *share;       /* folder whose changes come back while it runs */
	const char *kernel;      /* the machine's own kernel, a fetched one; NULL: "distro" */
	bool icount;             /* one CPU whose clocks count instructions */
	unsigned cpus;           /* of the machine; 0: the script's default */
	unsigned mem_mib;        /* the same */
	unsigned timeout_s;      /* for the command, without the boot; 0: the same */
	int output_fd, error_fd; /* the command's stdout and stderr; progress goes to error_fd */
	int cancel_fd;           /* poll()s readable when it is to end; -1: never */
};

/* Can the emulated machine be started here? 0, or -ENODEV and what to install. Starts nothing. */
int machine_probe(struct err *e);

/*
 * Boot the machine, run the command, bring the results. A missing kernel is fetched, and its image
 * is unpacked once. *@status is the command's exit status (128 + signal where one killed it).
 * 0; -ETIMEDOUT: the command ran into its timeout; -ECANCELED: interrupted, the command was asked
 * to end and what it had written is in the shared folder; -EIO: the machine broke, its last words
 * are on error_fd; or another negative errno. Nothing is left running.
 */
int machine_run(const struct machine_job *job, int *status, struct err *e);

/*
 * Compose the command line of scripts/emulated-machine for @job with the kernel in @kernel_dir,
 * unpacked at @vmlinux ("" where it is not). 0 or -errno; words_free is due in every case.
 */
int machine_argv(const struct machine_job *job, const char *kernel_dir, const char *vmlinux,
	struct words *out, struct err *e);

/* The name by which people know the owner of a signature (base/hypervisor.h); "unknown" for others,
 * "none" for "". */
const char *machine_hypervisor_of(const char *signature);

/* Of this very machine: its hypervisor's name; "emulated" under QEMU's TCG, else "native". */
const char *machine_hypervisor(void);
const char *machine_kind(void);

/* The rate at which the time-stamp counter runs against CLOCK_MONOTONIC, measured over 5 ms: good
 * to about 0.01 %. In kHz. */
uint64_t machine_tsc_khz(void);

#endif
