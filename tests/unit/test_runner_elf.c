/* SPDX-License-Identifier: GPL-3.0-or-later */
/* runner/elf_program: hostile ELF files, each made of a good one by one change. */
#include "tests/unit/check.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/util.h"
#include "runner/elf_program.h"
#include "tests/unit/folder_fixture.h"

/* --- dynamic sections --- */

enum { LOAD, INTERP, DYNAMIC, SECOND, HEADERS };

struct elf {
	Elf64_Ehdr h;
	Elf64_Phdr p[HEADERS];
	char interp[32];
	Elf64_Dyn d[4];
};

static Elf64_Phdr part(uint32_t type, size_t at, size_t len)
{
	return (Elf64_Phdr){
		.p_type = type, .p_offset = at, .p_vaddr = at, .p_filesz = len, .p_memsz = len
	};
}

/* One segment that is the file; the last header is nothing until a case has made something of it.
 */
static struct elf good_elf(void)
{
	struct elf f = {
		.h = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
			.e_type = ET_DYN,
			.e_machine = EM_X86_64,
			.e_phoff = offsetof(struct elf, p),
			.e_phentsize = sizeof(Elf64_Phdr),
			.e_phnum = HEADERS },
		.p = { part(PT_LOAD, 0, sizeof(struct elf)),
			part(PT_INTERP, offsetof(struct elf, interp), sizeof("/lib/ld.so")),
			part(PT_DYNAMIC, offsetof(struct elf, d), sizeof(Elf64_Dyn[4])) },
		.interp = "/lib/ld.so",
		.d = { { .d_tag = DT_NEEDED }, { .d_tag = DT_STRTAB } },
	};

	return f;
}

static void stays(struct elf *f)
{
	(void)f;
}

static void lies_high(struct elf *f)
{
	f->p[LOAD].p_vaddr += 0x400000;
	f->p[DYNAMIC].p_vaddr += 0x400000;
}

static void has_none(struct elf *f)
{
	f->p[DYNAMIC].p_type = PT_NOTE;
}

static void audits(struct elf *f)
{
	f->d[1].d_tag = DT_AUDIT;
}

static void depaudits(struct elf *f)
{
	f->d[0].d_tag = DT_DEPAUDIT;
}

static void audits_after_its_end(struct elf *f)
{
	f->d[3].d_tag = DT_AUDIT;
}

static void has_no_end(struct elf *f)
{
	f->d[2].d_tag = f->d[3].d_tag = DT_NEEDED;
}

static void ends_within_an_entry(struct elf *f)
{
	has_no_end(f);
	f->d[3].d_tag = DT_NULL;
	f->p[DYNAMIC].p_filesz -= 1;
}

/* In memory the tag is there; where the file is read it is not. */
static void is_elsewhere_in_memory(struct elf *f)
{
	audits(f);
	f->p[DYNAMIC].p_offset -= 2 * sizeof(Elf64_Dyn);
}

static void is_of_no_segment(struct elf *f)
{
	f->p[DYNAMIC].p_vaddr += 0x10000;
}

static void is_partly_of_no_segment(struct elf *f)
{
	f->p[LOAD].p_filesz -= 1;
}

static void is_zeros_in_memory(struct elf *f)
{
	f->p[LOAD].p_filesz = offsetof(struct elf, d);
}

static void is_there_twice(struct elf *f)
{
	f->p[SECOND] = f->p[DYNAMIC];
}

/* The pages of a second segment lie over it. */
static void is_covered(struct elf *f)
{
	f->p[SECOND] = part(PT_LOAD, 0, 16);
}

static void is_covered_from_before(struct elf *f)
{
	lies_high(f);
	f->p[SECOND] = part(PT_LOAD, 0, 0);
	f->p[SECOND].p_memsz = 0x400001;
}

static void is_huge(struct elf *f)
{
	f->p[DYNAMIC].p_filesz = f->p[LOAD].p_filesz = f->p[LOAD].p_memsz = UINT64_MAX / 2;
}

static void wraps(struct elf *f)
{
	f->p[DYNAMIC].p_vaddr = UINT64_MAX - 8;
}

static void has_a_segment_that_wraps(struct elf *f)
{
	f->p[SECOND] = part(PT_LOAD, 0, 16);
	f->p[SECOND].p_vaddr = UINT64_MAX - 8;
}

static void has_a_segment_with_more_file_than_memory(struct elf *f)
{
	f->p[LOAD].p_memsz--;
}

static void is_beyond_the_file(struct elf *f)
{
	f->p[LOAD].p_offset += 1 << 20;
	f->p[DYNAMIC].p_offset += 1 << 20;
}

static void is_at_a_negative_place(struct elf *f)
{
	f->p[LOAD].p_offset -= 4096;
	f->p[DYNAMIC].p_offset -= 4096;
}

static void is_empty(struct elf *f)
{
	f->p[DYNAMIC].p_filesz = 0;
}

static void has_headers_at_a_negative_place(struct elf *f)
{
	f->h.e_phoff = UINT64_MAX - 7;
}

static void has_headers_that_end_beyond(struct elf *f)
{
	f->h.e_phnum = 100;
}

static const struct {
	void (*change)(struct elf *f);
	int r;
	const char *words;
} dynamics[] = {
	{ stays, 0, "" },
	{ lies_high, 0, "" },
	{ has_none, 0, "" },
	{ audits_after_its_end, 0, "" },
	{ audits, -EPERM, "names an audit library (DT_AUDIT)" },
	{ depaudits, -EPERM, "names an audit library (DT_DEPAUDIT)" },
	{ has_no_end, -ENOEXEC, "without an end" },
	{ ends_within_an_entry, -ENOEXEC, "without an end" },
	{ is_elsewhere_in_memory, -ENOEXEC, "damaged dynamic section" },
	{ is_of_no_segment, -ENOEXEC, "damaged dynamic section" },
	{ is_partly_of_no_segment, -ENOEXEC, "damaged dynamic section" },
	{ is_zeros_in_memory, -ENOEXEC, "damaged dynamic section" },
	{ is_there_twice, -ENOEXEC, "damaged dynamic section" },
	{ is_covered, -ENOEXEC, "damaged dynamic section" },
	{ is_covered_from_before, -ENOEXEC, "damaged dynamic section" },
	{ is_huge, -ENOEXEC, "damaged dynamic section" },
	{ wraps, -ENOEXEC, "damaged dynamic section" },
	{ has_a_segment_that_wraps, -ENOEXEC, "damaged dynamic section" },
	{ has_a_segment_with_more_file_than_memory, -ENOEXEC, "damaged dynamic section" },
	{ is_empty, -ENOEXEC, "damaged dynamic section" },
	{ is_beyond_the_file, -ENOEXEC, "cut off" },
	{ is_at_a_negative_place, -ENOEXEC, "cut off" },
	{ has_headers_at_a_negative_place, -ENOEXEC, "cut off" },
	{ has_headers_that_end_beyond, -ENOEXEC, "cut off" },
};

static int open_bytes(const void *bytes, size_t len)
{
	cleanup_free char *path = format_text("%s/file", dir);
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);

	assert_true(fd >= 0);
	assert_int_equal(write_all(fd, bytes, len), 0);
	return fd;
}

static void dynamic_sections(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(dynamics); i++) {
		struct elf f = good_elf();
		struct err e = { .message = "" };
		cleanup_fd int fd = -1;
		int r;

		dynamics[i].change(&f);
		fd = open_bytes(&f, sizeof(f));
		r = elf_program_check_dynamic(fd, "it", &e);
		if (r != dynamics[i].r || !strstr(e.message, dynamics[i].words))
			fail_msg("case %zu: %d, '%s'", i, r, e.message);
	}
}

/* At whatever byte a file ends, it is good or refused, and read no further. */
static void files_that_are_cut(void **state)
{
	struct elf f = good_elf();
	struct err e;
	char loader[64];

	(void)state;
	for (size_t len = 0; len < sizeof(f); len++) {
		cleanup_fd int fd = open_bytes(&f, len);
		int r = elf_program_check_dynamic(fd, "it", &e);

		assert_int_equal(r, -ENOEXEC);
		r = elf_program_loader(fd, "it", loader, sizeof(loader), &e);
		assert_int_equal(r,
			len < offsetof(struct elf, interp) + sizeof("/lib/ld.so") ? -ENOEXEC : 0);
	}
}

static void two_loaders_are_none(void **state)
{
	struct elf f = good_elf();
	struct err e = { 0 };
	char loader[64];

	(void)state;
	f.p[SECOND] = f.p[INTERP];
	cleanup_fd int fd = open_bytes(&f, sizeof(f));

	assert_int_equal(elf_program_loader(fd, "it", loader, sizeof(loader), &e), -ENOEXEC);
	assert_string_equal(loader, "");
}

/* --- what may be copied --- */

static char *make_typed(uint16_t type, uint16_t machine)
{
	struct elf f = good_elf();
	char *path = format_text("%s/typed-%u-%u", dir, type, machine);
	cleanup_fd int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);

	f.h.e_type = type;
	f.h.e_machine = machine;
	assert_int_equal(write_all(fd, &f, sizeof(f)), 0);
	return path;
}

static void a_pipe_or_folder(const char *path)
{
	struct err e = { 0 };
	cleanup_fd int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(elf_check_file(fd, path, false, &e), -EPERM);
	assert_non_null(strstr(e.message, "not a regular file"));
}

static void what_may_be_copied(void **state)
{
	cleanup_free char *pipe_path = format_text("%s/pipe", dir);
	cleanup_free char *core = make_typed(ET_CORE, EM_X86_64);
	cleanup_free char *library = make_typed(ET_DYN, EM_X86_64);
	cleanup_free char *program = make_typed(ET_EXEC, EM_X86_64);
	cleanup_free char *foreign = make_typed(ET_DYN, EM_AARCH64);
	cleanup_free char *link = format_text("%s/link", dir);
	const struct {
		const char *path;
		int program, library;
	} files[] = {
		{ library, 0, 0 },
		{ program, 0, -ENOEXEC },
		{ core, -ENOEXEC, -ENOEXEC },
		{ foreign, -ENOEXEC, -ENOEXEC },
		{ "/etc/passwd", -ENOEXEC, -ENOEXEC },
		{ link, -EPERM, -EPERM },
		{ "/proc/self/maps", -EPERM, -EPERM },
		{ "/sys/kernel/mm/transparent_hugepage/enabled", -EPERM, -EPERM },
	};

	(void)state;
	assert_int_equal(mkfifo(pipe_path, 0600), 0);
	assert_int_equal(symlink("/proc/self/environ", link), 0);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		cleanup_fd int fd = open(files[i].path, O_RDONLY | O_CLOEXEC);
		struct err e = { 0 };

		if (fd < 0 && i + 1 == ARRAY_SIZE(files))
			continue; /* a kernel without it */
		assert_int_equal(elf_check_file(fd, files[i].path, false, &e), files[i].program);
		assert_int_equal(elf_check_file(fd, files[i].path, true, &e), files[i].library);
	}
	a_pipe_or_folder(pipe_path);
	a_pipe_or_folder("/usr");
	a_pipe_or_folder("/dev/null");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dynamic_sections),
		cmocka_unit_test(files_that_are_cut),
		cmocka_unit_test(two_loaders_are_none),
		cmocka_unit_test(what_may_be_copied),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
