/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Both programs do one thing: end with the status 42. What differs is how the file tells a kernel
 * where its instructions are, and how the program ends: by a system call of Linux here, by a return
 * into Windows' own libraries there. Numbers are little-endian, as x86 has them.
 */
#include "workloads/demo/images.h"

#include <elf.h>
#include <stdint.h>

#define ALIGNED 4096 /* in memory: a page */

/*
 * The Executable and Linkable Format: elf(5), and the System V ABI with its AMD64 supplement. A
 * file header, one program header, 12 bytes of instructions, and all of it is loaded.
 */
#define ELF_BASE 0x400000

static const struct {
	Elf64_Ehdr file;
	Elf64_Phdr load;
	unsigned char code[12];
} __attribute__((packed)) elf = {
	.file = {
		.e_ident = { 0x7f, 'E', 'L', 'F', /* what Linux looks for in a file's first bytes */
			ELFCLASS64, ELFDATA2LSB, EV_CURRENT, ELFOSABI_SYSV },
		.e_type = ET_EXEC,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_entry = ELF_BASE + sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr),
		.e_phoff = sizeof(Elf64_Ehdr),
		.e_ehsize = sizeof(Elf64_Ehdr),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 1,
	},
	.load = {
		.p_type = PT_LOAD,
		.p_flags = PF_R | PF_X,
		.p_offset = 0,
		.p_vaddr = ELF_BASE,
		.p_filesz = sizeof(elf),
		.p_memsz = sizeof(elf),
		.p_align = ALIGNED,
	},
	.code = {
		0xbf, IMAGE_STATUS, 0, 0, 0, /* mov $42, %edi */
		0xb8, 60, 0, 0, 0,           /* mov $60, %eax: exit, in Linux' table of calls */
		0x0f, 0x05,                  /* syscall */
	},
};

const struct image image_elf = { "program.elf", (const unsigned char *)&elf, sizeof(elf) };

/*
 * The Portable Executable format, PE32+: "PE Format", learn.microsoft.com/windows/win32/debug. The
 * headers fill the first 512 bytes, the one section the next 512. What is not named is 0.
 */
#define PE_ALIGNED 512 /* in the file */

static const struct {
	struct { /* DOS header: all that Windows reads of it are these two */
		char magic[2];
		char passed_over[58];
		uint32_t pe_offset;
	} dos;

	char signature[4];

	struct { /* COFF header */
		uint16_t machine;
		uint16_t sections;
		uint32_t time, symbols_offset, symbols;
		uint16_t optional_size; /* of the next header with its directories */
		uint16_t flags;
	} coff;

	struct { /* "optional" header, which a program must have */
		uint16_t magic;
		uint8_t linker[2]; /* version of the linker */
		uint32_t code_size, data_size, bss_size;
		uint32_t entry, code; /* addresses are counted from the base */
		uint64_t base;
		uint32_t section_aligned, file_aligned;
		uint16_t os[2], image[2], subsystem_version[2];
		uint32_t reserved;
		uint32_t image_size, headers_size;
		uint32_t checksum; /* of drivers only */
		uint16_t subsystem;
		uint16_t dll_flags;
		uint64_t stack_reserved, stack_used, heap_reserved, heap_used;
		uint32_t loader_flags;
		uint32_t directories;
	} optional;

	struct { /* exports, imports, resources, ...: all empty */
		uint32_t address, size;
	} directories[16];

	struct { /* table of sections */
		char name[8];
		uint32_t memory_size, address, file_size, file_offset;
		uint32_t relocations_offset, lines_offset;
		uint16_t relocations, lines;
		uint32_t flags;
	} section;

	char padding[144];
	unsigned char code[PE_ALIGNED];
} __attribute__((packed)) pe = {
	.dos = {
		.magic = { 'M', 'Z' }, /* what Windows looks for; initials of Mark Zbikowski */
		.pe_offset = sizeof(pe.dos),
	},
	.signature = { 'P', 'E', 0, 0 },
	.coff = {
		.machine = 0x8664, /* x86-64 */
		.sections = 1,
		.optional_size = sizeof(pe.optional) + sizeof(pe.directories),
		.flags = 0x0001 | /* cannot be relocated */
			 0x0002 | /* can be executed */
			 0x0020,  /* addresses above 2 GiB are fine */
	},
	.optional = {
		.magic = 0x020b, /* PE32+: addresses have 64 bits */
		.linker = { 1, 0 },
		.code_size = PE_ALIGNED,
		.entry = ALIGNED,
		.code = ALIGNED,
		.base = 0x140000000, /* as usual */
		.section_aligned = ALIGNED,
		.file_aligned = PE_ALIGNED,
		.os = { 6, 1 }, /* Windows 7 */
		.subsystem_version = { 6, 1 },
		.image_size = 2 * ALIGNED, /* headers and section */
		.headers_size = PE_ALIGNED,
		.subsystem = 3,      /* Windows, of the console */
		.dll_flags = 0x0100, /* data are not to be executed */
		.stack_reserved = 1 << 20,
		.stack_used = ALIGNED,
		.heap_reserved = 1 << 20,
		.heap_used = ALIGNED,
		.directories = 16,
	},
	.section = {
		.name = ".text",
		.memory_size = 6,
		.address = ALIGNED,
		.file_size = PE_ALIGNED,
		.file_offset = PE_ALIGNED,
		.flags = 0x00000020 | /* code, */
			 0x20000000 | /* to be executed, */
			 0x40000000,  /* to be read */
	},
	.code = {
		0xb8, IMAGE_STATUS, 0, 0, 0, /* mov $42, %eax */
		0xc3,                        /* ret: into Windows, which ends the process with it */
	},
};

const struct image image_pe = { "program.exe", (const unsigned char *)&pe, sizeof(pe) };

/* Nothing lies elsewhere than the formats say. */
_Static_assert(sizeof(elf) == 64 + 56 + 12, "ELF: two headers and the code");
_Static_assert(sizeof(pe.coff) == 20 && sizeof(pe.optional) == 112, "sizes of the PE format");
_Static_assert(sizeof(pe) == 2 * PE_ALIGNED, "headers and section");
