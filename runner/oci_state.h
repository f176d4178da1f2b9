/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an OCI runtime writes down of its containers, read without it: the guard can call no
 * programs, and whoever removes a container needs not call one more. A file of another form tells
 * nothing; what is left then is what the runtime's own "delete --force" does.
 */
#ifndef BENCH_RUNNER_OCI_STATE_H
#define BENCH_RUNNER_OCI_STATE_H

#include <sys/types.h>

/* Where, below ROOT/ID, and by which names. */
struct oci_state_form {
	const char *file;
	const char *pid;   /* of the container's first process */
	const char *start; /* of that process, in clock ticks since the boot: proc_start_time() */
};

/* The first process of the container in @dir, ROOT/ID, if that is alive; else 0. */
pid_t oci_state_pid(const struct oci_state_form *form, const char *dir);

/* SIGKILL to those of all containers below @root. With process 1 of a pid namespace all in it ends.
 */
void oci_state_kill_all(const struct oci_state_form *form, const char *root);

#endif
