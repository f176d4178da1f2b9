/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * All descriptors from one on, for a process that is about to become another one: what a library or
 * our own parent left open is none of its business (CVE-2024-21626).
 *
 * By close_range(2) where it is to be had (Linux 5.9, to mark 5.11; a filter around us may hide
 * it); else what /proc/self/fd lists, a million being allowed and a dozen open; else, where no
 * /proc is to be seen, each number up to the limit.
 *
 * To be called between clone and exec, also where memory is shared: there is nothing but raw system
 * calls and the stack in here. 0 or a negative errno, and then it is not known what is still open.
 */
#ifndef BENCH_BASE_FDS_H
#define BENCH_BASE_FDS_H

/* Close @first and all above. */
long fds_close_from(unsigned first);

/* Let them close with the exec. */
long fds_close_at_exec_from(unsigned first);

#endif
