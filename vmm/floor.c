/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The runtime "kvm": what a VM costs at the least. The empty guest of vmm/boot.h by bare ioctls, in
 * the runner's own process: no program, no process, nothing but what that one instruction needs.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "base/report_abi.h"
#include "base/util.h"
#include "vmm/boot.h"
#include "vmm/kvm.h"
#include "vmm/layout.h"
#include "vmm/vmm.h"

struct runtime {
	uint8_t unused; /* every launch makes all it needs */
};

struct instance {
	int kvm, vm, vcpu;
	uint8_t *memory;
	struct kvm_run *run;
	size_t run_size;
	uint64_t at[PHASE_COUNT];
};

static int floor_probe(const struct rt_config *cfg, struct err *e)
{
	cleanup_fd int kvm = -1, vm = -1;
	int r = kvm_open(&kvm, e);

	(void)cfg;
	if (r < 0)
		return r;
	r = vm = kvm_call(kvm, KVM_CREATE_VM, 0, e);
	return r < 0 ? r : 0;
}

static int floor_open(const struct rt_config *cfg, struct runtime **rt, struct err *e)
{
	(void)cfg;
	*rt = calloc(1, sizeof(**rt));
	return *rt ? 0 : err_set(e, -ENOMEM, "kvm", "out of memory");
}

static int give_memory(struct instance *in, struct err *e)
{
	struct kvm_userspace_memory_region region = { .memory_size = RAM_MIN };
	int r;

	in->memory = mmap(NULL, RAM_MIN, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (in->memory == MAP_FAILED) {
		in->memory = NULL;
		return err_sys(e, "mmap", "the guest's memory");
	}
	memcpy(in->memory + GPA_EMPTY, empty_code, sizeof(empty_code));
	region.userspace_addr = (uintptr_t)in->memory;
	r = kvm_call(in->vm, KVM_SET_USER_MEMORY_REGION, &region, e);
	return r < 0 ? r : 0;
}

static int make_vcpu(struct instance *in, struct err *e)
{
	int r = in->vcpu = kvm_call(in->vm, KVM_CREATE_VCPU, 0, e);

	if (r < 0)
		return r;
	r = kvm_call(in->kvm, KVM_GET_VCPU_MMAP_SIZE, 0, e);
	if (r < 0)
		return r;
	in->run_size = (size_t)r;
	/* cppcheck-suppress invalidFunctionArg ; KVM's size is that of a page or more */
	in->run = mmap(NULL, in->run_size, PROT_READ | PROT_WRITE, MAP_SHARED, in->vcpu, 0);
	if (in->run == MAP_FAILED) {
		in->run = NULL;
		return err_sys(e, "mmap", "the vCPU's run structure");
	}
	return 0;
}

static int set_registers(const struct instance *in, struct err *e)
{
	struct kvm_regs regs = {
		.rip = GPA_EMPTY, .rax = MARK_EXIT, .rdx = MARK_PORT, .rflags = 2
	};
	struct kvm_sregs s;
	int r = kvm_call(in->vcpu, KVM_GET_SREGS, &s, e);

	if (r < 0)
		return r;
	s.cs.base = s.cs.selector = 0;
	r = kvm_call(in->vcpu, KVM_SET_SREGS, &s, e);
	if (r < 0)
		return r;
	r = kvm_call(in->vcpu, KVM_SET_REGS, &regs, e);
	return r < 0 ? r : 0;
}

static int enter(struct instance *in, struct err *e)
{
	int r = kvm_call(in->kvm, KVM_CREATE_VM, 0, e);

	in->vm = r;
	if (r < 0)
		return r;
	r = give_memory(in, e);
	if (!r)
		r = make_vcpu(in, e);
	if (!r)
		r = set_registers(in, e);
	if (r < 0)
		return r;
	in->at[PHASE_SANDBOX] = now_ns();
	r = kvm_call(in->vcpu, KVM_RUN, 0, e);
	in->at[PHASE_EXIT] = now_ns();
	return r < 0 ? r : 0;
}

static void floor_reap(struct instance *in)
{
	if (!in)
		return;
	if (in->run)
		munmap(in->run, in->run_size);
	close_fd(&in->vcpu);
	close_fd(&in->vm);
	close_fd(&in->kvm);
	if (in->memory)
		munmap(in->memory, RAM_MIN);
	free(in);
}

/* All but the release: the guest has ended when this returns, there is nothing to wait for. */
static int floor_launch(
	struct runtime *rt, const struct job *job, struct instance **out, struct err *e)
{
	uint64_t requested = now_ns();
	struct instance *in = calloc(1, sizeof(*in));
	int r;

	(void)rt;
	(void)job;
	if (!in)
		return err_set(e, -ENOMEM, "kvm", "out of memory");
	*in = (struct instance){ .kvm = -1, .vm = -1, .vcpu = -1 };
	in->at[PHASE_REQUESTED] = requested;
	in->kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	r = in->kvm < 0 ? err_sys(e, "open", "/dev/kvm") : enter(in, e);
	if (!r && (in->run->exit_reason != KVM_EXIT_IO || in->run->io.port != MARK_PORT))
		r = err_set(e, -EIO, "KVM_RUN", "the empty guest ended with %s",
			kvm_exit_name(in->run->exit_reason));
	if (r < 0) {
		floor_reap(in);
		return r;
	}
	*out = in;
	return 0;
}

static int floor_wait(struct instance *in, struct outcome *out, struct err *e)
{
	(void)e;
	out->kind = OUTCOME_EXITED;
	memcpy(out->at, in->at, sizeof(out->at));
	return 0;
}

static void floor_close(struct runtime *rt)
{
	free(rt);
}

const struct runtime_ops kvm_runtime = {
	.name = "kvm",
	.summary = "floor: an empty guest by bare ioctls, without a process",
	.caps = RT_FLOOR | RT_NO_PROGRAM,
	.probe = floor_probe,
	.open = floor_open,
	.launch = floor_launch,
	.wait = floor_wait,
	.reap = floor_reap,
	.close = floor_close,
};
