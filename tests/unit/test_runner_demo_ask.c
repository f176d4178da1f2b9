/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asking for a prediction, through a terminal of the test's own. */
#include "tests/unit/check.h"

#include <errno.h>
#include <pty.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/util.h"
#include "runner/demo/ask.h"

#define TEN "xxxxxxxxxx"
#define EOT "\004" /* what Ctrl-D sends: the end of the input, at a line's beginning */

static const enum msg choices[] = { MSG_KERNEL_ALL_SAME, MSG_KERNEL_CTR_SAME, MSG_KERNEL_ALL_DIFFER,
	MSG_NONE };

static int master, saved_stdin;

/* The test's stdin is a terminal meanwhile. */
static int open_terminal(void **state)
{
	int slave;

	(void)state;
	saved_stdin = dup(STDIN_FILENO);
	if (openpty(&master, &slave, NULL, NULL, NULL) < 0)
		return -1;
	dup2(slave, STDIN_FILENO);
	close(slave);
	return 0;
}

static int close_terminal(void **state)
{
	(void)state;
	close(master);
	dup2(saved_stdin, STDIN_FILENO);
	return close(saved_stdin);
}

/* What is typed, which choice it is, and how often the question was put. */
static const struct {
	const char *typed;
	enum msg guess;
	unsigned prompts;
} cases[] = {
	{ "1\n", MSG_KERNEL_ALL_SAME, 1 },
	{ "2\n", MSG_KERNEL_CTR_SAME, 1 },
	{ "3\n", MSG_KERNEL_ALL_DIFFER, 1 },
	{ "\n", MSG_NONE, 1 },
	{ EOT, MSG_NONE, 1 },
	{ "0\n2\n", MSG_KERNEL_CTR_SAME, 2 },
	{ "4\n2\n", MSG_KERNEL_CTR_SAME, 2 },
	{ "-1\n1.0\n0x1\none\n2 \n3\n", MSG_KERNEL_ALL_DIFFER, 6 },
	{ "99999999999999999999999\n1\n", MSG_KERNEL_ALL_SAME, 2 },
	{ "\xff\xfe\n\n", MSG_NONE, 2 },
	{ "no\n" EOT, MSG_NONE, 2 },
	{ TEN TEN TEN TEN TEN TEN "xxx3\n2\n", MSG_KERNEL_CTR_SAME, 2 },
	{ TEN TEN TEN TEN TEN TEN "xxx\n2\n", MSG_KERNEL_CTR_SAME, 2 },
	{ TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN "3\n2\n", MSG_KERNEL_CTR_SAME, 2 },
};

static unsigned count(const char *text, const char *what)
{
	unsigned n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

/* Ask, and take what is printed meanwhile; the caller frees. */
static char *ask(int cancel_fd, enum msg *guess, int *r)
{
	struct err e = { 0 };
	struct page p;
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	page_open(&p, f, 80, LANG_EN);
	*r = ask_prediction(&p, choices, cancel_fd, guess, &e);
	fclose(f);
	return text;
}

static void takes_what_is_typed(void **state)
{
	cleanup_fd int never = eventfd(0, EFD_CLOEXEC);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_free char *text = NULL;
		size_t len = strlen(cases[i].typed);
		enum msg guess;
		int r;

		assert_int_equal(write(master, cases[i].typed, len), len);
		text = ask(never, &guess, &r);
		assert_int_equal(r, 0);
		if (guess != cases[i].guess || count(text, "(1-3,") != cases[i].prompts)
			fail_msg("case %zu gives choice %d, and: %s", i, guess, text);
		for (size_t k = 0; choices[k]; k++)
			assert_int_equal(count(text, msg_text(LANG_EN, choices[k])), 1);
	}
}

static void can_be_interrupted(void **state)
{
	cleanup_fd int cancel = eventfd(1, EFD_CLOEXEC);
	cleanup_free char *text = NULL;
	enum msg guess = MSG_PASS;
	int r;

	(void)state;
	text = ask(cancel, &guess, &r);
	assert_int_equal(r, -ECANCELED);
	assert_int_equal(guess, MSG_NONE);
}

/* The other end of the terminal goes away: nobody is there to answer. */
static void nobody_is_there_any_more(void **state)
{
	cleanup_fd int never = eventfd(0, EFD_CLOEXEC);
	cleanup_free char *text = NULL;
	enum msg guess = MSG_PASS;
	int r;

	(void)state;
	close(master);
	text = ask(never, &guess, &r);
	master = dup(never);
	assert_int_equal(r, 0);
	assert_int_equal(guess, MSG_NONE);
	assert_int_equal(count(text, "(1-3,"), 1);
}

static void compares_the_guess(void **state)
{
	static const struct {
		enum msg guess;
		const char *says;
	} guesses[] = {
		{ MSG_KERNEL_CTR_SAME, "and so it was" },
		{ MSG_KERNEL_ALL_SAME, "what was seen is" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(guesses); i++) {
		cleanup_free char *text = NULL;
		struct page p;
		size_t size;
		FILE *f = open_memstream(&text, &size);

		page_open(&p, f, 200, LANG_EN);
		ask_compare(&p, guesses[i].guess, MSG_KERNEL_CTR_SAME);
		fclose(f);
		assert_non_null(strstr(text, guesses[i].says));
		assert_non_null(strstr(text, msg_text(LANG_EN, guesses[i].guess)));
	}
}

/* Output that goes into a file is read by nobody who could answer. */
static void only_a_terminal_is_a_person(void **state)
{
	(void)state;
	assert_int_equal(ask_possible(), isatty(STDOUT_FILENO));
	dup2(saved_stdin, STDIN_FILENO);
	if (!isatty(saved_stdin))
		assert_false(ask_possible());
}

#define in_terminal(test) cmocka_unit_test_setup_teardown(test, open_terminal, close_terminal)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_terminal(takes_what_is_typed),
		in_terminal(can_be_interrupted),
		in_terminal(nobody_is_there_any_more),
		in_terminal(only_a_terminal_is_a_person),
		cmocka_unit_test(compares_the_guess),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
