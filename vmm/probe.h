/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Can Linux guests run on this host's /dev/kvm? Found out by trying, not by CPU flags: a guest of
 * our own (workloads/hello_kernel) is run once, by the same runtime as all others.
 */
#ifndef BENCH_VMM_PROBE_H
#define BENCH_VMM_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/runtime.h"

/* Each "no" is followed by zeros and false: what could not be asked any more. */
struct kvm_probe {
	bool opened;               /* /dev/kvm can be opened */
	int api_version;           /* KVM_GET_API_VERSION: 12 on every kernel since 2007 */
	bool runs;                 /* the probe guest ran to its end */
	bool ring0_full_speed;     /* ring 0 of the guest is executed, not interpreted */
	bool syscall_enters_ring0; /* SYSCALL of ring 3 does what the manual says */
	bool linux_can_run;        /* all of the above */
	double ring0_ns, ring3_ns; /* a turn of an empty loop; 0 where the TSC's rate is unknown */
	double create_vm_us;       /* KVM_CREATE_VM */
	double exit_us;            /* a port write of ring 3 and back; 0 as above */
	char module[32];           /* "kvm_intel", ...: only for people; "unknown" */
	char reason[768];          /* why Linux guests cannot run; "" where they can */
	char remedy[320];          /* what helps; "" as above */
};

/*
 * Ask. Of @cfg only libexec (bench-vmm and hello.elf), cpus and cancel_fd count. 0 with @out
 * filled, whatever the answer is; errors are ours alone: -ENOENT when a program of ours is missing,
 * -ECANCELED, or another negative errno. @e is filled then. Most of the time it takes, some 30 ms,
 * is KVM's own for releasing the VM.
 */
int kvm_probe_guest(const struct rt_config *cfg, struct kvm_probe *out, struct err *e);

/*
 * The frequency in kHz at which guests of VM @vm_fd see the TSC, before anyone changes it
 * (KVM_GET_TSC_KHZ); 0 where KVM cannot tell. Makes a vCPU to ask, number @vcpu.
 */
uint32_t kvm_tsc_khz(int vm_fd, unsigned vcpu);

#endif
