/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vmm/vcpu.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/util.h"
#include "vmm/kvm.h"
#include "vmm/kvm_stats.h"
#include "vmm/ports.h"
#include "vmm/stop.h"

int vcpu_create(struct vcpu *v, struct vm *vm, unsigned index, struct err *e)
{
	int r;

	*v = (struct vcpu){ .vm = vm, .index = index, .fd = -1, .stats_fd = -1, .run = MAP_FAILED };
	r = kvm_call(vm->fd, KVM_CREATE_VCPU, index, e);
	if (r < 0)
		return r;
	v->fd = r;
	/* Another vCPU's is to be had only before it runs; the only one's waits until it is asked
	 * for (exit_counts.c), which takes a microsecond off every start. */
	if (vm->shared->cfg.vcpus > 1)
		v->stats_fd = kvm_stats_open(v->fd);
	v->run = mmap(NULL, vm->run_size, PROT_READ | PROT_WRITE, MAP_SHARED, v->fd, 0);
	if (v->run == MAP_FAILED)
		return err_sys(e, "mmap", "the run structure of vCPU %u", index);
	return 0;
}

int vcpu_setup(struct vcpu *v, struct err *e)
{
	int r = vcpu_setup_cpuid(v, e);

	if (r < 0)
		return r;
	vcpu_setup_msrs(v);
	return vcpu_setup_lapic(v, e);
}

void vcpu_destroy(struct vcpu *v)
{
	if (v->run != MAP_FAILED)
		munmap(v->run, v->vm->run_size);
	close_fd(&v->stats_fd);
	close_fd(&v->fd);
}

/*
 * immediate_exit goes first: a signal that arrives just before the thread enters KVM_RUN would
 * otherwise be taken in user space, and the guest entered after all. In one order for all: who
 * finds no thread here has its immediate_exit seen by that thread, which says its number first.
 */
void vcpu_kick(struct vcpu *v)
{
	pid_t tid;

	__atomic_store_n(&v->run->immediate_exit, 1, __ATOMIC_SEQ_CST);
	tid = __atomic_load_n(&v->tid, __ATOMIC_SEQ_CST);
	if (tid && tid != (pid_t)syscall(SYS_gettid))
		syscall(SYS_tgkill, getpid(), tid, STOP_SIGNAL_KICK);
}

/* End the VM with an error that says where the vCPU was. */
static void fail_at(struct vcpu *v, enum vm_end end, const char *step, const char *what)
{
	char where[160];
	struct err e;

	vcpu_whereabouts(v, where, sizeof(where));
	err_set(&e, -EIO, step, "%s, %s", what, where);
	vm_fail(v->vm, end, &e);
}

static void exit_io(struct vcpu *v)
{
	struct kvm_run *run = v->run;
	struct port_access a = {
		.port = run->io.port,
		.size = run->io.size,
		.out = run->io.direction == KVM_EXIT_IO_OUT,
		.count = run->io.count,
		.data = (uint8_t *)run + run->io.data_offset,
	};

	pthread_mutex_lock(&v->vm->io_lock);
	ports_access(v->vm, &a);
	pthread_mutex_unlock(&v->vm->io_lock);
}

static void exit_mmio(struct vcpu *v)
{
	pthread_mutex_lock(&v->vm->io_lock);
	mmio_access(v->vm, v->run->mmio.is_write, v->run->mmio.data, v->run->mmio.len);
	pthread_mutex_unlock(&v->vm->io_lock);
}

static void exit_shutdown(struct vcpu *v)
{
	fail_at(v, VM_END_SHUTDOWN, "guest", "triple fault");
}

/* The in-kernel chips hold a halted vCPU inside KVM; who halts out here waits for nobody. */
static void exit_hlt(struct vcpu *v)
{
	fail_at(v, VM_END_HALT, "guest", "halted for good");
}

static void exit_fail_entry(struct vcpu *v)
{
	char what[96];

	snprintf(what, sizeof(what), "the CPU refused to enter the guest, hardware reason 0x%llx",
		(unsigned long long)v->run->fail_entry.hardware_entry_failure_reason);
	fail_at(v, VM_END_ENTRY, "KVM_EXIT_FAIL_ENTRY", what);
}

static void exit_internal_error(struct vcpu *v)
{
	static const char *const suberrors[] = {
		/* KVM_INTERNAL_ERROR_*, linux/kvm.h */
		[KVM_INTERNAL_ERROR_EMULATION] = "an instruction that KVM cannot emulate",
		[KVM_INTERNAL_ERROR_SIMUL_EX] = "simultaneous exceptions",
		[KVM_INTERNAL_ERROR_DELIVERY_EV] = "a failed event delivery",
		[KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON] = "an exit that KVM did not expect",
	};
	unsigned sub = v->run->internal.suberror;
	const char *name = sub < ARRAY_SIZE(suberrors) ? suberrors[sub] : NULL;
	char what[128];

	snprintf(what, sizeof(what), "KVM gave up on %s (suberror %u)", name ? name : "the guest",
		sub);
	fail_at(v, VM_END_KVM, "KVM_EXIT_INTERNAL_ERROR", what);
}

static void exit_system_event(struct vcpu *v)
{
	if (v->run->system_event.type == KVM_SYSTEM_EVENT_CRASH)
		fail_at(v, VM_END_SHUTDOWN, "guest", "crashed, as it told KVM");
	else
		vm_end(v->vm, VM_END_RESET);
}

static void exit_nothing(struct vcpu *v)
{
	(void)v;
}

static void exit_unhandled(struct vcpu *v)
{
	char what[96];

	snprintf(what, sizeof(what), "KVM_RUN ended with exit reason %u", v->run->exit_reason);
	fail_at(v, VM_END_KVM, kvm_exit_name(v->run->exit_reason), what);
}

static void (*const handlers[VM_EXIT_REASONS])(struct vcpu *) = {
	[KVM_EXIT_IO] = exit_io,
	[KVM_EXIT_MMIO] = exit_mmio,
	[KVM_EXIT_HLT] = exit_hlt,
	[KVM_EXIT_SHUTDOWN] = exit_shutdown,
	[KVM_EXIT_FAIL_ENTRY] = exit_fail_entry,
	[KVM_EXIT_INTERNAL_ERROR] = exit_internal_error,
	[KVM_EXIT_SYSTEM_EVENT] = exit_system_event,
	[KVM_EXIT_INTR] = exit_nothing,
	[KVM_EXIT_IRQ_WINDOW_OPEN] = exit_nothing,
};

static void handle_exit(struct vcpu *v)
{
	uint32_t reason = v->run->exit_reason;
	uint32_t slot = reason < VM_EXIT_REASONS ? reason : VM_EXIT_REASONS - 1;

	__atomic_fetch_add(&v->vm->shared->st.exits[slot], 1, __ATOMIC_RELAXED);
	(handlers[slot] ? handlers[slot] : exit_unhandled)(v);
}

/*
 * One string instruction, or one that touches several pages, leaves KVM more than once. Of a
 * megabyte read from a port that is a thousand times; who goes on for longer is not waited for.
 */
int vcpu_finish(struct vcpu *v, struct err *e)
{
	enum { EXITS_MAX = 1024 };

	v->run->immediate_exit = 1;
	for (int exits = 0; exits < EXITS_MAX; exits++) {
		if (ioctl(v->fd, KVM_RUN, 0) < 0)
			return errno == EINTR || errno == EAGAIN
				       ? 0
				       : err_sys(e, "KVM_RUN", "finishing vCPU %u's last exit",
						 v->index);
		if (v->run->exit_reason != KVM_EXIT_IO && v->run->exit_reason != KVM_EXIT_MMIO)
			break;
		handle_exit(v);
	}
	return err_set(e, -EIO, "KVM_RUN", "vCPU %u went on although it was told not to (exit %u)",
		v->index, v->run->exit_reason);
}

void vcpu_loop(struct vcpu *v)
{
	struct err e;

	__atomic_store_n(&v->tid, (pid_t)syscall(SYS_gettid), __ATOMIC_SEQ_CST);
	while (!vm_ended(v->vm)) {
		if (ioctl(v->fd, KVM_RUN, 0) == 0) {
			handle_exit(v);
		} else if (errno != EINTR && errno != EAGAIN) {
			err_sys(&e, "KVM_RUN", "vCPU %u", v->index);
			vm_fail(v->vm, VM_END_ERROR, &e);
		}
	}
}

void vcpu_whereabouts(struct vcpu *v, char *text, size_t size)
{
	struct kvm_mp_state mp = { 0 };
	struct kvm_sregs sregs = { 0 };
	struct kvm_regs regs = { 0 };
	const char *doing = "running";

	if (kvm_call(v->fd, KVM_GET_REGS, &regs, NULL) < 0 ||
		kvm_call(v->fd, KVM_GET_SREGS, &sregs, NULL) < 0) {
		snprintf(text, size, "state of the vCPU unknown");
		return;
	}
	if (kvm_call(v->fd, KVM_GET_MP_STATE, &mp, NULL) >= 0 && mp.mp_state == KVM_MP_STATE_HALTED)
		doing = regs.rflags & 1 << 9 ? "halted" : "halted with interrupts off";
	snprintf(text, size, "vCPU %u %s in ring %u at rip 0x%llx", v->index, doing,
		sregs.cs.selector & 3u, regs.rip);
}
