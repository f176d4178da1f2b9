/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * KVM's own statistics of a vCPU, by their names (Documentation/virt/kvm/api.rst, 4.133; since
 * Linux 5.14): a descriptor with a header, the names, and the values.
 */
#ifndef BENCH_VMM_KVM_STATS_H
#define BENCH_VMM_KVM_STATS_H

#include <stddef.h>
#include <stdint.h>

#define KVM_STATS_MAX 16 /* names that can be looked up together */

/* Where named statistics stand. It is the same for all vCPUs of a VM. */
struct kvm_stats_map {
	uint64_t data_at, data_bytes;   /* the part of the descriptor's file that holds them */
	uint64_t offset[KVM_STATS_MAX]; /* into it */
	uint32_t known;                 /* a bit for each name that this KVM has */
	size_t n;
};

/*
 * The statistics of the vCPU @vcpu_fd: a descriptor, the caller's, or -1 where this KVM has none.
 * To be called before the vCPU runs, or from its own thread: KVM lets no other at a vCPU in
 * KVM_RUN. Reading is free of that.
 */
int kvm_stats_open(int vcpu_fd);

/*
 * Find the @n @names (NULL or "": none) in the statistics @fd. What is not there, or is no plain
 * running count, stays unknown; a @fd of -1 has nothing.
 */
void kvm_stats_locate(int fd, const char *const *names, size_t n, struct kvm_stats_map *map);

/* The values now, in the order of the names; those that are not known are left as they are. */
void kvm_stats_read(int fd, const struct kvm_stats_map *map, uint64_t *values);

#endif
