/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/needs.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/proc.h"
#include "base/spawn.h"
#include "base/util.h"
#include "runner/paths.h"

#define SCRIPT_LINE 256 /* BINPRM_BUF_SIZE: the kernel reads no more of a script's first line */
#define SCRIPT_DEPTH 4  /* and follows no more interpreters (fs/exec.c) */
#define PHDRS_MAX 128
#define LIST_MAX (1u << 20)
#define LIST_NS (20 * NSEC_PER_SEC)

static const char STEP[] = "program";

void needs_free(struct needs *n)
{
	for (size_t i = 0; i < n->n; i++)
		free(n->paths[i]);
	n->n = 0;
}

static int add(struct needs *n, const char *path, struct err *e)
{
	for (size_t i = 0; i < n->n; i++) {
		if (!strcmp(n->paths[i], path))
			return 0;
	}
	if (n->n == NEEDS_MAX)
		return err_set(e, -E2BIG, STEP, "it needs more than %d files", NEEDS_MAX);
	n->paths[n->n] = strdup(path);
	if (!n->paths[n->n])
		return err_set(e, -ENOMEM, STEP, "out of memory");
	n->n++;
	return 0;
}

/* --- finding --- */

static int check_executable(const char *path, struct err *e)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return err_sys(e, STEP, "the program '%s'", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, -EACCES, STEP, "'%s' is not a file", path);
	if (access(path, X_OK) == 0)
		return 0;
	err_sys(e, STEP, "'%s' cannot be executed", path);
	return err_help(e, "chmod +x %s", path);
}

static int make_absolute(const char *path, char *out, struct err *e)
{
	cleanup_free char *here = *path == '/' ? strdup("") : getcwd(NULL, 0);
	const char *clean = strncmp(path, "./", 2) ? path : path + 2;
	int n = here ? snprintf(out, PATH_SIZE, "%s%s%s", here, *path == '/' ? "" : "/", clean)
		     : -1;

	if (n < 0)
		return err_sys(e, STEP, "the current folder");
	return n < PATH_SIZE ? 0 : err_set(e, -ENAMETOOLONG, STEP, "'%s' is too long", path);
}

int needs_find_program(const char *name, const char *search, char *out, struct err *e)
{
	int found = -ENOENT;

	if (!*name)
		return err_set(e, -ENOENT, STEP, "the program has an empty name");
	if (strchr(name, '/')) {
		int r = make_absolute(name, out, e);

		return r < 0 ? r : check_executable(out, e);
	}
	while (search && *search) {
		size_t len = strcspn(search, ":");

		if (*search == '/' && (size_t)snprintf(out, PATH_SIZE, "%.*s/%s", (int)len, search,
					      name) < PATH_SIZE) {
			struct err why;

			if (check_executable(out, &why) == 0)
				return 0;
			if (why.code != -ENOENT && found == -ENOENT) {
				found = why.code;
				*e = why;
			}
		}
		search += len + (search[len] == ':');
	}
	if (found != -ENOENT)
		return found;
	err_set(e, -ENOENT, STEP, "there is no program '%s' in PATH", name);
	return err_help(e, "give its path, like ./%s", name);
}

/* --- what it is --- */

/* "#!interpreter [argument]": the rest of the line is one argument, as the kernel takes it. */
static int parse_script(const char *line, const char *name, char *interpreter, char *argument,
	size_t size, struct err *e)
{
	const char *at = line + 2 + strspn(line + 2, " \t");
	size_t all = strcspn(at, "\n"), len = strcspn(at, " \t\n");
	const char *rest = at + len + strspn(at + len, " \t");
	size_t rest_len = rest < at + all ? (size_t)(at + all - rest) : 0;

	while (rest_len && strchr(" \t\r", rest[rest_len - 1]))
		rest_len--;
	if (len && at[len - 1] == '\r')
		return err_set(e, -ENOEXEC, STEP,
			"the script '%s' has DOS line ends, so its interpreter is not found", name);
	if (!len || *at != '/' || len >= size || rest_len >= size)
		return err_set(e, -ENOEXEC, STEP,
			"the first line of the script '%s' names no interpreter by its whole path",
			name);
	snprintf(interpreter, size, "%.*s", (int)len, at);
	snprintf(argument, size, "%.*s", (int)rest_len, rest);
	return 0;
}

static int check_elf(const Elf64_Ehdr *h, size_t n, const char *name, struct err *e)
{
	if (n > EI_CLASS && h->e_ident[EI_CLASS] == ELFCLASS32)
		return err_set(e, -ENOEXEC, STEP, "'%s' is a 32-bit program", name);
	if (n < sizeof(*h) || h->e_ident[EI_CLASS] != ELFCLASS64 ||
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

static int parse_elf(int fd, const Elf64_Ehdr *h, const char *name, char *interpreter, size_t size,
	struct err *e)
{
	bool loads = false;

	for (unsigned i = 0; i < h->e_phnum; i++) {
		off_t at = (off_t)(h->e_phoff + i * sizeof(Elf64_Phdr));
		Elf64_Phdr p;

		if (pread(fd, &p, sizeof(p), at) != sizeof(p))
			return err_set(e, -ENOEXEC, STEP, "'%s' is cut off", name);
		loads |= p.p_type == PT_LOAD;
		if (p.p_type != PT_INTERP)
			continue;
		if (p.p_filesz < 2 || p.p_filesz > size ||
			pread(fd, interpreter, p.p_filesz, (off_t)p.p_offset) !=
				(ssize_t)p.p_filesz ||
			interpreter[p.p_filesz - 1] || *interpreter != '/')
			return err_set(
				e, -ENOEXEC, STEP, "'%s' has a damaged name of its loader", name);
	}
	return loads ? 0 : err_set(e, -ENOEXEC, STEP, "'%s' has nothing to load", name);
}

int needs_interpreter(
	int fd, const char *name, char *interpreter, char *argument, size_t size, struct err *e)
{
	union {
		char text[SCRIPT_LINE + 1];
		Elf64_Ehdr elf;
	} head = { .text = "" };
	ssize_t n = pread(fd, head.text, SCRIPT_LINE, 0);
	int r;

	*interpreter = *argument = '\0';
	if (n < 0)
		return err_sys(e, STEP, "'%s' cannot be read", name);
	if (n > 2 && !memcmp(head.text, "#!", 2))
		return parse_script(head.text, name, interpreter, argument, size, e);
	if (n < SELFMAG || memcmp(head.text, ELFMAG, SELFMAG)) {
		err_set(e, -ENOEXEC, STEP,
			n ? "'%s' is neither an ELF program nor a script with '#!'"
			  : "'%s' is empty",
			name);
		return err_help(e, "a script needs a first line like #!/bin/sh");
	}
	r = check_elf(&head.elf, (size_t)n, name, e);
	return r < 0 ? r : parse_elf(fd, &head.elf, name, interpreter, size, e);
}

/* --- what it needs --- */

int needs_parse_list(const char *text, const char *program, struct needs *out, struct err *e)
{
	cleanup_free char *copy = strdup(text);
	char *next = copy, *line;
	int r = 0;

	if (!copy)
		return err_set(e, -ENOMEM, STEP, "out of memory");
	while (!r && (line = strsep(&next, "\n"))) {
		char *arrow = strstr(line, " => "), *path = arrow ? arrow + 4 : line, *end;

		path += strspn(path, " \t");
		if (arrow && !strncmp(path, "not found", 9)) {
			*arrow = '\0';
			err_set(e, -ENOENT, STEP, "'%s' needs the library '%s', which is missing",
				program, line + strspn(line, " \t"));
			return err_help(
				e, "install it, or name its folder: --env LD_LIBRARY_PATH=DIR");
		}
		end = strstr(path, " (0x");
		if (*path != '/' || !end)
			continue; /* the kernel's own (vDSO), and what is said besides */
		*end = '\0';
		r = add(out, path, e);
	}
	return r;
}

static char *take_text(int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char *text = size < 0 || size > LIST_MAX ? NULL : calloc(1, (size_t)size + 1);

	if (text && pread(fd, text, (size_t)size, 0) != size)
		*text = '\0';
	return text;
}

/* "ld.so --list PROGRAM": glibc's and musl's loaders both know it. */
static int ask_loader(
	const char *loader, const char *program, char *const *envp, char **text, struct err *e)
{
	cleanup_fd int out = memfd_create("libraries", MFD_CLOEXEC);
	char list[] = "--list";
	char *argv[] = { (char *)loader, list, (char *)program, NULL };
	const int fds[] = { -1, out, out };
	const struct spawn sp = {
		.path = loader, .argv = argv, .envp = envp, .fds = fds, .n_fds = 3
	};
	struct outcome end = { 0 };
	struct spawned child;
	int r;

	if (out < 0)
		return err_sys(e, "memfd_create", "the list of libraries");
	r = spawn_program(&sp, &child, e);
	if (!r)
		r = proc_wait(child.pidfd, now_ns() + LIST_NS, -1, &end, e);
	if (r < 0)
		return r;
	close_fd(&child.pidfd);
	*text = take_text(out);
	if (!*text)
		return err_set(e, -E2BIG, STEP, "the loader of '%s' says too much", program);
	if (end.kind == OUTCOME_EXITED && !end.code)
		return 0;
	(*text)[strcspn(*text, "\n")] = '\0';
	return err_set(e, -ENOENT, STEP, "the loader '%s' cannot load '%s': %.200s (%.64s)", loader,
		program, *text, end.reason);
}

/* A library chosen for this CPU: on a guest's CPU it may be the plain one. */
static int add_plain_variant(struct needs *n, const char *path, struct err *e)
{
	static const char variants[] = "/glibc-hwcaps/";
	const char *at = strstr(path, variants), *rest = at ? at + sizeof(variants) - 1 : NULL;
	char plain[PATH_SIZE];

	rest = rest ? strchr(rest, '/') : NULL;
	if (!rest)
		return 0;
	snprintf(plain, sizeof(plain), "%.*s%s", (int)(at - path), path, rest);
	return access(plain, R_OK) ? 0 : add(n, plain, e);
}

static int add_libraries(
	struct needs *n, const char *loader, const char *program, char *const *envp, struct err *e)
{
	cleanup_free char *text = NULL;
	size_t first = n->n;
	int r = add(n, loader, e);

	if (!r)
		r = ask_loader(loader, program, envp, &text, e);
	if (!r && text)
		r = needs_parse_list(text, program, n, e);
	for (size_t i = first; !r && i < n->n; i++)
		r = add_plain_variant(n, n->paths[i], e);
	return r;
}

static const char *search_path(char *const *envp)
{
	for (; *envp; envp++) {
		if (!strncmp(*envp, "PATH=", 5))
			return *envp + 5;
	}
	return NULL;
}

static int add_program(
	struct needs *n, const char *program, char *const *envp, unsigned depth, struct err *e);

/* "#!/usr/bin/env python3" means a second program, the first word that is no option or setting. */
static int add_env_target(
	struct needs *n, char *argument, char *const *envp, unsigned depth, struct err *e)
{
	char *next = argument, *word, path[PATH_SIZE];

	while ((word = strsep(&next, " \t"))) {
		int r;

		if (!*word || *word == '-' || strchr(word, '='))
			continue;
		r = needs_find_program(word, search_path(envp), path, e);
		return r < 0 ? r : add_program(n, path, envp, depth, e);
	}
	return 0;
}

static int add_program(
	struct needs *n, const char *program, char *const *envp, unsigned depth, struct err *e)
{
	char interpreter[PATH_SIZE], argument[PATH_SIZE];
	cleanup_fd int fd = open(program, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char head[2] = "";
	int r;

	if (depth > SCRIPT_DEPTH)
		return err_set(
			e, -ELOOP, STEP, "'%s' is interpreted by scripts upon scripts", program);
	if (fd < 0)
		return err_sys(e, STEP, "'%s' cannot be read", program);
	r = needs_interpreter(fd, program, interpreter, argument, sizeof(interpreter), e);
	if (!r)
		r = add(n, program, e);
	if (r < 0 || !*interpreter)
		return r;
	r = check_executable(interpreter, e);
	if (r < 0)
		return err_set(e, r, STEP, "'%s' needs '%s', which cannot be executed: %s", program,
			interpreter, strerror(-r));
	if (pread(fd, head, 2, 0) != 2 || memcmp(head, "#!", 2))
		return add_libraries(n, interpreter, program, envp, e);
	r = add_program(n, interpreter, envp, depth + 1, e);
	if (!r && !strcmp(strrchr(interpreter, '/'), "/env"))
		r = add_env_target(n, argument, envp, depth + 1, e);
	return r;
}

int needs_of(const char *program, char *const *envp, struct needs *out, struct err *e)
{
	*out = (struct needs){ .n = 0 };
	return add_program(out, program, envp, 0, e);
}
