/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Guests of a few instructions, in assembly: GUEST(name, code) defines one that starts at
 * TINY_GUEST_GPA in 64-bit mode, as vmm/boot.h says. guest_elf() makes an ELF file of it.
 */
#ifndef BENCH_TESTS_TINY_GUEST_H
#define BENCH_TESTS_TINY_GUEST_H

#include <elf.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define TINY_GUEST_GPA 0x100000

#define GUEST(name, code)                                                                          \
	extern const uint8_t name[], name##_end[];                                                 \
	__asm__(".pushsection .rodata\n.globl " #name "\n.globl " #name "_end\n" #name ":\n" code  \
		"\n" #name "_end:\n.popsection")

#define EXIT_WITH(status) /* MARK_EXIT to MARK_PORT */                                             \
	"mov $0x5f4, %dx\n mov $(4 | (" #status ") << 8), %eax\n out %eax, %dx\n"

/* A memory file with an ELF64 of the code at @from up to @to. */
static inline int guest_elf(const uint8_t *from, const uint8_t *to)
{
	struct {
		Elf64_Ehdr eh;
		Elf64_Phdr ph;
	} h = {
		.eh = {
			.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
			.e_type = ET_EXEC,
			.e_machine = EM_X86_64,
			.e_version = EV_CURRENT,
			.e_entry = TINY_GUEST_GPA,
			.e_phoff = sizeof(Elf64_Ehdr),
			.e_ehsize = sizeof(Elf64_Ehdr),
			.e_phentsize = sizeof(Elf64_Phdr),
			.e_phnum = 1,
		},
		.ph = {
			.p_type = PT_LOAD,
			.p_flags = PF_R | PF_W | PF_X,
			.p_offset = sizeof(h),
			.p_vaddr = TINY_GUEST_GPA,
			.p_paddr = TINY_GUEST_GPA,
			.p_filesz = (uint64_t)(to - from),
			.p_memsz = (uint64_t)(to - from),
		},
	};
	int fd = memfd_create("tiny guest", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, &h, sizeof(h)), sizeof(h));
	assert_int_equal(write(fd, from, h.ph.p_filesz), h.ph.p_filesz);
	return fd;
}

#endif
