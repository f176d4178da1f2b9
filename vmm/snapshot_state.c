/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A whole VM into a snapshot and out of it. */
#include "base/util.h"
#include "vmm/kvm.h"
#include "vmm/snapshot.h"
#include "vmm/vcpu.h"
#include "vmm/vm.h"

/*
 * An instruction that left KVM for one of our devices is finished by the next KVM_RUN; with
 * immediate_exit that is all it does.
 */
static int finish_exits(struct vm *vm, struct err *e)
{
	int r = 0;

	for (unsigned i = 0; i < vm->nr_vcpus && !r; i++)
		r = vcpu_finish(&vm->vcpus[i], e);
	return r;
}

static int save_chips(struct vm *vm, struct chip_state *st, struct err *e)
{
	int r = 0;

	st->uart = vm->uart;
	st->has_pit = vm->has_pit;
	if (vm->has_pit)
		r = kvm_call(vm->fd, KVM_GET_PIT2, &st->pit, e);
	if (r >= 0)
		r = kvm_call(vm->fd, KVM_GET_CLOCK, &st->clock, e);
	for (uint32_t i = 0; i < CHIPS_COUNT && r >= 0; i++) {
		st->irq[i].chip_id = i;
		r = kvm_call(vm->fd, KVM_GET_IRQCHIP, &st->irq[i], e);
	}
	return r;
}

/* Time stands still from here to the restore: flags that would have KVM add what has passed stay
 * out (docs/snapshots.md). */
static int load_clock(struct vm *vm, const struct chip_state *st, struct err *e)
{
	struct kvm_clock_data clock = { .clock = st->clock.clock };

	return kvm_call(vm->fd, KVM_SET_CLOCK, &clock, e);
}

static int load_chips(struct vm *vm, const struct chip_state *st, struct err *e)
{
	int r = 0;

	vm->uart = st->uart;
	if (st->has_pit)
		r = kvm_call(vm->fd, KVM_SET_PIT2, &st->pit, e);
	if (r >= 0)
		r = load_clock(vm, st, e);
	for (uint32_t i = 0; i < CHIPS_COUNT && r >= 0; i++)
		r = kvm_call(vm->fd, KVM_SET_IRQCHIP, &st->irq[i], e);
	return r;
}

int snapshot_save(struct vm *vm, struct snapshot *s, struct err *e)
{
	int r = finish_exits(vm, e);

	for (unsigned i = 0; i < vm->nr_vcpus && r >= 0; i++)
		r = vcpu_save(&vm->vcpus[i], &s->vcpus[i], e);
	if (r >= 0)
		r = save_chips(vm, s->chips, e);
	if (r < 0)
		return r;
	snapshot_complete(s);
	return 0;
}

int snapshot_load(struct vm *vm, const struct snapshot *s, struct err *e)
{
	int r = 0;

	for (unsigned i = 0; i < vm->nr_vcpus && r >= 0; i++)
		r = vcpu_load(&vm->vcpus[i], &s->vcpus[i], e);
	return r < 0 ? r : load_chips(vm, s->chips, e);
}
