/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a VMM process gives up before its guest runs, so that a guest that breaks out of KVM into
 * the VMM has broken into a place with nothing in it. In three steps, since each takes away what
 * the one before still needs:
 *
 *   sandbox_enter      once /dev/kvm is open, and before a kernel or a snapshot is looked at:
 *                      namespaces without files and network, limits, no capabilities
 *   sandbox_close      when the guest is in memory: the descriptors that were only for that
 *   sandbox_filter     each thread, as its last act before its first KVM_RUN: the calls it may make
 */
#ifndef BENCH_VMM_SANDBOX_H
#define BENCH_VMM_SANDBOX_H

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "vmm/vm_proto.h"

/* The namespaces, in the order in which they are joined: the right to join comes with the first. */
struct sandbox_ns {
	int flag;         /* CLONE_NEW* */
	enum vm_fd fd;    /* where bench-vmm finds it */
	const char *path; /* of one's own, while there is a /proc */
	const char *name;
};

#define SANDBOX_NS 3u
extern const struct sandbox_ns sandbox_ns[SANDBOX_NS];

/*
 * Leave the host: join the namespaces of @cfg, then give up what a VMM of @cfg's size does not
 * need. Of the process, so before there is a second thread. 0 or -errno; after a failure the
 * process must not go on.
 */
int sandbox_enter(const struct vm_config *cfg, struct err *e);

/* Close what only the set-up needs. */
void sandbox_close(void);

/* Who may call what. SANDBOX_SNAPSHOT is SANDBOX_MAIN of a VMM that will take a snapshot. */
enum sandbox_list { SANDBOX_VCPU, SANDBOX_MAIN, SANDBOX_SNAPSHOT, SANDBOX_LISTS };

#define SANDBOX_ANY (-1)        /* no argument of the call matters */
#define SANDBOX_SELF UINT32_MAX /* as a value: our own process id */
#define SANDBOX_CODE_MAX 192u   /* instructions of the longest list, with room */

/* One entry: a call, or a call with one value of one argument. sandbox_table.c has them. */
struct sandbox_row {
	int call, argument; /* SYS_*; which argument, or SANDBOX_ANY */
	uint32_t value;     /* that it must have */
	unsigned lists;     /* 1 << enum sandbox_list */
	const char *name, *why;
	const char *elsewhere; /* a kind of host that alone makes this call; NULL: any */
};

extern const struct sandbox_row sandbox_rows[];
extern const size_t sandbox_rows_count;

/*
 * Write @list as a program for the process @self to @code; returns its length, 0 where it does not
 * fit. Apart, so that it can be tested.
 */
unsigned sandbox_program(
	enum sandbox_list list, pid_t self, struct sock_filter code[SANDBOX_CODE_MAX]);

/*
 * From here on the calling thread may make the calls of @list; any other one kills the process
 * (SIGSYS). Needs no_new_privs, of sandbox_enter. 0 or -errno.
 */
int sandbox_filter(enum sandbox_list list, struct err *e);

#endif
