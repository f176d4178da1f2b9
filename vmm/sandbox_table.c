/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The calls of a VMM whose guest runs, one row each. All else kills it: there is no file to open,
 * no memory to map, no process to start, and no signal to send but to itself.
 *
 * tests/unit/test_vmm_sandbox_rows.c watches real VMMs and fails on a row that none of them uses.
 */
#include <linux/futex.h>
#include <linux/kvm.h>
#include <sys/syscall.h>

#include "base/util.h"
#include "vmm/sandbox.h"

enum {
	VCPU = 1 << SANDBOX_VCPU,
	MAIN = 1 << SANDBOX_MAIN | 1 << SANDBOX_SNAPSHOT,
	SNAP = 1 << SANDBOX_SNAPSHOT,
	BOTH = VCPU | MAIN,
	RUNNING = BOTH & ~SNAP, /* what is snapped has neither console nor output */
};

#define CALL(call, lists, why)                                                                     \
	{                                                                                          \
		SYS_##call, SANDBOX_ANY, 0, lists, #call, why, NULL                                \
	}
#define KVM(request, lists, why)                                                                   \
	{                                                                                          \
		SYS_ioctl, 1, request, lists, #request, why, NULL                                  \
	}
#define FUTEX(op, why)                                                                             \
	{                                                                                          \
		SYS_futex, 1, op, BOTH, #op, why, NULL                                             \
	}

/* The rows of a call stand together; the one that a guest's speed hangs on comes first. */
const struct sandbox_row sandbox_rows[] = {
	KVM(KVM_RUN, BOTH, "the guest"),
	KVM(KVM_IRQ_LINE, BOTH, "the console's interrupt"),
	KVM(KVM_GET_REGS, BOTH, "where a guest was that ended badly"),
	KVM(KVM_GET_SREGS, BOTH, "the same: its ring"),
	KVM(KVM_GET_MP_STATE, BOTH, "the same: whether it was halted"),
	KVM(KVM_GET_STATS_FD, MAIN, "counts of exits, of a VM with one vCPU: vmm/vcpu.c"),
	KVM(KVM_CHECK_EXTENSION, SNAP, "which of the kinds of state this KVM has"),
	KVM(KVM_GET_SREGS2, SNAP, "state of a vCPU, like all that follow"),
	KVM(KVM_GET_XSAVE2, SNAP, "FPU"),
	{ SYS_ioctl, 1, KVM_GET_XSAVE, SNAP, "KVM_GET_XSAVE", "the same",
		"a host before Linux 5.17, which has no KVM_GET_XSAVE2" },
	KVM(KVM_GET_XCRS, SNAP, "FPU"),
	KVM(KVM_GET_DEBUGREGS, SNAP, "debug registers"),
	KVM(KVM_GET_LAPIC, SNAP, "local APIC"),
	KVM(KVM_GET_MSR_INDEX_LIST, SNAP, "which model-specific registers there are"),
	KVM(KVM_GET_MSRS, SNAP, "their values"),
	KVM(KVM_SET_MSRS, SNAP, "whether a value could be set again"),
	KVM(KVM_GET_CPUID2, SNAP, "what the guest sees of its CPU"),
	KVM(KVM_GET_TSC_KHZ, SNAP, "the clock's frequency"),
	KVM(KVM_GET_VCPU_EVENTS, SNAP, "pending interrupts and exceptions"),
	KVM(KVM_GET_PIT2, SNAP, "timer chip"),
	KVM(KVM_GET_CLOCK, SNAP, "kvmclock"),
	KVM(KVM_GET_IRQCHIP, SNAP, "interrupt chips"),

	CALL(write, RUNNING, "the console, and what a program prints"),
	CALL(pwrite64, BOTH, "the report"),
	CALL(pread64, BOTH, "counts of exits"),
	CALL(getrandom, BOTH, "entropy for a restored guest"),
	CALL(clock_gettime, BOTH, "marks; where the host's clock needs the kernel"),

	FUTEX(FUTEX_WAKE, "ready; musl's list of threads"),
	FUTEX(FUTEX_WAIT, "musl's list of threads"),
	FUTEX(FUTEX_WAKE_PRIVATE, "locks, and the end of a thread"),
	FUTEX(FUTEX_WAIT_PRIVATE, "the same"),

	CALL(gettid, BOTH, "whom to kick"),
	CALL(getpid, BOTH, "the same"),
	{ SYS_tgkill, 0, SANDBOX_SELF, BOTH, "tgkill", "vCPUs out of KVM_RUN: of this process",
		NULL },
	CALL(rt_sigreturn, BOTH, "back from the signals that end a guest"),

	CALL(rt_sigprocmask, VCPU, "a thread's end, in musl"),
	CALL(exit, VCPU, "a thread's end"),

	CALL(timer_delete, MAIN, "the deadline, when the guest has ended"),
	CALL(munmap, MAIN, "the guest's memory, and the threads' stacks"),
	CALL(close, MAIN, "the VM"),
	CALL(exit_group, MAIN, "the end"),
};

const size_t sandbox_rows_count = ARRAY_SIZE(sandbox_rows);
