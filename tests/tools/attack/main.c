/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 *   ctr_attack KEY=VALUE,...[,outside]   try everything, one line "name=verdict" each to descriptor
 * 3 ctr_attack forks | memory | tmp | shm | survive      see bombs.c
 *   ctr_attack places | who       see places.c
 *
 * A verdict is "ok" where the attack came through, or the name of the error, or of the signal.
 */
#include "attack.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bombs.h"
#include "places.h"

#define SECONDS_EACH 20

static int verdicts = 3;

void say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vdprintf(verdicts, fmt, ap);
	va_end(ap);
}

int terminal(void)
{
	return isatty(STDOUT_FILENO) ? STDOUT_FILENO : STDERR_FILENO;
}

void say_verdict(const char *name, long r)
{
	say("%s=%s\n", name, r ? strerrorname_np((int)-r) : "ok");
}

/* In a process of its own: some change what they are, and some may be killed. */
static void try_one(const struct attack *a, const struct target *t)
{
	int status = 0;
	pid_t pid = fork();

	if (!pid) {
		if (t->outside &&
			(unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)))
			_exit(errno);
		alarm(SECONDS_EACH);
		_exit((int)-a->run(t));
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		say("%s=no process\n", a->name);
	else if (WIFSIGNALED(status))
		say("%s=signal %d\n", a->name, WTERMSIG(status));
	else
		say_verdict(a->name, -WEXITSTATUS(status));
}

static int try_all(const struct target *t)
{
	const struct attack *const lists[] = { attacks_on_files, attacks_on_kernel,
		attacks_on_neighbours };

	for (size_t i = 0; i < SIZE(lists); i++) {
		for (const struct attack *a = lists[i]; a->name; a++)
			try_one(a, t);
	}
	say("end=ok\n");
	return 0;
}

static const char *value_of(const char *text, const char *key)
{
	static char value[128];
	const char *at = strstr(text, key);

	value[0] = '\0';
	if (at)
		sscanf(at + strlen(key), "%127[^,]", value);
	return value;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	struct target t = { 0 };
	int r;

	if (fcntl(verdicts, F_GETFD) < 0)
		verdicts = STDOUT_FILENO;
	r = bomb(what);
	if (r < 0)
		r = look(what);
	if (r >= 0)
		return r;
	t.outside = strstr(what, "outside") != NULL;
	t.victim = atoi(value_of(what, "victim="));
	t.at = strtoul(value_of(what, "at="), NULL, 16);
	t.port = (unsigned)atoi(value_of(what, "port="));
	t.shm = atoi(value_of(what, "shm="));
	snprintf(t.secret, sizeof(t.secret), "%s", value_of(what, "secret="));
	snprintf(t.abstract, sizeof(t.abstract), "%s", value_of(what, "abstract="));
	return try_all(&t);
}
