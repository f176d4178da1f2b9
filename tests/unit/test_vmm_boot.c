/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What lies in guest memory before the first instruction: zero page, page tables, ACPI; and CPUID.
 */
#include "tests/unit/check.h"

#include <asm/bootparam.h>
#include <errno.h>
#include <string.h>

#include "base/util.h"
#include "tests/unit/tiny_guest.h"
#include "vmm/acpi.h"
#include "vmm/boot.h"
#include "vmm/kvm.h"
#include "vmm/layout.h"
#include "vmm/mptable.h"
#include "vmm/vcpu.h"

#define RAM (8ul << 20)

GUEST(nop, "nop");

static struct guest_mem mem;
static struct vm_config cfg;

static void put_at(int fd, int number)
{
	assert_int_equal(dup2(fd, number), number);
	close(fd);
}

static int setup(void **state)
{
	(void)state;
	cfg = (struct vm_config){ .vcpus = 1, .ram_bytes = RAM, .cmdline = "quiet -- x" };
	put_at(guest_elf(nop, nop_end), VM_FD_KERNEL);
	assert_int_equal(guest_mem_map(&mem, RAM, VM_PAGES_SMALL, NULL), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	guest_mem_unmap(&mem);
	close(VM_FD_KERNEL);
	return 0;
}

static void give_initramfs(uint64_t bytes)
{
	int fd = memfd_create("initramfs", MFD_CLOEXEC);

	assert_int_equal(ftruncate(fd, (off_t)bytes - 1), 0);
	assert_int_equal(pwrite(fd, "E", 1, (off_t)bytes - 1), 1);
	put_at(fd, VM_FD_INITRAMFS);
	cfg.has_initramfs = 1;
	cfg.initramfs_bytes = bytes;
}

static void test_guest_ptr(void **state)
{
	(void)state;
	assert_ptr_equal(guest_ptr(&mem, 0, RAM), mem.base);
	assert_ptr_equal(guest_ptr(&mem, RAM - 1, 1), mem.base + RAM - 1);
	assert_non_null(guest_ptr(&mem, RAM, 0));
	assert_null(guest_ptr(&mem, RAM, 1));
	assert_null(guest_ptr(&mem, 0, RAM + 1));
	assert_null(guest_ptr(&mem, 1, UINT64_MAX));
	assert_null(guest_ptr(&mem, UINT64_MAX, 2));
	assert_int_equal((uintptr_t)mem.base % RAM_ALIGN, 0);
}

static void test_zero_page(void **state)
{
	const struct boot_params *bp = guest_ptr(&mem, GPA_ZERO_PAGE, sizeof(*bp));
	struct boot_entry b;
	uint64_t at;

	(void)state;
	give_initramfs(10000);
	assert_int_equal(boot_linux(&cfg, &mem, &b, NULL), 0);
	assert_int_equal(b.rip, TINY_GUEST_GPA);
	assert_int_equal(b.rsi, GPA_ZERO_PAGE);
	assert_int_equal(bp->hdr.boot_flag, 0xaa55);
	assert_memory_equal(&bp->hdr.header, "HdrS", 4);
	assert_int_equal(bp->hdr.type_of_loader, 0xff);
	assert_true(bp->hdr.kernel_alignment > 0);
	assert_string_equal(guest_ptr(&mem, bp->hdr.cmd_line_ptr, 16), "quiet -- x");
	assert_int_equal(bp->hdr.ramdisk_size, 10000);
	at = bp->hdr.ramdisk_image;
	assert_int_equal(at % 4096, 0);
	assert_in_range(at + 10000, RAM - 4095, RAM);
	assert_int_equal(*(char *)guest_ptr(&mem, at + 9999, 1), 'E');
	assert_int_equal(bp->e820_entries, 3);
	assert_int_equal(bp->e820_table[2].addr + bp->e820_table[2].size, RAM);
	close(VM_FD_INITRAMFS);
}

static void test_what_does_not_fit(void **state)
{
	struct boot_entry b;
	struct err e;

	(void)state;
	give_initramfs(RAM + 1);
	assert_int_equal(boot_linux(&cfg, &mem, &b, &e), -ENOSPC);
	assert_non_null(strstr(e.remedy, "--mem"));
	give_initramfs(RAM - TINY_GUEST_GPA); /* as large as what is left, and the kernel */
	assert_int_equal(boot_linux(&cfg, &mem, &b, &e), -ENOSPC);
	cfg.initramfs_bytes = UINT64_MAX;
	assert_int_equal(boot_linux(&cfg, &mem, &b, &e), -ENOSPC);
	give_initramfs(4096);
	cfg.initramfs_bytes = 4097; /* it ends too early */
	assert_int_equal(boot_linux(&cfg, &mem, &b, &e), -EIO);
	cfg.has_initramfs = 0;
	memset(cfg.cmdline, 'x', sizeof(cfg.cmdline)); /* no NUL */
	assert_int_equal(boot_linux(&cfg, &mem, &b, &e), -ENOSPC);
	close(VM_FD_INITRAMFS);
}

static void test_identity_map(void **state)
{
	static const uint64_t addresses[] = { 0, 0x1234567, 0x40000000, 0xc0001000, 0xffffffff };
	const uint64_t frame = 0x000ffffffffff000;

	(void)state;
	assert_int_equal(boot_tables(&mem, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(addresses); i++) {
		uint64_t va = addresses[i], table = GPA_PML4, entry = 0;

		for (int shift = 39; shift >= 21; shift -= 9) {
			entry = *(uint64_t *)guest_ptr(&mem, table + (va >> shift & 511) * 8, 8);
			assert_int_equal(entry & 3, 3);
			table = entry & frame;
		}
		assert_int_equal(entry & 0x80, 0x80);
		assert_int_equal(table | (va & (RAM_ALIGN - 1)), va);
	}
}

static uint8_t sum(uint64_t at, size_t len)
{
	const uint8_t *p = guest_ptr(&mem, at, len);
	uint8_t s = 0;

	assert_non_null(p);
	while (len--)
		s += *p++;
	return s;
}

static uint64_t number(uint64_t at, size_t len)
{
	uint64_t v = 0;

	memcpy(&v, guest_ptr(&mem, at, len), len);
	return v;
}

/* A table as a kernel finds it; offsets of ACPI 6.4. Returns its length. */
static uint64_t check_table(uint64_t at, const char *signature)
{
	uint64_t len = number(at + 4, 4);

	assert_memory_equal(guest_ptr(&mem, at, 4), signature, 4);
	assert_int_equal(sum(at, len), 0);
	return len;
}

static void test_acpi(void **state)
{
	(void)state;
	for (unsigned vcpus = 1; vcpus <= VM_CPUS_MAX; vcpus *= 4) {
		uint64_t rsdp, xsdt, fadt, madt, cpus = 0, ioapics = 0, end;

		assert_int_equal(acpi_write(&mem, vcpus, &rsdp, NULL), 0);
		assert_memory_equal(guest_ptr(&mem, rsdp, 8), "RSD PTR ", 8);
		assert_int_equal(sum(rsdp, 20), 0);
		assert_int_equal(sum(rsdp, 36), 0);
		xsdt = number(rsdp + 24, 8);
		assert_int_equal(check_table(xsdt, "XSDT"), 36 + 2 * 8);
		fadt = number(xsdt + 36, 8);
		check_table(fadt, "FACP");
		assert_int_equal(number(fadt + 112, 4) >> 20 & 1, 1); /* hardware-reduced */
		check_table(number(fadt + 140, 8), "DSDT");
		madt = number(xsdt + 44, 8);
		end = madt + check_table(madt, "APIC");
		assert_true(end <= GPA_ACPI_END);
		for (uint64_t at = madt + 44; at < end; at += number(at + 1, 1)) {
			if (number(at, 1) == 0)
				assert_int_equal(number(at + 3, 1), cpus++);
			else
				ioapics += number(at, 1) == 1;
		}
		assert_int_equal(cpus, vcpus);
		assert_int_equal(ioapics, 1);
	}
	assert_int_equal(acpi_write(&mem, 256, &(uint64_t){ 0 }, NULL), -EINVAL);
}

/* As a kernel reads it; offsets of the MultiProcessor Specification 1.4, chapter 4. */
static void check_mptable(unsigned vcpus)
{
	static const uint8_t sizes[] = { 20, 8, 8, 8, 8 }; /* of an entry of each type */
	uint64_t table = number(GPA_MP_POINTER + 4, 4), at = table + 44;
	uint64_t end = table + number(table + 4, 2);
	unsigned seen[5] = { 0 }, bootstrap = 0;

	assert_memory_equal(guest_ptr(&mem, GPA_MP_POINTER, 4), "_MP_", 4);
	assert_int_equal(sum(GPA_MP_POINTER, 16), 0);
	assert_memory_equal(guest_ptr(&mem, table, 4), "PCMP", 4);
	assert_int_equal(sum(table, end - table), 0);
	assert_true(table >= GPA_MP_TABLE && end <= GPA_MP_TABLE_END);
	for (uint64_t n = number(table + 34, 2); n; n--) {
		uint64_t type = number(at, 1);

		assert_true(type < ARRAY_SIZE(sizes));
		if (type == 0) {
			assert_int_equal(number(at + 1, 1), seen[0]);
			bootstrap += number(at + 3, 1) >> 1 & 1;
		}
		seen[type]++;
		at += sizes[type];
	}
	assert_int_equal(at, end);
	assert_int_equal(seen[0], vcpus);
	assert_int_equal(bootstrap, 1);
	assert_int_equal(seen[1], 1); /* a bus, since Linux refuses interrupts without */
	assert_int_equal(seen[2], 0); /* no I/O APIC */
}

static void test_mptable(void **state)
{
	(void)state;
	for (unsigned vcpus = 1; vcpus <= VM_CPUS_MAX; vcpus *= 4) {
		assert_int_equal(mptable_write(&mem, vcpus, NULL), 0);
		check_mptable(vcpus);
	}
	assert_int_equal(mptable_write(&mem, 256, NULL), -EINVAL);
	mem.size = GPA_MP_TABLE;
	assert_int_equal(mptable_write(&mem, 1, NULL), -EINVAL);
	mem.size = RAM;
}

#define LEAVES 6

static void test_cpuid(void **state)
{
	union {
		struct kvm_cpuid2 c;
		char room[sizeof(struct kvm_cpuid2) + LEAVES * sizeof(struct kvm_cpuid_entry2)];
	} u = { .c.nent = LEAVES };
	struct kvm_cpuid_entry2 *l = u.c.entries;

	(void)state;
	l[0] = (struct kvm_cpuid_entry2){ .function = 0, .eax = 0x1f, .ebx = 7 };
	l[1] = (struct kvm_cpuid_entry2){ .function = 1, .ebx = 0xaabbccdd, .ecx = 1 };
	l[2] = (struct kvm_cpuid_entry2){ .function = 4, .eax = 0xfc0fc163 }; /* a level 3 cache */
	l[3] = (struct kvm_cpuid_entry2){ .function = 0xb, .index = 1 };
	l[4] = (struct kvm_cpuid_entry2){
		.function = 0x40000000, .eax = 0x40000001, .ebx = 0x4b4d564b
	};
	l[5] = (struct kvm_cpuid_entry2){ .function = 0x8000001e, .eax = 99, .ebx = 0x101 };
	cpuid_fix(&u.c, &(struct cpuid_facts){ .index = 2, .count = 3, .tsc_deadline = true });
	assert_int_equal(l[0].ebx, 7);
	assert_int_equal(l[1].ebx, 2u << 24 | 3u << 16 | 0xccdd);
	assert_int_equal(l[1].ecx, 1u << 31 | 1u << 24 | 1);
	assert_int_equal(l[1].edx, 1u << 28);
	assert_int_equal(l[2].eax, 0x163 | 2u << 14 | 3u << 26);
	assert_int_equal(l[3].eax, 2); /* three CPUs take two bits of an APIC id */
	assert_int_equal(l[3].ebx, 3);
	assert_int_equal(l[3].ecx, 0x201);
	assert_int_equal(l[3].edx, 2);
	assert_int_equal(l[4].ebx, 0x4b4d564b);
	assert_int_equal(l[5].eax, 2);
	assert_int_equal(l[5].ebx, 2);
	cpuid_fix(&u.c, &(struct cpuid_facts){ .count = 1 });
	assert_int_equal(l[1].edx, 0); /* one CPU: no siblings */
	assert_int_equal(l[2].eax, 0x163);
}

/* Nested virtualization is not for our guests, whichever vendor's. */
static void test_cpuid_hides_nested_virtualization(void **state)
{
	enum { VMX = 1 << 5, SVM = 1 << 2, LONG_MODE = 1 << 29 };
	union {
		struct kvm_cpuid2 c;
		char room[sizeof(struct kvm_cpuid2) + 3 * sizeof(struct kvm_cpuid_entry2)];
	} u = { .c.nent = 3 };
	struct kvm_cpuid_entry2 *l = u.c.entries;

	(void)state;
	l[0] = (struct kvm_cpuid_entry2){ .function = 1, .ecx = VMX | 1 };
	l[1] = (struct kvm_cpuid_entry2){
		.function = 0x80000001, .ecx = SVM | 1, .edx = LONG_MODE
	};
	l[2] = (struct kvm_cpuid_entry2){ .function = 0x8000000a, .eax = 1, .ebx = 16, .edx = 9 };
	cpuid_fix(&u.c, &(struct cpuid_facts){ .count = 1 });
	assert_int_equal(l[0].ecx & (VMX | 1), 1);
	assert_int_equal(l[1].ecx, 1);
	assert_int_equal(l[1].edx, LONG_MODE);
	assert_int_equal(l[2].eax | l[2].ebx | l[2].ecx | l[2].edx, 0);
}

/* In an emulator alone a guest ends its interrupts at the LAPIC: what KVM offers is else the
 * guest's. */
static void test_cpuid_of_kvm_itself(void **state)
{
	enum { CLOCKSOURCE2 = 1 << 3, PV_EOI = 1 << 6, PV_UNHALT = 1 << 7 };
	static const struct {
		bool emulated;
		uint32_t left;
	} cases[] = {
		{ false, CLOCKSOURCE2 | PV_EOI | PV_UNHALT },
		{ true, CLOCKSOURCE2 | PV_UNHALT },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		union {
			struct kvm_cpuid2 c;
			char room[sizeof(struct kvm_cpuid2) + sizeof(struct kvm_cpuid_entry2)];
		} u = { .c.nent = 1 };

		u.c.entries[0] = (struct kvm_cpuid_entry2){ .function = 0x40000001,
			.eax = CLOCKSOURCE2 | PV_EOI | PV_UNHALT };
		cpuid_fix(&u.c, &(struct cpuid_facts){ .count = 1, .emulated = cases[i].emulated });
		assert_int_equal(u.c.entries[0].eax, cases[i].left);
	}
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_guest_ptr),
		TEST(test_zero_page),
		TEST(test_what_does_not_fit),
		TEST(test_identity_map),
		TEST(test_acpi),
		TEST(test_mptable),
		cmocka_unit_test(test_cpuid),
		cmocka_unit_test(test_cpuid_hides_nested_virtualization),
		cmocka_unit_test(test_cpuid_of_kvm_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
