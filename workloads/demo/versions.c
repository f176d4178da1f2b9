/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "workloads/demo/made_for.h"
#include "workloads/demo/probe.h"
#include "workloads/slurp.h"

static const struct call {
	const char *name;
	long number, arguments[6];
} calls[] = {
#define CALL(name, number, since, option, ...) { #name, number, { __VA_ARGS__ } },
#include "workloads/demo/versions.def"
#undef CALL
};

/* What the kernel said: "ENOSYS" where it has no such call, anything else where it has. */
static void report_answer(const struct probe *p, const struct call *c)
{
	static const struct {
		int code;
		const char *name;
	} names[] = {
		{ 0, "0" },
		{ ENOSYS, "ENOSYS" },
		{ EINVAL, "EINVAL" },
		{ EFAULT, "EFAULT" },
		{ EBADF, "EBADF" },
		{ ENOENT, "ENOENT" },
		{ EPERM, "EPERM" },
		{ EACCES, "EACCES" },
		{ EOPNOTSUPP, "EOPNOTSUPP" },
	};
	const long *a = c->arguments;
	int code = syscall(c->number, a[0], a[1], a[2], a[3], a[4], a[5]) < 0 ? errno : 0;
	char key[64];

	snprintf(key, sizeof(key), "call.%s", c->name);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].code == code) {
			report_info(p->report, key, "%s", names[i].name);
			return;
		}
	}
	report_info(p->report, key, "errno %d", code);
}

/* Run the program with a pipe for its stdout; its exit status, or -1. */
static int run_program(const char *name, char *said, size_t size)
{
	size_t len = 0;
	ssize_t got;
	int fds[2], status;
	pid_t pid;

	said[0] = '\0';
	if (pipe(fds) < 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		dup2(fds[1], STDOUT_FILENO);
		close(fds[0]);
		close(fds[1]);
		_exit(made_for_run(name));
	}
	close(fds[1]);
	while (pid > 0 && (got = read(fds[0], said + len, size - 1 - len)) > 0)
		len += (size_t)got;
	said[len] = '\0';
	close(fds[0]);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

static void report_programs(const struct probe *p)
{
	char key[64], said[REPORT_VALUE_MAX];

	for (const char *const *name = made_for_names; *name; name++) {
		int status = run_program(*name, said, sizeof(said));

		snprintf(key, sizeof(key), "program.%s.status", *name);
		report_info(p->report, key, "%d", status);
		snprintf(key, sizeof(key), "program.%s.said", *name);
		report_info(p->report, key, "%s", said);
	}
}

/* Does a filter lie between us and the kernel? Then the answers are not the kernel's alone. */
static void report_filter(const struct probe *p)
{
	char text[4096], mode[16] = "";
	const char *line;

	slurp("/proc/self/status", text, sizeof(text));
	line = strstr(text, "\nSeccomp:");
	if (line && sscanf(line, "\nSeccomp: %15s", mode) == 1)
		report_info(p->report, "versions.seccomp", "%s", mode);
}

int probe_versions(const struct probe *p)
{
	struct utsname u;

	if (uname(&u) == 0)
		report_info(p->report, "kernel.release", "%s", u.release);
	report_filter(p);
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		report_answer(p, &calls[i]);
	report_programs(p);
	return 0;
}
