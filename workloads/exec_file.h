/* SPDX-License-Identifier: GPL-3.0-or-later */
/* EXEC_FILE (base/report_abi.h), read. */
#ifndef BENCH_WORKLOADS_EXEC_FILE_H
#define BENCH_WORKLOADS_EXEC_FILE_H

#include <stddef.h>

#define EXEC_WORDS_MAX 4096

struct exec_file {
	const char *dir, *path;
	char *argv[EXEC_WORDS_MAX + 1]; /* ends with NULL */
	char *envp[EXEC_WORDS_MAX + 1];
};

/* Take apart @len bytes at @text; the pointers lead into it. 0, or -EINVAL. */
int exec_file_parse(struct exec_file *f, char *text, size_t len);

#endif
