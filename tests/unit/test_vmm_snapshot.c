/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file of a snapshot: whole ones, damaged ones, and ones of elsewhere. Needs no KVM. */
#include "tests/unit/check.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/util.h"
#include "vmm/snapshot.h"

#define RAM (4ul << 20)
#define CPUS 2u

/* A snapshot with something in each of its parts. */
static int make(struct snapshot *s)
{
	int fd = memfd_create("snapshot", MFD_CLOEXEC);
	struct err e;

	assert_true(fd >= 0);
	assert_int_equal(snapshot_new(fd, CPUS, RAM, s, &e), 0);
	s->chips->has_pit = 1;
	s->vcpus[0].regs.rip = 0x1234;
	s->vcpus[1].msrs.head.nmsrs = SNAPSHOT_MSRS;
	return fd;
}

static int make_whole(void)
{
	struct snapshot s;
	int fd = make(&s);

	snapshot_complete(&s);
	snapshot_close(&s);
	return fd;
}

static void patch(int fd, uint64_t at, uint64_t value, size_t bytes)
{
	assert_int_equal(pwrite(fd, &value, bytes, (off_t)at), (ssize_t)bytes);
}

/* A change of the state that the checksum knows of: only the state is wrong. */
static void resum(int fd, void (*change)(struct snapshot *))
{
	struct snapshot s;
	uint64_t at = snapshot_memory_at(CPUS);
	void *base = mmap(NULL, at, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	assert_true(base != MAP_FAILED);
	s = (struct snapshot){ .header = base, .bytes = at };
	s.chips = (void *)(s.header + 1);
	s.vcpus = (void *)(s.chips + 1);
	change(&s);
	snapshot_complete(&s);
	snapshot_close(&s);
}

static void too_many_msrs(struct snapshot *s)
{
	s->vcpus[1].msrs.head.nmsrs = SNAPSHOT_MSRS + 1;
}

static void too_many_leaves(struct snapshot *s)
{
	s->vcpus[0].cpuid.head.nent = SNAPSHOT_CPUID + 1;
}

static void too_much_fpu(struct snapshot *s)
{
	s->vcpus[0].xsave_bytes = UINT32_MAX;
}

#define AT(member) offsetof(struct snapshot_header, member)
#define WHOLE UINT64_MAX

static const struct {
	const char *name;
	uint64_t cut_to; /* length of the file; WHOLE: as it is */
	uint64_t at, value;
	size_t bytes; /* to be written there; 0: none */
	void (*change)(struct snapshot *);
	const char *why; /* NULL: it is a snapshot */
} damages[] = {
	{ "whole", WHOLE, 0, 0, 0, NULL, NULL },
	{ "memory changed", WHOLE, 0x100000, 1, 8, NULL, NULL }, /* it is the guest's to judge */
	{ "empty", 0, 0, 0, 0, NULL, "not a snapshot" },
	{ "four bytes", 4, 0, 0, 0, NULL, "not a snapshot" },
	{ "another magic", WHOLE, 0, 0x464c457f, 4, NULL, "not a snapshot" },
	{ "not completed", WHOLE, 0, 0, 8, NULL, "not a snapshot" },
	{ "magic alone", 8, 0, 0, 0, NULL, "truncated" },
	{ "half a header", AT(host), 0, 0, 0, NULL, "truncated" },
	{ "older", WHOLE, AT(version), 0, 4, NULL, "version 0" },
	{ "newer", WHOLE, AT(version), 99, 4, NULL, "version 99" },
	{ "newer and short", AT(host), AT(version), 99, 4, NULL, "version 99" },
	{ "other header", WHOLE, AT(header_bytes), 8, 4, NULL, "another build" },
	{ "other chips", WHOLE, AT(chips_bytes), 8, 4, NULL, "another build" },
	{ "other vCPUs", WHOLE, AT(vcpu_bytes), 8, 4, NULL, "another build" },
	{ "no vCPU", WHOLE, AT(vcpus), 0, 4, NULL, "contradicts itself" },
	{ "too many vCPUs", WHOLE, AT(vcpus), VM_CPUS_MAX + 1, 4, NULL, "contradicts itself" },
	{ "one vCPU more", WHOLE, AT(vcpus), CPUS + 1, 4, NULL, "contradicts itself" },
	{ "memory at 0", WHOLE, AT(memory_at), 0, 8, NULL, "contradicts itself" },
	{ "memory far away", WHOLE, AT(memory_at), UINT64_MAX, 8, NULL, "contradicts itself" },
	{ "endless memory", WHOLE, AT(ram_bytes), UINT64_MAX, 8, NULL, "contradicts itself" },
	{ "more memory", WHOLE, AT(ram_bytes), 2 * RAM, 8, NULL, "truncated" },
	{ "a byte short", RAM, 0, 0, 0, NULL, "truncated" },
	{ "state cut off", 8192, 0, 0, 0, NULL, "truncated" },
	{ "less memory", WHOLE, AT(ram_bytes), RAM / 2, 8, NULL, "checksum" },
	{ "checksum", WHOLE, AT(checksum), 1, 8, NULL, "checksum" },
	{ "CPU model", WHOLE, AT(host.model), 1, 4, NULL, "checksum" },
	{ "a chip", WHOLE, sizeof(struct snapshot_header), 7, 1, NULL, "checksum" },
	{ "a register", WHOLE, sizeof(struct snapshot_header) + sizeof(struct chip_state) + 200, 1,
		1, NULL, "checksum" },
	{ "MSRs", WHOLE, 0, 0, 0, too_many_msrs, "vCPU 1 has more state" },
	{ "CPUID", WHOLE, 0, 0, 0, too_many_leaves, "vCPU 0 has more state" },
	{ "FPU", WHOLE, 0, 0, 0, too_much_fpu, "vCPU 0 has more state" },
};

static void test_damages(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(damages); i++) {
		struct snapshot s = { .header = NULL };
		struct err e = { 0 };
		int fd = make_whole(), r;

		if (damages[i].change)
			resum(fd, damages[i].change);
		if (damages[i].bytes)
			patch(fd, damages[i].at, damages[i].value, damages[i].bytes);
		if (damages[i].cut_to != WHOLE)
			assert_int_equal(ftruncate(fd, (off_t)damages[i].cut_to), 0);
		r = snapshot_open(fd, &s, &e);
		if (r != (damages[i].why ? -EINVAL : 0))
			fail_msg("%s: %d: %s", damages[i].name, r, e.message);
		if (damages[i].why && !strstr(e.message, damages[i].why))
			fail_msg("%s: '%s'", damages[i].name, e.message);
		if (r < 0)
			assert_null(s.header);
		snapshot_close(&s);
		close(fd);
	}
}

static void test_every_byte_of_the_state_is_summed(void **state)
{
	uint64_t end = snapshot_memory_at(CPUS);

	(void)state;
	for (uint64_t at = sizeof(struct snapshot_header); at < end; at += 509) {
		struct snapshot s = { .header = NULL };
		int fd = make_whole();
		struct err e;
		uint8_t byte;

		assert_int_equal(pread(fd, &byte, 1, (off_t)at), 1);
		patch(fd, at, byte ^ 0x10u, 1);
		assert_int_equal(snapshot_open(fd, &s, &e), -EINVAL);
		close(fd);
	}
}

static void other_vendor(struct snapshot_host *h)
{
	h->vendor[0] ^= 1;
}

static void other_model(struct snapshot_host *h)
{
	h->model++;
}

static void other_features(struct snapshot_host *h)
{
	h->features++;
}

static void other_kernel(struct snapshot_host *h)
{
	strcpy(h->kernel, "2.0.1");
}

static void test_fits(void **state)
{
	static const struct {
		void (*change)(struct snapshot_host *);
		unsigned vcpus;
		uint64_t ram;
		const char *why;
	} cases[] = {
		{ NULL, CPUS, RAM, NULL },
		{ other_vendor, CPUS, RAM, "another CPU model" },
		{ other_model, CPUS, RAM, "another CPU model" },
		{ other_features, CPUS, RAM, "other features" },
		{ other_kernel, CPUS, RAM, "this is 2.0.1" },
		{ NULL, CPUS, 2 * RAM, "with 4 MiB of memory, asked for are 8" },
		{ NULL, CPUS - 1, RAM, "2 vCPUs, asked for are 1" },
		{ NULL, CPUS + 1, RAM, "2 vCPUs, asked for are 3" },
	};
	int fd = make_whole();
	struct snapshot s;
	struct err e;

	(void)state;
	assert_int_equal(snapshot_open(fd, &s, &e), 0);
	assert_int_equal(s.vcpus[0].regs.rip, 0x1234);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct snapshot_host here;
		int r;

		snapshot_this_host(&here);
		if (cases[i].change)
			cases[i].change(&here);
		r = snapshot_fits(&s, &here, cases[i].vcpus, cases[i].ram, &e);
		assert_int_equal(r, cases[i].why ? -EINVAL : 0);
		if (cases[i].why && !strstr(e.message, cases[i].why))
			fail_msg("'%s' is not in '%s'", cases[i].why, e.message);
	}
	snapshot_close(&s);
	close(fd);
}

static void test_no_file(void **state)
{
	struct snapshot s = { .header = NULL };
	struct err e;

	(void)state;
	assert_int_equal(snapshot_open(-1, &s, &e), -EBADF);
	assert_int_equal(snapshot_new(-1, 1, RAM, &s, &e), -EBADF);
	snapshot_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_damages),
		cmocka_unit_test(test_every_byte_of_the_state_is_summed),
		cmocka_unit_test(test_fits),
		cmocka_unit_test(test_no_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
