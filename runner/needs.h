/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a program of this host needs to start: the interpreter of a script, the loader and the
 * shared libraries of a dynamic program. Found by asking the program's own loader, which knows
 * DT_NEEDED, run paths, its cache and the CPU's variants. No code of the program's is run on this
 * host: only the system's own loader is asked, about no program that would have it run other code,
 * and in a cage (loader.h).
 */
#ifndef BENCH_RUNNER_NEEDS_H
#define BENCH_RUNNER_NEEDS_H

#include <stddef.h>

#include "base/err.h"

#define NEEDS_MAX 512

struct needs {
	char *paths[NEEDS_MAX]; /* owned; absolute, none twice, the program's own first */
	size_t n;
};

/*
 * The absolute path of @name into @out of PATH_SIZE bytes: itself where it has a slash, else the
 * first of @search (like $PATH) that holds it. -ENOENT; -EACCES: it is there, but not a file that
 * may be executed; the message says which.
 */
int needs_find_program(const char *name, const char *search, char *out, struct err *e);

/*
 * All files that @program (absolute) needs when it is started with the environment @envp. 0 or, by
 * name: -ENOEXEC: neither a 64-bit program of this architecture nor a script; -ENOENT: a library
 * or an interpreter that is missing; -ELOOP: scripts that interpret scripts; -EPERM: its loader is
 * not the system's, or would run what it must not, or a file that it needs is none that may be
 * taken along. needs_free is due in every case.
 */
int needs_of(const char *program, char *const *envp, struct needs *out, struct err *e);

void needs_free(struct needs *n);

/*
 * Is the open file @fd, found at one of the paths, still something to be taken along: a script, a
 * program or a library? Whose folder it lies in may have put another file there. 0, -EPERM,
 * -ENOEXEC.
 */
int needs_check(int fd, const char *path, struct err *e);

/*
 * The two halves, for programs that are not below our own root. What the open file @fd, called
 * @name, asks for as its interpreter: of a script with its argument in @argument (of size @size
 * too, "" for none), or the loader of a dynamic program; "" for a static one. 0 or -ENOEXEC.
 */
int needs_interpreter(
	int fd, const char *name, char *interpreter, char *argument, size_t size, struct err *e);

/*
 * The paths in what a loader prints for --list. 0; -ENOENT: a library that it did not find;
 * -EPERM: one that is not named by its whole path; -E2BIG. Text that is not understood is passed
 * over.
 */
int needs_parse_list(const char *text, const char *program, struct needs *out, struct err *e);

#endif
