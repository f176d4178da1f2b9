/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A vCPU into a snapshot and out of it. The order is not free: KVM derives some state from other
 * state as it is set. It follows what QEMU and Firecracker found out.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/util.h"
#include "vmm/kvm.h"
#include "vmm/snapshot.h"
#include "vmm/vm.h"

/* Intel SDM 4 */
#define MSR_TSC 0x10
#define MSR_TSC_DEADLINE 0x6e0
#define TSC_ELSEWHERE (UINT64_C(1) << 42) /* ticks: minutes at any frequency */

#define LAPIC_LVT_TIMER 0x320
#define LVT_MODE (3u << 17)
#define LVT_TSC_DEADLINE (2u << 17)

typedef int step_fn(struct vcpu *v, struct vcpu_state *st, struct err *e);

#define PLAIN(name, NAME)                                                                          \
	static int get_##name(struct vcpu *v, struct vcpu_state *st, struct err *e)                \
	{                                                                                          \
		return kvm_call(v->fd, KVM_GET_##NAME, &st->name, e);                              \
	}                                                                                          \
	static int set_##name(struct vcpu *v, struct vcpu_state *st, struct err *e)                \
	{                                                                                          \
		return kvm_call(v->fd, KVM_SET_##NAME, &st->name, e);                              \
	}

PLAIN(mp_state, MP_STATE)
PLAIN(regs, REGS)
PLAIN(xcrs, XCRS)
PLAIN(debugregs, DEBUGREGS)
PLAIN(lapic, LAPIC)

static int get_events(struct vcpu *v, struct vcpu_state *st, struct err *e)
{
	return kvm_call(v->fd, KVM_GET_VCPU_EVENTS, &st->events, e);
}

static int set_events(struct vcpu *v, struct vcpu_state *st, struct err *e)
{
	return kvm_call(v->fd, KVM_SET_VCPU_EVENTS, &st->events, e);
}

/*
 * KVM tells a task register of AMD's as busy whatever the CPU has in it (svm_get_segment). QEMU's
 * emulator has it available, and as busy it takes it for no task at all: ring 3 would lose its
 * right to ports. A real CPU does not look.
 */
static void undo_busy(const struct vm_config *cfg, struct kvm_segment *tr)
{
	enum { TSS_AVAILABLE = 9, TSS_BUSY = 11 }; /* AMD64 manual volume 2, 4.8.3 */

	if (tr->type == TSS_BUSY && cfg->emulated)
		tr->type = TSS_AVAILABLE;
}

/* SREGS2 has the page directory pointers of a 32-bit guest too. */
static int get_sregs(struct vcpu *v, struct vcpu_state *st, struct err *e)
{
	int r;

	st->has_sregs2 = kvm_cap(v->vm->kvm_fd, KVM_CAP_SREGS2) > 0;
	r = st->has_sregs2 ? kvm_call(v->fd, KVM_GET_SREGS2, &st->sregs2, e)
			   : kvm_call(v->fd, KVM_GET_SREGS, &st->sregs, e);
	undo_busy(&v->vm->shared->cfg, st->has_sregs2 ? &st->sregs2.tr : &st->sregs.tr);
	return r;
}

static int set_sregs(struct vcpu *v, struct vcpu_state *st, struct err *e)
{
	return st->has_sregs2 ? kvm_call(v->fd, KVM_SET_SREGS2, &st->sregs2, e)
			      : kvm_call(v->fd, KVM_SET_SREGS, &st->sregs, e);
}

/* XSAVE2 is for state beyond the first 4096 bytes (AMX); KVM_SET_XSAVE takes either. */
static int get_xsave(struct vcpu *v, struct vcpu_state *st, struct err *e)
{
	int bytes = kvm_cap(v->vm->fd, KVM_CAP_XSAVE2);

	if (bytes > SNAPSHOT_XSAVE)
		return err_set(e, -E2BIG, "KVM_GET_XSAVE2", "%d bytes of FPU state", bytes);
	st->xsave_bytes = bytes > 0 ? (uint32_t)bytes : sizeof(struct kvm_xsave);
	return bytes > 0 ? kvm_call(v->fd, KVM_GET_XSAVE2, st->xsave, e)
			 : kvm_call(v->fd, KVM_GET_XSAVE, st->xsave, e);
}

static int set_xsave(struct vcpu *v, struct vcpu_state *st, struct err *e)
{
	return kvm_call(v->fd, KVM_SET_XSAVE, st->xsave, e);
}

static int get_cpuid(struct vcpu *v, struct vcpu_state *st, struct err *e)
{
	st->cpuid.head.nent = SNAPSHOT_CPUID;
	return kvm_call(v->fd, KVM_GET_CPUID2, &st->cpuid, e);
}

static int set_cpuid(struct vcpu *v, struct vcpu_state *st, struct err *e)
{
	return kvm_call(v->fd, KVM_SET_CPUID2, &st->cpuid, e);
}

static int get_tsc_khz(struct vcpu *v, struct vcpu_state *st, struct err *e)
{
	int khz = kvm_call(v->fd, KVM_GET_TSC_KHZ, 0, NULL);

	(void)e; /* not told: then there is nothing to set either */
	st->tsc_khz = khz > 0 ? (uint32_t)khz : 0;
	return 0;
}

static int set_tsc_khz(struct vcpu *v, struct vcpu_state *st, struct err *e)
{
	return st->tsc_khz ? kvm_call(v->fd, KVM_SET_TSC_KHZ, st->tsc_khz, e) : 0;
}

/* One register: 1, 0 where this KVM does not have it, or a negative errno. */
static int read_msr(int fd, uint32_t index, uint64_t *value, struct err *e)
{
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entry;
	} m = { .head.nmsrs = 1, .entry.index = index };
	int r = kvm_call(fd, KVM_GET_MSRS, &m, e);

	if (r > 0)
		*value = m.entry.data;
	return r;
}

/* The same: 0 where KVM does not let us set it to what it shows, which makes it the host's own. */
static int write_msr(int fd, uint32_t index, uint64_t value, struct err *e)
{
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entry;
	} m = { .head.nmsrs = 1, .entry = { .index = index, .data = value } };

	return kvm_call(fd, KVM_SET_MSRS, &m, e);
}

static int add_msr(struct vcpu_state *st, uint32_t index, uint64_t value, struct err *e)
{
	if (st->msrs.head.nmsrs == SNAPSHOT_MSRS)
		return err_set(e, -E2BIG, "KVM_GET_MSRS",
			"this KVM has more registers to save than %u", SNAPSHOT_MSRS);
	st->msrs.entries[st->msrs.head.nmsrs++] =
		(struct kvm_msr_entry){ .index = index, .data = value };
	return 0;
}

static int save_msr(struct vcpu *v, struct vcpu_state *st, uint32_t index, struct err *e)
{
	uint64_t value;
	int r;

	if (index == MSR_TSC || index == MSR_TSC_DEADLINE) /* in their own places */
		return 0;
	r = read_msr(v->fd, index, &value, e);
	if (r > 0)
		r = write_msr(v->fd, index, value, e);
	return r > 0 ? add_msr(st, index, value, e) : r;
}

/*
 * KVM takes a TSC that is within a second of the one it counts for a try to synchronise two vCPUs,
 * and keeps its own; a guest that booted within a second would find its clock gone back. So the
 * first vCPU's is set to something far away first. The others are then meant to be taken as
 * synchronised with it.
 */
static int save_tsc(struct vcpu *v, struct vcpu_state *st, struct err *e)
{
	uint64_t tsc;
	int r = read_msr(v->fd, MSR_TSC, &tsc, e);

	if (r < 0)
		return r;
	if (!r)
		return err_set(e, -EIO, "KVM_GET_MSRS", "this KVM does not tell the TSC");
	if (v->index == 0)
		r = add_msr(st, MSR_TSC, tsc + TSC_ELSEWHERE, e);
	return r < 0 ? r : add_msr(st, MSR_TSC, tsc, e);
}

/*
 * The deadline comes last, after the TSC and the LAPIC's mode. KVM shows 0 for one that has passed
 * but whose interrupt is not yet the LAPIC's, and setting 0 disarms the timer: then it is set to
 * now. At worst that is one interrupt too many.
 */
static int save_deadline(struct vcpu *v, struct vcpu_state *st, struct err *e)
{
	uint64_t deadline, tsc;
	uint32_t lvt;
	int r = read_msr(v->fd, MSR_TSC_DEADLINE, &deadline, e);

	if (r > 0)
		r = read_msr(v->fd, MSR_TSC, &tsc, e);
	if (r <= 0)
		return r;
	memcpy(&lvt, st->lapic.regs + LAPIC_LVT_TIMER, sizeof(lvt));
	if ((lvt & LVT_MODE) == LVT_TSC_DEADLINE && !deadline)
		deadline = tsc;
	return add_msr(st, MSR_TSC_DEADLINE, deadline, e);
}

/* What KVM_GET_MSR_INDEX_LIST leaves out: the MTRRs (Intel SDM 3, 12.11). */
static const struct {
	uint32_t first, count;
} more_msrs[] = { { 0x200, 16 }, { 0x250, 1 }, { 0x258, 2 }, { 0x268, 8 }, { 0x2ff, 1 } };

static int get_msrs(struct vcpu *v, struct vcpu_state *st, struct err *e)
{
	struct {
		struct kvm_msr_list head;
		uint32_t indices[4 * SNAPSHOT_MSRS];
	} list = { .head.nmsrs = ARRAY_SIZE(list.indices) };
	int r = kvm_call(v->vm->kvm_fd, KVM_GET_MSR_INDEX_LIST, &list, e);

	st->msrs.head.nmsrs = 0;
	if (r >= 0)
		r = save_tsc(v, st, e);
	for (uint32_t i = 0; i < list.head.nmsrs && r >= 0; i++)
		r = save_msr(v, st, list.indices[i], e);
	for (size_t i = 0; i < ARRAY_SIZE(more_msrs) && r >= 0; i++) {
		for (uint32_t k = 0; k < more_msrs[i].count && r >= 0; k++)
			r = save_msr(v, st, more_msrs[i].first + k, e);
	}
	return r < 0 ? r : save_deadline(v, st, e);
}

static int set_msrs(struct vcpu *v, struct vcpu_state *st, struct err *e)
{
	int n = kvm_call(v->fd, KVM_SET_MSRS, &st->msrs, e);

	if (n < 0 || (uint32_t)n == st->msrs.head.nmsrs)
		return n;
	return err_set(e, -EIO, "KVM_SET_MSRS", "KVM refused register 0x%x of vCPU %u (%d of %u)",
		st->msrs.entries[n].index, v->index, n, st->msrs.head.nmsrs);
}

/* For the guest's soft lockup detector. A guest without kvmclock has no use for it: refused. */
static int set_paused(struct vcpu *v, struct vcpu_state *st, struct err *e)
{
	(void)st;
	(void)e;
	kvm_call(v->fd, KVM_KVMCLOCK_CTRL, 0, NULL);
	return 0;
}

/* MP_STATE delivers pending events, and so comes first; whatever reads may still change events. */
static step_fn *const save_steps[] = {
	get_mp_state,
	get_regs,
	get_sregs,
	get_xsave,
	get_xcrs,
	get_debugregs,
	get_lapic,
	get_msrs,
	get_cpuid,
	get_tsc_khz,
	get_events,
};

/* CPUID decides what may be set at all; the LAPIC's mode, whether a deadline means anything. */
static step_fn *const load_steps[] = {
	set_tsc_khz,
	set_cpuid,
	set_mp_state,
	set_regs,
	set_sregs,
	set_xsave,
	set_xcrs,
	set_debugregs,
	set_lapic,
	set_msrs,
	set_events,
	set_paused,
};

static int walk(
	step_fn *const *steps, size_t count, struct vcpu *v, struct vcpu_state *st, struct err *e)
{
	int r = 0;

	for (size_t i = 0; i < count && r >= 0; i++)
		r = steps[i](v, st, e);
	return r < 0 ? r : 0;
}

int vcpu_save(struct vcpu *v, struct vcpu_state *st, struct err *e)
{
	return walk(save_steps, ARRAY_SIZE(save_steps), v, st, e);
}

int vcpu_load(struct vcpu *v, struct vcpu_state *st, struct err *e)
{
	return walk(load_steps, ARRAY_SIZE(load_steps), v, st, e);
}
