/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/elf_program.h"

#include <elf.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include "base/util.h"

#define PHDRS_MAX 128
#define DYNAMIC_MAX (1u << 20) /* bytes; those of large programs have some kilobytes */
#define PAGE UINT64_C(4096)

static const char STEP[] = "program";

struct headers {
	Elf64_Phdr p[PHDRS_MAX];
	unsigned n;
};

bool elf_is_one(int fd)
{
	char magic[SELFMAG];

	return pread_all(fd, magic, SELFMAG, 0) == SELFMAG && !memcmp(magic, ELFMAG, SELFMAG);
}

static int check_header(const Elf64_Ehdr *h, ssize_t n, const char *name, struct err *e)
{
	if (n > EI_CLASS && h->e_ident[EI_CLASS] == ELFCLASS32)
		return err_set(e, -ENOEXEC, STEP, "'%s' is a 32-bit program", name);
	if (n < (ssize_t)sizeof(*h) || h->e_ident[EI_CLASS] != ELFCLASS64 ||
		h->e_ident[EI_DATA] != ELFDATA2LSB)
		return err_set(e, -ENOEXEC, STEP, "'%s' has a damaged ELF header", name);
	if (h->e_machine != EM_X86_64)
		return err_set(e, -ENOEXEC, STEP,
			"'%s' is for another architecture (ELF machine %u, x86-64 is %u)", name,
			h->e_machine, EM_X86_64);
	if (h->e_type != ET_EXEC && h->e_type != ET_DYN)
		return err_set(e, -ENOEXEC, STEP, "'%s' is an ELF file, but not a program", name);
	if (h->e_phentsize != sizeof(Elf64_Phdr) || !h->e_phnum || h->e_phnum > PHDRS_MAX)
		return err_set(e, -ENOEXEC, STEP, "'%s' has damaged ELF program headers", name);
	return 0;
}

static int read_header(int fd, const char *name, Elf64_Ehdr *h, struct err *e)
{
	ssize_t n;

	*h = (Elf64_Ehdr){ .e_type = ET_NONE };
	n = pread_all(fd, h, sizeof(*h), 0);
	if (n < 0)
		return err_sys(e, STEP, "'%s' cannot be read", name);
	if (n < SELFMAG || memcmp(h->e_ident, ELFMAG, SELFMAG))
		return err_set(e, -ENOEXEC, STEP, "'%s' is not an ELF file", name);
	return check_header(h, n, name, e);
}

/* @len bytes at @at, which is a number of the file's: pread takes none that is negative as off_t.
 */
static bool read_at(int fd, void *buf, size_t len, uint64_t at)
{
	return at <= INT64_MAX - len && pread_all(fd, buf, len, (off_t)at) == (ssize_t)len;
}

static int read_headers(int fd, const char *name, struct headers *out, struct err *e)
{
	bool loads = false;
	Elf64_Ehdr h;
	int r = read_header(fd, name, &h, e);

	if (r < 0)
		return r;
	out->n = h.e_phnum;
	if (!read_at(fd, out->p, out->n * sizeof(out->p[0]), h.e_phoff))
		return err_set(e, -ENOEXEC, STEP, "'%s' is cut off", name);
	for (unsigned i = 0; i < out->n; i++)
		loads |= out->p[i].p_type == PT_LOAD;
	return loads ? 0 : err_set(e, -ENOEXEC, STEP, "'%s' has nothing to load", name);
}

static int damaged(const char *name, const char *what, struct err *e)
{
	return err_set(e, -ENOEXEC, STEP, "'%s' has a damaged %s", name, what);
}

/*
 * The headers, and the one of @type among them, which describes @what; *@found is NULL where there
 * is none. Two are damage: nobody makes such files, and the kernel, which takes the first
 * (fs/binfmt_elf.c), and a loader need not agree.
 */
static int find_header(int fd, const char *name, uint32_t type, const char *what, struct headers *h,
	const Elf64_Phdr **found, struct err *e)
{
	int r = read_headers(fd, name, h, e);

	*found = NULL;
	for (unsigned i = 0; !r && i < h->n; i++) {
		if (h->p[i].p_type != type)
			continue;
		if (*found)
			return damaged(name, what, e);
		*found = &h->p[i];
	}
	return r;
}

int elf_program_loader(int fd, const char *name, char *loader, size_t size, struct err *e)
{
	static const char what[] = "name of its loader";
	const Elf64_Phdr *p;
	struct headers h;
	int r = find_header(fd, name, PT_INTERP, what, &h, &p, e);

	*loader = '\0';
	if (r < 0 || !p)
		return r;
	if (p->p_filesz >= 2 && p->p_filesz <= size &&
		read_at(fd, loader, p->p_filesz, p->p_offset) && !loader[p->p_filesz - 1] &&
		*loader == '/')
		return 0;
	*loader = '\0';
	return damaged(name, what, e);
}

/* --- the dynamic section --- */

/*
 * A loader finds the dynamic section in memory, by p_vaddr, and reads on to its DT_NULL; the file
 * is read by p_offset and p_filesz. Where the two could differ, what we look at would not be what
 * it goes by, so they must not: one segment holds it all, from the file, and no other segment's
 * pages lie over it.
 */
static bool lies_as_said(const struct headers *h, const Elf64_Phdr *dynamic)
{
	uint64_t at = dynamic->p_vaddr, end;
	unsigned holders = 0;

	if (__builtin_add_overflow(at, dynamic->p_filesz, &end))
		return false;
	for (unsigned i = 0; i < h->n; i++) {
		const Elf64_Phdr *p = &h->p[i];
		uint64_t pages_end;

		if (p->p_type != PT_LOAD)
			continue;
		if (p->p_filesz > p->p_memsz ||
			__builtin_add_overflow(p->p_vaddr, p->p_memsz, &pages_end) ||
			pages_end > UINT64_MAX - PAGE)
			return false;
		pages_end = (pages_end + PAGE - 1) / PAGE * PAGE;
		if (pages_end <= at || p->p_vaddr / PAGE * PAGE >= end)
			continue;
		if (at < p->p_vaddr || end - p->p_vaddr > p->p_filesz ||
			dynamic->p_offset - p->p_offset != at - p->p_vaddr)
			return false;
		holders++;
	}
	return holders == 1;
}

/*
 * glibc's loader takes audit libraries from the main program alone: DT_AUDIT and DT_DEPAUDIT of
 * main_map (elf/rtld.c). The same tags in a library are for the static linker, which makes a
 * DT_DEPAUDIT of them in the program that it links. musl has no audit interface.
 */
static int find_audits(const Elf64_Dyn *d, size_t n, const char *name, struct err *e)
{
	for (size_t i = 0; i < n && d[i].d_tag != DT_NULL; i++) {
		if (d[i].d_tag == DT_AUDIT || d[i].d_tag == DT_DEPAUDIT)
			return err_set(e, -EPERM, STEP,
				"'%s' names an audit library (%s), whose code its loader would run",
				name, d[i].d_tag == DT_AUDIT ? "DT_AUDIT" : "DT_DEPAUDIT");
	}
	return 0;
}

static bool ends(const Elf64_Dyn *d, size_t n)
{
	while (n && d[n - 1].d_tag != DT_NULL)
		n--;
	return n > 0;
}

int elf_program_check_dynamic(int fd, const char *name, struct err *e)
{
	cleanup_free Elf64_Dyn *d = NULL;
	static const char what[] = "dynamic section";
	const Elf64_Phdr *p;
	struct headers h;
	int r = find_header(fd, name, PT_DYNAMIC, what, &h, &p, e);

	if (r < 0 || !p) /* without one a loader refuses it */
		return r;
	if (!p->p_filesz || p->p_filesz > DYNAMIC_MAX || !lies_as_said(&h, p))
		return damaged(name, what, e);
	d = malloc(p->p_filesz);
	if (!d)
		return err_set(e, -ENOMEM, STEP, "out of memory");
	if (!read_at(fd, d, p->p_filesz, p->p_offset))
		return err_set(e, -ENOEXEC, STEP, "'%s' is cut off", name);
	if (!ends(d, p->p_filesz / sizeof(*d)))
		return err_set(
			e, -ENOEXEC, STEP, "'%s' has a dynamic section without an end", name);
	return find_audits(d, p->p_filesz / sizeof(*d), name, e);
}

/* --- files of others --- */

/* By where the open file is, not by the name that it was opened by. */
int elf_check_place(int fd, const char *name, struct err *e)
{
	static const char *const kernels[] = { "/proc/", "/sys/", "/dev/" };
	char link[64], real[PATH_MAX];
	struct stat st;
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, real, sizeof(real) - 1);
	if (n < 0 || fstat(fd, &st) < 0)
		return err_sys(e, STEP, "where '%s' is", name);
	real[n] = '\0';
	if (!S_ISREG(st.st_mode))
		return err_set(e, -EPERM, STEP, "'%s' is not a regular file", name);
	for (size_t i = 0; i < ARRAY_SIZE(kernels); i++) {
		if (!strncmp(real, kernels[i], strlen(kernels[i])))
			return err_set(e, -EPERM, STEP, "'%s' lies in %s", name, kernels[i]);
	}
	return 0;
}

int elf_check_file(int fd, const char *name, bool library, struct err *e)
{
	int r = elf_check_place(fd, name, e);
	Elf64_Ehdr h;

	if (!r)
		r = read_header(fd, name, &h, e);
	if (!r && library && h.e_type != ET_DYN)
		r = err_set(e, -ENOEXEC, STEP, "'%s' is an ELF file, but not a library", name);
	return r;
}
