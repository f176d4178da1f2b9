/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A virtual machine: descriptors, memory, vCPUs and devices, inside the VMM process. */
#ifndef BENCH_VMM_VM_H
#define BENCH_VMM_VM_H

#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "vmm/console.h"
#include "vmm/loader.h"
#include "vmm/mem.h"
#include "vmm/snapshot.h"
#include "vmm/uart.h"
#include "vmm/vm_proto.h"

struct kvm_run;
struct vm;

struct vcpu {
	struct vm *vm;
	unsigned index; /* also its APIC id */
	int fd;
	int stats_fd; /* its statistics (vmm/kvm_stats.h); -1: this KVM has none */
	struct kvm_run *run;
	pthread_t thread;
	pid_t tid; /* 0 until its thread runs */
};

struct vm {
	int kvm_fd, fd;
	struct guest_mem mem;
	struct loader loader;     /* what fills it before the first instruction */
	struct vm_shared *shared; /* borrowed */
	size_t run_size;          /* of each vCPU's struct kvm_run */
	unsigned nr_vcpus;        /* those that exist */
	struct vcpu vcpus[VM_CPUS_MAX];

	sem_t confined;          /* counts the vCPUs' threads that have their filter */
	pthread_mutex_t gate;    /* held until all have theirs */
	pthread_mutex_t io_lock; /* one access to a device at a time */
	struct console console;
	struct uart uart;
	bool has_pit;
	struct snapshot snapshot; /* that is being taken, or that this VM starts from */
	uint32_t args_given;      /* bytes that ARGS_PORT has given */
	char args[ARGS_MAX];
	uint32_t counts_given; /* bytes of counts that COUNTS_PORT has given, of this round */
	uint64_t counts[COUNT_COUNT];
	uint64_t error_bytes;          /* of the program's stderr, passed on so far */
	int32_t has_output, has_error; /* does anybody read there still? (vmm/output_port.h) */
};

/* An empty VM for what @shared->cfg describes. @shared must outlive it. End it with vm_destroy. */
void vm_init(struct vm *vm, struct vm_shared *shared);

/*
 * Build it, up to the guest's first instruction, or restore it up to the next one. After a failure
 * only vm_destroy is possible.
 */
int vm_create(struct vm *vm, struct err *e);

/*
 * Run until the guest or its VMM ends; the caller's thread is vCPU 0. How it ended is in
 * shared->st, and so is its error. At most one VM of a process can run at a time: signals find it
 * by a global pointer.
 */
void vm_run(struct vm *vm);

/* Where it ended with VM_END_SNAPSHOT: write that. Afterwards only vm_destroy is possible. */
void vm_take_snapshot(struct vm *vm);

void vm_destroy(struct vm *vm);

/*
 * End the guest: the first call decides, later ones change nothing. Returns whether this was the
 * first. May be called from any thread and from a signal handler.
 */
bool vm_end(struct vm *vm, enum vm_end end);

/* The same, with the error that explains it: not from a signal handler. */
void vm_fail(struct vm *vm, enum vm_end end, const struct err *e);

static inline bool vm_ended(const struct vm *vm)
{
	return __atomic_load_n(&vm->shared->st.end, __ATOMIC_ACQUIRE) != VM_RUNNING;
}

/* Set interrupt line @gsi of the in-kernel chips. A refusal is not possible for a known line. */
void vm_set_irq(struct vm *vm, unsigned gsi, bool level);

#endif
