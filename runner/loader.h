/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Asking a program's loader which libraries it needs. The program is anybody's, and names its
 * loader itself; so only the system's own is run, and in a cage: a loader that reads a hostile file
 * can be taken over by it (CVE-2019-1010023, which glibc does not count as a fault of its own).
 */
#ifndef BENCH_RUNNER_LOADER_H
#define BENCH_RUNNER_LOADER_H

#include "base/err.h"

/*
 * Is @path, absolute, the system's own loader? @real, of PATH_SIZE bytes, becomes where it is, with
 * all links followed; nobody but root can put another file there. 0 or -EPERM; -errno.
 */
int loader_check(const char *path, char *real, struct err *e);

/*
 * What the loader at @real, known to the program as @path, prints for --list @program. Of @envp it
 * gets what says where libraries are. *@text is the caller's to free. 0; -ENOENT: it cannot load
 * the program; or another -errno.
 */
int loader_ask(const char *real, const char *path, const char *program, char *const *envp,
	char **text, struct err *e);

#endif
