/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What "bench exec" was asked to run, made ready: the program, its tree, its surroundings. */
#ifndef BENCH_RUNNER_EXEC_JOB_H
#define BENCH_RUNNER_EXEC_JOB_H

#include <stdbool.h>

#include "base/runtime.h"
#include "runner/tree.h"

#define EXEC_ANY_STATUS (-1)
#define EXEC_NAMES_MAX 64 /* of --env, --copy and --with, each */
#define EXEC_ARGS_MAX 128 /* of the program; the emulated machine's command line holds them too */

/* As on the command line; everything is borrowed from there. */
struct exec_request {
	const char *rootfs; /* NULL: a temporary tree is made */
	const char *tree; /* --tree: one that was made, in the emulated machine's inside; or NULL */
	const char *name; /* --name: of the benchmark, the same */
	const char *dir;  /* NULL: "/" */
	const char *copies[EXEC_NAMES_MAX], *with[EXEC_NAMES_MAX], *env[EXEC_NAMES_MAX];
	unsigned n_copies, n_with, n_env;
	int good_status; /* besides 0; EXEC_ANY_STATUS */
	bool check_output;
};

struct exec_job {
	struct exec_request request;
	struct tree tree;
	struct rt_program program;
	char name[48]; /* of the benchmark: the program's base name, fit for file names */
	char path[PATH_SIZE];
	char *env[EXEC_NAMES_MAX + 8]; /* owned; ends with NULL */
};

/*
 * Find the program @argv[0], and make the tree that holds it with what it needs, or check the one
 * that was named. -EINVAL and others, by name; exec_job_close is due in every case.
 */
int exec_job_open(
	struct exec_job *j, const struct exec_request *req, char *const *argv, struct err *e);

void exec_job_close(struct exec_job *j);

/*
 * Memory for a guest where nothing is said. It holds its tree twice, as the archive that it is
 * given and unpacked; and what it is unpacked into takes half of what the archive leaves of the
 * memory (mm/shmem.c, shmem_default_max_blocks): three times the tree, and some more for what
 * grows.
 */
uint64_t exec_guest_bytes(const struct exec_job *j);

/* Is @status (128+N for signal N) what the user takes for good? */
bool exec_status_good(const struct exec_job *j, int status);

#endif
