/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/make_script.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/proc.h"
#include "base/spawn.h"
#include "base/util.h"

/* The last line that the script wrote to its standard error says what failed. */
static int make_failed(const struct make_script *m, const struct outcome *out, const char *name,
	const char *log, struct err *e)
{
	cleanup_free char *text = NULL;
	size_t len, prefix = strlen(m->script);
	char *line;

	if (out->kind == OUTCOME_EXITED && (out->code == 130 || out->code == 143))
		return err_set(e, -ECANCELED, m->script, "%s '%s' was interrupted", m->doing, name);
	if (out->kind != OUTCOME_EXITED || read_file(log, 1 << 20, &text, &len) < 0 || !len)
		return err_set(e, -EIO, m->script, "%s '%s': %s", m->doing, name, out->reason);
	if (text[len - 1] == '\n')
		text[len - 1] = '\0';
	line = strrchr(text, '\n');
	line = line ? line + 1 : text;
	if (!strncmp(line, m->script, prefix) && !strncmp(line + prefix, ": ", 2))
		line += prefix + 2;
	err_set(e, -EIO, m->script, "%s %s '%s': %.400s", m->doing, m->what, name, line);
	return m->otherwise ? err_help(e, "%s", m->otherwise) : -EIO;
}

int make_script_run(const struct make_script *m, const char *name, const char *dir,
	const char *source, const struct paths *paths, struct err *e)
{
	cleanup_file FILE *log = tmpfile();
	char script[PATH_SIZE], log_path[64];
	char option[] = "--source";
	char *argv[] = { script, (char *)name, (char *)dir, source ? option : NULL, (char *)source,
		NULL };
	struct outcome out = { 0 };
	struct spawned child;
	int fds[3] = { -1, -1, -1 };
	int r = 0;

	if (snprintf(script, sizeof(script), "%s/%s", paths->scripts, m->script) >= PATH_SIZE)
		return err_set(e, -ENAMETOOLONG, m->script, "'%s' is too long", paths->scripts);
	if (!log)
		return err_sys(e, "tmpfile", "for the messages of '%s'", script);
	fds[1] = fds[2] = fileno(log);
	r = spawn_program(
		&(struct spawn){
			.path = script, .argv = argv, .envp = environ, .fds = fds, .n_fds = 3 },
		&child, e);
	if (r < 0)
		return r;
	r = proc_wait(child.pidfd, now_ns() + m->seconds * NSEC_PER_SEC, -1, &out, e);
	close_fd(&child.pidfd);
	if (r < 0 || (out.kind == OUTCOME_EXITED && !out.code))
		return r;
	snprintf(log_path, sizeof(log_path), "/proc/self/fd/%d", fds[2]);
	return make_failed(m, &out, name, log_path, e);
}
