/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The programs of the demonstration "windows", and how they are started. */
#include "tests/unit/check.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "workloads/demo/error_name.h"
#include "workloads/demo/start.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct report report = { .fd = -1 };
static char folder[] = "/tmp/bench-unit-start-XXXXXX";

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	return rmdir(folder); /* fails where something has been left behind */
}

/* --- the PE file, read field by field as its specification says --- */

static uint64_t field(size_t at, size_t n)
{
	uint64_t v = 0;

	assert_true(at + n <= image_pe.n);
	for (size_t i = n; i--;)
		v = v << 8 | image_pe.bytes[at + i];
	return v;
}

static void pe_is_as_the_format_says(void **state)
{
	size_t pe = (size_t)field(0x3c, 4), coff = pe + 4, optional = coff + 20;
	size_t section = optional + (size_t)field(coff + 16, 2);
	uint64_t aligned = field(optional + 32, 4), file_aligned = field(optional + 36, 4);
	uint64_t entry = field(optional + 16, 4), address = field(section + 12, 4);
	uint64_t at = field(section + 20, 4), bytes = field(section + 16, 4);
	static const unsigned char code[] = { 0xb8, IMAGE_STATUS, 0, 0, 0, 0xc3 };

	(void)state;
	assert_memory_equal(image_pe.bytes, "MZ", 2);
	assert_memory_equal(image_pe.bytes + pe, "PE\0\0", 4);
	assert_int_equal(field(coff, 2), 0x8664);
	assert_int_equal(field(coff + 2, 2), 1);
	assert_true(field(coff + 18, 2) & 2); /* executable */
	assert_int_equal(field(optional, 2), 0x20b);
	assert_int_equal(field(coff + 16, 2), 112 + 8 * field(optional + 108, 4));
	assert_int_equal(field(optional + 24, 8) % 65536, 0); /* base */
	assert_int_equal(field(optional + 68, 2), 3);
	assert_true(file_aligned >= 512 && aligned >= file_aligned);
	/* Headers, then the section, without gaps or overlaps, in the file and in memory. */
	assert_true(section + 40 <= field(optional + 60, 4));
	assert_int_equal(at, field(optional + 60, 4));
	assert_int_equal(at % file_aligned, 0);
	assert_int_equal(bytes % file_aligned, 0);
	assert_int_equal(at + bytes, image_pe.n);
	assert_int_equal(bytes, field(optional + 4, 4));
	assert_int_equal(address % aligned, 0);
	assert_int_equal(field(optional + 56, 4), address + aligned);
	/* The entry lies in the section, which is executable, and the code is there. */
	assert_true(entry >= address && entry + sizeof(code) <= address + field(section + 8, 4));
	assert_true(field(section + 36, 4) & 0x20000000);
	assert_memory_equal(image_pe.bytes + at + (entry - address), code, sizeof(code));
}

/* --- starting --- */

static const struct image nothing = { "nothing", (const unsigned char *)"", 0 };
static const struct image text = { "text", (const unsigned char *)"hello\n", 6 };
/* The ELF file with other instructions. */
static unsigned char elf_copy[256];
static struct image damaged = { "damaged", elf_copy, 0 };

static void starts_what_is_a_program(void **state)
{
	static const struct {
		const char *name;
		const struct image *im;
		const char *tmp, *what;
	} cases[] = {
		{ "ELF", &image_elf, folder, "exit 42" },
		{ "ELF, no such folder", &image_elf, "/nonexistent", "exit 42" },
		{ "ELF, a folder that takes no files", &image_elf, "/proc", "exit 42" },
		{ "nothing", &nothing, folder, "ENOEXEC" },
		{ "text", &text, folder, "ENOEXEC" },
		{ "a bad instruction", &damaged, folder, "SIGILL" },
	};

	(void)state;
	memcpy(elf_copy, image_elf.bytes, image_elf.n);
	damaged.n = image_elf.n;
	memcpy(elf_copy + 64 + 56, "\x0f\x0b", 2); /* ud2, at the entry */
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct probe p = { .report = &report, .tmp = cases[i].tmp };
		char what[START_TEXT] = "";

		start_image(&p, cases[i].im, what);
		if (strcmp(what, cases[i].what) != 0)
			fail_msg("%s: \"%s\"", cases[i].name, what);
	}
}

static void does_not_start_windows(void **state)
{
	const struct probe p = { .report = &report, .tmp = folder };
	char what[START_TEXT] = "", who[256];

	(void)state;
	if (start_finds_windows("/proc/sys/fs/binfmt_misc", who, sizeof(who)))
		SKIP("somebody runs programs of Windows here");
	start_image(&p, &image_pe, what);
	assert_string_equal(what, "ENOEXEC");
}

/* --- interpreters --- */

static void write_entry(const char *path, const char *content)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(content, f);
	assert_int_equal(fclose(f), 0);
}

static void finds_interpreters(void **state)
{
	static const struct {
		const char *name, *entry;
		int found;
	} cases[] = {
		{ "WSL", "enabled\ninterpreter /init\nflags: PF\noffset 0\nmagic 4d5a\n", 1 },
		{ "wine", "enabled\ninterpreter /usr/bin/wine\nflags: \noffset 0\nmagic 4d5a90\n",
			1 },
		{ "by its name", "enabled\ninterpreter /usr/bin/wine\nflags: \nextension .exe\n",
			1 },
		{ "switched off", "disabled\ninterpreter /init\nflags: PF\noffset 0\nmagic 4d5a\n",
			0 },
		{ "another format",
			"enabled\ninterpreter /usr/bin/qemu-arm\nflags: \noffset 0\n"
			"magic 7f454c46010101000000000000000000020028000000\n"
			"mask ffffffffffffff00fffffffffffffffffeffffff\n",
			0 },
		{ "another place", "enabled\ninterpreter /x\nflags: \noffset 2\nmagic 4d5a\n", 0 },
		{ "another name", "enabled\ninterpreter /x\nflags: \nextension .py\n", 0 },
		{ "the switch of all", "enabled\n", 0 },
		{ "empty", "", 0 },
		{ "no interpreter named", "enabled\nmagic 4d5a\n", 1 },
	};
	char path[128], who[256];

	(void)state;
	snprintf(path, sizeof(path), "%s/entry", folder);
	assert_false(start_finds_windows("/nonexistent", who, sizeof(who)));
	assert_false(start_finds_windows(folder, who, sizeof(who)));
	for (size_t i = 0; i < COUNT(cases); i++) {
		write_entry(path, cases[i].entry);
		if (start_finds_windows(folder, who, sizeof(who)) != cases[i].found)
			fail_msg("%s", cases[i].name);
	}
	write_entry(path, cases[0].entry);
	assert_true(start_finds_windows(folder, who, sizeof(who)));
	assert_string_equal(who, "entry: /init");
	assert_int_equal(unlink(path), 0);
}

static void names_errors(void **state)
{
	(void)state;
	assert_string_equal(error_name(8), "ENOEXEC");
	assert_string_equal(error_name(38), "ENOSYS");
	assert_string_equal(error_name(4095), "error 4095");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pe_is_as_the_format_says),
		cmocka_unit_test(starts_what_is_a_program),
		cmocka_unit_test(does_not_start_windows),
		cmocka_unit_test(finds_interpreters),
		cmocka_unit_test(names_errors),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
