/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file: made, checked, mapped. What goes in and out is snapshot_state.c and snapshot_vcpu.c. */
#include "vmm/snapshot.h"

#include <cpuid.h>
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/util.h"

#define PAGE 4096u
#define STEP "snapshot"
#define RETAKE "have it taken again on this host: start the run anew"

/* Against damage and mistakes, not against malice: whoever can write a snapshot owns its guest. */
static uint64_t mix(uint64_t sum, const void *data, uint64_t bytes)
{
	const uint64_t *word = data;

	for (uint64_t i = 0; i < bytes / sizeof(*word); i++) {
		sum = (sum ^ word[i]) * UINT64_C(0x9e3779b97f4a7c15);
		sum ^= sum >> 29;
	}
	return sum;
}

#define SUMMED_FROM (offsetof(struct snapshot_header, checksum) + sizeof(uint64_t))
_Static_assert(SUMMED_FROM % sizeof(uint64_t) == 0, "mix() takes whole words");
_Static_assert(sizeof(struct snapshot_header) % 64 == 0 && sizeof(struct chip_state) % 64 == 0,
	"what follows is aligned");

static uint64_t checksum(const struct snapshot *s)
{
	return mix(0, (const char *)s->header + SUMMED_FROM, s->bytes - SUMMED_FROM);
}

uint64_t snapshot_memory_at(unsigned vcpus)
{
	uint64_t end = sizeof(struct snapshot_header) + sizeof(struct chip_state) +
		       vcpus * sizeof(struct vcpu_state);

	return (end + PAGE - 1) & ~(uint64_t)(PAGE - 1);
}

/* Leaves and the registers of them that tell features alone: no APIC id, nothing that changes while
 * the host runs (Intel SDM 2 and AMD APM 3, CPUID). */
static uint64_t hash_features(void)
{
	enum { OSXSAVE = 1 << 27 };
	static const struct {
		uint32_t leaf, sub;
		uint32_t keep[4];
	} leaves[] = {
		{ 0x1, 0, { 0, 0, ~(uint32_t)OSXSAVE, ~0u } },
		{ 0x7, 0, { ~0u, ~0u, ~(1u << 4), ~0u } }, /* bit 4: OSPKE */
		{ 0xd, 0, { ~0u, 0, ~0u, ~0u } },
		{ 0x80000001, 0, { 0, 0, ~0u, ~0u } },
	};
	uint64_t hash = 0;

	for (size_t i = 0; i < ARRAY_SIZE(leaves); i++) {
		uint32_t r[4] = { 0 };

		__get_cpuid_count(leaves[i].leaf, leaves[i].sub, &r[0], &r[1], &r[2], &r[3]);
		for (size_t k = 0; k < 4; k++)
			r[k] &= leaves[i].keep[k];
		hash = mix(hash, r, sizeof(r));
	}
	return hash;
}

void snapshot_this_host(struct snapshot_host *h)
{
	uint32_t eax = 0, ebx = 0, ecx = 0, edx = 0;
	struct utsname u;

	*h = (struct snapshot_host){ .features = hash_features() };
	__get_cpuid(0, &eax, &ebx, &ecx, &edx);
	memcpy(h->vendor, &ebx, 4);
	memcpy(h->vendor + 4, &edx, 4);
	memcpy(h->vendor + 8, &ecx, 4);
	__get_cpuid(1, &h->model, &ebx, &ecx, &edx);
	if (!uname(&u))
		snprintf(h->kernel, sizeof(h->kernel), "%.*s", (int)sizeof(h->kernel) - 1,
			u.release);
}

static void set_parts(struct snapshot *s, void *base, uint64_t bytes)
{
	s->bytes = bytes;
	s->header = base;
	s->chips = (void *)((char *)base + sizeof(struct snapshot_header));
	s->vcpus = (void *)(s->chips + 1);
}

int snapshot_new(int fd, unsigned vcpus, uint64_t ram_bytes, struct snapshot *s, struct err *e)
{
	uint64_t at = snapshot_memory_at(vcpus);
	void *base;

	if (ftruncate(fd, (off_t)(at + ram_bytes)) < 0)
		return err_sys(e, STEP, "a file of %" PRIu64 " MiB", (at + ram_bytes) >> 20);
	base = mmap(NULL, at, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (base == MAP_FAILED)
		return err_sys(e, STEP, "mapping a new one");
	set_parts(s, base, at);
	*s->header = (struct snapshot_header){
		.version = SNAPSHOT_VERSION,
		.header_bytes = sizeof(struct snapshot_header),
		.chips_bytes = sizeof(struct chip_state),
		.vcpu_bytes = sizeof(struct vcpu_state),
		.vcpus = vcpus,
		.ram_bytes = ram_bytes,
		.memory_at = at,
	};
	snapshot_this_host(&s->header->host);
	return 0;
}

void snapshot_complete(struct snapshot *s)
{
	s->header->checksum = checksum(s);
	memcpy(s->header->magic, SNAPSHOT_MAGIC, sizeof(s->header->magic));
}

/* The part that says what kind of file this is, before anything else of it is believed. */
static int check_kind(const struct snapshot_header *h, uint64_t file_bytes, struct err *e)
{
	if (file_bytes < sizeof(h->magic) || memcmp(h->magic, SNAPSHOT_MAGIC, sizeof(h->magic)))
		return err_set(e, -EINVAL, STEP, "the file is not a snapshot");
	if (file_bytes < SUMMED_FROM)
		return err_set(e, -EINVAL, STEP, "truncated: it ends within its header");
	if (h->version != SNAPSHOT_VERSION)
		return err_set(e, -EINVAL, STEP, "of version %" PRIu32 ", this program reads %d",
			h->version, SNAPSHOT_VERSION);
	if (file_bytes < sizeof(*h))
		return err_set(e, -EINVAL, STEP, "truncated: it ends within its header");
	if (h->header_bytes != sizeof(*h) || h->chips_bytes != sizeof(struct chip_state) ||
		h->vcpu_bytes != sizeof(struct vcpu_state))
		return err_set(
			e, -EINVAL, STEP, "written by another build, its parts have other sizes");
	if (h->vcpus < 1 || h->vcpus > VM_CPUS_MAX ||
		h->memory_at != snapshot_memory_at(h->vcpus) || h->ram_bytes > INT64_MAX / 2)
		return err_set(e, -EINVAL, STEP, "damaged: its header contradicts itself");
	if (file_bytes < h->memory_at + h->ram_bytes)
		return err_set(e, -EINVAL, STEP, "truncated: %" PRIu64 " of %" PRIu64 " bytes",
			file_bytes, h->memory_at + h->ram_bytes);
	return 0;
}

/* Counts that index into arrays. */
static int check_counts(const struct snapshot *s, struct err *e)
{
	for (uint32_t i = 0; i < s->header->vcpus; i++) {
		const struct vcpu_state *v = &s->vcpus[i];

		if (v->msrs.head.nmsrs > SNAPSHOT_MSRS || v->cpuid.head.nent > SNAPSHOT_CPUID ||
			v->xsave_bytes > SNAPSHOT_XSAVE)
			return err_set(e, -EINVAL, STEP,
				"damaged: vCPU %" PRIu32 " has more state than there can be", i);
	}
	return 0;
}

int snapshot_open(int fd, struct snapshot *s, struct err *e)
{
	struct snapshot_header h = { .version = 0 };
	ssize_t n = pread_all(fd, &h, sizeof(h), 0);
	struct stat st;
	void *base;
	int r;

	if (n < 0 || fstat(fd, &st) < 0)
		return err_sys(e, STEP, "reading the header");
	r = check_kind(&h, (uint64_t)st.st_size, e);
	if (r < 0)
		return err_help(e, RETAKE);
	base = mmap(NULL, h.memory_at, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	if (base == MAP_FAILED)
		return err_sys(e, STEP, "mapping its state");
	set_parts(s, base, h.memory_at);
	if (checksum(s) != h.checksum)
		r = err_set(e, -EINVAL, STEP, "damaged: its checksum is not that of its state");
	if (!r)
		r = check_counts(s, e);
	if (r < 0) {
		snapshot_close(s);
		return err_help(e, RETAKE);
	}
	return 0;
}

int snapshot_fits(const struct snapshot *s, const struct snapshot_host *here, unsigned vcpus,
	uint64_t ram_bytes, struct err *e)
{
	const struct snapshot_header *h = s->header;
	const struct snapshot_host *there = &h->host;
	int r = 0;

	if (memcmp(there->vendor, here->vendor, sizeof(here->vendor)) ||
		there->model != here->model)
		r = err_set(e, -EINVAL, STEP,
			"taken on another CPU model: %.12s 0x%" PRIx32
			", this one is %.12s 0x%" PRIx32,
			there->vendor, there->model, here->vendor, here->model);
	else if (there->features != here->features)
		r = err_set(e, -EINVAL, STEP, "taken on a CPU of this model with other features");
	else if (strncmp(there->kernel, here->kernel, sizeof(here->kernel)))
		r = err_set(e, -EINVAL, STEP, "taken under the host kernel %.71s, this is %.71s",
			there->kernel, here->kernel);
	else if (h->ram_bytes != ram_bytes)
		r = err_set(e, -EINVAL, STEP,
			"of a guest with %" PRIu64 " MiB of memory, asked for are %" PRIu64,
			h->ram_bytes >> 20, ram_bytes >> 20);
	else if (h->vcpus != vcpus)
		r = err_set(e, -EINVAL, STEP, "of a guest with %" PRIu32 " vCPUs, asked for are %u",
			h->vcpus, vcpus);
	return r < 0 ? err_help(e, RETAKE) : 0;
}

void snapshot_close(struct snapshot *s)
{
	if (s->header)
		munmap(s->header, s->bytes);
	*s = (struct snapshot){ .header = NULL };
}
