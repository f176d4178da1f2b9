/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/exec_file.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/report_abi.h"

/* The next text, NULL at the end. All of it ends with a NUL: the caller has looked. */
static char *next(char **at, const char *end)
{
	char *text = *at;

	if (text >= end)
		return NULL;
	*at = text + strlen(text) + 1;
	return text;
}

static int parse_count(const char *text, unsigned long *out)
{
	char *end;

	if (!text || !isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	*out = strtoul(text, &end, 10);
	return *end || errno || !*out || *out > EXEC_WORDS_MAX ? -EINVAL : 0;
}

int exec_file_parse(struct exec_file *f, char *text, size_t len)
{
	const char *end = text + len, *magic;
	unsigned long argc = 0, n = 0;
	char *at = text, *word;

	memset(f, 0, sizeof(*f));
	if (!len || text[len - 1])
		return -EINVAL;
	magic = next(&at, end);
	f->dir = next(&at, end);
	f->path = next(&at, end);
	if (!magic || strcmp(magic, EXEC_MAGIC) || !f->dir || *f->dir != '/' || !f->path ||
		*f->path != '/' || parse_count(next(&at, end), &argc) < 0)
		return -EINVAL;
	while (n < argc && (f->argv[n] = next(&at, end)))
		n++;
	if (n < argc)
		return -EINVAL;
	for (n = 0; (word = next(&at, end)); n++) {
		if (n == EXEC_WORDS_MAX || !strchr(word, '='))
			return -EINVAL;
		f->envp[n] = word;
	}
	return 0;
}
