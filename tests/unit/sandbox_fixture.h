/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Children that live as a VMM does: for tests of vmm/sandbox.h, which need no KVM. */
#ifndef BENCH_TESTS_SANDBOX_FIXTURE_H
#define BENCH_TESTS_SANDBOX_FIXTURE_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/util.h"
#include "vmm/empty_ns.h"
#include "vmm/layout.h"
#include "vmm/runtime_vm.h"
#include "vmm/sandbox.h"

#define CAME_BACK 42 /* exit status: the call was not the last one */
#define NOT_INSIDE 43

static const char *const sandbox_list_names[SANDBOX_LISTS] = { "vcpu", "main", "snapshot" };

/* Entries of a directory of /proc/PID, less . and .. */
static inline int proc_entries(pid_t pid, const char *name, void (*each)(pid_t, const char *))
{
	cleanup_free char *path = format_text("/proc/%d/%s", (int)pid, name);
	DIR *d = opendir(path);
	int n = 0;

	if (!d)
		fail_msg("%s: %s", path, strerror(errno));
	for (const struct dirent *de = readdir(d); de; de = readdir(d)) {
		if (*de->d_name == '.')
			continue;
		if (each)
			each(pid, de->d_name);
		n++;
	}
	closedir(d);
	return n;
}

/* What the VMM is told of the smallest guest. */
static inline struct vm_config sandbox_config(const struct empty_ns *ns)
{
	return (struct vm_config){
		.ram_bytes = RAM_MIN, .vcpus = 1, .namespaces = ns->flags, .sanitized = SANITIZED
	};
}

/* In a child: the steps of main.c and vm.c. Descriptors that a VMM is not started with are closed,
 * as its exec does it. */
static inline int sandbox_be_vmm(const struct empty_ns *ns, struct err *e)
{
	const struct vm_config cfg = sandbox_config(ns);
	int lifted[SANDBOX_NS], r;

	for (size_t i = 0; i < SANDBOX_NS; i++)
		lifted[i] = ns->fd[i] < 0 ? -1 : fcntl(ns->fd[i], F_DUPFD, VM_FD_COUNT);
	for (size_t i = 0; i < SANDBOX_NS; i++) {
		if (lifted[i] >= 0)
			dup2(lifted[i], sandbox_ns[i].fd);
	}
	syscall(SYS_close_range, VM_FD_COUNT, ~0u, 0);
	r = sandbox_enter(&cfg, e);
	if (!r)
		sandbox_close();
	return r;
}

/* An end that each list allows: its own. */
static inline void sandbox_end(enum sandbox_list list, int status)
{
	syscall(list == SANDBOX_VCPU ? SYS_exit : SYS_exit_group, status);
}

/* What a child in the sandbox does; it may only make calls of its list, and returns its status. */
typedef int sandbox_act(void *ctx);

/* Run @act in a child that has @list. Returns its wait status. */
static inline int sandbox_run(
	const struct empty_ns *ns, enum sandbox_list list, sandbox_act *act, void *ctx)
{
	pid_t pid = fork();
	int status;
	struct err e;

	assert_true(pid >= 0);
	if (!pid) {
		if (sandbox_be_vmm(ns, &e) < 0 || sandbox_filter(list, &e) < 0)
			_exit(NOT_INSIDE);
		sandbox_end(list, act(ctx));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

#endif
