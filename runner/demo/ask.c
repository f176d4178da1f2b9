/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/demo/ask.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/util.h"

bool ask_possible(void)
{
	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

static size_t put_choices(struct page *p, const enum msg *choices)
{
	size_t n;

	fputc('\n', p->term.f);
	for (n = 0; choices[n]; n++)
		fprintf(p->term.f, "  %zu) %s\n", n + 1, msg_text(p->lang, choices[n]));
	return n;
}

/* Of a line that is too long: it is no answer to the next question. A terminal gives whole lines.
 */
static void drop_rest_of_line(void)
{
	char rest[64];
	ssize_t n;

	do
		n = read(STDIN_FILENO, rest, sizeof(rest));
	while (n > 0 && rest[n - 1] != '\n');
}

/* A line of the terminal; signals are blocked, so they are waited for beside it. */
static int read_answer(char *line, size_t size, int cancel_fd, struct err *e)
{
	struct pollfd fds[] = { { STDIN_FILENO, POLLIN, 0 }, { cancel_fd, POLLIN, 0 } };
	ssize_t n = 0;

	line[0] = '\0';
	while (poll(fds, ARRAY_SIZE(fds), -1) < 0) {
		if (errno != EINTR) /* stopped and gone on */
			return err_sys(e, "poll", "waiting for an answer");
	}
	if (fds[1].revents)
		return err_set(e, -ECANCELED, "demo", "interrupted");
	n = read(STDIN_FILENO, line, size - 1);
	if (n == (ssize_t)size - 1 && line[n - 1] != '\n')
		drop_rest_of_line();
	line[n > 0 ? n : 0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	return n > 0 ? 1 : 0;
}

int ask_prediction(
	struct page *p, const enum msg *choices, int cancel_fd, enum msg *guess, struct err *e)
{
	size_t n = put_choices(p, choices);
	char last[24], line[64];
	uint64_t number;
	int r;

	*guess = MSG_NONE;
	snprintf(last, sizeof(last), "%zu", n);
	do {
		cleanup_free char *prompt = msg_format(p->lang, MSG_PROMPT, PAGE_ARGS(last));

		fputs(prompt ? prompt : "", p->term.f);
		fflush(p->term.f);
		r = read_answer(line, sizeof(line), cancel_fd, e);
		if (r > 0 && !parse_u64(line, 1, n, &number))
			*guess = choices[number - 1];
	} while (r > 0 && *line && !*guess);
	if (r <= 0) /* nobody has typed the line's end */
		fputc('\n', p->term.f);
	return r < 0 ? r : 0;
}

void ask_compare(struct page *p, enum msg guess, enum msg seen)
{
	page_say(p, guess == seen ? MSG_GUESSED_RIGHT : MSG_GUESSED_WRONG, msg_text(p->lang, guess),
		msg_text(p->lang, seen));
}
