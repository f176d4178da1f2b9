/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One virtual CPU: the run loop (vcpu.c) and its state at start (vcpu_x86_64.c). */
#ifndef BENCH_VMM_VCPU_H
#define BENCH_VMM_VCPU_H

#include "base/err.h"
#include "vmm/boot.h"
#include "vmm/vm.h"

/* Create vCPU @index of @vm, as it comes. vcpu_destroy also after failure. */
int vcpu_create(struct vcpu *v, struct vm *vm, unsigned index, struct err *e);

/* Give it what firmware would: its CPUID, some registers and local APIC. Not for a restored one. */
int vcpu_setup(struct vcpu *v, struct err *e);
void vcpu_destroy(struct vcpu *v);

/* Run until the VM has ended; the error, if any, goes to the VM's state. */
void vcpu_loop(struct vcpu *v);

/*
 * Finish the instruction with which a vCPU has left its loop: its access to a device is done, the
 * rest of it waits for the next KVM_RUN. -EIO where it does not come to an end.
 */
int vcpu_finish(struct vcpu *v, struct err *e);

/* Have the vCPU leave guest mode, and not enter it again. From any thread or signal handler. */
void vcpu_kick(struct vcpu *v);

/*
 * Note in @text what a vCPU that has left its loop was doing: where it was, and whether it was
 * halted, with interrupts on or off. Only from its own thread.
 */
void vcpu_whereabouts(struct vcpu *v, char *text, size_t size);

int vcpu_setup_cpuid(struct vcpu *v, struct err *e);
int vcpu_setup_lapic(struct vcpu *v, struct err *e);
void vcpu_setup_msrs(struct vcpu *v);
int vcpu_setup_long_mode(struct vcpu *v, const struct boot_entry *b, struct err *e);

/* Real mode, entry below 64 KiB: no tables are needed, and nothing but two calls. */
int vcpu_setup_real_mode(struct vcpu *v, const struct boot_entry *b, struct err *e);

struct kvm_cpuid2;

/* What the leaves of a vCPU's CPUID depend on. */
struct cpuid_facts {
	unsigned index, count; /* this vCPU, of how many */
	bool tsc_deadline;     /* KVM has the LAPIC timer's mode of that name */
	bool emulated;         /* KVM itself runs in QEMU's emulator */
};

/* Make @c, CPUID as KVM supports it, that of one vCPU. Cannot fail. Apart, so that it can be
 * tested. */
void cpuid_fix(struct kvm_cpuid2 *c, const struct cpuid_facts *f);

#endif
