/* SPDX-License-Identifier: GPL-3.0-or-later */
/* workloads/exec_file: good files and bad ones. */
#include "tests/unit/check.h"

#include <string.h>

#include "base/report_abi.h"
#include "workloads/exec_file.h"

#define FILE_OF(text) text, sizeof(text) - 1

static const struct {
	const char *text;
	size_t len;
	int good;
	const char *dir, *path, *argv, *envp; /* joined by | */
} files[] = {
	{ FILE_OF(EXEC_MAGIC "\0/\0/bin/echo\0"
			     "3\0echo\0a  \"b\"\0\0A=1\0B=\0"),
		1, "/", "/bin/echo", "echo|a  \"b\"||", "A=1|B=|" },
	{ FILE_OF(EXEC_MAGIC "\0/w\0/p\0"
			     "1\0p\0"),
		1, "/w", "/p", "p|", "" },
	{ FILE_OF(""), 0, "", "", "", "" }, { FILE_OF(EXEC_MAGIC), 0, "", "", "", "" },
	{ FILE_OF(EXEC_MAGIC "\0"), 0, "", "", "", "" },
	{ FILE_OF("bench-exec 2\0/\0/p\0"
		  "1\0p\0"),
		0, "", "", "", "" },
	{ FILE_OF(EXEC_MAGIC "\0w\0/p\0"
			     "1\0p\0"),
		0, "", "", "", "" }, /* a relative folder */
	{ FILE_OF(EXEC_MAGIC "\0/\0p\0"
			     "1\0p\0"),
		0, "", "", "", "" }, /* a relative program */
	{ FILE_OF(EXEC_MAGIC "\0/\0/p\0"
			     "0\0"),
		0, "", "", "", "" }, /* no argument at all */
	{ FILE_OF(EXEC_MAGIC "\0/\0/p\0"
			     "2\0p\0"),
		0, "", "", "", "" }, /* one is missing */
	{ FILE_OF(EXEC_MAGIC "\0/\0/p\0"
			     "-1\0p\0"),
		0, "", "", "", "" },
	{ FILE_OF(EXEC_MAGIC "\0/\0/p\0"
			     "1x\0p\0"),
		0, "", "", "", "" },
	{ FILE_OF(EXEC_MAGIC "\0/\0/p\0"
			     "99999999999999999999\0p\0"),
		0, "", "", "", "" },
	{ FILE_OF(EXEC_MAGIC "\0/\0/p\0"
			     "1\0p\0NOVALUE\0"),
		0, "", "", "", "" },
	{ FILE_OF(EXEC_MAGIC "\0/\0/p\0"
			     "1\0p\0A=1"),
		0, "", "", "", "" }, /* cut off */
};

static void join(char *const *words, char *out)
{
	*out = '\0';
	for (; *words; words++) {
		strcat(out, *words);
		strcat(out, "|");
	}
}

static void every_file(void **state)
{
	static struct exec_file f;

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char *text = malloc(files[i].len + 1), all[256]; /* no byte too many */

		memcpy(text, files[i].text, files[i].len);
		assert_int_equal(exec_file_parse(&f, text, files[i].len) == 0, files[i].good);
		if (files[i].good) {
			assert_string_equal(f.dir, files[i].dir);
			assert_string_equal(f.path, files[i].path);
			join(f.argv, all);
			assert_string_equal(all, files[i].argv);
			join(f.envp, all);
			assert_string_equal(all, files[i].envp);
		}
		free(text);
	}
}

/* More words than there is room for. */
static void too_many_words(void **state)
{
	static struct exec_file f;
	static char text[64 + 2 * (EXEC_WORDS_MAX + 1)];
	static char vars[64 + 4 * (EXEC_WORDS_MAX + 1)];
	size_t len = (size_t)snprintf(
		text, sizeof(text), EXEC_MAGIC "%c/%c/p%c%d%c", 0, 0, 0, EXEC_WORDS_MAX + 1, 0);
	size_t more =
		(size_t)snprintf(vars, sizeof(vars), EXEC_MAGIC "%c/%c/p%c1%cp%c", 0, 0, 0, 0, 0);

	(void)state;
	for (int i = 0; i <= EXEC_WORDS_MAX; i++, len += 2, more += 4) {
		memcpy(text + len, "x", 2);
		memcpy(vars + more, "A=x", 4);
	}
	assert_int_not_equal(exec_file_parse(&f, text, len), 0);
	assert_int_not_equal(exec_file_parse(&f, vars, more), 0);
	assert_int_equal(exec_file_parse(&f, vars, more - 4), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_file),
		cmocka_unit_test(too_many_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
