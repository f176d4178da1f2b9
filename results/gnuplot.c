/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/gnuplot.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "base/proc.h"
#include "base/spawn.h"
#include "base/util.h"

#define TIME_LIMIT (120 * NSEC_PER_SEC) /* forty benchmarks take below 5 s */
#define MAX_ARGS 1024

static const char STEP[] = "gnuplot";

int gnuplot_find(char **out, struct err *e)
{
	const char *path = getenv("PATH");
	cleanup_free char *copy = strdup(path ? path : "/usr/local/bin:/usr/bin:/bin");
	char *rest = copy, *dir;

	while (rest && (dir = strsep(&rest, ":"))) {
		cleanup_free char *full = format_text("%s/gnuplot", dir);

		if (!full)
			return err_set(e, -ENOMEM, STEP, "no memory for looking for gnuplot");
		if (*dir != '/')
			continue;
		if (access(full, X_OK) == 0) {
			*out = steal_pointer(&full);
			return 0;
		}
		if (errno != ENOENT && errno != ENOTDIR && errno != EACCES)
			return err_sys(e, STEP, "looking for '%s'", full);
	}
	if (!copy)
		return err_set(e, -ENOMEM, STEP, "no memory for looking for gnuplot");
	err_set(e, -ENOENT, STEP, "gnuplot is not installed: no plots");
	err_help(e, "apt install gnuplot-nox; then 'bench plot DIR' makes them from the files");
	return -ENOENT;
}

/* The first line of what it printed, or "" where it said nothing. */
static void first_complaint(int fd, char *out, size_t size)
{
	ssize_t n = pread_all(fd, out, size - 1, 0);
	char *from = out;

	out[n > 0 ? n : 0] = '\0';
	from += strspn(from, " \n\t^");
	memmove(out, from, strlen(from) + 1);
	out[strcspn(out, "\n")] = '\0';
}

int gnuplot_run(const char *gnuplot, const char *dir, char *const *scripts, struct err *e)
{
	cleanup_fd int output = memfd_create("gnuplot", MFD_CLOEXEC);
	cleanup_fd int pidfd = -1;
	const char *argv[MAX_ARGS] = { "gnuplot", "-d" }; /* -d: not the user's own settings */
	const int fds[] = { -1, output, output };
	struct spawn sp = { .path = gnuplot,
		.argv = (char *const *)argv,
		.envp = environ,
		.fds = fds,
		.n_fds = 3,
		.dir = dir,
		.own_group = 1 };
	struct outcome out = { 0 };
	struct spawned child;
	char why[256];
	int r;

	if (output < 0)
		return err_sys(e, "memfd_create", "a place for gnuplot's messages");
	for (size_t i = 0; scripts[i]; i++) {
		if (i + 3 >= MAX_ARGS)
			return err_set(e, -E2BIG, "gnuplot", "more than %d plots", MAX_ARGS - 3);
		argv[i + 2] = scripts[i];
	}
	r = spawn_program(&sp, &child, e);
	if (r < 0)
		return r;
	pidfd = child.pidfd;
	r = proc_wait(pidfd, now_ns() + TIME_LIMIT, -1, &out, e);
	if (r < 0) {
		proc_kill(pidfd);
		return r;
	}
	first_complaint(output, why, sizeof(why));
	if (out.kind == OUTCOME_EXITED && out.code == 0)
		return 0;
	return err_set(e, -EIO, "gnuplot", "gnuplot in '%s': %s%s%s", dir, out.reason,
		*why ? ": " : "", why);
}
