/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the runtimes that are other people's programs have in common (docs/runtimes.md). */
#ifndef BENCH_RUNNER_PEER_H
#define BENCH_RUNNER_PEER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/runtime.h"

#define PEER_MAX_ARGS 64

/* A program of somebody else, by the name of the runtime that starts it. */
struct peer {
	const char *name;    /* "qemu" */
	const char *program; /* looked for in $PATH */
	const char *package; /* of Debian and Ubuntu */
	const char
		*files[6]; /* that the program reads besides its libraries, in its data folders */
	unsigned machine_mib; /* what it takes of an emulated machine's memory, files and all */
};

/* NULL where @name is none of these runtimes. */
const struct peer *peer_find(const char *name);

/*
 * The program's absolute path into *@path, which the caller frees. -ENOENT where it is not
 * installed, with the command that installs it as the remedy.
 */
int peer_program(const char *name, char **path, struct err *e);

/*
 * What an emulated machine must be given so that the runtime @name is there: the program and the
 * files of its table. Up to @max paths that the caller frees; 0 where it is not installed.
 */
size_t peer_copies(const char *name, char **paths, size_t max);

/*
 * Run the program @argv[0], an absolute path, and wait for it a few seconds at the most, in the
 * mount namespace @mount_ns (0: the caller's). What it prints is written to @output_fd.
 * 0 where it ended well; -EIO where it did not, and nothing of it lives on.
 */
int peer_run(char *const *argv, int mount_ns, int output_fd);

/* The first line of what "@path --version" prints, or "unknown". */
void peer_version(const char *path, char *out, size_t size);

/* Arguments as one line, with those quoted that need it. NULL when out of memory; the caller frees.
 */
char *peer_command_line(char *const *argv);

/*
 * A launcher hands the program's exit status on as its own, and 128 + N for a program that signal N
 * killed: @out, which tells how the launcher @name ended, is made to tell how the program did.
 */
void peer_verdict(const char *name, struct outcome *out);

/*
 * Start the workload once so that it returns at once, and say why where that fails: in the words of
 * the runtime itself, which went to its output. 0 or -ENODEV; the remedy is the caller's.
 */
int peer_trial(const struct runtime_ops *ops, const struct rt_config *cfg, struct err *e);

#endif
