/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The recipe of a container. All code here runs while memory may still be shared with the runner:
 * system calls by sys.h, data made ahead, no libc that keeps state.
 */
#include "ctr/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/fds.h"
#include "base/report_abi.h"
#include "base/sys.h"
#include "base/util.h"
#include "ctr/caps.h"
#include "ctr/net.h"

#define HOST_NAME "bench"

/* Descriptors after the first step; 0 to REPORT_FD are what the program gets. */
enum {
	FD_CHANNEL = REPORT_FD + 1,
	FD_PROGRAM,
	FD_PROGRAM_MOUNT,
	FD_HELPER,
	FD_FIXED,
	FD_RUNNER,
	FD_FIRST_FREE
};

struct child {
	const struct child_plan *plan;
	const struct child_args *args;
	struct rootfs rootfs; /* the plan's, with this launch's descriptor */
	int channel, runner;
	const char *what;
};

CHILD_CODE static void copy_text(char *to, size_t size, const char *from)
{
	size_t i = 0;

	for (; from && from[i] && i + 1 < size; i++)
		to[i] = from[i];
	to[i] = '\0';
}

/* Tell which step failed on what, and end. */
CHILD_CODE static void must(const struct child *c, const char *step, long r)
{
	struct child_failure f = { .error = (int)-r };

	if (r >= 0)
		return;
	copy_text(f.step, sizeof(f.step), step);
	copy_text(f.what, sizeof(f.what), c->what);
	sys3(SYS_write, c->channel, &f, sizeof(f));
	for (;;)
		sys1(SYS_exit_group, 127);
}

static bool has(const struct child *c, unsigned ns)
{
	return c->plan->namespaces & ns;
}

/*
 * Descriptors 0 to FD_FIRST_FREE - 1 into place, everything else closed: nothing of the host that
 * happened to be open may be there while the container is made, let alone after (CVE-2024-21626).
 * A source may sit where a target must go, so all are lifted first.
 */
CHILD_CODE static long place_descriptors(struct child *c)
{
	const int from[FD_FIRST_FREE] = { c->plan->null_fd, c->args->output_fd, c->args->error_fd,
		c->args->report_fd, c->args->channel, c->plan->program_fd,
		c->plan->rootfs.program_mount, c->args->helper, c->plan->rootfs.fixed,
		c->plan->runner_fd };
	static const char *const names[FD_FIRST_FREE] = { "standard input", "standard output",
		"standard error", "report descriptor", "channel", "program", "program's mount",
		"helper", "prepared mount namespace", "runner" };
	long lifted[FD_FIRST_FREE] = { 0 }, r;

	for (int i = 0; i < FD_FIRST_FREE; i++) {
		c->what = names[i];
		lifted[i] = from[i] < 0 && i > FD_CHANNEL
				    ? -1
				    : sys3(SYS_fcntl, from[i], F_DUPFD_CLOEXEC, FD_FIRST_FREE);
		if (lifted[i] < 0 && (from[i] >= 0 || i <= FD_CHANNEL))
			return lifted[i];
	}
	for (int i = 0; i < FD_FIRST_FREE; i++) {
		if (lifted[i] < 0)
			continue;
		/* A program of the user's own has nothing to report. */
		r = sys3(
			SYS_dup3, lifted[i], i, i > REPORT_FD - !!c->plan->program ? O_CLOEXEC : 0);
		if (r < 0)
			return r;
	}
	c->channel = FD_CHANNEL;
	c->runner = FD_RUNNER;
	c->rootfs.program_mount = lifted[FD_PROGRAM_MOUNT] < 0 ? -1 : FD_PROGRAM_MOUNT;
	c->rootfs.fixed = lifted[FD_FIXED] < 0 ? -1 : FD_FIXED;
	c->what = "other descriptors";
	return fds_close_from(FD_FIRST_FREE);
}

/* The exec resets handlers but keeps what is ignored (SIGPIPE, say) and the blocked signals. */
CHILD_CODE static long default_signals(void)
{
	const struct {
		void *handler;
		unsigned long flags;
		void *restorer;
		uint64_t mask;
	} dfl = { NULL, 0, NULL, 0 };
	const uint64_t none = 0;

	for (int sig = 1; sig <= 64; sig++)
		sys4(SYS_rt_sigaction, sig, &dfl, NULL, sizeof(none)); /* not SIGKILL, SIGSTOP */
	return sys4(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof(none));
}

/*
 * Whatever ends the runner ends the container, SIGKILL included. Changing ids clears the setting,
 * so it comes after. The signal comes only from a death after it was asked for; one before is seen
 * by the runner's pidfd, and where that was a moment too early, by the channel, whose other end the
 * runner closes first. The channel alone would not do: a helper beside, or this process itself, may
 * hold that end, too.
 */
CHILD_CODE static long die_with_runner(struct child *c)
{
	struct pollfd p[] = { { .fd = c->channel, .events = POLLIN },
		{ .fd = c->runner, .events = POLLIN } };
	const struct timespec now = { 0, 0 };
	long r = sys5(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);

	if (r < 0)
		return r;
	r = sys5(SYS_ppoll, p, ARRAY_SIZE(p), &now, NULL, 0);
	return r > 0 ? -EPIPE : r;
}

CHILD_CODE static void run_program(struct child *c)
{
	/* Empty as under "host": its size moves the stack, and that alone changes timings. */
	static char *const env[] = { NULL };

	const struct rt_program *own = c->plan->program;

	if (own)
		must(c, "execve", sys3(SYS_execve, own->path, own->argv, own->envp));
	if (has(c, CLONE_NEWNS))
		must(c, "execve", sys3(SYS_execve, ROOTFS_PROGRAM, c->args->argv, env));
	must(c, "execveat", sys5(SYS_execveat, FD_PROGRAM, "", c->args->argv, env, AT_EMPTY_PATH));
}

/*
 * What was opened on the way is closed now, not by the exec: a tree of somebody else's may have
 * links to /proc/self/fd/N where the working directory, the program or its interpreter is looked
 * up, and through one of our descriptors they would lead to the host (CVE-2024-21626). The channel
 * stays: a socket leads nowhere. The program's is there only for an exec without a mount namespace.
 */
CHILD_CODE static long close_sources(const struct child *c)
{
	return fds_close_from(has(c, CLONE_NEWNS) ? FD_PROGRAM : FD_PROGRAM + 1);
}

/* See CHILD_MOUNTS. It is only worth trying: what fails makes the end later, not wrong. */
CHILD_CODE static void hand_over_mounts(const struct child *c)
{
	static const char byte = 0;
	struct iovec from = { (void *)&byte, CHILD_MOUNTS };
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { .head = { .cmsg_len = CMSG_LEN(sizeof(int)),
			      .cmsg_level = SOL_SOCKET,
			      .cmsg_type = SCM_RIGHTS } };
	struct msghdr m = { .msg_iov = &from,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	long fd = sys4(SYS_openat, AT_FDCWD, "/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC, 0);

	if (fd < 0)
		return;
	*(int *)(void *)CMSG_DATA(&control.head) = (int)fd;
	sys3(SYS_sendmsg, c->channel, &m, MSG_NOSIGNAL);
	sys1(SYS_close, fd);
}

/* Into place without the help of others: what needs neither ids nor a cgroup. */
CHILD_CODE static void begin(struct child *c)
{
	const struct child_plan *plan = c->plan;

	must(c, "descriptors", place_descriptors(c));
	c->what = plan->rootfs.program;
	must(c, "signals", default_signals());
	/* A new session has no terminal: nothing can be typed into the user's (TIOCSTI). */
	must(c, "setsid", sys0(SYS_setsid));
	must(c, "sched_setaffinity",
		sys3(SYS_sched_setaffinity, 0, sizeof(plan->cpus), &plan->cpus));
	/* For the wait; changing ids will undo it. */
	must(c, "die with runner", die_with_runner(c));
}

CHILD_CODE static void name_host(struct child *c)
{
	if (has(c, CLONE_NEWUTS))
		must(c, "sethostname", sys2(SYS_sethostname, HOST_NAME, sizeof(HOST_NAME) - 1));
}

CHILD_CODE static void become_root(struct child *c)
{
	if (has(c, CLONE_NEWUSER))
		must(c, "ids", idmap_become_root(&c->plan->ids, &c->what));
	must(c, "die with runner", die_with_runner(c));
}

/* Born in all namespaces, its root built from nothing: what works everywhere. */
CHILD_CODE static void enter_alone(struct child *c)
{
	name_host(c);
	if (has(c, CLONE_NEWNET))
		must(c, "loopback", net_loopback_up());
	/* Meanwhile the runner mapped our ids and put us where we belong. */
	must(c, "wait", meeting_await_go(&c->args->shared->meeting));
	become_root(c);
	/* Its root is the cgroup that its maker is in: so not before we are in ours. */
	if (c->args->later)
		must(c, "cgroup namespace", sys1(SYS_unshare, c->args->later));
	sys1(SYS_umask, 0); /* modes below are meant as they stand */
	if (has(c, CLONE_NEWNS))
		must(c, "root file system", rootfs_enter(&c->rootfs, &c->what));
	else
		must(c, "chdir", sys1(SYS_chdir, "/"));
	sys1(SYS_umask, 022);
}

/*
 * With what is ready and what a helper makes at the same time. Only the pid namespace is one's own
 * from birth, since only a child can be in a new one. Still with the runner's rights: over to the
 * prepared mounts. Then into the user namespace, which from there on owns what is made.
 */
CHILD_CODE static void enter_prepared(struct child *c)
{
	if (has(c, CLONE_NEWNS))
		must(c, "root file system", rootfs_leave_host(&c->rootfs, &c->what));
	else
		must(c, "chdir", sys1(SYS_chdir, "/"));
	must(c, "wait", meeting_await_go(&c->args->shared->meeting));
	if (has(c, CLONE_NEWUSER))
		must(c, "user namespace", sys2(SYS_setns, FD_HELPER, CLONE_NEWUSER));
	become_root(c);
	/*
	 * The change of ids made the memory undumpable, and with it the helper's, who then could
	 * not be joined again. Nobody can make use of it: who shares the uid is in another user
	 * namespace without a right over this one, and does not see our pid.
	 */
	must(c, "dumpable", sys5(SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0));
	must(c, "namespaces", sys1(SYS_unshare, c->args->later));
	name_host(c);
	sys1(SYS_umask, 0); /* modes are meant as they stand */
	if (has(c, CLONE_NEWNS))
		must(c, "root file system", rootfs_complete(&c->rootfs, &c->what));
	sys1(SYS_umask, 022);
}

/* The last thing that needs rights: the network namespace, and /sys, which shows it. */
CHILD_CODE static void join_network(struct child *c)
{
	struct meeting *m = &c->args->shared->meeting;

	if (has(c, CLONE_NEWNET)) {
		must(c, "network", meeting_await_net(m, BESIDE_MADE, &c->what));
		must(c, "network namespace", sys2(SYS_setns, FD_HELPER, CLONE_NEWNET));
	}
	/* At once: the helper is still busy with the loopback, and need not be woken. */
	meeting_say(&m->joined, 1);
	if (has(c, CLONE_NEWNS))
		must(c, "root file system", rootfs_add_sys(&c->rootfs, &c->what));
}

/* The helper's last step: it had the time of ours since it made the namespace. */
CHILD_CODE static void await_loopback(struct child *c)
{
	if (c->plan->prepared && has(c, CLONE_NEWNET))
		must(c, "network",
			meeting_await_net(&c->args->shared->meeting, BESIDE_LOOPBACK_UP, &c->what));
}

CHILD_CODE int child_main(void *arg)
{
	struct child child = { .args = arg }, *c = &child;
	const struct child_plan *plan = c->args->plan;

	c->plan = plan;
	c->rootfs = plan->rootfs;
	c->channel = c->args->channel;
	c->args->shared->process = now_ns();

	begin(c);
	if (plan->prepared)
		enter_prepared(c);
	else
		enter_alone(c);

	if (has(c, CLONE_NEWNS))
		hand_over_mounts(c);

	/* From here on rights only go. First the ways to get them back, then the rights themselves.
	 */
	c->what = plan->rootfs.program;
	if (plan->processes.rlim_max)
		must(c, "process limit",
			sys4(SYS_prlimit64, 0, RLIMIT_NPROC, &plan->processes, NULL));
	must(c, "no_new_privs", sys5(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	if (!plan->keep_caps)
		must(c, "capabilities", caps_drop_bounds(plan->capabilities));
	if (plan->prepared) {
		/* The longer half of the filter while the network is made: seccomp.h */
		must(c, "seccomp", seccomp_install(&plan->filter, SECCOMP_EARLY));
		join_network(c);
	}
	if (!plan->keep_caps)
		must(c, "capabilities", caps_drop_all());
	must(c, "descriptors", close_sources(c));
	if (has(c, CLONE_NEWNS)) {
		c->what = plan->rootfs.dir;
		must(c, "working directory", sys1(SYS_chdir, plan->rootfs.dir));
		c->what = plan->rootfs.program;
	}
	/* Last, so that it need not allow any of the above; what follows only waits. */
	must(c, "seccomp",
		seccomp_install(&plan->filter, plan->prepared ? SECCOMP_LATE : SECCOMP_WHOLE));
	await_loopback(c);
	c->args->shared->sandbox = now_ns();
	if (c->args->argv)
		run_program(c);
	for (;;)
		sys1(SYS_exit_group, 0);
}

CHILD_CODE int child_fix_mounts(void *arg)
{
	struct child child = { .args = arg }, *c = &child;
	static const char done = 0;

	c->plan = c->args->plan;
	c->channel = c->args->channel;
	c->runner = c->plan->runner_fd;
	must(c, "die with runner", die_with_runner(c));
	sys1(SYS_umask, 0); /* modes are meant as they stand */
	must(c, "root file system", rootfs_make_fixed(&c->plan->rootfs, &c->what));
	must(c, "write", sys3(SYS_write, c->channel, &done, 1));
	for (;;)
		sys0(SYS_pause);
}
