/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "workloads/demo/probe.h"
#include "workloads/slurp.h"

#define CHILDREN 3

/* They have the name from their first moment on, and none outlives who started them. */
static void start_children(const struct probe *p, const char *name)
{
	char own[16] = "", list[64] = "";
	int n = 0;

	prctl(PR_GET_NAME, own);
	prctl(PR_SET_NAME, name);
	for (int i = 0; i < CHILDREN; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			for (;;)
				pause();
		}
		if (pid > 0)
			n += snprintf(
				list + n, sizeof(list) - (size_t)n, "%s%d", n ? " " : "", (int)pid);
	}
	prctl(PR_SET_NAME, own);
	report_info(p->report, "visible.children", "%s", list);
}

static void slurp_of(const char *pid, const char *file, char *text, size_t size)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%.10s/%s", pid, file);
	if (slurp(path, text, size) < 0)
		text[0] = '\0';
}

/* Threads of the kernel stand in /proc as processes do, but without a command line. */
static void tell_processes(const struct probe *p)
{
	DIR *dir = opendir("/proc");
	unsigned programs = 0, others = 0;
	struct dirent *d;
	char text[64];

	if (!dir)
		return;
	while ((d = readdir(dir))) {
		if (d->d_name[0] < '1' || d->d_name[0] > '9')
			continue;
		slurp_of(d->d_name, "cmdline", text, sizeof(text));
		if (text[0])
			programs++;
		else
			others++;
	}
	closedir(dir);
	report_info(p->report, "visible.programs", "%u", programs);
	report_info(p->report, "visible.kernel_threads", "%u", others);
}

int probe_visible(const struct probe *p)
{
	char name[64] = "", comm[64];
	char *pid;

	snprintf(name, sizeof(name), "%s", p->value ? p->value : "");
	pid = strchr(name, ':');
	if (!pid)
		return 2;
	*pid++ = '\0';
	start_children(p, name);
	tell_processes(p);
	report_info(p->report, "visible.self", "%d", (int)getpid());
	slurp_of(pid, "comm", comm, sizeof(comm));
	report_info(p->report, "visible.runner", "%s", comm[0] ? comm : "nothing");
	probe_stay(p);
}
