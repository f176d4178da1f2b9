/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vmm/relro.h"

#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

/* Whole pages only, as ld.so does: the linker has placed the end of the segment at the end of one.
 */
static int protect(const struct dl_phdr_info *program, const ElfW(Phdr) * segment)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t start = program->dlpi_addr + segment->p_vaddr, end = start + segment->p_memsz;

	start &= -page;
	end &= -page;
	return end > start ? mprotect((void *)start, end - start, PROT_READ) : 0;
}

/* Called for each object; the program itself is the first, and the only one where it is static. */
static int protect_program(struct dl_phdr_info *program, size_t size, void *failed)
{
	(void)size;
	for (unsigned i = 0; i < program->dlpi_phnum; i++) {
		if (program->dlpi_phdr[i].p_type == PT_GNU_RELRO &&
			protect(program, &program->dlpi_phdr[i]) < 0)
			*(int *)failed = 1;
	}
	return 1; /* no further object */
}

int relro_protect(struct err *e)
{
	int failed = 0;

	dl_iterate_phdr(protect_program, &failed);
	return failed ? err_sys(e, "mprotect", "the program's relocated data") : 0;
}
