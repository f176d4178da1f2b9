/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A snapshot: a VM in a file, stopped between two instructions of its guest (docs/snapshots.md).
 *
 * The file is a struct snapshot_header, a struct chip_state, a struct vcpu_state for each vCPU, and
 * from a page boundary on the guest's memory, sparse. It is written and read by one build of
 * bench-vmm on one running host, so its structs are KVM's own as they are, and anything else is
 * refused by name.
 */
#ifndef BENCH_VMM_SNAPSHOT_H
#define BENCH_VMM_SNAPSHOT_H

#include <linux/kvm.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "vmm/uart.h"
#include "vmm/vm_proto.h"

#define SNAPSHOT_MAGIC "BNCHSNAP"
#define SNAPSHOT_VERSION 1

#define SNAPSHOT_MSRS 255    /* of one KVM_SET_MSRS: MAX_IO_MSRS of arch/x86/kvm/x86.c, less one */
#define SNAPSHOT_CPUID 256   /* KVM_MAX_CPUID_ENTRIES of arch/x86/include/asm/kvm_host.h */
#define SNAPSHOT_XSAVE 12288 /* with AMX's tiles it is 11008 bytes */

/* What must be the same where a snapshot is taken and where it is restored. */
struct snapshot_host {
	char vendor[12];   /* CPUID leaf 0 */
	uint32_t model;    /* leaf 1, eax: family, model, stepping */
	uint64_t features; /* a hash of the leaves that tell features */
	char kernel[72]; /* release of the host's kernel: values left out are its KVM's at reset */
};

struct snapshot_header {
	char magic[8];
	uint32_t version;
	uint32_t pad;
	uint64_t checksum; /* of all that follows it up to the memory */

	uint32_t header_bytes, chips_bytes, vcpu_bytes; /* sizes of the structs */
	uint32_t vcpus;
	uint64_t ram_bytes;
	uint64_t memory_at; /* offset of the memory, a multiple of the page size */
	struct snapshot_host host;
} __attribute__((aligned(64)));

enum { CHIPS_PIC_MASTER, CHIPS_PIC_SLAVE, CHIPS_IOAPIC, CHIPS_COUNT }; /* KVM_IRQCHIP_* */

struct chip_state {
	uint32_t has_pit;
	struct uart uart;
	struct kvm_pit_state2 pit;
	struct kvm_clock_data clock;
	struct kvm_irqchip irq[CHIPS_COUNT];
} __attribute__((aligned(64)));

struct vcpu_state {
	uint32_t tsc_khz; /* 0: this KVM does not tell */
	uint32_t has_sregs2;
	uint32_t xsave_bytes;
	struct kvm_mp_state mp_state;
	struct kvm_regs regs;
	union {
		struct kvm_sregs sregs;
		struct kvm_sregs2 sregs2;
	};
	struct kvm_xcrs xcrs;
	struct kvm_debugregs debugregs;
	struct kvm_lapic_state lapic;
	struct kvm_vcpu_events events;
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entries[SNAPSHOT_MSRS];
	} msrs;
	struct {
		struct kvm_cpuid2 head;
		struct kvm_cpuid_entry2 entries[SNAPSHOT_CPUID];
	} cpuid;
	_Alignas(64) uint8_t xsave[SNAPSHOT_XSAVE];
};

/* The part of a snapshot before its memory, mapped. */
struct snapshot {
	struct snapshot_header *header;
	struct chip_state *chips;
	struct vcpu_state *vcpus;
	uint64_t bytes; /* of the mapping */
};

/* Offset of the memory in a snapshot of @vcpus vCPUs. */
uint64_t snapshot_memory_at(unsigned vcpus);

/* Describe the host we run on. */
void snapshot_this_host(struct snapshot_host *h);

/* Make @fd, an empty file, large enough, and map its first part to be filled. 0 or -errno. */
int snapshot_new(int fd, unsigned vcpus, uint64_t ram_bytes, struct snapshot *s, struct err *e);

/* All is filled: from here on @s is a snapshot. */
void snapshot_complete(struct snapshot *s);

/*
 * Map the snapshot @fd for reading. 0, or -EINVAL with what is wrong with it in @e: not a snapshot,
 * another version, truncated, damaged.
 */
int snapshot_open(int fd, struct snapshot *s, struct err *e);

/* Can a VM of @vcpus and @ram_bytes on @here go on from @s? 0, or -EINVAL with the difference. */
int snapshot_fits(const struct snapshot *s, const struct snapshot_host *here, unsigned vcpus,
	uint64_t ram_bytes, struct err *e);

void snapshot_close(struct snapshot *s); /* one that was never opened is fine */

struct vcpu;
struct vm;

/*
 * Write @vm, all of whose vCPUs have left their loops, into @s; its memory is in the file already.
 * The VM cannot go on afterwards.
 */
int snapshot_save(struct vm *vm, struct snapshot *s, struct err *e);

/* Put what @s holds into @vm, whose chips and vCPUs have been made and whose memory is in place. */
int snapshot_load(struct vm *vm, const struct snapshot *s, struct err *e);

/* The two for one vCPU (snapshot_vcpu.c). */
int vcpu_save(struct vcpu *v, struct vcpu_state *st, struct err *e);
int vcpu_load(struct vcpu *v, struct vcpu_state *st, struct err *e); /* leaves @st as it is */

#endif
