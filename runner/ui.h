/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a person sees on stderr: errors with their remedy, warnings, one progress line. */
#ifndef BENCH_RUNNER_UI_H
#define BENCH_RUNNER_UI_H

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"

/* Exit statuses of every verb. */
enum exit_status {
	STATUS_OK = 0,
	STATUS_FAILED = 1,       /* a measurement failed; the others are kept */
	STATUS_USAGE = 2,        /* wrong usage */
	STATUS_NOTHING = 3,      /* nothing that was asked for can run here */
	STATUS_INTERRUPTED = 130 /* SIGINT or SIGTERM; what was measured is kept */
};

/* Print @e as "bench: message" and "       try: remedy" where there is one. */
void ui_error(const struct err *e);
void ui_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void ui_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The status for an error: STATUS_USAGE for -EINVAL, STATUS_INTERRUPTED for -ECANCELED, ... */
enum exit_status ui_status(const struct err *e);

/*
 * One line that is rewritten in place; nothing where stderr is no terminal. The emulated machine's
 * inside, whose stderr ends on a terminal outside, is told so by this environment variable.
 */
#define UI_PROGRESS_ENV "BENCH_PROGRESS"

void ui_progress(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void ui_progress_done(void);

/* Columns of stdout, where it is a terminal that says so; else 100. */
unsigned ui_width(void);

/* May @f be coloured: a terminal, and NO_COLOR and TERM=dumb are not set? */
bool ui_color(FILE *f);

/* Add "did you mean" and the known names to @e: @names is a list of @n, @what its plural. */
int ui_unknown(
	struct err *e, const char *what, const char *name, const char *const *names, size_t n);

#endif
