/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/proc.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/util.h"

#ifndef P_PIDFD
#define P_PIDFD 3 /* linux/wait.h, kernel 5.4 */
#endif

#define STAT_MAX 4096

/* Fields of /proc/PID/stat (proc_pid_stat(5)). */
enum { STATE_FIELD = 3, PARENT_FIELD = 4, START_TIME_FIELD = 22 };

int proc_pidfd(pid_t pid)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	return fd < 0 ? -errno : fd;
}

static int kill_pidfd(int pidfd)
{
	return (int)syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
}

/* false: it may go on living, and must not be waited for. Ours may be killed, so once more is worth
 * trying. */
static bool kill_surely(int pidfd)
{
	return kill_pidfd(pidfd) == 0 || errno == ESRCH || kill_pidfd(pidfd) == 0 || errno == ESRCH;
}

/* The raw system call: only it gives the child's rusage, which libc's waitid has no argument for.
 */
static int reap_pidfd(int pidfd, int flags, siginfo_t *si, struct rusage *ru)
{
	long r;

	do
		r = syscall(SYS_waitid, P_PIDFD, pidfd, si, WEXITED | __WALL | flags, ru);
	while (r < 0 && errno == EINTR);
	return r < 0 ? -errno : 0;
}

int proc_poll_ms(uint64_t deadline_ns)
{
	uint64_t now = now_ns(), ms;

	if (now >= deadline_ns)
		return 0;
	ms = (deadline_ns - now + 999999) / 1000000;
	return ms > INT32_MAX ? INT32_MAX : (int)ms;
}

static void tell_end(struct outcome *out, const siginfo_t *si)
{
	out->code = si->si_status;
	out->reason[0] = '\0';
	if (si->si_code == CLD_EXITED) {
		out->kind = OUTCOME_EXITED;
		if (si->si_status)
			snprintf(out->reason, sizeof(out->reason), "exit status %d", si->si_status);
	} else {
		out->kind = OUTCOME_SIGNALED;
		snprintf(out->reason, sizeof(out->reason), "killed by signal %d (%s)",
			si->si_status, strsignal(si->si_status));
	}
}

int proc_await(int pidfd, uint64_t deadline_ns, int cancel_fd, struct outcome *out, bool *late,
	struct err *e)
{
	struct pollfd p[2] = { { .fd = pidfd, .events = POLLIN },
		{ .fd = cancel_fd, .events = POLLIN } };

	*late = false;
	for (;;) {
		int r = poll(p, 2, proc_poll_ms(deadline_ns));

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return err_sys(e, "poll", "waiting for a child");
		if (p[0].revents)
			break;
		if (p[1].revents)
			return err_set(e, -ECANCELED, "wait", "interrupted");
		if (now_ns() >= deadline_ns) {
			*late = true;
			if (!kill_surely(pidfd))
				return err_sys(e, "pidfd_send_signal", "killing a child");
			break;
		}
	}
	out->at[PHASE_EXIT] = now_ns();
	return 0;
}

int proc_reap(int pidfd, bool late, struct outcome *out, struct err *e)
{
	siginfo_t si = { 0 };
	int r = reap_pidfd(pidfd, 0, &si, &out->usage);

	if (r < 0)
		return err_set(e, r, "waitid", "reaping a child: %s", strerror(-r));
	tell_end(out, &si);
	if (late) {
		out->kind = OUTCOME_TIMEOUT;
		snprintf(out->reason, sizeof(out->reason), "still running at the deadline, killed");
	}
	return 0;
}

int proc_wait(int pidfd, uint64_t deadline_ns, int cancel_fd, struct outcome *out, struct err *e)
{
	bool late;
	int r = proc_await(pidfd, deadline_ns, cancel_fd, out, &late, e);

	return r < 0 ? r : proc_reap(pidfd, late, out, e);
}

/* /proc/PID/stat; -ESRCH: there is no such process. */
static int read_stat(pid_t pid, char **text)
{
	char path[32];
	int r;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	r = read_file(path, STAT_MAX, text, NULL);
	return r == -ENOENT ? -ESRCH : r;
}

/* Its field @wanted, from the third on; "" where it has none. */
static const char *stat_field(const char *text, int wanted)
{
	const char *at = strrchr(text, ')'); /* a program's name may hold anything */

	for (int field = 2; at && field < wanted; field++)
		at = strchr(at + 1, ' ');
	return at ? at + 1 : "";
}

static uint64_t number_of(pid_t pid, int field)
{
	cleanup_free char *text = NULL;

	return read_stat(pid, &text) < 0 ? 0 : strtoull(stat_field(text, field), NULL, 10);
}

static bool says_zombie(const char *text)
{
	char state = *stat_field(text, STATE_FIELD);

	return state == 'Z' || state == 'X';
}

bool proc_is_zombie(pid_t pid)
{
	cleanup_free char *text = NULL;

	return !read_stat(pid, &text) && says_zombie(text);
}

bool proc_is_gone(pid_t pid, uint64_t start)
{
	cleanup_free char *text = NULL;
	int r = read_stat(pid, &text);

	if (r < 0)
		return r == -ESRCH;
	return strtoull(stat_field(text, START_TIME_FIELD), NULL, 10) != start || says_zombie(text);
}

uint64_t proc_start_time(pid_t pid)
{
	return number_of(pid, START_TIME_FIELD);
}

pid_t proc_parent(pid_t pid)
{
	return (pid_t)number_of(pid, PARENT_FIELD);
}

void proc_kill(int pidfd)
{
	siginfo_t si;

	if (pidfd < 0)
		return;
	/* Who cannot be killed dies with us at the latest (PR_SET_PDEATHSIG). */
	reap_pidfd(pidfd, kill_surely(pidfd) ? 0 : WNOHANG, &si, NULL);
}

void proc_kill_child(pid_t pid, int *pidfd)
{
	if (*pidfd >= 0) {
		proc_kill(*pidfd);
	} else if (pid > 0) {
		kill(pid, SIGKILL);
		while (waitpid(pid, NULL, __WALL) < 0 && errno == EINTR)
			;
	}
	close_fd(pidfd);
}
