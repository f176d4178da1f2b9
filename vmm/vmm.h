/* SPDX-License-Identifier: GPL-3.0-or-later */
/* This folder's symbols for the runner. */
#ifndef BENCH_VMM_VMM_H
#define BENCH_VMM_VMM_H

#include "base/runtime.h"

extern const struct runtime_ops vm_runtime;  /* programs as init of a guest of our own VMM */
extern const struct runtime_ops kvm_runtime; /* the floor: bare ioctls for a guest of nothing */

/* A guest's memory in bytes where rt_config.mem_bytes does not say it. */
#define VM_RAM_DEFAULT (128ul << 20)

/* The memory that @cfg asks a guest to have, or the default. -EINVAL: so much, or so many vCPUs,
 * are not possible. */
int vm_check_size(const struct rt_config *cfg, uint64_t *ram_bytes, struct err *e);

/*
 * Can this KVM have so many vCPUs in a guest? @most and @recommended are what it says of
 * KVM_CAP_MAX_VCPUS and KVM_CAP_NR_VCPUS, 0 where it says nothing. -EINVAL names the limit.
 */
int vm_check_vcpus(unsigned vcpus, int most, int recommended, struct err *e);

#endif
