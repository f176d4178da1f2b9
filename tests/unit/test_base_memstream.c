/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/check.h"

#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memstream.h"
#include "base/util.h"

static void all_that_was_written(void **state)
{
	static const size_t lengths[] = { 0, 1, 511, 512, 513, 8191, 8192, 8193, 1000000 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		cleanup_free char *text = NULL;
		struct memstream m;

		assert_int_equal(memstream_open(&m), 0);
		for (size_t k = 0; k < lengths[i]; k++)
			fputc("0123456789"[k % 10], m.f);
		text = memstream_close(&m);
		assert_non_null(text);
		assert_int_equal(m.len, lengths[i]);
		assert_int_equal(strlen(text), lengths[i]);
		for (size_t k = 0; k < lengths[i]; k++)
			assert_int_equal(text[k], "0123456789"[k % 10]);
	}
}

static void zeros_are_bytes_too(void **state)
{
	cleanup_free char *text = NULL;
	struct memstream m;

	(void)state;
	assert_int_equal(memstream_open(&m), 0);
	fprintf(m.f, "a%cb%c", '\0', '\0');
	text = memstream_close(&m);
	assert_int_equal(m.len, 4);
	assert_memory_equal(text, "a\0b\0", 5);
}

/* With address space for some MiB more; 0: it is told at the end, whatever found room again after
 * it. */
static int fill_memory(size_t piece)
{
	struct rlimit limit = { 64 << 20, 64 << 20 };
	cleanup_free char *chunk = malloc(piece);
	struct memstream m;

	if (!chunk || memstream_open(&m) < 0 || setrlimit(RLIMIT_AS, &limit) < 0)
		return 1;
	memset(chunk, 'x', piece);
	for (size_t n = 0; n < 200u << 20; n += piece)
		fwrite(chunk, piece, 1, m.f);
	clearerr(m.f);
	fputs("after it", m.f);
	return memstream_close(&m) ? 2 : 0;
}

static void a_text_that_has_lost_some_is_none(void **state)
{
	static const size_t pieces[] = { 100, 4096, 1 << 20 };

	(void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	SKIP("a sanitizer needs more memory than the limit leaves");
#endif
	for (size_t i = 0; i < ARRAY_SIZE(pieces); i++) {
		int status;
		pid_t pid = fork();

		if (!pid)
			_exit(fill_memory(pieces[i]));
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_that_was_written),
		cmocka_unit_test(zeros_are_bytes_too),
		cmocka_unit_test(a_text_that_has_lost_some_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
