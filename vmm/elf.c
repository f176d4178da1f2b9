/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vmm/elf.h"

#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/util.h"
#include "vmm/memfile.h"
#include "vmm/zeros.h"

static const char STEP[] = "kernel image";

#define PAGE 4096u
#define LOAD_CHUNK ((size_t)256 * 1024) /* fits the second-level cache of any CPU that runs KVM */

/* A PT_LOAD segment after its checks: no sum of its numbers wraps. */
struct segment {
	uint64_t gpa;
	uint64_t virt;
	uint64_t offset;
	uint64_t filesz;
	uint64_t memsz;
};

struct elf_image {
	uint64_t entry; /* guest physical */
	unsigned count;
	struct segment segments[ELF_MAX_SEGMENTS];
};

static const struct {
	unsigned number;
	const char *name;
} machines[] = {
	{ EM_386, "32-bit x86" },
	{ EM_ARM, "32-bit ARM" },
	{ EM_AARCH64, "arm64" },
	{ EM_RISCV, "RISC-V" },
	{ EM_PPC64, "PowerPC" },
	{ EM_S390, "s390" },
	{ EM_MIPS, "MIPS" },
};

static const char *machine_name(unsigned number)
{
	for (size_t i = 0; i < ARRAY_SIZE(machines); i++)
		if (machines[i].number == number)
			return machines[i].name;
	return "another kind of CPU";
}

static int read_at(int fd, void *buf, uint64_t len, uint64_t offset, struct err *e)
{
	ssize_t n = pread_all(fd, buf, len, (off_t)offset);

	if (n < 0)
		return err_sys(e, STEP, "cannot be read");
	if ((uint64_t)n < len)
		return err_set(e, -EBADMSG, STEP,
			"truncated: it ends at byte %" PRIu64 " where more was announced",
			offset + (uint64_t)n);
	return 0;
}

static int check_header(const Elf64_Ehdr *h, struct err *e)
{
	if (memcmp(h->e_ident, ELFMAG, SELFMAG) != 0)
		return err_set(e, -ENOEXEC, STEP, "not an ELF file");
	if (h->e_ident[EI_CLASS] != ELFCLASS64)
		return err_set(
			e, -ENOEXEC, STEP, "a 32-bit ELF; only 64-bit kernels can be booted");
	if (h->e_ident[EI_DATA] != ELFDATA2LSB)
		return err_set(e, -ENOEXEC, STEP, "a big-endian ELF, not for x86-64");
	if (h->e_machine != EM_X86_64)
		return err_set(e, -ENOEXEC, STEP, "an ELF for %s (machine %u), not for x86-64",
			machine_name(h->e_machine), h->e_machine);
	if (h->e_type != ET_EXEC && h->e_type != ET_DYN)
		return err_set(e, -ENOEXEC, STEP,
			"an ELF of type %u (object file, module or core dump), not a linked kernel",
			h->e_type);
	if (h->e_phnum == 0)
		return err_set(e, -ENOEXEC, STEP, "an ELF without program headers");
	if (h->e_phentsize != sizeof(Elf64_Phdr))
		return err_set(e, -EBADMSG, STEP, "program headers of %u bytes each instead of %zu",
			h->e_phentsize, sizeof(Elf64_Phdr));
	if (h->e_phnum > ELF_MAX_SEGMENTS)
		return err_set(e, -EBADMSG, STEP, "%u program headers, at most %u are sensible",
			h->e_phnum, ELF_MAX_SEGMENTS);
	return 0;
}

static int check_segment(const Elf64_Phdr *p, unsigned i, uint64_t file_size, struct err *e)
{
	uint64_t end;

	if (p->p_filesz > p->p_memsz)
		return err_set(e, -EBADMSG, STEP,
			"segment %u has more bytes in the file (0x%" PRIx64
			") than in memory (0x%" PRIx64 ")",
			i, p->p_filesz, p->p_memsz);
	if (p->p_offset > file_size || p->p_filesz > file_size - p->p_offset)
		return err_set(e, -EBADMSG, STEP,
			"truncated: segment %u needs 0x%" PRIx64 " bytes at offset 0x%" PRIx64
			", the file has 0x%" PRIx64,
			i, p->p_filesz, p->p_offset, file_size);
	if (__builtin_add_overflow(p->p_paddr, p->p_memsz, &end))
		return err_set(e, -EBADMSG, STEP,
			"segment %u wraps around the address space (0x%" PRIx64
			" bytes at 0x%" PRIx64 ")",
			i, p->p_memsz, p->p_paddr);
	return 0;
}

static int check_overlaps(const struct elf_image *img, struct err *e)
{
	for (unsigned i = 1; i < img->count; i++) {
		const struct segment *a = &img->segments[i];

		for (unsigned j = 0; j < i; j++) {
			const struct segment *b = &img->segments[j];

			if (a->gpa < b->gpa + b->memsz && b->gpa < a->gpa + a->memsz)
				return err_set(e, -EBADMSG, STEP,
					"segments overlap (0x%" PRIx64 " bytes at 0x%" PRIx64
					", 0x%" PRIx64 " bytes at 0x%" PRIx64 ")",
					b->memsz, b->gpa, a->memsz, a->gpa);
		}
	}
	return 0;
}

/*
 * Linux states its entry as a physical address, other kernels as a virtual one. Only bytes that
 * come from the file can be instructions.
 */
static int find_entry(struct elf_image *img, uint64_t stated, struct err *e)
{
	for (unsigned i = 0; i < img->count; i++) {
		if (stated - img->segments[i].gpa < img->segments[i].filesz) {
			img->entry = stated;
			return 0;
		}
	}
	for (unsigned i = 0; i < img->count; i++) {
		const struct segment *s = &img->segments[i];

		if (stated - s->virt < s->filesz) {
			img->entry = s->gpa + (stated - s->virt);
			return 0;
		}
	}
	return err_set(e, -EBADMSG, STEP, "entry point 0x%" PRIx64 " lies in none of its segments",
		stated);
}

static int collect_segments(const Elf64_Phdr *phdrs, unsigned n, uint64_t file_size,
	struct elf_image *img, struct err *e)
{
	int r;

	img->count = 0;
	for (unsigned i = 0; i < n; i++) {
		const Elf64_Phdr *p = &phdrs[i];

		if (p->p_type == PT_INTERP)
			return err_set(e, -ENOEXEC, STEP,
				"a program that needs a dynamic loader, not a kernel");
		if (p->p_type != PT_LOAD || p->p_memsz == 0)
			continue;
		r = check_segment(p, i, file_size, e);
		if (r < 0)
			return r;
		img->segments[img->count++] = (struct segment){
			.gpa = p->p_paddr,
			.virt = p->p_vaddr,
			.offset = p->p_offset,
			.filesz = p->p_filesz,
			.memsz = p->p_memsz,
		};
	}
	if (img->count == 0)
		return err_set(e, -ENOEXEC, STEP, "an ELF without anything to load");
	return check_overlaps(img, e);
}

static int parse(int fd, struct elf_image *img, struct err *e)
{
	Elf64_Phdr phdrs[ELF_MAX_SEGMENTS] = { 0 };
	Elf64_Ehdr header;
	uint64_t size, len;
	struct stat st;
	int r;

	if (fstat(fd, &st) < 0)
		return err_sys(e, STEP, "fstat");
	size = (uint64_t)st.st_size;
	if (size < sizeof(header))
		return err_set(
			e, -ENOEXEC, STEP, "%" PRIu64 " bytes, too short for an ELF file", size);
	r = read_at(fd, &header, sizeof(header), 0, e);
	if (r < 0)
		return r;
	r = check_header(&header, e);
	if (r < 0)
		return r;
	len = header.e_phnum * sizeof(Elf64_Phdr);
	if (header.e_phoff > size || len > size - header.e_phoff)
		return err_set(e, -EBADMSG, STEP,
			"truncated: program headers at offset 0x%" PRIx64
			" lie outside the file of 0x%" PRIx64 " bytes",
			(uint64_t)header.e_phoff, size);
	r = read_at(fd, phdrs, len, header.e_phoff, e);
	if (r < 0)
		return r;
	r = collect_segments(phdrs, header.e_phnum, size, img, e);
	return r < 0 ? r : find_entry(img, header.e_entry, e);
}

int elf_check(int fd, struct err *e)
{
	struct elf_image img = { 0 };

	return parse(fd, &img, e);
}

/* Copy, but leave each page alone that would become what it is already. */
static void copy_nonzero(uint8_t *to, const uint8_t *from, size_t len)
{
	while (len) {
		size_t n = PAGE - ((uintptr_t)to & (PAGE - 1));

		if (n > len)
			n = len;
		if (!all_zero(from, n))
			memcpy(to, from, n);
		to += n;
		from += n;
		len -= n;
	}
}

/*
 * Linux has its bss in the file (something follows it in the same segment): to
 * pass the pages of zeros over halves the time of loading, and keeps them out of the guest's memory
 * until the guest wants them.
 */
static int load_by_reading(
	int fd, uint8_t *to, uint64_t len, uint64_t offset, uint8_t *buf, struct err *e)
{
	while (len) {
		size_t n = len < LOAD_CHUNK ? len : LOAD_CHUNK;
		int r = read_at(fd, buf, n, offset, e);

		if (r < 0)
			return r;
		copy_nonzero(to, buf, n);
		to += n;
		offset += n;
		len -= n;
	}
	return 0;
}

/* The same from a mapping: one copy instead of two. To read a hole would fill it with a page. */
static int load_by_copying(
	int fd, const uint8_t *map, uint8_t *to, uint64_t len, uint64_t offset, struct err *e)
{
	uint64_t at = offset, end = offset + len;

	while (at < end) {
		off_t data = lseek(fd, (off_t)at, SEEK_DATA), hole;
		uint64_t stop;

		if (data < 0 && errno == ENXIO) /* nothing but a hole */
			return 0;
		hole = data < 0 ? data : lseek(fd, data, SEEK_HOLE);
		if (hole < 0)
			return err_sys(e, "lseek", "looking for what the kernel's image holds");
		if ((uint64_t)data >= end)
			return 0;
		stop = (uint64_t)hole > end ? end : (uint64_t)hole;
		copy_nonzero(to + ((uint64_t)data - offset), map + data, stop - (uint64_t)data);
		at = stop;
	}
	return 0;
}

/*
 * Where a file's bytes come from: a file that nobody can shorten any more is mapped, for any other
 * one that would be to risk a SIGBUS.
 */
struct source {
	int fd;
	uint64_t size;
	uint8_t *map; /* MAP_FAILED: by reading into buf */
	uint8_t *buf;
};

static int open_source(int fd, struct source *s, struct err *e)
{
	struct stat st;

	*s = (struct source){ .fd = fd, .map = MAP_FAILED };
	if (memfile_is_sealed(fd) && fstat(fd, &st) == 0) {
		s->size = (uint64_t)st.st_size;
		s->map = mmap(NULL, s->size, PROT_READ, MAP_SHARED, fd, 0);
	}
	if (s->map == MAP_FAILED)
		s->buf = malloc(LOAD_CHUNK);
	return s->map == MAP_FAILED && !s->buf ? err_set(e, -ENOMEM, STEP, "out of memory") : 0;
}

static void close_source(struct source *s)
{
	if (s->map != MAP_FAILED)
		munmap(s->map, s->size);
	free(s->buf);
}

static int load_bytes(
	const struct source *s, uint8_t *to, uint64_t len, uint64_t offset, struct err *e)
{
	if (s->map == MAP_FAILED)
		return load_by_reading(s->fd, to, len, offset, s->buf, e);
	return load_by_copying(s->fd, s->map, to, len, offset, e);
}

/* Where segment @s goes in our own address space. */
static int place_segment(const struct segment *s, const struct guest_mem *mem, uint64_t min_gpa,
	uint8_t **to, struct err *e)
{
	*to = guest_ptr(mem, s->gpa, s->memsz);
	if (s->gpa < min_gpa)
		return err_set(e, -ERANGE, STEP,
			"segment at 0x%" PRIx64 " lies below 0x%" PRIx64
			", where a kernel may begin",
			s->gpa, min_gpa);
	if (*to)
		return 0;
	err_set(e, -ERANGE, STEP,
		"segment of 0x%" PRIx64 " bytes at 0x%" PRIx64
		" lies outside the guest's RAM of 0x%" PRIx64 " bytes",
		s->memsz, s->gpa, mem->size);
	err_help(e, "give the guest more memory (--mem)");
	return -ERANGE;
}

static int load_segments(const struct elf_image *img, const struct source *from,
	const struct guest_mem *mem, uint64_t min_gpa, uint64_t *top, struct err *e)
{
	for (unsigned i = 0; i < img->count; i++) {
		const struct segment *s = &img->segments[i];
		uint8_t *to;
		int r = place_segment(s, mem, min_gpa, &to, e);

		if (!r)
			r = load_bytes(from, to, s->filesz, s->offset, e);
		if (r < 0)
			return r;
		if (s->gpa + s->memsz > *top)
			*top = s->gpa + s->memsz;
	}
	return 0;
}

int elf_load(int fd, const struct guest_mem *mem, uint64_t min_gpa, uint64_t *entry, uint64_t *end,
	struct err *e)
{
	struct elf_image img = { 0 };
	struct source from;
	uint64_t top = 0;
	int r = parse(fd, &img, e);

	if (r < 0)
		return r;
	r = open_source(fd, &from, e);
	if (r < 0)
		return r;
	r = load_segments(&img, &from, mem, min_gpa, &top, e);
	close_source(&from);
	if (r < 0)
		return r;
	*entry = img.entry;
	*end = top;
	return 0;
}
