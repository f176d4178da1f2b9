/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a pipe of a guest's program to the VMM's ports (base/report_abi.h). */
#ifndef BENCH_WORKLOADS_FORWARD_H
#define BENCH_WORKLOADS_FORWARD_H

/* Make the buffer, and find out at which physical page it lies, if the kernel tells. */
void forward_open(void);

/* Pass on all that can be read from @fd now; to the ports of stderr where @is_error. 0: @fd is at
 * its end. */
int forward_all(int fd, int is_error);

#endif
