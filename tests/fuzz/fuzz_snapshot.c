/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A snapshot's file, and the restoring of a VM from it up to KVM: the ioctls are replaced by ones
 * that read all that KVM would. The input says what is changed in a whole file, since a state of 64
 * KiB of random bytes would never get past its checksum:
 *
 *   u8 flags (1: the checksum is made right again), u8 vCPUs, u32 length (0: as it is),
 *   then changes of { u32 offset, u8 bytes, u64 value }.
 */
#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "base/util.h"
#include "vmm/kvm.h"
#include "vmm/snapshot.h"
#include "vmm/vm.h"

#define RAM 8192u /* bytes: it is not looked at */
#define SUM 1u
#define CHANGES 16

__typeof__(kvm_call_) __wrap_kvm_call_;
__typeof__(pread) __wrap_pread, __real_pread;
__typeof__(fstat) __wrap_fstat, __real_fstat;
__typeof__(mmap) __wrap_mmap, __real_mmap;
__typeof__(munmap) __wrap_munmap, __real_munmap;

/* How much of @arg KVM reads (arch/x86/kvm/x86.c); an ioctl's number tells it but for these. */
static size_t bytes_read(unsigned long request, const void *arg)
{
	switch (request) {
	case KVM_SET_MSRS: {
		const struct kvm_msrs *m = arg;

		return sizeof(*m) + m->nmsrs * sizeof(m->entries[0]);
	}
	case KVM_SET_CPUID2: {
		const struct kvm_cpuid2 *c = arg;

		return sizeof(*c) + c->nent * sizeof(c->entries[0]);
	}
	case KVM_SET_TSC_KHZ: /* the argument is the number itself */
	case KVM_KVMCLOCK_CTRL:
		return 0;
	default:
		return _IOC_SIZE(request);
	}
}

/* KVM: reads, and takes all; of MSRs, where one has the number below, all before it. */
int __wrap_kvm_call_(int fd, unsigned long request, const char *name, void *arg, struct err *e)
{
	enum { REFUSED_MSR = 0x666 };
	static uint8_t copy[sizeof(struct vcpu_state)];
	const struct kvm_msrs *m = arg;
	size_t bytes = bytes_read(request, arg);

	(void)fd, (void)name, (void)e;
	MUST(bytes <= sizeof(copy));
	if (bytes)
		memcpy(copy, arg, bytes); /* where the sanitizers look */
	if (request != KVM_SET_MSRS)
		return 0;
	for (uint32_t i = 0; i < m->nmsrs; i++) {
		if (m->entries[i].index == REFUSED_MSR)
			return (int)i;
	}
	return (int)m->nmsrs;
}

/* A whole file of one vCPU and of two, made once; its memory is what comes last. */
struct whole {
	uint8_t *bytes, *clean;
	size_t state, size;
};

static void make_whole(struct whole *w, unsigned vcpus)
{
	int fd = memfd_create("snapshot", MFD_CLOEXEC);
	struct snapshot s;
	struct err e;

	MUST(fd >= 0 && snapshot_new(fd, vcpus, RAM, &s, &e) == 0);
	for (unsigned i = 0; i < vcpus; i++) {
		s.vcpus[i].msrs.head.nmsrs = 3;
		s.vcpus[i].cpuid.head.nent = 2;
		s.vcpus[i].xsave_bytes = sizeof(struct kvm_xsave);
	}
	w->state = s.bytes;
	w->size = s.bytes + RAM;
	snapshot_complete(&s);
	w->bytes = aligned_alloc(4096, w->size);
	w->clean = malloc(w->size);
	MUST(w->bytes && w->clean && pread(fd, w->clean, w->size, 0) == (ssize_t)w->size);
	memcpy(w->bytes, w->clean, w->size);
	snapshot_close(&s);
	close(fd);
}

/* --- the file, which is opened as FILE_FD, without a system call --- */

#define FILE_FD (1 << 20) /* no descriptor of ours is as high */

static struct {
	uint8_t *bytes;
	size_t len;
	bool mapped;
} file;

ssize_t __wrap_pread(int fd, void *buf, size_t size, off_t at)
{
	size_t left = (size_t)at < file.len ? file.len - (size_t)at : 0;

	if (fd != FILE_FD)
		return __real_pread(fd, buf, size, at);
	size = size < left ? size : left;
	memcpy(buf, file.bytes + at, size);
	return (ssize_t)size;
}

int __wrap_fstat(int fd, struct stat *st)
{
	if (fd != FILE_FD)
		return __real_fstat(fd, st);
	*st = (struct stat){ .st_mode = S_IFREG | 0600, .st_size = (off_t)file.len };
	return 0;
}

/* Beyond the file's end there would be a SIGBUS. */
void *__wrap_mmap(void *at, size_t len, int prot, int flags, int fd, off_t offset)
{
	if (fd != FILE_FD)
		return __real_mmap(at, len, prot, flags, fd, offset);
	MUST(prot == PROT_READ && (flags & MAP_PRIVATE) && !offset && len <= file.len);
	file.mapped = true;
	return file.bytes;
}

int __wrap_munmap(void *at, size_t len)
{
	if (at != file.bytes)
		return __real_munmap(at, len);
	MUST(file.mapped);
	file.mapped = false;
	return 0;
}

/* --- what is done with it --- */

static void sum_again(const struct whole *w)
{
	struct snapshot s = { .header = (void *)w->bytes, .bytes = w->state };

	snapshot_complete(&s);
}

/* What the VMM does with it, in its order. */
static void restore(struct snapshot *s, unsigned vcpus)
{
	static struct vm vm;
	static struct snapshot_host here;
	struct err e = { 0 };
	int r;

	if (!*here.vendor)
		snapshot_this_host(&here);
	r = snapshot_fits(s, &here, vcpus, RAM, &e);
	if (r) {
		fuzz_check_error(r, &e);
		return;
	}
	vm.nr_vcpus = vcpus;
	for (unsigned i = 0; i < vcpus; i++)
		vm.vcpus[i] = (struct vcpu){ .vm = &vm, .index = i, .fd = -1 };
	r = snapshot_load(&vm, s, &e);
	if (r)
		fuzz_check_error(r, &e);
}

static void open_it(unsigned vcpus)
{
	struct snapshot s = { .header = NULL };
	struct err e = { 0 };
	int r = snapshot_open(FILE_FD, &s, &e);

	if (r) {
		fuzz_check_error(r, &e);
		MUST(r == -EINVAL && !s.header);
		return;
	}
	MUST(s.header->vcpus >= 1 && s.header->vcpus <= VM_CPUS_MAX);
	restore(&s, vcpus);
	snapshot_close(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct whole wholes[2];
	struct fuzz_bytes in = { data, len };
	unsigned flags = (unsigned)fuzz_number(&in, 1);
	unsigned vcpus = 1 + (unsigned)fuzz_number(&in, 1) % ARRAY_SIZE(wholes);
	uint64_t length = fuzz_number(&in, 4);
	struct whole *w = &wholes[vcpus - 1];
	size_t at[CHANGES], n = 0;

	if (!w->bytes)
		make_whole(w, vcpus);
	for (; n < CHANGES && in.left; n++) {
		size_t bytes;
		uint64_t value;

		at[n] = fuzz_number(&in, 4) % w->state;
		bytes = fuzz_number(&in, 1) % 9;
		value = fuzz_number(&in, 8);
		memcpy(w->bytes + at[n], &value, bytes);
	}
	if (flags & SUM)
		sum_again(w);
	file.bytes = w->bytes;
	file.len = length ? length % w->size : w->size;
	open_it(vcpus);
	MUST(!file.mapped);
	memcpy(w->bytes, w->clean, sizeof(struct snapshot_header)); /* the checksum, too */
	while (n--)
		memcpy(w->bytes + at[n], w->clean + at[n], 8);
	return 0;
}
