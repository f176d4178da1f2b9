/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fills the guest's memory in a thread of its own, while KVM makes the VM: the one is copying, the
 * other is mostly waiting (KVM_CREATE_VM moves a kernel thread into our cgroup, and that waits for
 * a grace period of RCU: 11 ms of 20 before the first instruction, in the emulated machine).
 */
#ifndef BENCH_VMM_LOADER_H
#define BENCH_VMM_LOADER_H

#include <pthread.h>
#include <stdbool.h>

#include "vmm/boot.h"

struct loader {
	pthread_t thread;
	bool running;
	const struct vm_config *cfg;
	const struct guest_mem *mem;
	struct boot_entry entry;
	int r;
	struct err err;
};

/*
 * Begin. @cfg and @mem must outlive it, and nobody else may touch the guest's memory until
 * loader_wait. What is not worth a thread is done at once.
 */
void loader_start(struct loader *l, const struct vm_config *cfg, const struct guest_mem *mem);

/* Wait for its end, and tell what came out: 0 and @entry, or -errno. For the first call only. */
int loader_wait(struct loader *l, struct boot_entry *entry, struct err *e);

/* Wait, where nobody has: afterwards the guest's memory may be unmapped. */
void loader_end(struct loader *l);

#endif
