/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/needs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "base/util.h"
#include "runner/elf_program.h"
#include "runner/loader.h"
#include "runner/paths.h"

#define SCRIPT_LINE 256 /* BINPRM_BUF_SIZE: the kernel reads no more of a script's first line */
#define SCRIPT_DEPTH 4  /* and follows no more interpreters (fs/exec.c) */

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

int needs_interpreter(
	int fd, const char *name, char *interpreter, char *argument, size_t size, struct err *e)
{
	char head[SCRIPT_LINE + 1] = "";
	ssize_t n = pread_all(fd, head, SCRIPT_LINE, 0);

	*interpreter = *argument = '\0';
	if (n < 0)
		return err_sys(e, STEP, "'%s' cannot be read", name);
	if (n > 2 && !memcmp(head, "#!", 2))
		return parse_script(head, name, interpreter, argument, size, e);
	if (elf_is_one(fd))
		return elf_program_loader(fd, name, interpreter, size, e);
	err_set(e, -ENOEXEC, STEP,
		n ? "'%s' is neither an ELF program nor a script with '#!'" : "'%s' is empty",
		name);
	return err_help(e, "a script needs a first line like #!/bin/sh");
}

/* --- what it needs --- */

/* One line of it; *@path becomes the library's, "" where it names none. */
static int parse_line(char *line, const char *program, char **path, struct err *e)
{
	char *arrow = strstr(line, " => "), *end;

	line += strspn(line, " \t");
	*path = arrow ? arrow + 4 : line;
	if (arrow && !strncmp(*path, "not found", 9)) {
		*arrow = '\0';
		err_set(e, -ENOENT, STEP, "'%s' needs the library '%s', which is missing", program,
			line);
		return err_help(e, "install it, or name its folder: --env LD_LIBRARY_PATH=DIR");
	}
	end = strstr(*path, " (0x");
	if (end)
		*end = '\0';
	/* The kernel's own (vDSO), and what is said besides. */
	if (!end || (!arrow && !strchr(*path, '/'))) {
		*path += strlen(*path);
		return 0;
	}
	/* Not from the folder that we are in, nor from the one where the program will be. */
	if (**path && **path != '/')
		return err_set(e, -EPERM, STEP,
			"'%s' needs the library '%s', which is not named by its whole path",
			program, *path);
	return 0;
}

int needs_parse_list(const char *text, const char *program, struct needs *out, struct err *e)
{
	cleanup_free char *copy = strdup(text);
	char *next = copy, *line, *path;
	int r = 0;

	if (!copy)
		return err_set(e, -ENOMEM, STEP, "out of memory");
	while (!r && (line = strsep(&next, "\n"))) {
		r = parse_line(line, program, &path, e);
		if (!r && *path)
			r = add(out, path, e);
	}
	return r;
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

/*
 * What a loader says of a hostile program is hostile too: it could name /etc/shadow. It is looked
 * at once more when it is copied (needs_check), since a name can lead elsewhere by then.
 */
static int check_library(const char *path, struct err *e)
{
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return err_sys(e, STEP, "the library '%s'", path);
	return elf_check_file(fd, path, true, e);
}

static int add_libraries(
	struct needs *n, const char *loader, const char *program, char *const *envp, struct err *e)
{
	cleanup_free char *text = NULL;
	char real[PATH_SIZE];
	size_t first = n->n;
	int r = loader_check(loader, real, e);

	if (!r)
		r = add(n, loader, e);
	if (!r)
		r = loader_ask(real, loader, program, envp, &text, e);
	if (!r && text)
		r = needs_parse_list(text, program, n, e);
	for (size_t i = first; !r && i < n->n; i++)
		r = add_plain_variant(n, n->paths[i], e);
	for (size_t i = first; !r && i < n->n; i++)
		r = check_library(n->paths[i], e);
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
	if (elf_is_one(fd)) {
		r = elf_program_check_dynamic(fd, program, e);
		return r < 0 ? r : add_libraries(n, interpreter, program, envp, e);
	}
	r = add_program(n, interpreter, envp, depth + 1, e);
	if (!r && !strcmp(strrchr(interpreter, '/'), "/env"))
		r = add_env_target(n, argument, envp, depth + 1, e);
	return r;
}

int needs_of(const char *program, char *const *envp, struct needs *out, struct err *e)
{
	int r;

	*out = (struct needs){ .n = 0 };
	r = add_program(out, program, envp, 0, e);
	/* Below a root of its own nothing of it is asked here, and nothing of the host's is there.
	 */
	if (r == -EPERM)
		err_help(e, "take it along in a root file system of its own: --rootfs DIR");
	return r;
}

int needs_check(int fd, const char *path, struct err *e)
{
	char head[2] = "";
	int r = elf_check_place(fd, path, e);

	if (r < 0 || (pread_all(fd, head, 2, 0) == 2 && !memcmp(head, "#!", 2)))
		return r;
	return elf_check_file(fd, path, false, e);
}
