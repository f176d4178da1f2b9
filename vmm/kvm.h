/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /dev/kvm and its ioctls, with errors that say what was refused, what that means and what helps.
 */
#ifndef BENCH_VMM_KVM_H
#define BENCH_VMM_KVM_H

#include <linux/kvm.h>

#include "base/err.h"

/* Open /dev/kvm and check that it speaks API version 12. *@fd is close-on-exec, the caller's. */
int kvm_open(int *fd, struct err *e);

/*
 * ioctl(@fd, @request, @arg), retried a few times on EINTR (KVM_CREATE_VM takes long enough to be
 * interrupted). Returns the ioctl's result, or a negative errno with @e filled; step is @name.
 */
int kvm_call_(int fd, unsigned long request, const char *name, void *arg, struct err *e);
#define kvm_call(fd, request, arg, e) kvm_call_(fd, request, #request, (void *)(uintptr_t)(arg), e)

/* KVM_CHECK_EXTENSION on a KVM or VM descriptor: what @cap offers, 0 where it is unknown. */
int kvm_cap(int fd, unsigned long cap);

/* "KVM_EXIT_IO" and so on; "an unknown exit" beyond what this program knows. */
const char *kvm_exit_name(unsigned reason);

#endif
