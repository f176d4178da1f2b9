/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vmm/hold.h"

#include <linux/kvm.h>
#include <unistd.h>

#include "base/util.h"
#include "vmm/kvm.h"

int vm_hold(struct err *e)
{
	cleanup_fd int kvm = -1, vm = -1, vcpu = -1;
	int r = kvm_open(&kvm, e);

	if (r < 0)
		return r;
	r = vm = kvm_call(kvm, KVM_CREATE_VM, 0, e);
	if (r < 0)
		return r;
	r = kvm_call(vm, KVM_CREATE_IRQCHIP, 0, e);
	if (r < 0)
		return r;
	r = vcpu = kvm_call(vm, KVM_CREATE_VCPU, 0, e);
	if (r < 0)
		return r;
	pause(); /* a signal ends the process, and with it the VM */
	return 0;
}
