/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/demo/start.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "workloads/demo/error_name.h"
#include "workloads/guest_init.h"
#include "workloads/slurp.h"

#define SECONDS 10
#define NOT_STARTED 127

/* --- the child --- */

static int failed_at; /* a pipe: the errno of an execve that came back */

static void __attribute__((noreturn)) be_image(const struct probe *p, int fd, const char *path)
{
	/*
	 * No core file, and nobody who collects them (kernel: fs/coredump.c): of limits, 1 is the
	 * one that core_pattern's programs heed too.
	 */
	const struct rlimit no_core = { 1, 1 };
	char *const argv[] = { (char *)path, NULL };
	int error;

	if (p->guest)
		guest_drop_ports();
	if (p->report->fd > STDERR_FILENO)
		fcntl(p->report->fd, F_SETFD, FD_CLOEXEC);
	setrlimit(RLIMIT_CORE, &no_core);
	signal(SIGALRM, SIG_DFL);
	alarm(SECONDS); /* holds on over execve */
	if (fd < 0)
		execve(path, argv, environ);
	else
		syscall(SYS_execveat, fd, "", argv, environ, AT_EMPTY_PATH);
	error = errno;
	if (write(failed_at, &error, sizeof(error)) < 0)
		_exit(1);
	_exit(NOT_STARTED);
}

/* --- what came of it --- */

static void describe_signal(int sig, char out[START_TEXT])
{
	static const struct {
		int sig;
		const char *name;
	} names[] = {
		{ SIGSEGV, "SIGSEGV" },
		{ SIGILL, "SIGILL" },
		{ SIGBUS, "SIGBUS" },
		{ SIGTRAP, "SIGTRAP" },
		{ SIGSYS, "SIGSYS" },
		{ SIGKILL, "SIGKILL" },
		{ SIGALRM, "still running" },
	};

	snprintf(out, START_TEXT, "signal %d", sig);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].sig == sig)
			snprintf(out, START_TEXT, "%s", names[i].name);
}

/* The errno of the execve, 0 where there was none and @out says how the program ended. */
static int start(const struct probe *p, int fd, const char *path, char out[START_TEXT])
{
	int ends[2], error = 0, status = 0;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return errno;
	failed_at = ends[1];
	child = fork();
	if (child == 0)
		be_image(p, fd, path);
	close(ends[1]);
	if (child < 0)
		error = errno;
	else if (read(ends[0], &error, sizeof(error)) != sizeof(error))
		error = 0;
	close(ends[0]);
	while (child > 0 && waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return errno;
	if (error)
		return error;
	if (WIFSIGNALED(status))
		describe_signal(WTERMSIG(status), out);
	else
		snprintf(out, START_TEXT, "exit %d", WEXITSTATUS(status));
	return 0;
}

/* --- where it lies --- */

static int fill(int fd, const struct image *im)
{
	size_t at = 0;

	while (at < im->n) {
		ssize_t n = write(fd, im->bytes + at, im->n - at);

		if (n < 0)
			return errno;
		at += (size_t)n;
	}
	return 0;
}

static int start_from_folder(const struct probe *p, const struct image *im, char out[START_TEXT])
{
	char path[512];
	int fd, error;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", p->tmp, im->name) >= sizeof(path))
		return ENAMETOOLONG;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
	if (fd < 0)
		return errno;
	error = fill(fd, im);
	close(fd); /* a file that is open for writing is not started */
	if (!error)
		error = start(p, -1, path, out);
	unlink(path);
	return error;
}

static int start_from_memory(const struct probe *p, const struct image *im, char out[START_TEXT])
{
	int fd = memfd_create(im->name, MFD_CLOEXEC), error;

	if (fd < 0)
		return errno;
	error = fill(fd, im);
	if (!error)
		error = start(p, fd, im->name, out);
	close(fd);
	return error;
}

void start_image(const struct probe *p, const struct image *im, char out[START_TEXT])
{
	int error = start_from_folder(p, im, out);

	/* ENOEXEC is the kernel's answer to what is in the file; all others are about the file. */
	if (error && error != ENOEXEC)
		error = start_from_memory(p, im, out);
	if (error)
		snprintf(out, START_TEXT, "%s", error_name(error));
}

/* --- interpreters (Documentation/admin-guide/binfmt-misc.rst) --- */

/* The rest of the line of @text that begins with @word; 0 where there is none. */
static int line_of(const char *text, const char *word, char *out, size_t size)
{
	size_t n = strlen(word);

	while (text) {
		if (!strncmp(text, word, n)) {
			snprintf(out, size, "%.*s", (int)strcspn(text + n, "\n"), text + n);
			return 1;
		}
		text = strchr(text, '\n');
		text += text != NULL;
	}
	return 0;
}

static int is_for_windows(const char *entry)
{
	char is[128];

	if (strncmp(entry, "enabled\n", 8))
		return 0;
	if (line_of(entry, "extension ", is, sizeof(is)))
		return !strcmp(is, ".exe");
	if (line_of(entry, "offset ", is, sizeof(is)) && strcmp(is, "0"))
		return 0;
	return line_of(entry, "magic ", is, sizeof(is)) && !strncmp(is, "4d5a", 4); /* "MZ" */
}

int start_finds_windows(const char *folder, char *out, size_t size)
{
	DIR *d = opendir(folder);
	const struct dirent *entry;
	int found = 0;

	while (d && !found && (entry = readdir(d))) {
		char path[512], text[1024], interpreter[128] = "?";

		if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name) >=
				sizeof(path) ||
			slurp(path, text, sizeof(text)) < 0 || !is_for_windows(text))
			continue;
		found = 1;
		line_of(text, "interpreter ", interpreter, sizeof(interpreter));
		snprintf(out, size, "%s: %s", entry->d_name, interpreter);
	}
	if (d)
		closedir(d);
	return found;
}
