/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/ui.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/util.h"

#define DEFAULT_WIDTH 100

static bool progress_shown;

unsigned ui_width(void)
{
	struct winsize w;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) < 0 || w.ws_col == 0)
		return DEFAULT_WIDTH;
	return w.ws_col;
}

bool ui_color(FILE *f)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(fileno(f)) && !(no && *no) && !(term && !strcmp(term, "dumb"));
}

void ui_progress_done(void)
{
	if (progress_shown)
		fputs("\r\033[K", stderr);
	progress_shown = false;
}

void ui_progress(const char *fmt, ...)
{
	va_list ap;

	if (!isatty(STDERR_FILENO) && !getenv(UI_PROGRESS_ENV))
		return;
	fputs("\r\033[K", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fflush(stderr);
	progress_shown = true;
}

/*
 * Texts have names in them that others gave: of files in somebody's root file system, of the
 * interpreter that a script in it asks for. What a terminal would take for a command, or for a line
 * of ours, is a question mark: control characters of ASCII, and of Latin-1 as UTF-8 has them.
 */
static void put_plain(const char *text)
{
	for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
		bool c1 = *p == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0;

		fputc(*p < ' ' || *p == 0x7f || c1 ? '?' : *p, stderr);
		p += c1;
	}
}

static void say(const char *color, const char *label, const char *text)
{
	bool colored = *color && ui_color(stderr);

	ui_progress_done();
	fprintf(stderr, "%s%s%s", colored ? color : "", label, colored ? "\033[0m" : "");
	put_plain(text);
	fputc('\n', stderr);
}

void ui_error(const struct err *e)
{
	say("\033[1;31m", "bench: ", e->message);
	if (e->remedy[0])
		say("", "       try: ", e->remedy);
}

static void say_formatted(const char *color, const char *label, const char *fmt, va_list ap)
	__attribute__((format(printf, 3, 0)));

static void say_formatted(const char *color, const char *label, const char *fmt, va_list ap)
{
	char text[1024];

	vsnprintf(text, sizeof(text), fmt, ap);
	say(color, label, text);
}

void ui_warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say_formatted("\033[1;33m", "bench: warning: ", fmt, ap);
	va_end(ap);
}

void ui_note(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say_formatted("", "bench: ", fmt, ap);
	va_end(ap);
}

enum exit_status ui_status(const struct err *e)
{
	switch (e->code) {
	case -EINVAL:
	case -ERANGE:
		return STATUS_USAGE;
	case -ECANCELED:
		return STATUS_INTERRUPTED;
	default:
		return STATUS_FAILED;
	}
}

int ui_unknown(
	struct err *e, const char *what, const char *name, const char *const *names, size_t n)
{
	const char *nearest = NULL;
	unsigned best = 4; /* further away than this is another word */
	char list[sizeof(e->remedy) - 16];
	size_t used = 0;

	list[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		unsigned d = edit_distance(name, names[i]);

		if (d < best) {
			best = d;
			nearest = names[i];
		}
		if (used < sizeof(list))
			used += (size_t)snprintf(
				list + used, sizeof(list) - used, "%s%s", i ? ", " : "", names[i]);
	}
	err_set(e, -EINVAL, "usage", "unknown %s '%s'%s%s%s", what, name,
		nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
	return err_help(e, "one of: %s", list);
}
