/* SPDX-License-Identifier: GPL-3.0-or-later */
/* KVM's own statistics of a vCPU (Documentation/virt/kvm/api.rst, 4.133). */
#ifndef BENCH_VMM_KVM_STATS_H
#define BENCH_VMM_KVM_STATS_H

#include <stdint.h>

/* How often the vCPU @vcpu_fd has left guest mode so far; 0 where this KVM does not tell. */
uint64_t kvm_stats_exits(int vcpu_fd);

#endif
