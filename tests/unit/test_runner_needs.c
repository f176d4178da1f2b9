/* SPDX-License-Identifier: GPL-3.0-or-later */
/* runner/needs: what a program needs, from made-up files of every kind, and from a real one. */
#include "tests/unit/check.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/util.h"
#include "runner/needs.h"
#include "runner/paths.h"
#include "tests/unit/folder_fixture.h"

static char *no_env[] = { NULL };

static char *write_file(const char *name, const void *bytes, size_t len, mode_t mode)
{
	char *path = format_text("%s/%s", dir, name);
	cleanup_fd int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write_all(fd, bytes, len), 0);
	assert_int_equal(fchmod(fd, mode), 0);
	return path;
}

/* --- scripts --- */

static const struct {
	const char *text;
	int r;
	const char *interpreter, *argument, *words;
} scripts[] = {
	{ "#!/bin/sh\necho", 0, "/bin/sh", "", NULL },
	{ "#! /bin/sh -e \t\n", 0, "/bin/sh", "-e", NULL },
	{ "#!/usr/bin/env -S a b\n", 0, "/usr/bin/env", "-S a b", NULL },
	{ "#!/bin/sh", 0, "/bin/sh", "", NULL },
	{ "#!/bin/sh\r\n", -ENOEXEC, "", "", "DOS line ends" },
	{ "#!sh\n", -ENOEXEC, "", "", "by its whole path" },
	{ "#!\n", -ENOEXEC, "", "", "by its whole path" },
	{ "#!", -ENOEXEC, "", "", "neither an ELF program" },
	{ "", -ENOEXEC, "", "", "is empty" },
	{ "echo hello\n", -ENOEXEC, "", "", "neither an ELF program" },
	{ "\x7f"
	  "EL",
		-ENOEXEC, "", "", "neither an ELF program" },
	{ "\x7f"
	  "ELF\x01",
		-ENOEXEC, "", "", "32-bit" },
	{ "\x7f"
	  "ELF\x02\x01",
		-ENOEXEC, "", "", "damaged ELF header" },
};

static void scripts_and_what_is_none(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(scripts); i++) {
		char interpreter[PATH_SIZE], argument[PATH_SIZE];
		cleanup_free char *path =
			write_file("script", scripts[i].text, strlen(scripts[i].text), 0755);
		cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
		struct err e = { 0 };

		assert_int_equal(
			needs_interpreter(fd, "it", interpreter, argument, sizeof(argument), &e),
			scripts[i].r);
		if (scripts[i].words) {
			assert_non_null(strstr(e.message, scripts[i].words));
			continue;
		}
		assert_string_equal(interpreter, scripts[i].interpreter);
		assert_string_equal(argument, scripts[i].argument);
	}
}

/* --- ELF --- */

struct elf {
	Elf64_Ehdr h;
	Elf64_Phdr p[2];
	char interp[32];
};

static struct elf good_elf(void)
{
	struct elf f = {
		.h = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
			.e_type = ET_DYN,
			.e_machine = EM_X86_64,
			.e_phoff = offsetof(struct elf, p),
			.e_phentsize = sizeof(Elf64_Phdr),
			.e_phnum = 2 },
		.p = { { .p_type = PT_LOAD }, { .p_type = PT_INTERP,
						      .p_offset = offsetof(struct elf, interp),
						      .p_filesz = sizeof("/lib/ld.so") } },
		.interp = "/lib/ld.so",
	};

	return f;
}

static void is_32_bit(struct elf *f)
{
	f->h.e_ident[EI_CLASS] = ELFCLASS32;
}

static void is_arm(struct elf *f)
{
	f->h.e_machine = EM_AARCH64;
}

static void is_object(struct elf *f)
{
	f->h.e_type = ET_REL;
}

static void has_no_headers(struct elf *f)
{
	f->h.e_phnum = 0;
}

static void has_headers_beyond(struct elf *f)
{
	f->h.e_phoff = 1 << 20;
}

static void has_too_many_headers(struct elf *f)
{
	f->h.e_phnum = 0xffff;
}

static void loads_nothing(struct elf *f)
{
	f->p[0].p_type = PT_NULL;
}

static void has_an_unended_loader(struct elf *f)
{
	f->p[1].p_filesz--;
}

static void has_a_relative_loader(struct elf *f)
{
	f->interp[0] = 'x';
}

static void has_a_huge_loader(struct elf *f)
{
	f->p[1].p_filesz = UINT64_MAX;
}

static void is_static(struct elf *f)
{
	f->p[1].p_type = PT_NOTE;
}

static void stays(struct elf *f)
{
	(void)f;
}

static const struct {
	void (*change)(struct elf *f);
	const char *interpreter; /* NULL: refused */
	const char *words;
} elves[] = {
	{ stays, "/lib/ld.so", NULL },
	{ is_static, "", NULL },
	{ is_32_bit, NULL, "32-bit" },
	{ is_arm, NULL, "another architecture" },
	{ is_object, NULL, "not a program" },
	{ has_no_headers, NULL, "damaged ELF program headers" },
	{ has_too_many_headers, NULL, "damaged ELF program headers" },
	{ has_headers_beyond, NULL, "cut off" },
	{ loads_nothing, NULL, "nothing to load" },
	{ has_an_unended_loader, NULL, "name of its loader" },
	{ has_a_relative_loader, NULL, "name of its loader" },
	{ has_a_huge_loader, NULL, "name of its loader" },
};

static void made_up_elf_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(elves); i++) {
		char interpreter[PATH_SIZE], argument[PATH_SIZE];
		struct elf f = good_elf();
		struct err e = { 0 };
		int r;

		elves[i].change(&f);
		cleanup_free char *path = write_file("elf", &f, sizeof(f), 0755);
		cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);

		r = needs_interpreter(fd, "it", interpreter, argument, sizeof(argument), &e);
		assert_int_equal(r, elves[i].interpreter ? 0 : -ENOEXEC);
		if (elves[i].interpreter)
			assert_string_equal(interpreter, elves[i].interpreter);
		else
			assert_non_null(strstr(e.message, elves[i].words));
	}
}

/* --- lists --- */

static const struct {
	const char *text;
	int r;
	const char *paths;
} lists[] = {
	{ "\tlinux-vdso.so.1 (0x00007ffc)\n\tlibc.so.6 => /lib/x/libc.so.6 (0x00007f)\n"
	  "\t/lib64/ld-linux-x86-64.so.2 (0x00007f)\n",
		0, "/lib/x/libc.so.6 /lib64/ld-linux-x86-64.so.2 " },
	{ "\tlibc.so.6 => /a/c (0x1)\n\tlibd.so => /a/c (0x1)\n", 0, "/a/c " },
	{ "\tlibx.so => /with blank/x.so (0x1)\n", 0, "/with blank/x.so " },
	{ "\tlibx.so.1 => not found\n", -ENOENT, "" },
	{ "\tlibx.so.1 => ./libx.so.1 (0x1)\n", -EPERM, "" },
	{ "\tlibx.so.1 => libx.so.1 (0x1)\n", -EPERM, "" },
	{ "\tsub/libx.so.1 (0x1)\n", -EPERM, "" },
	{ "\tlinux-gate.so.1 =>  (0x1)\n", 0, "" },
	{ "\tstatically linked\n", 0, "" },
	{ "", 0, "" },
	{ "garbage => garbage\n/a/b\n => \n", 0, "" },
};

static void what_loaders_print(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		struct needs n = { .n = 0 };
		char all[256] = "";
		struct err e = { 0 };

		assert_int_equal(needs_parse_list(lists[i].text, "it", &n, &e), lists[i].r);
		for (size_t k = 0; k < n.n; k++) {
			strcat(all, n.paths[k]);
			strcat(all, " ");
		}
		assert_string_equal(all, lists[i].paths);
		if (lists[i].r)
			assert_non_null(strstr(e.message, "libx.so.1"));
		needs_free(&n);
	}
}

/* --- finding --- */

static void a_program_is_found_or_why_not(void **state)
{
	cleanup_free char *good = write_file("good", "#!/bin/sh\n", 10, 0755);
	cleanup_free char *plain = write_file("plain", "x", 1, 0644);
	char path[PATH_SIZE];
	struct err e = { 0 };

	(void)state;
	assert_int_equal(needs_find_program("good", dir, path, &e), 0);
	assert_string_equal(path, good);
	assert_int_equal(needs_find_program(good, NULL, path, &e), 0);
	assert_int_equal(needs_find_program("plain", dir, path, &e), -EACCES);
	assert_int_equal(needs_find_program(plain, dir, path, &e), -EACCES);
	assert_int_equal(needs_find_program(dir, NULL, path, &e), -EACCES);
	assert_int_equal(needs_find_program("nosuch", dir, path, &e), -ENOENT);
	assert_int_equal(needs_find_program("nosuch", NULL, path, &e), -ENOENT);
	assert_int_equal(needs_find_program("/no/such", dir, path, &e), -ENOENT);
	assert_int_equal(needs_find_program("", dir, path, &e), -ENOENT);
}

static void scripts_bring_their_interpreters(void **state)
{
	char *env[] = { format_text("PATH=%s:/bin", dir), NULL };
	cleanup_free char *inner = write_file("inner", "#!/bin/sh\n", 10, 0755);
	cleanup_free char *outer = write_file("outer", "#!/usr/bin/env inner\n", 21, 0755);
	cleanup_free char *text = format_text("#!%s/loop\n", dir);
	cleanup_free char *loop = write_file("loop", text, strlen(text), 0755);
	cleanup_free char *lost = write_file("lost", "#!/no/such\n", 11, 0755);
	struct needs n;
	struct err e = { 0 };
	bool shell = false, second = false;

	(void)state;
	assert_int_equal(needs_of(outer, env, &n, &e), 0);
	assert_string_equal(n.paths[0], outer);
	for (size_t i = 0; i < n.n; i++) {
		shell |= !strcmp(n.paths[i], "/bin/sh");
		second |= !strcmp(n.paths[i], inner);
	}
	assert_true(shell && second);
	needs_free(&n);
	assert_int_equal(needs_of(loop, no_env, &n, &e), -ELOOP);
	needs_free(&n);
	assert_int_equal(needs_of(lost, no_env, &n, &e), -ENOENT);
	assert_non_null(strstr(e.message, "/no/such"));
	needs_free(&n);
	free(env[0]);
}

/* The first @from in the @len bytes at @at. */
static void *find_bytes(void *at, size_t len, const void *from, size_t from_len)
{
	void *found = memmem(at, len, from, from_len);

	assert_non_null(found);
	return found;
}

/* We ourselves with another loader, named at the file's end, or another tag for the entry DT_DEBUG.
 */
static char *write_patched(const char *name, const char *loader, int64_t tag)
{
	cleanup_free char *bytes = NULL, *all = NULL;
	const Elf64_Dyn was = { .d_tag = DT_DEBUG };
	size_t len = 0, more = loader ? strlen(loader) + 1 : 0;
	Elf64_Ehdr *h;
	Elf64_Phdr *p;

	assert_int_equal(read_file("/proc/self/exe", 64 << 20, &bytes, &len), 0);
	h = (void *)bytes;
	p = (void *)(bytes + h->e_phoff);
	for (unsigned i = 0; i < h->e_phnum; i++) {
		char *at = bytes + p[i].p_offset;

		if (loader && p[i].p_type == PT_INTERP) {
			p[i].p_offset = len;
			p[i].p_filesz = more;
		}
		if (tag && p[i].p_type == PT_DYNAMIC)
			*(int64_t *)find_bytes(at, p[i].p_filesz, &was, sizeof(was)) = tag;
	}
	all = malloc(len + more);
	assert_non_null(all);
	memcpy(all, bytes, len);
	memcpy(all + len, loader ? loader : "", more);
	return write_file(name, all, len + more, 0755);
}

/* Programs whose loader would run code of theirs: on their own, and as a script's interpreter. */
static void what_would_be_run_is_refused(void **state)
{
	cleanup_free char *left = format_text("%s/left", dir);
	cleanup_free char *text = format_text("#!/bin/sh\n: >%s\n", left);
	cleanup_free char *evil = write_file("ld.so", text, strlen(text), 0755);
	const struct {
		const char *loader;
		int64_t tag;
		const char *words;
	} cases[] = {
		{ "/proc/self/cwd/ld.so", 0, "'/proc/self/cwd/ld.so' is not the system's" },
		{ evil, 0, "/ld.so' is not the system's" },
		{ "/bin/sh", 0, "'/bin/sh' is not the system's" },
		{ NULL, DT_AUDIT, "(DT_AUDIT)" },
		{ NULL, DT_DEPAUDIT, "(DT_DEPAUDIT)" },
	};
	cleanup_free char *here = getcwd(NULL, 0);

	(void)state;
	assert_int_equal(chdir(dir), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_free char *program =
			write_patched("patched", cases[i].loader, cases[i].tag);
		cleanup_free char *line = format_text("#!%s\n", program);
		cleanup_free char *script = write_file("asks", line, strlen(line), 0755);
		const char *both[] = { program, script };

		for (size_t k = 0; k < ARRAY_SIZE(both); k++) {
			struct err e = { 0 };
			struct needs n;

			assert_int_equal(needs_of(both[k], no_env, &n, &e), -EPERM);
			assert_non_null(strstr(e.message, cases[i].words));
			assert_non_null(strstr(e.remedy, "--rootfs"));
			needs_free(&n);
		}
	}
	assert_int_equal(access(left, F_OK), -1);
	assert_int_equal(chdir(here), 0);
}

/* We are a dynamic program ourselves. */
static void a_real_program(void **state)
{
	char self[PATH_SIZE];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	bool libc = false;
	struct needs n;
	struct err e = { 0 };

	(void)state;
	assert_true(len > 0);
	self[len] = '\0';
	assert_int_equal(needs_of(self, no_env, &n, &e), 0);
	assert_string_equal(n.paths[0], self);
	for (size_t i = 0; i < n.n; i++) {
		assert_int_equal(access(n.paths[i], R_OK), 0);
		libc |= strstr(n.paths[i], "libc.so") || strstr(n.paths[i], "ld-musl");
	}
	assert_true(libc);
	needs_free(&n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scripts_and_what_is_none),
		cmocka_unit_test(made_up_elf_files),
		cmocka_unit_test(what_loaders_print),
		cmocka_unit_test(a_program_is_found_or_why_not),
		cmocka_unit_test(scripts_bring_their_interpreters),
		cmocka_unit_test(a_real_program),
		cmocka_unit_test(what_would_be_run_is_refused),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
