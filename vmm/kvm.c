/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vmm/kvm.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/util.h"

#define KVM_API 12 /* frozen since Linux 2.6.22: Documentation/virt/kvm/api.rst, 4.1 */
#define EINTR_RETRIES 8

#define STEP_OPEN "open /dev/kvm"

/* What an errno means at a step; a NULL step is any. The first row that fits is told. */
static const struct meaning {
	const char *step;
	int error; /* positive errno */
	const char *means;
	const char *helps;
} meanings[] = {
	{ STEP_OPEN, ENOENT, "this host offers no KVM",
		"load kvm_intel or kvm_amd (modprobe) and enable VT-x or AMD-V in the firmware; in "
		"a "
		"VM, have nested virtualization enabled; or use --machine emulated" },
	{ STEP_OPEN, ENODEV, "the CPU offers no virtualization, or it is off in the firmware",
		"enable VT-x or AMD-V in the firmware, or use --machine emulated" },
	{ STEP_OPEN, ENXIO, "the device exists, but no driver is behind it",
		"load kvm_intel or kvm_amd (modprobe), or use --machine emulated" },
	{ STEP_OPEN, EACCES, "this user may not use KVM",
		"join the group that owns it (usermod -aG kvm USER, then log in again), or use "
		"--machine emulated" },
	{ STEP_OPEN, EPERM, "a device policy (cgroup, container) forbids KVM",
		"allow the device (docker run --device /dev/kvm), or use --machine emulated" },
	{ "KVM_CREATE_VM", EBUSY, "another hypervisor on this host holds VT-x or AMD-V",
		"stop it (VirtualBox, VMware), or use --machine emulated" },
	{ "KVM_CREATE_VM", EINTR, "signals kept on interrupting it", "try again" },
	{ "KVM_CREATE_VCPU", EEXIST, "the vCPU number is taken", NULL },
	{ "KVM_CREATE_VCPU", EINVAL, "more vCPUs than this KVM allows", "ask for fewer vCPUs" },
	{ NULL, ENOTTY, "this KVM does not know the call",
		"use a newer kernel, or --machine emulated" },
	{ NULL, ENOMEM, "not enough kernel memory, or a cgroup's memory limit",
		"give the guest less memory, or raise the limit" },
	{ NULL, EPERM, "a security policy (seccomp, LSM) forbids it",
		"allow it for this process, or use --machine emulated" },
};

static int explain(struct err *e, int error, const char *step)
{
	err_set(e, -error, step, "%s", strerror(error));
	for (size_t i = 0; i < ARRAY_SIZE(meanings); i++) {
		const struct meaning *m = &meanings[i];

		if (m->error != error || (m->step && strcmp(m->step, step)))
			continue;
		err_set(e, -error, step, "%s: %s", strerror(error), m->means);
		return m->helps ? err_help(e, "%s", m->helps) : -error;
	}
	return -error;
}

int kvm_open(int *fd, struct err *e)
{
	cleanup_fd int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	int version;

	if (kvm < 0)
		return explain(e, errno, STEP_OPEN);
	version = kvm_call(kvm, KVM_GET_API_VERSION, 0, e);
	if (version < 0)
		return version;
	if (version != KVM_API) {
		err_set(e, -EPROTO, "KVM_GET_API_VERSION", "KVM speaks version %d, not %d", version,
			KVM_API);
		return err_help(e, "use another kernel, or --machine emulated");
	}
	*fd = steal_fd(&kvm);
	return 0;
}

int kvm_call_(int fd, unsigned long request, const char *name, void *arg, struct err *e)
{
	int r, tries = 0;

	do
		r = ioctl(fd, request, arg);
	while (r < 0 && errno == EINTR && ++tries < EINTR_RETRIES);
	return r < 0 ? explain(e, errno, name) : r;
}

int kvm_cap(int fd, unsigned long cap)
{
	int r = ioctl(fd, KVM_CHECK_EXTENSION, cap);

	return r < 0 ? 0 : r;
}

static const char *const exit_names[] = {
#define NAME(x) [x] = #x
	NAME(KVM_EXIT_UNKNOWN),
	NAME(KVM_EXIT_EXCEPTION),
	NAME(KVM_EXIT_IO),
	NAME(KVM_EXIT_HYPERCALL),
	NAME(KVM_EXIT_DEBUG),
	NAME(KVM_EXIT_HLT),
	NAME(KVM_EXIT_MMIO),
	NAME(KVM_EXIT_IRQ_WINDOW_OPEN),
	NAME(KVM_EXIT_SHUTDOWN),
	NAME(KVM_EXIT_FAIL_ENTRY),
	NAME(KVM_EXIT_INTR),
	NAME(KVM_EXIT_SET_TPR),
	NAME(KVM_EXIT_TPR_ACCESS),
	NAME(KVM_EXIT_NMI),
	NAME(KVM_EXIT_INTERNAL_ERROR),
	NAME(KVM_EXIT_SYSTEM_EVENT),
	NAME(KVM_EXIT_IOAPIC_EOI),
	NAME(KVM_EXIT_X86_RDMSR),
	NAME(KVM_EXIT_X86_WRMSR),
	NAME(KVM_EXIT_DIRTY_RING_FULL),
	NAME(KVM_EXIT_X86_BUS_LOCK),
	NAME(KVM_EXIT_NOTIFY),
#undef NAME
};

const char *kvm_exit_name(unsigned reason)
{
	const char *name = reason < ARRAY_SIZE(exit_names) ? exit_names[reason] : NULL;

	return name ? name : "an unknown exit";
}
