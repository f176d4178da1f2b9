/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the runner and a VMM process (bench-vmm) agree on: one shared memory file, made by the
 * runner for one launch, mapped by both, readable whatever kills the VMM.
 *
 * The runner fills vm_config before it starts the process and never writes again; the VMM writes
 * vm_state only. A guest that breaks out of its VMM can write anything there, so the runner
 * believes nothing: every index and length is checked when read.
 */
#ifndef BENCH_VMM_VM_PROTO_H
#define BENCH_VMM_VM_PROTO_H

#include <stdint.h>

#include "base/err.h"
#include "base/report_abi.h"

#define VM_PROTO_MAGIC 0x4d4d5642u /* "BVMM" */
#define VM_PROTO_VERSION 5

#define VM_CPUS_MAX 64u       /* vCPUs of one guest */
#define VM_CMDLINE_SIZE 2048u /* with NUL; COMMAND_LINE_SIZE of arch/x86/include/asm/setup.h */
#define VM_ARGS_SIZE (ARGS_MAX - 32u) /* the time of day and the last NUL are put to it */
#define VM_CONSOLE_RING 8192u         /* last bytes of the console; a power of two */
#define VM_CONSOLE_MAX (1u << 20)     /* bytes passed on to VM_FD_CONSOLE; the ring goes on */
#define VM_ERROR_MAX (16u << 20)      /* bytes of a program's stderr that go there too */
#define VM_EXIT_REASONS 64u           /* counters by KVM_EXIT_*; what is beyond shares the last */

/* With this and an errno bench-vmm ends that cannot get at struct vm_shared, where it tells all
 * else. */
#define VM_EXIT_UNTOLD 64

/* Descriptors that bench-vmm is started with; 0 and 1 are /dev/null, 2 is for its last words. */
enum vm_fd {
	VM_FD_SHARED = 3, /* struct vm_shared */
	VM_FD_KERNEL,
	VM_FD_INITRAMFS,
	VM_FD_REPORT,
	VM_FD_CONSOLE,
	VM_FD_SNAPSHOT, /* vmm/snapshot.h: to be written, or to start from */
	VM_FD_OUTPUT,   /* what a program of the user's own prints; its stderr goes to the console's
			 */
	VM_FD_USER_NS,  /* namespaces to live in: vmm/sandbox.h */
	VM_FD_MOUNT_NS,
	VM_FD_NET_NS,
	VM_FD_COUNT
};

/* What the vCPU finds when it starts. */
enum vm_entry {
	VM_ENTRY_ELF,   /* the ELF file VM_FD_KERNEL, by the Linux 64-bit boot protocol */
	VM_ENTRY_EMPTY, /* one instruction that ends the guest: what a VM costs with nothing in it
			 */
	VM_ENTRY_SNAPSHOT, /* it goes on where VM_FD_SNAPSHOT was taken */
	VM_ENTRY_COUNT
};

/* What backs the guest's memory. */
enum vm_pages {
	VM_PAGES_SMALL,
	VM_PAGES_HUGETLB, /* 2 MiB pages out of the host's pool */
	VM_PAGES_THP,     /* 2 MiB pages where the host finds some (madvise) */
	VM_PAGES_COUNT
};

struct vm_config {
	uint32_t magic, version;
	uint32_t entry; /* enum vm_entry */
	uint32_t vcpus;
	uint64_t ram_bytes;
	uint64_t initramfs_bytes;
	uint64_t deadline_ns;               /* CLOCK_MONOTONIC; 0: none */
	int32_t has_initramfs, has_console; /* is VM_FD_INITRAMFS, VM_FD_CONSOLE open? */
	uint32_t pages;                     /* enum vm_pages */
	uint32_t take_snapshot;             /* at MARK_READY, into VM_FD_SNAPSHOT, and end there */
	uint32_t args_bytes;                /* used of args */
	int32_t has_output;                 /* and VM_FD_OUTPUT? */
	uint32_t namespaces;                /* CLONE_NEW*: which of VM_FD_*_NS are there */
	uint32_t sanitized; /* built with a sanitizer, which needs more memory and calls */
	uint32_t emulated;  /* the host is QEMU's emulator (base/hypervisor.h), found out once:
			       in a VM each CPUID is an exit */
	int32_t cpu[VM_CPUS_MAX]; /* host CPU that each vCPU's thread is pinned to; -1: none */
	char cmdline[VM_CMDLINE_SIZE];
	char args[VM_ARGS_SIZE]; /* what ARGS_PORT gives after the time: argv, each with its NUL */
};

/* How a VM ended. */
enum vm_end {
	VM_RUNNING,      /* it has not, or the VMM process was killed */
	VM_END_EXIT,     /* MARK_EXIT: see status */
	VM_END_RESET,    /* the guest asked for a reset, which a Linux panic does too */
	VM_END_SHUTDOWN, /* triple fault */
	VM_END_ENTRY,    /* the CPU refused the guest's state */
	VM_END_KVM,      /* KVM gave up: internal error, or an exit nobody handles */
	VM_END_SNAPSHOT, /* it was taken, or is being taken: VM_AT_TAKEN says which */
	VM_END_HALT,     /* all vCPUs halted for good */
	VM_END_DEADLINE,
	VM_END_SIGNAL, /* SIGTERM or SIGINT to the VMM */
	VM_END_ERROR,  /* the host side failed: see err */
	VM_END_COUNT
};

/* Moments of the VMM itself, CLOCK_MONOTONIC. */
enum vm_stamp {
	VM_AT_MAIN,  /* first statement of bench-vmm's main */
	VM_AT_ENTER, /* before the first KVM_RUN */
	VM_AT_END,   /* the guest has ended */
	VM_AT_TAKEN, /* the snapshot is complete */
	VM_AT_COUNT
};

struct vm_state {
	uint32_t end;    /* enum vm_end; the first writer wins */
	uint32_t status; /* argument of MARK_EXIT */
	uint64_t at[VM_AT_COUNT];
	uint64_t mark_at[MARK_COUNT];      /* first one of each mark; 0: not seen */
	uint64_t exits[VM_EXIT_REASONS];   /* exits to user space by KVM_EXIT_* */
	uint64_t kvm_exits;                /* all exits by KVM's own statistics; 0: not available */
	uint64_t unknown_io, unknown_mmio; /* accesses where no device answers */
	uint64_t bad_marks;                /* writes to MARK_PORT that mean nothing */
	uint64_t report_bytes;  /* written by the guest; what is beyond REPORT_MAX is dropped */
	uint64_t console_bytes; /* ever written; the ring holds the last VM_CONSOLE_RING of them */
	uint64_t guest_at;      /* address of the guest's RAM in the VMM; 0: not mapped yet */
	uint32_t ready;         /* 1 from MARK_WORK on: base/ready.h */
	struct err err;         /* why, where end is neither EXIT nor RUNNING */
	char console[VM_CONSOLE_RING];
};

struct vm_shared {
	struct vm_config cfg;
	struct vm_state st;
};

#endif
