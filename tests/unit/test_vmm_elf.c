/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vmm/elf: each way in which a kernel's ELF can be wrong, and what a good one looks like in memory.
 */
#include "tests/unit/tiny_kernel.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/util.h"
#include "vmm/elf.h"
#include "vmm/memfile.h"

#define RAM (UINT64_C(4) << 20)
#define MIN_GPA UINT64_C(0x100000)

static int memfd_of(const void *p, size_t len)
{
	int fd = memfd_create("elf", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	assert_true(fd >= 0);
	assert_int_equal(write_all(fd, p, len), 0);
	return fd;
}

static struct guest_mem fresh_memory(void)
{
	struct guest_mem m = { .size = RAM };

	m.base = mmap(NULL, RAM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(m.base, MAP_FAILED);
	return m;
}

static void truncated_header(struct tiny_elf *t, size_t *len)
{
	(void)t;
	*len = 63;
}

static void bad_magic(struct tiny_elf *t, size_t *len)
{
	(void)len;
	t->eh.e_ident[1] = 'X';
}

static void class_32(struct tiny_elf *t, size_t *len)
{
	(void)len;
	t->eh.e_ident[EI_CLASS] = ELFCLASS32;
}

static void big_endian(struct tiny_elf *t, size_t *len)
{
	(void)len;
	t->eh.e_ident[EI_DATA] = ELFDATA2MSB;
}

static void arm64(struct tiny_elf *t, size_t *len)
{
	(void)len;
	t->eh.e_machine = EM_AARCH64;
}

static void unheard_of_machine(struct tiny_elf *t, size_t *len)
{
	(void)len;
	t->eh.e_machine = 0xfedc;
}

static void object_file(struct tiny_elf *t, size_t *len)
{
	(void)len;
	t->eh.e_type = ET_REL;
}

static void no_phdrs(struct tiny_elf *t, size_t *len)
{
	(void)len;
	t->eh.e_phnum = 0;
}

static void many_phdrs(struct tiny_elf *t, size_t *len)
{
	(void)len;
	t->eh.e_phnum = PN_XNUM;
}

static void odd_phdrs(struct tiny_elf *t, size_t *len)
{
	(void)len;
	t->eh.e_phentsize = 32;
}

static void phdrs_outside(struct tiny_elf *t, size_t *len)
{
	t->eh.e_phoff = *len - 3 * sizeof(Elf64_Phdr) + 1;
}

static void phdrs_wrap(struct tiny_elf *t, size_t *len)
{
	(void)len;
	t->eh.e_phoff = UINT64_MAX - 8;
}

static void interp(struct tiny_elf *t, size_t *len)
{
	(void)len;
	t->ph[2].p_type = PT_INTERP;
}

static void nothing_to_load(struct tiny_elf *t, size_t *len)
{
	(void)len;
	t->ph[0].p_type = PT_NOTE;
	t->ph[1].p_memsz = t->ph[1].p_filesz = 0;
}

static void filesz_too_big(struct tiny_elf *t, size_t *len)
{
	(void)len;
	t->ph[1].p_memsz = t->ph[1].p_filesz - 1;
}

static void truncated_segment(struct tiny_elf *t, size_t *len)
{
	(void)t;
	*len -= 1;
}

static void offset_wraps(struct tiny_elf *t, size_t *len)
{
	(void)len;
	t->ph[1].p_offset = UINT64_MAX - 10;
}

static void address_wraps(struct tiny_elf *t, size_t *len)
{
	(void)len;
	t->ph[1].p_paddr = UINT64_MAX - 10;
}

static void memsz_wraps(struct tiny_elf *t, size_t *len)
{
	(void)len;
	t->ph[1].p_memsz = UINT64_MAX;
}

static void overlap_by_one(struct tiny_elf *t, size_t *len)
{
	(void)len;
	t->ph[0].p_paddr = t->ph[1].p_paddr + t->ph[1].p_memsz - 1;
}

static void overlap_inside(struct tiny_elf *t, size_t *len)
{
	(void)len;
	t->ph[1].p_paddr = t->ph[0].p_paddr + 8;
	t->ph[1].p_filesz = t->ph[1].p_memsz = 8;
}

static void entry_outside(struct tiny_elf *t, size_t *len)
{
	(void)len;
	t->eh.e_entry = TINY_TEXT_GPA + sizeof(t->text);
}

static void entry_in_bss(struct tiny_elf *t, size_t *len)
{
	(void)len;
	t->eh.e_entry = TINY_DATA_GPA + sizeof(t->data);
}

static void below_minimum(struct tiny_elf *t, size_t *len)
{
	(void)len;
	t->ph[0].p_paddr = MIN_GPA - 1;
}

static void bss_outside_ram(struct tiny_elf *t, size_t *len)
{
	(void)len;
	t->ph[1].p_memsz = RAM - t->ph[1].p_paddr + 1;
}

static void address_outside_ram(struct tiny_elf *t, size_t *len)
{
	(void)len;
	t->ph[1].p_paddr = RAM + 4096;
}

static const struct bad_case {
	const char *name;
	void (*spoil)(struct tiny_elf *t, size_t *len);
	int check; /* expected of elf_check */
	int load;  /* expected of elf_load */
	const char *words;
} bad_cases[] = {
	{ "truncated header", truncated_header, -ENOEXEC, -ENOEXEC, "63 bytes, too short" },
	{ "not an ELF", bad_magic, -ENOEXEC, -ENOEXEC, "not an ELF" },
	{ "32-bit", class_32, -ENOEXEC, -ENOEXEC, "32-bit" },
	{ "big-endian", big_endian, -ENOEXEC, -ENOEXEC, "big-endian" },
	{ "arm64", arm64, -ENOEXEC, -ENOEXEC, "for arm64" },
	{ "unknown machine", unheard_of_machine, -ENOEXEC, -ENOEXEC, "machine 65244" },
	{ "object file", object_file, -ENOEXEC, -ENOEXEC, "type 1" },
	{ "no program headers", no_phdrs, -ENOEXEC, -ENOEXEC, "without program headers" },
	{ "65535 program headers", many_phdrs, -EBADMSG, -EBADMSG, "65535 program headers" },
	{ "32-byte program headers", odd_phdrs, -EBADMSG, -EBADMSG, "32 bytes each" },
	{ "program headers outside", phdrs_outside, -EBADMSG, -EBADMSG,
		"truncated: program headers" },
	{ "program headers wrap", phdrs_wrap, -EBADMSG, -EBADMSG, "truncated: program headers" },
	{ "dynamic loader", interp, -ENOEXEC, -ENOEXEC, "dynamic loader" },
	{ "nothing to load", nothing_to_load, -ENOEXEC, -ENOEXEC, "without anything to load" },
	{ "filesz > memsz", filesz_too_big, -EBADMSG, -EBADMSG, "more bytes in the file" },
	{ "truncated", truncated_segment, -EBADMSG, -EBADMSG, "truncated: segment 1" },
	{ "offset wraps", offset_wraps, -EBADMSG, -EBADMSG, "truncated: segment 1" },
	{ "address wraps", address_wraps, -EBADMSG, -EBADMSG, "segment 1 wraps" },
	{ "size wraps", memsz_wraps, -EBADMSG, -EBADMSG, "segment 1 wraps" },
	{ "overlap by one byte", overlap_by_one, -EBADMSG, -EBADMSG, "overlap" },
	{ "one inside another", overlap_inside, -EBADMSG, -EBADMSG, "overlap" },
	{ "entry outside", entry_outside, -EBADMSG, -EBADMSG, "entry point 0x100040" },
	{ "entry in bss", entry_in_bss, -EBADMSG, -EBADMSG, "entry point" },
	{ "below the minimum", below_minimum, 0, -ERANGE, "0xfffff lies below 0x100000" },
	{ "bss outside RAM", bss_outside_ram, 0, -ERANGE, "outside the guest's RAM of 0x400000" },
	{ "outside RAM", address_outside_ram, 0, -ERANGE, "0x401000 lies outside" },
};

static void expect(int got, int want, const struct err *e, const struct bad_case *c)
{
	if (got != want || (want && (e->code != want || !strstr(e->message, c->words))))
		fail_msg("%s: %d instead of %d: %s", c->name, got, want, e->message);
}

static void test_bad_elf_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad_cases); i++) {
		const struct bad_case *c = &bad_cases[i];
		struct tiny_elf t = tiny_elf();
		size_t len = sizeof(t);
		struct guest_mem m = fresh_memory();
		uint64_t entry = 1, end = 2;
		struct err e = { 0 };
		int fd;

		c->spoil(&t, &len);
		fd = memfd_of(&t, len);
		expect(elf_check(fd, &e), c->check, &e, c);
		e = (struct err){ 0 };
		expect(elf_load(fd, &m, MIN_GPA, &entry, &end, &e), c->load, &e, c);
		assert_int_equal(entry, 1);
		assert_int_equal(end, 2);
		/* The same without anyone to tell. */
		assert_int_equal(elf_load(fd, &m, MIN_GPA, &entry, &end, NULL), c->load);
		munmap(m.base, m.size);
		close(fd);
	}
}

/* A good kernel in memory that holds @fill everywhere: what is touched, and what is not? */
static void load_over(uint8_t fill, bool sealed)
{
	struct tiny_elf t = tiny_elf();
	int fd = memfd_of(&t, sizeof(t));
	struct guest_mem m = fresh_memory();
	uint8_t *want = malloc(RAM);
	uint64_t entry = 0, end = 0;
	/* The pages that lie whole in the zeros of the data: the segment begins 16 bytes into one.
	 */
	const uint64_t zeros = TINY_DATA_GPA - 16 + 2 * 4096, zeros_end = zeros + 2 * 4096;
	struct err e;

	assert_non_null(want);
	if (sealed)
		assert_int_equal(memfile_seal(fd, &e), 0);
	memset(m.base, fill, RAM);
	memset(want, fill, RAM);
	memcpy(want + TINY_TEXT_GPA, t.text, sizeof(t.text));
	memcpy(want + TINY_DATA_GPA, t.data, sizeof(t.data));
	memset(want + zeros, fill, zeros_end - zeros);
	assert_int_equal(elf_load(fd, &m, MIN_GPA, &entry, &end, &e), 0);
	assert_int_equal(entry, TINY_ENTRY);
	assert_int_equal(end, TINY_DATA_GPA + sizeof(t.data) + TINY_BSS);
	assert_memory_equal(m.base, want, RAM);
	if (!sealed)
		assert_int_equal(lseek(fd, 0, SEEK_CUR), sizeof(t));
	free(want);
	munmap(m.base, m.size);
	close(fd);
}

static void test_good_elf_in_fresh_memory(void **state)
{
	(void)state;
	load_over(0, false);
	load_over(0, true);
}

/* Not how it is used, but it shows that bss and pages of zeros cost the guest no memory. */
static void test_zeros_are_not_written(void **state)
{
	(void)state;
	load_over(0xaa, false);
	load_over(0xaa, true);
}

static void test_large_segment(void **state)
{
	struct tiny_elf t = tiny_elf();
	const size_t len = 700001; /* several reads, an odd rest */
	struct guest_mem m = fresh_memory();
	uint8_t *big = malloc(len);
	uint64_t entry, end;
	struct err e;
	int fd;

	(void)state;
	assert_non_null(big);
	for (size_t i = 0; i < len; i++)
		big[i] = (uint8_t)(i ^ (i >> 8) ^ 0x55);
	t.ph[1].p_offset = sizeof(t);
	t.ph[1].p_filesz = t.ph[1].p_memsz = len;
	fd = memfd_of(&t, sizeof(t));
	assert_int_equal(write_all(fd, big, len), 0);
	assert_int_equal(elf_load(fd, &m, MIN_GPA, &entry, &end, &e), 0);
	assert_memory_equal(m.base + TINY_DATA_GPA, big, len);
	free(big);
	munmap(m.base, m.size);
	close(fd);
}

static const struct entry_case {
	const char *name;
	uint64_t stated, entry;
} entry_cases[] = {
	{ "physical", TINY_TEXT_GPA, TINY_TEXT_GPA },
	{ "last byte", TINY_TEXT_GPA + 63, TINY_TEXT_GPA + 63 },
	{ "virtual", TINY_TEXT_VIRT + 5, TINY_TEXT_GPA + 5 },
	{ "virtual, second segment", TINY_DATA_VIRT + 5, TINY_DATA_GPA + 5 },
};

static void test_entry_point(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(entry_cases); i++) {
		struct tiny_elf t = tiny_elf();
		struct guest_mem m = fresh_memory();
		uint64_t entry = 0, end = 0;
		struct err e;
		int fd;

		t.eh.e_entry = entry_cases[i].stated;
		fd = memfd_of(&t, sizeof(t));
		assert_int_equal(elf_load(fd, &m, MIN_GPA, &entry, &end, &e), 0);
		if (entry != entry_cases[i].entry)
			fail_msg("%s: 0x%lx", entry_cases[i].name, (unsigned long)entry);
		munmap(m.base, m.size);
		close(fd);
	}
}

static void test_segment_may_end_with_ram(void **state)
{
	struct tiny_elf t = tiny_elf();
	struct guest_mem m = fresh_memory();
	uint64_t entry, end = 0;
	struct err e;
	int fd;

	(void)state;
	t.ph[1].p_memsz = RAM - t.ph[1].p_paddr;
	fd = memfd_of(&t, sizeof(t));
	assert_int_equal(elf_load(fd, &m, MIN_GPA, &entry, &end, &e), 0);
	assert_int_equal(end, RAM);
	munmap(m.base, m.size);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad_elf_is_refused),
		cmocka_unit_test(test_good_elf_in_fresh_memory),
		cmocka_unit_test(test_zeros_are_not_written),
		cmocka_unit_test(test_large_segment),
		cmocka_unit_test(test_entry_point),
		cmocka_unit_test(test_segment_may_end_with_ram),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
