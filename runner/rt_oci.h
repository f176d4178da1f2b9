/* SPDX-License-Identifier: GPL-3.0-or-later */
/* OCI runtimes to compare with: crun (https://github.com/containers/crun) and runc
 * (https://github.com/opencontainers/runc). */
#ifndef BENCH_RUNNER_RT_OCI_H
#define BENCH_RUNNER_RT_OCI_H

#include <stddef.h>

#include "base/runtime.h"

extern const struct runtime_ops crun_runtime, runc_runtime;

/*
 * End the containers of crun and runc that runs of this user left who live no more, and remove
 * their folders. What cannot be ended (the program is gone, say) stays for a run that can.
 */
void oci_sweep(void);

/*
 * The last message of the log @text (a JSON object a line, as both write it with "--log-format
 * json") into @out; "" where there is none. @text is untrusted.
 */
void oci_log_message(const char *text, char *out, size_t size);

#endif
