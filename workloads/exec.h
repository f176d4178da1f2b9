/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A guest's init that runs a program of the user's own: what EXEC_FILE says. */
#ifndef BENCH_WORKLOADS_EXEC_H
#define BENCH_WORKLOADS_EXEC_H

#define ARG_EXEC "--exec"

struct report;

/*
 * Take the file and init's own folder away, run the program as a child, pass on what it prints,
 * and report what it used. The exit status for the guest: the program's, 128+N for signal N, 127
 * where it could not be started, 125 where init itself failed.
 */
int exec_run(struct report *r);

#endif
