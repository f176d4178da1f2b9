/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "ENOSYS": musl knows the sentences of errors alone. */
#ifndef BENCH_WORKLOADS_DEMO_ERROR_NAME_H
#define BENCH_WORKLOADS_DEMO_ERROR_NAME_H

/* The name of an errno; of one that is not in the table, "error N". Static until the next call. */
const char *error_name(int error);

#endif
