/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vmm/pvh.h"

#include <elf.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/util.h"

#define XEN_ELFNOTE_PHYS32_ENTRY 18
#define MAX_HEADERS 64
#define MAX_NOTES 16384 /* bytes of a segment of notes; Linux has some 500 */

static bool read_at(int fd, void *to, size_t len, uint64_t offset)
{
	return offset <= INT64_MAX && pread_all(fd, to, len, (off_t)offset) == (ssize_t)len;
}

static size_t aligned(uint32_t len)
{
	return ((size_t)len + 3) & ~(size_t)3;
}

/* Notes follow each other: header, name, descriptor, the last two padded to four bytes. */
static bool find_note(const uint8_t *at, size_t left)
{
	Elf64_Nhdr note;

	while (left >= sizeof(note)) {
		size_t name, whole;

		memcpy(&note, at, sizeof(note));
		name = aligned(note.n_namesz);
		whole = sizeof(note) + name + aligned(note.n_descsz);
		if (whole > left)
			return false;
		if (note.n_type == XEN_ELFNOTE_PHYS32_ENTRY && note.n_namesz == 4 &&
			!memcmp(at + sizeof(note), "Xen", 4) && note.n_descsz >= 4)
			return true;
		at += whole;
		left -= whole;
	}
	return false;
}

/* Of a segment that is longer than any kernel's only the beginning is looked at. */
static bool in_segment(int fd, const Elf64_Phdr *ph)
{
	uint8_t notes[MAX_NOTES];
	size_t len = ph->p_filesz < sizeof(notes) ? (size_t)ph->p_filesz : sizeof(notes);

	return read_at(fd, notes, len, ph->p_offset) && find_note(notes, len);
}

bool pvh_entry(int fd)
{
	Elf64_Ehdr eh;

	if (!read_at(fd, &eh, sizeof(eh), 0) || memcmp(eh.e_ident, ELFMAG, SELFMAG) ||
		eh.e_ident[EI_CLASS] != ELFCLASS64 || eh.e_phentsize != sizeof(Elf64_Phdr))
		return false;
	for (unsigned i = 0; i < eh.e_phnum && i < MAX_HEADERS; i++) {
		Elf64_Phdr ph;

		if (!read_at(fd, &ph, sizeof(ph), eh.e_phoff + i * sizeof(ph)))
			return false;
		if (ph.p_type == PT_NOTE && in_segment(fd, &ph))
			return true;
	}
	return false;
}
