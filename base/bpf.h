/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words that a system call filter is written in: what ctr/ and vmm/ build theirs of. */
#ifndef BENCH_BASE_BPF_H
#define BENCH_BASE_BPF_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>

/* Load a field of struct seccomp_data. */
#define BPF_LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))

/*
 * Load an argument that the kernel reads as 32 bits. A filter could see 64: one that compared all
 * of them would be passed by garbage in the upper half (CVE-2019-10063), hence the lower half only.
 */
#define BPF_LOW_HALF (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 0 : 4)
#define BPF_LOAD_ARG(n)                                                                            \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[n]) + BPF_LOW_HALF)

/* The filter's answer, SECCOMP_RET_*. */
#define BPF_ANSWER(what) BPF_STMT(BPF_RET | BPF_K, (what))

/* Compare what was loaded: jump so many instructions on. */
#define BPF_IF_EQUAL(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), (yes), (no))

#endif
