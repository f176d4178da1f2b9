/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The state of an x86-64 vCPU before its first instruction. */
#include <errno.h>
#include <string.h>

#include "base/util.h"
#include "vmm/kvm.h"
#include "vmm/layout.h"
#include "vmm/vcpu.h"

#define CPUID_ENTRIES 256 /* KVM_MAX_CPUID_ENTRIES of arch/x86/include/asm/kvm_host.h */

#define CPUID_1_ECX_VMX (1u << 5)
#define CPUID_80000001_ECX_SVM (1u << 2)
#define CPUID_1_ECX_TSC_DEADLINE (1u << 24)
#define CPUID_1_ECX_HYPERVISOR (1u << 31)
#define CPUID_1_EDX_HTT (1u << 28)
#define CPUID_KVM_EAX_PV_EOI (1u << 6) /* KVM_FEATURE_PV_EOI of asm/kvm_para.h */

enum { /* Intel SDM 3, 2.5 and 2.2.1 */
	CR0_PE = 1u << 0,
	CR0_MP = 1u << 1,
	CR0_ET = 1u << 4,
	CR0_NE = 1u << 5,
	CR0_PG = 1u << 31,
	CR4_PAE = 1u << 5,
	EFER_LME = 1u << 8,
	EFER_LMA = 1u << 10,
};

/* Of an APIC id: so many that each vCPU has one. */
static unsigned id_bits(const struct cpuid_facts *f)
{
	unsigned bits = 0;

	while (1u << bits < f->count)
		bits++;
	return bits;
}

/* The leaves that depend on which CPU of how many this is. Each vCPU is a core of one package. */
static void fix_features(struct kvm_cpuid_entry2 *l, const struct cpuid_facts *f)
{
	l->ebx = (l->ebx & 0xffff) | f->count << 16 | f->index << 24;
	l->ecx |= CPUID_1_ECX_HYPERVISOR;
	l->ecx &= ~CPUID_1_ECX_VMX;
	if (f->tsc_deadline)
		l->ecx |= CPUID_1_ECX_TSC_DEADLINE;
	l->edx = f->count > 1 ? l->edx | CPUID_1_EDX_HTT : l->edx & ~CPUID_1_EDX_HTT;
}

/*
 * No guest of ours runs guests of its own. Nested virtualization is where guests have got at their
 * host (CVE-2021-29657, CVE-2021-3653, CVE-2021-3656), and a snapshot has no place for its state.
 */
static void fix_amd_features(struct kvm_cpuid_entry2 *l, const struct cpuid_facts *f)
{
	(void)f;
	l->ecx &= ~CPUID_80000001_ECX_SVM;
}

static void fix_svm(struct kvm_cpuid_entry2 *l, const struct cpuid_facts *f)
{
	(void)f;
	l->eax = l->ebx = l->ecx = l->edx = 0;
}

static void fix_caches(struct kvm_cpuid_entry2 *l, const struct cpuid_facts *f)
{
	unsigned level = l->eax >> 5 & 7;
	unsigned sharing = level > 2 ? f->count - 1 : 0;

	if (l->eax & 0x1f) /* a cache, not the end of the list */
		l->eax = (l->eax & 0x3fff) | sharing << 14 | ((1u << id_bits(f)) - 1) << 26;
}

static void fix_amd_caches(struct kvm_cpuid_entry2 *l, const struct cpuid_facts *f)
{
	unsigned level = l->eax >> 5 & 7;
	unsigned sharing = level > 2 ? f->count - 1 : 0;

	l->eax = (l->eax & 0x3fff) | sharing << 14;
}

static void fix_pmu(struct kvm_cpuid_entry2 *l, const struct cpuid_facts *f)
{
	(void)f; /* no PMU: a guest's NMI watchdog would take it, and cost exits at every boot */
	l->eax = l->ebx = l->ecx = l->edx = 0;
}

static void fix_extended_topology(struct kvm_cpuid_entry2 *l, const struct cpuid_facts *f)
{
	enum { LEVEL_SMT = 1, LEVEL_CORE = 2 };

	l->eax = l->ebx = 0;
	l->ecx = l->index;
	if (l->index == 0) {
		l->ebx = 1;
		l->ecx |= LEVEL_SMT << 8;
	} else if (l->index == 1) {
		l->eax = id_bits(f);
		l->ebx = f->count;
		l->ecx |= LEVEL_CORE << 8;
	}
	l->edx = f->index;
}

/*
 * QEMU's emulator may deliver an injected interrupt twice, the second time with interrupts off,
 * until the guest exits for the first time (docs/emulated-machine.md). A guest that ends an
 * interrupt through its LAPIC exits at once, before it holds a lock; one that does it through
 * memory may not.
 */
static void fix_kvm_features(struct kvm_cpuid_entry2 *l, const struct cpuid_facts *f)
{
	if (f->emulated)
		l->eax &= ~CPUID_KVM_EAX_PV_EOI;
}

static void fix_amd_cores(struct kvm_cpuid_entry2 *l, const struct cpuid_facts *f)
{
	l->ecx = id_bits(f) << 12 | (f->count - 1);
}

static void fix_amd_topology(struct kvm_cpuid_entry2 *l, const struct cpuid_facts *f)
{
	l->eax = f->index;
	l->ebx = f->index & 0xff; /* one thread a core */
	l->ecx = 0;               /* one node */
}

/* Intel SDM 2, CPUID; AMD APM 3, appendix E; Documentation/virt/kvm/x86/cpuid.rst. What is not
 * listed stays as KVM offers it, most of its own leaf 0x40000001, by which a guest finds kvmclock,
 * too. */
static const struct {
	uint32_t leaf;
	void (*fix)(struct kvm_cpuid_entry2 *, const struct cpuid_facts *);
} fixes[] = {
	{ 0x1, fix_features },
	{ 0x4, fix_caches },
	{ 0xa, fix_pmu },
	{ 0xb, fix_extended_topology },
	{ 0x1f, fix_extended_topology },
	{ 0x40000001, fix_kvm_features },
	{ 0x80000001, fix_amd_features },
	{ 0x8000000a, fix_svm },
	{ 0x80000008, fix_amd_cores },
	{ 0x8000001d, fix_amd_caches },
	{ 0x8000001e, fix_amd_topology },
};

void cpuid_fix(struct kvm_cpuid2 *c, const struct cpuid_facts *f)
{
	for (uint32_t i = 0; i < c->nent; i++) {
		for (size_t k = 0; k < ARRAY_SIZE(fixes); k++) {
			if (c->entries[i].function == fixes[k].leaf)
				fixes[k].fix(&c->entries[i], f);
		}
	}
}

int vcpu_setup_cpuid(struct vcpu *v, struct err *e)
{
	struct vm *vm = v->vm;
	cleanup_free struct kvm_cpuid2 *c =
		calloc(1, sizeof(*c) + CPUID_ENTRIES * sizeof(struct kvm_cpuid_entry2));
	int r;

	if (!c)
		return err_set(e, -ENOMEM, "KVM_GET_SUPPORTED_CPUID", "out of memory");
	c->nent = CPUID_ENTRIES;
	r = kvm_call(vm->kvm_fd, KVM_GET_SUPPORTED_CPUID, c, e);
	if (r < 0)
		return r;
	cpuid_fix(c, &(struct cpuid_facts){ .index = v->index,
			     .count = vm->shared->cfg.vcpus,
			     .tsc_deadline = kvm_cap(vm->kvm_fd, KVM_CAP_TSC_DEADLINE_TIMER) > 0,
			     .emulated = vm->shared->cfg.emulated });
	r = kvm_call(v->fd, KVM_SET_CPUID2, c, e);
	return r < 0 ? r : 0;
}

static void set_lvt(struct kvm_lapic_state *s, unsigned reg, uint32_t mode)
{
	uint32_t lvt;

	memcpy(&lvt, s->regs + reg, sizeof(lvt));
	lvt = (lvt & ~(0x700u | 1u << 16)) | mode << 8; /* delivery mode, unmasked */
	memcpy(s->regs + reg, &lvt, sizeof(lvt));
}

/* LINT0 takes the PIC's interrupts, LINT1 is NMI: as firmware leaves them (Intel SDM 3, 11.5.1). */
int vcpu_setup_lapic(struct vcpu *v, struct err *e)
{
	enum { LVT_LINT0 = 0x350, LVT_LINT1 = 0x360, MODE_NMI = 4, MODE_EXTINT = 7 };
	struct kvm_lapic_state lapic;
	int r = kvm_call(v->fd, KVM_GET_LAPIC, &lapic, e);

	if (r < 0)
		return r;
	set_lvt(&lapic, LVT_LINT0, MODE_EXTINT);
	set_lvt(&lapic, LVT_LINT1, MODE_NMI);
	r = kvm_call(v->fd, KVM_SET_LAPIC, &lapic, e);
	return r < 0 ? r : 0;
}

/* Model-specific registers that firmware would have set. A CPU model without one of them is fine,
 * and KVM stops there: so each is set on its own. The MTRRs must agree on all CPUs. */
void vcpu_setup_msrs(struct vcpu *v)
{
	static const struct kvm_msr_entry msrs[] = {
		{ .index = 0x1a0, .data = 1 },           /* IA32_MISC_ENABLE: fast strings */
		{ .index = 0x2ff, .data = 1 << 11 | 6 }, /* IA32_MTRR_DEF_TYPE: on, write-back */
	};

	for (size_t i = 0; i < ARRAY_SIZE(msrs); i++) {
		struct {
			struct kvm_msrs head;
			struct kvm_msr_entry entry;
		} m = { .head.nmsrs = 1, .entry = msrs[i] };

		kvm_call(v->fd, KVM_SET_MSRS, &m, NULL);
	}
}

static void set_segments(struct kvm_sregs *s)
{
	/* Must agree with the descriptors of boot_tables(). */
	struct kvm_segment code = { .limit = 0xffffffff,
		.selector = BOOT_CS,
		.type = 11,
		.present = 1,
		.s = 1,
		.l = 1,
		.g = 1 };
	struct kvm_segment data = { .limit = 0xffffffff,
		.selector = BOOT_DS,
		.type = 3,
		.present = 1,
		.db = 1,
		.s = 1,
		.g = 1 };
	struct kvm_segment tss = {
		.limit = 0xffff, .selector = BOOT_TSS, .type = 11, .present = 1
	};

	s->cs = code;
	s->ds = s->es = s->fs = s->gs = s->ss = data;
	s->tr = tss;
	s->gdt.base = GPA_GDT;
	s->gdt.limit = BOOT_TSS + 16 - 1;
	s->idt.base = 0;
	s->idt.limit = 0; /* none: an exception before the kernel has its own is a triple fault */
}

static int set_sregs(struct vcpu *v, struct err *e)
{
	struct kvm_sregs s;
	int r = kvm_call(v->fd, KVM_GET_SREGS, &s, e);

	if (r < 0)
		return r;
	set_segments(&s);
	s.cr0 = CR0_PE | CR0_MP | CR0_ET | CR0_NE | CR0_PG;
	s.cr3 = GPA_PML4;
	s.cr4 = CR4_PAE;
	s.efer = EFER_LME | EFER_LMA;
	r = kvm_call(v->fd, KVM_SET_SREGS, &s, e);
	return r < 0 ? r : 0;
}

int vcpu_setup_long_mode(struct vcpu *v, const struct boot_entry *b, struct err *e)
{
	struct kvm_regs regs = { .rip = b->rip,
		.rsi = b->rsi,
		.rax = b->rax,
		.rdx = b->rdx,
		.rsp = GPA_STACK_TOP,
		.rflags = 2 };
	struct kvm_fpu fpu = { .fcw = 0x37f, .mxcsr = 0x1f80 }; /* as after FNINIT and reset */
	int r;

	r = set_sregs(v, e);
	if (r < 0)
		return r;
	r = kvm_call(v->fd, KVM_SET_REGS, &regs, e);
	if (r < 0)
		return r;
	r = kvm_call(v->fd, KVM_SET_FPU, &fpu, e);
	return r < 0 ? r : 0;
}

int vcpu_setup_real_mode(struct vcpu *v, const struct boot_entry *b, struct err *e)
{
	struct kvm_regs regs = { .rip = b->rip, .rax = b->rax, .rdx = b->rdx, .rflags = 2 };
	struct kvm_sregs s;
	int r = kvm_call(v->fd, KVM_GET_SREGS, &s, e);

	if (r < 0)
		return r;
	s.cs.base = s.cs.selector = 0; /* a reset leaves it at 0xffff0000 */
	r = kvm_call(v->fd, KVM_SET_SREGS, &s, e);
	if (r < 0)
		return r;
	r = kvm_call(v->fd, KVM_SET_REGS, &regs, e);
	return r < 0 ? r : 0;
}
