/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vmm/exit_counts.h"

#include <string.h>

#include "base/util.h"
#include "vmm/kvm_stats.h"
#include "vmm/vm.h"

static const char *const statistics[COUNT_COUNT] = {
#define X(name, metric, statistic) [COUNT_##name] = statistic,
	EXIT_COUNTS(X)
#undef X
};
_Static_assert(COUNT_COUNT <= KVM_STATS_MAX, "all are looked up together");

/* Of the only vCPU it is opened here, in its own thread: see vcpu_create. */
static void open_late(struct vm *vm)
{
	if (vm->nr_vcpus == 1 && vm->vcpus[0].stats_fd < 0)
		vm->vcpus[0].stats_fd = kvm_stats_open(vm->vcpus[0].fd);
}

/* One vCPU's counts. It may be running: then they are of this moment or of the one before. */
static void add_vcpu(
	const struct vcpu *v, const struct kvm_stats_map *map, uint64_t counts[COUNT_COUNT])
{
	uint64_t own[COUNT_COUNT];

	memset(own, 0xff, sizeof(own));
	kvm_stats_read(v->stats_fd, map, own);
	for (size_t i = 0; i < COUNT_COUNT; i++) {
		if (own[i] == COUNT_UNKNOWN)
			counts[i] = COUNT_UNKNOWN; /* a sum with a part missing is none */
		else if (counts[i] != COUNT_UNKNOWN)
			counts[i] += own[i];
	}
}

void exit_counts_sum(struct vm *vm, uint64_t counts[COUNT_COUNT])
{
	struct kvm_stats_map map;

	open_late(vm);
	/* Looked up each time, some 5 us: a guest that never asks pays nothing. */
	kvm_stats_locate(vm->nr_vcpus ? vm->vcpus[0].stats_fd : -1, statistics, COUNT_COUNT, &map);
	memset(counts, vm->nr_vcpus ? 0 : 0xff, COUNT_COUNT * sizeof(counts[0]));
	for (unsigned i = 0; i < vm->nr_vcpus; i++)
		add_vcpu(&vm->vcpus[i], &map, counts);
	counts[COUNT_USER] = 0;
	for (size_t i = 0; i < VM_EXIT_REASONS; i++)
		counts[COUNT_USER] += __atomic_load_n(&vm->shared->st.exits[i], __ATOMIC_RELAXED);
}

void exit_counts_fill(struct vm *vm, uint8_t *data, uint32_t bytes)
{
	while (bytes) {
		uint32_t n = (uint32_t)sizeof(vm->counts) - vm->counts_given;

		if (!vm->counts_given)
			exit_counts_sum(vm, vm->counts);
		if (n > bytes)
			n = bytes;
		memcpy(data, (const uint8_t *)vm->counts + vm->counts_given, n);
		vm->counts_given = (vm->counts_given + n) % sizeof(vm->counts);
		data += n;
		bytes -= n;
	}
}
