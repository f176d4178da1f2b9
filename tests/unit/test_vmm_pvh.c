/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vmm/pvh: is there a PVH entry in an ELF file, and what if the file is damaged. */
#include "tests/unit/check.h"

#include <elf.h>
#include <string.h>
#include <sys/mman.h>

#include "base/util.h"
#include "vmm/pvh.h"

#define NOTES_AT 0x100

struct note {
	uint32_t name_len, desc_len, type;
	const char *name;
};

/* An ELF file with one segment of notes; @size bytes of it are said to be there. */
static int elf_file(const struct note *notes, size_t n, uint64_t size, uint32_t type)
{
	uint8_t bytes[0x400] = { 0 };
	Elf64_Ehdr eh = { .e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64 },
		.e_phoff = sizeof(eh),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 1 };
	Elf64_Phdr ph = { .p_type = type, .p_offset = NOTES_AT };
	int fd = memfd_create("elf", MFD_CLOEXEC);
	size_t at = NOTES_AT;

	for (size_t i = 0; i < n; i++) {
		memcpy(bytes + at, &notes[i].name_len, 4);
		memcpy(bytes + at + 4, &notes[i].desc_len, 4);
		memcpy(bytes + at + 8, &notes[i].type, 4);
		strcpy((char *)bytes + at + 12, notes[i].name);
		at += 12 + 16; /* whatever the lengths say: 4 to 8 of name, 8 to 12 of descriptor */
	}
	ph.p_filesz = size ? size : at - NOTES_AT;
	memcpy(bytes, &eh, sizeof(eh));
	memcpy(bytes + sizeof(eh), &ph, sizeof(ph));
	assert_true(fd >= 0);
	assert_int_equal(write_all(fd, bytes, sizeof(bytes)), 0);
	return fd;
}

static void notes(void **state)
{
	static const struct {
		struct note notes[3];
		size_t n;
		uint64_t size; /* 0: as it is */
		uint32_t type;
		bool want;
	} cases[] = {
		{ { { 4, 8, 18, "Xen" } }, 1, 0, PT_NOTE, true },
		{ { { 4, 12, 6, "Xen" }, { 4, 12, 18, "Xen" } }, 2, 0, PT_NOTE, true },
		{ { { 4, 12, 6, "Xen" }, { 6, 8, 18, "Linux" }, { 4, 8, 18, "Xen" } }, 3, 0,
			PT_NOTE, true },
		{ { { 4, 12, 6, "Xen" } }, 1, 0, PT_NOTE, false },
		{ { { 6, 8, 18, "Linux" } }, 1, 0, PT_NOTE, false },
		{ { { 4, 8, 18, "Xen" } }, 1, 0, PT_LOAD, false },
		{ { { 4, 8, 18, "Xen" } }, 1, 11, PT_NOTE, false }, /* cut in its header */
		{ { { 4, 8, 18, "Xen" } }, 1, 20, PT_NOTE, false }, /* and in its descriptor */
		{ { { 4, 0, 18, "Xen" } }, 1, 0, PT_NOTE, false },  /* no address in it */
		{ { { 0xffffffff, 8, 18, "Xen" } }, 1, 0, PT_NOTE, false },
		{ { { 4, 0xffffffff, 18, "Xen" } }, 1, 0, PT_NOTE, false },
		{ { { 0xfffffffd, 0xfffffffd, 18, "Xen" } }, 1, 0, PT_NOTE, false },
		{ { { 4, 8, 18, "Xen" } }, 1, 1 << 20, PT_NOTE, false }, /* beyond the file's end */
		{ { { 4, 8, 18, "Xen" } }, 0, 0, PT_NOTE, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_fd int fd =
			elf_file(cases[i].notes, cases[i].n, cases[i].size, cases[i].type);

		if (pvh_entry(fd) != cases[i].want)
			fail_msg("case %zu", i);
	}
}

static void files_that_are_no_elf(void **state)
{
	static const char *const texts[] = { "", "\177ELF", "#!/bin/sh\n", "\177ELF\1" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		cleanup_fd int fd = memfd_create("file", MFD_CLOEXEC);

		assert_int_equal(write_all(fd, texts[i], strlen(texts[i])), 0);
		assert_false(pvh_entry(fd));
	}
	assert_false(pvh_entry(-1));
}

static void headers_that_lie_elsewhere(void **state)
{
	static const uint64_t offsets[] = { 0x400, 0x3ff, ~0ull, ~0ull - 40, INT64_MAX };
	static const struct note note = { 4, 8, 18, "Xen" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(offsets); i++) {
		cleanup_fd int fd = elf_file(&note, 1, 0, PT_NOTE);

		assert_int_equal(pwrite(fd, &offsets[i], 8, offsetof(Elf64_Ehdr, e_phoff)), 8);
		assert_false(pvh_entry(fd));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(notes),
		cmocka_unit_test(files_that_are_no_elf),
		cmocka_unit_test(headers_that_lie_elsewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
