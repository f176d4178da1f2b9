/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vmm/vm.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/util.h"
#include "vmm/boot.h"
#include "vmm/exit_counts.h"
#include "vmm/kvm.h"
#include "vmm/layout.h"
#include "vmm/sandbox.h"
#include "vmm/stop.h"
#include "vmm/vcpu.h"

static int check_config(const struct vm_config *cfg, struct err *e)
{
	if (cfg->magic != VM_PROTO_MAGIC || cfg->version != VM_PROTO_VERSION)
		return err_set(e, -EPROTO, "configuration",
			"bench and bench-vmm are of different versions");
	if (cfg->entry >= VM_ENTRY_COUNT)
		return err_set(e, -EINVAL, "configuration", "unknown kind of entry %u", cfg->entry);
	if (cfg->vcpus < 1 || cfg->vcpus > VM_CPUS_MAX)
		return err_set(e, -EINVAL, "vCPUs", "%u vCPUs: from 1 to %u are possible",
			cfg->vcpus, VM_CPUS_MAX);
	if (cfg->pages >= VM_PAGES_COUNT)
		return err_set(e, -EINVAL, "configuration", "unknown kind of pages %u", cfg->pages);
	return 0;
}

/* A vCPU's thread on the CPU chosen for it. */
static int pin(int cpu, struct err *e)
{
	cpu_set_t set;

	if (cpu < 0)
		return 0;
	if (cpu >= CPU_SETSIZE)
		return err_set(e, -EINVAL, "sched_setaffinity", "no CPU has the number %d", cpu);
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) < 0)
		return err_sys(e, "sched_setaffinity", "pinning a vCPU to CPU %d", cpu);
	return 0;
}

static bool is_restored(const struct vm *vm)
{
	return vm->shared->cfg.entry == VM_ENTRY_SNAPSHOT;
}

static int create_chips(struct vm *vm, struct err *e)
{
	struct kvm_pit_config pit = { .flags =
					      KVM_PIT_SPEAKER_DUMMY }; /* port 0x61 without exits */
	uint64_t identity_map = GPA_IDENTITY_MAP;
	int r;

	r = kvm_call(vm->fd, KVM_SET_IDENTITY_MAP_ADDR, &identity_map, e);
	if (r < 0)
		return r;
	r = kvm_call(vm->fd, KVM_SET_TSS_ADDR, GPA_TSS, e);
	if (r < 0)
		return r;
	r = kvm_call(vm->fd, KVM_CREATE_IRQCHIP, 0, e);
	if (r < 0)
		return r;
	vm->has_pit = !is_restored(vm) || vm->snapshot.chips->has_pit;
	return vm->has_pit ? kvm_call(vm->fd, KVM_CREATE_PIT2, &pit, e) : 0;
}

/* The snapshot that this VM starts from, which must be of just such a VM. */
static int open_snapshot(struct vm *vm, struct err *e)
{
	struct snapshot_host here;
	int r = snapshot_open(VM_FD_SNAPSHOT, &vm->snapshot, e);

	if (r < 0)
		return r;
	snapshot_this_host(&here);
	return snapshot_fits(
		&vm->snapshot, &here, vm->shared->cfg.vcpus, vm->shared->cfg.ram_bytes, e);
}

/*
 * A VM whose snapshot will be taken has its memory in the snapshot's file from the start: then
 * nothing is to be copied, and what was never touched is a hole.
 */
static int map_new_snapshot(struct vm *vm, struct err *e)
{
	const struct vm_config *cfg = &vm->shared->cfg;
	int r = snapshot_new(VM_FD_SNAPSHOT, cfg->vcpus, cfg->ram_bytes, &vm->snapshot, e);

	if (r < 0)
		return r;
	return guest_mem_map_file(
		&vm->mem, cfg->ram_bytes, VM_FD_SNAPSHOT, vm->snapshot.header->memory_at, true, e);
}

/* A restored VM sees the file, and copies a page when it writes to it. Such a mapping gets no huge
 * pages: onto those all is copied now. */
static int map_old_snapshot(struct vm *vm, struct err *e)
{
	const struct vm_config *cfg = &vm->shared->cfg;
	int r = open_snapshot(vm, e);

	if (r < 0)
		return r;
	if (cfg->pages == VM_PAGES_SMALL)
		return guest_mem_map_file(&vm->mem, cfg->ram_bytes, VM_FD_SNAPSHOT,
			vm->snapshot.header->memory_at, false, e);
	r = guest_mem_map(&vm->mem, cfg->ram_bytes, (enum vm_pages)cfg->pages, e);
	if (r < 0)
		return r;
	return guest_mem_read(&vm->mem, VM_FD_SNAPSHOT, vm->snapshot.header->memory_at, e);
}

static int map_memory(struct vm *vm, struct err *e)
{
	const struct vm_config *cfg = &vm->shared->cfg;

	if (is_restored(vm))
		return map_old_snapshot(vm, e);
	if (cfg->take_snapshot)
		return map_new_snapshot(vm, e);
	return guest_mem_map(&vm->mem, cfg->ram_bytes, (enum vm_pages)cfg->pages, e);
}

static int give_memory(struct vm *vm, struct err *e)
{
	struct kvm_userspace_memory_region region = {
		.memory_size = vm->mem.size,
		.userspace_addr = (uintptr_t)vm->mem.base,
	};

	return kvm_call(vm->fd, KVM_SET_USER_MEMORY_REGION, &region, e);
}

/* The empty guest is one instruction in real mode: no chips, no CPUID, no tables. */
static bool is_empty(const struct vm *vm)
{
	return vm->shared->cfg.entry == VM_ENTRY_EMPTY;
}

static int create_vcpus(struct vm *vm, struct err *e)
{
	int r = kvm_call(vm->kvm_fd, KVM_GET_VCPU_MMAP_SIZE, 0, e);

	if (r < 0)
		return r;
	vm->run_size = (size_t)r;
	while (vm->nr_vcpus < vm->shared->cfg.vcpus) {
		struct vcpu *v = &vm->vcpus[vm->nr_vcpus];

		r = vcpu_create(v, vm, vm->nr_vcpus, e);
		if (!r && vm->shared->cfg.entry == VM_ENTRY_ELF)
			r = vcpu_setup(v, e);
		if (r < 0) {
			vcpu_destroy(v);
			return r;
		}
		/* A signal handler counts on those below nr_vcpus being whole. */
		__atomic_store_n(&vm->nr_vcpus, vm->nr_vcpus + 1, __ATOMIC_RELEASE);
	}
	return 0;
}

static int boot(struct vm *vm, struct err *e)
{
	struct boot_entry entry;
	int r = create_vcpus(vm, e);

	if (!r)
		r = loader_wait(&vm->loader, &entry, e);
	if (r < 0)
		return r;
	return is_empty(vm) ? vcpu_setup_real_mode(&vm->vcpus[0], &entry, e)
			    : vcpu_setup_long_mode(&vm->vcpus[0], &entry, e);
}

static int restore(struct vm *vm, struct err *e)
{
	int r = create_vcpus(vm, e);

	return r < 0 ? r : snapshot_load(vm, &vm->snapshot, e);
}

void vm_init(struct vm *vm, struct vm_shared *shared)
{
	*vm = (struct vm){ .kvm_fd = -1, .fd = -1, .shared = shared };
	/* Both are for a program of the user's own, and for nobody else to write to. */
	vm->has_output = shared->cfg.has_output;
	vm->has_error = shared->cfg.has_output && shared->cfg.has_console;
	sem_init(&vm->confined, 0, 0);
	pthread_mutex_init(&vm->gate, NULL);
	pthread_mutex_init(&vm->io_lock, NULL);
	console_init(&vm->console, &shared->st, shared->cfg.has_console ? VM_FD_CONSOLE : -1);
}

int vm_create(struct vm *vm, struct err *e)
{
	const struct vm_config *cfg = &vm->shared->cfg;
	int r;

	r = check_config(cfg, e);
	if (r < 0)
		return r;
	r = kvm_open(&vm->kvm_fd, e);
	if (r < 0)
		return r;
	/* The last file that is opened by name; what is read from here on is not to be trusted. */
	r = sandbox_enter(cfg, e);
	if (r < 0)
		return r;
	r = map_memory(vm, e);
	if (r < 0)
		return r;
	vm->shared->st.guest_at = (uintptr_t)vm->mem.base;
	/* Before we are pinned: where there is another CPU to use, it runs there. */
	if (!is_restored(vm))
		loader_start(&vm->loader, cfg, &vm->mem);
	r = pin(cfg->cpu[0], e);
	if (r < 0)
		return r;
	r = vm->fd = kvm_call(vm->kvm_fd, KVM_CREATE_VM, 0, e);
	if (r < 0)
		return r;
	/* Before the chips: their interrupt routes leave KVM's SRCU busy, and giving it memory then
	 * waits for a grace period: 7 ms of 8 before the guest was entered. */
	r = give_memory(vm, e);
	if (r < 0)
		return r;
	r = is_empty(vm) ? 0 : create_chips(vm, e);
	if (r < 0)
		return r;
	return is_restored(vm) ? restore(vm, e) : boot(vm, e);
}

/* The sanitizers' runtime maps memory when it likes, and looks for leaks by tracing us. */
static int filter(const struct vm *vm, enum sandbox_list list, struct err *e)
{
	return vm->shared->cfg.sanitized ? 0 : sandbox_filter(list, e);
}

static void *secondary(void *arg)
{
	struct vcpu *v = arg;
	struct vm *vm = v->vm;
	struct err e;

	if (pin(vm->shared->cfg.cpu[v->index], &e) < 0 || filter(vm, SANDBOX_VCPU, &e) < 0)
		vm_fail(vm, VM_END_ERROR, &e);
	sem_post(&vm->confined);
	pthread_mutex_lock(&vm->gate);
	pthread_mutex_unlock(&vm->gate);
	vcpu_loop(v);
	return NULL;
}

static unsigned start_secondaries(struct vm *vm)
{
	struct err e;
	unsigned n;

	for (n = 1; n < vm->nr_vcpus; n++) {
		int r = pthread_create(&vm->vcpus[n].thread, NULL, secondary, &vm->vcpus[n]);

		if (r) {
			err_set(&e, -r, "pthread_create", "vCPU %u: %s", n, strerror(r));
			vm_fail(vm, VM_END_ERROR, &e);
			break;
		}
	}
	return n;
}

/* Say what the guest was doing, where nobody has said more. */
static void explain_end(struct vm *vm)
{
	struct vm_state *st = &vm->shared->st;
	char where[160];

	if (st->end != VM_END_DEADLINE && st->end != VM_END_SIGNAL)
		return;
	vcpu_whereabouts(&vm->vcpus[0], where, sizeof(where));
	if (st->end == VM_END_DEADLINE)
		err_set(&st->err, -ETIME, "guest", "still alive at the deadline, %s", where);
	else
		err_set(&st->err, -EINTR, "guest", "ended by a signal to the VMM, %s", where);
}

static void count_exits(struct vm *vm)
{
	uint64_t counts[COUNT_COUNT];

	exit_counts_sum(vm, counts);
	vm->shared->st.kvm_exits = counts[COUNT_ALL] == COUNT_UNKNOWN ? 0 : counts[COUNT_ALL];
}

/* This thread is the last one to get its filter: it is the one that starts the others. */
static void confine(struct vm *vm, unsigned threads)
{
	const bool snapshot = vm->shared->cfg.take_snapshot;
	struct err e;

	for (unsigned i = 1; i < threads; i++) {
		while (sem_wait(&vm->confined) < 0 && errno == EINTR)
			;
	}
	sandbox_close();
	if (filter(vm, snapshot ? SANDBOX_SNAPSHOT : SANDBOX_MAIN, &e) < 0)
		vm_fail(vm, VM_END_ERROR, &e);
}

/* No thread runs its guest while another one is without its filter: they share their memory, so
 * that whoever has taken one has them all. */
void vm_run(struct vm *vm)
{
	unsigned threads;

	pthread_mutex_lock(&vm->gate);
	threads = start_secondaries(vm);
	confine(vm, threads);
	vm->shared->st.at[VM_AT_ENTER] = now_ns();
	pthread_mutex_unlock(&vm->gate);
	vcpu_loop(&vm->vcpus[0]);
	for (unsigned i = 1; i < threads; i++)
		pthread_join(vm->vcpus[i].thread, NULL);
	console_flush(&vm->console);
	count_exits(vm);
	explain_end(vm);
}

void vm_take_snapshot(struct vm *vm)
{
	struct vm_state *st = &vm->shared->st;
	struct err e;

	if (snapshot_save(vm, &vm->snapshot, &e) < 0) {
		st->err = e;
		__atomic_store_n(&st->end, VM_END_ERROR, __ATOMIC_RELEASE);
	} else {
		st->at[VM_AT_TAKEN] = now_ns();
	}
}

void vm_destroy(struct vm *vm)
{
	while (vm->nr_vcpus)
		vcpu_destroy(&vm->vcpus[--vm->nr_vcpus]);
	close_fd(&vm->fd);
	close_fd(&vm->kvm_fd);
	loader_end(&vm->loader);
	guest_mem_unmap(&vm->mem);
	snapshot_close(&vm->snapshot);
	pthread_mutex_destroy(&vm->io_lock);
	pthread_mutex_destroy(&vm->gate);
	sem_destroy(&vm->confined);
}

bool vm_end(struct vm *vm, enum vm_end end)
{
	struct vm_state *st = &vm->shared->st;
	uint32_t running = VM_RUNNING;
	unsigned n = __atomic_load_n(&vm->nr_vcpus, __ATOMIC_ACQUIRE);
	bool first = __atomic_compare_exchange_n(
		&st->end, &running, (uint32_t)end, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);

	if (first)
		st->at[VM_AT_END] = now_ns();
	for (unsigned i = 0; i < n; i++)
		vcpu_kick(&vm->vcpus[i]);
	return first;
}

void vm_fail(struct vm *vm, enum vm_end end, const struct err *e)
{
	if (vm_end(vm, end))
		vm->shared->st.err = *e;
}

void vm_set_irq(struct vm *vm, unsigned gsi, bool level)
{
	struct kvm_irq_level irq = { .irq = gsi, .level = level };

	kvm_call(vm->fd, KVM_IRQ_LINE, &irq, NULL);
}
