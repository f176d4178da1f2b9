/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The runner's side of a container: one launch, its end. */
#include "ctr/ctr.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "base/proc.h"
#include "base/ready.h"
#include "base/sys.h"
#include "base/util.h"
#include "ctr/remedy.h"
#include "ctr/runtime.h"

#ifndef PIDFD_SIGNAL_PROCESS_GROUP
#define PIDFD_SIGNAL_PROCESS_GROUP (1u << 2) /* linux/pidfd.h, kernel 6.9 */
#endif

#define TRIAL_NS (5 * NSEC_PER_SEC) /* what probe waits for its container at most */

/* --- what a child says --- */

int ctr_tell_failure(const struct runtime *rt, const struct child_failure *f, struct err *e)
{
	err_set(e, -f->error, f->step, "making a container for '%s' failed at '%s': %s",
		rt->program, f->what, strerror(f->error));
	return remedy_add(e, "/proc");
}

/*
 * unix(7): an end that closes with something unread in it makes the other's next call fail with
 * ECONNRESET, once, and only then come the messages that it had sent before.
 */
ssize_t ctr_hear(int channel, struct child_failure *f, int *mounts, int flags)
{
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	/* cppcheck-suppress ctuuninitvar ; the kernel fills it */
	struct iovec to = { f, sizeof(*f) };
	struct msghdr m = { .msg_iov = &to, .msg_iovlen = 1, .msg_control = &control };
	const struct cmsghdr *c;
	ssize_t n;

	do {
		m.msg_controllen = sizeof(control);
		n = recvmsg(channel, &m, flags | MSG_CMSG_CLOEXEC);
	} while (n < 0 && (errno == ECONNRESET || errno == EINTR));
	c = n > 0 ? CMSG_FIRSTHDR(&m) : NULL;
	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
		memcpy(mounts, CMSG_DATA(c), sizeof(*mounts));
	return n;
}

/* --- launch --- */

/* The program is executable by path in there; a runner with the right to hands its mount over. */
static int program_mount(const struct runtime *rt)
{
	const struct child_plan *p = &rt->plan;

	if (!(p->namespaces & CLONE_NEWNS) || p->program || p->prepared ||
		p->rootfs.mounter != &mounter_by_fd)
		return -1;
	return (int)mount_detached(p->program_fd);
}

/* It has gone, or is going: whatever it made is the container's now. */
static void end_helper(struct instance *in)
{
	proc_kill(in->helper.pidfd);
	close_fd(&in->helper.pidfd);
}

/* Of one that has ended. Where a step of the network failed, the container's process tells it. */
static bool helper_was_done(const struct runtime *rt)
{
	const struct meeting *m = &rt->shared->meeting;

	return m->joined && (!rt->beside.net || m->net < 0 || m->net == BESIDE_LOOPBACK_UP);
}

/*
 * Until the channel ends (0: the program runs) or tells a failure, or time is up. The helper ends
 * some time before the exec: that is when there is time to bury it.
 */
static int await_exec(struct instance *in, const struct job *job, int channel, struct err *e)
{
	const struct runtime *rt = in->rt;
	struct pollfd p[3] = { { .fd = channel, .events = POLLIN },
		{ .fd = rt->cancel_fd, .events = POLLIN },
		{ .fd = in->helper.pidfd, .events = POLLIN } };
	struct child_failure f;
	ssize_t n;

	for (;;) {
		uint64_t now = now_ns();
		uint64_t ms = job->deadline_ns > now ? (job->deadline_ns - now) / 1000000 + 1 : 0;
		int r = poll(p, ARRAY_SIZE(p), ms > INT_MAX ? INT_MAX : (int)ms);

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return err_sys(e, "poll", "waiting for a container to start");
		if (p[0].revents) {
			n = ctr_hear(channel, &f, &in->mounts, 0);
			if (n < 0)
				return err_sys(
					e, "recvmsg", "what the container's process has to say");
			if (n != CHILD_MOUNTS)
				break;
			continue;
		}
		if (p[1].revents)
			return err_set(e, -ECANCELED, "launch", "interrupted");
		if (p[2].revents && !helper_was_done(rt))
			return err_set(e, -ESRCH, "launch",
				"the process that makes namespaces died: out of memory, or killed");
		if (p[2].revents) {
			end_helper(in);
			p[2].fd = -1;
			continue;
		}
		if (!r && now_ns() >= job->deadline_ns)
			return err_set(e, -ETIMEDOUT, "launch",
				"the container was not ready at the deadline");
	}
	if (n == sizeof(f))
		return ctr_tell_failure(rt, &f, e);
	if (n == 0 && rt->shared->sandbox)
		return 0;
	return err_set(e, -ESRCH, "launch", "the container's process died while it was made");
}

/* What only the runner may do for the child, while that does what it can without. */
static int set_up_child(struct instance *in, const struct cgroup *cg, int channel, struct err *e)
{
	struct runtime *rt = in->rt;
	int r = 0;

	if (rt->plan.namespaces & CLONE_NEWUSER)
		r = idmap_write(
			&rt->plan.ids, rt->plan.prepared ? in->helper.pid : in->child.pid, e);
	if (!r && !in->child.in_cgroup)
		r = rt->cgroups.ops->join(cg, in->child.pid, e);
	if (r < 0) {
		struct child_failure f;

		/* Perhaps only because it has failed itself meanwhile: then that is the news. */
		if (ctr_hear(channel, &f, &in->mounts, MSG_DONTWAIT) == sizeof(f))
			return ctr_tell_failure(rt, &f, e);
		return remedy_add(e, "/proc");
	}
	meeting_say(&rt->shared->meeting.go, 1);
	return 0; /* if it has died meanwhile, await_exec has the reason */
}

/* Who makes what while the child makes the rest. */
static int start_helper(struct instance *in, struct err *e)
{
	struct runtime *rt = in->rt;
	unsigned flags = rt->plan.namespaces & (CLONE_NEWUSER | CLONE_NEWNET);
	int r;

	if (!rt->plan.prepared || !flags)
		return 0;
	r = beside_start(&rt->beside, flags, in->cgroup.fd, &in->helper, e);
	return r < 0 ? remedy_add(e, "/proc") : 0;
}

/* Namespaces that the child makes itself: not before it is in its cgroup or user namespace. */
static unsigned made_later(const struct runtime *rt)
{
	unsigned namespaces = rt->plan.namespaces;

	if (rt->plan.prepared)
		return namespaces & ~(unsigned)(CLONE_NEWPID | CLONE_NEWUSER | CLONE_NEWNET);
	return rt->cgroups.ops == &cgroup_none_ops ? 0 : namespaces & CLONE_NEWCGROUP;
}

static unsigned made_at_birth(const struct runtime *rt, unsigned later)
{
	return rt->plan.prepared ? rt->plan.namespaces & CLONE_NEWPID
				 : rt->plan.namespaces & ~later;
}

/* Killed before it is given up, or it might outlive a runner that is killed in between. While it is
 * watched it is not reaped, and the number its own. */
static void end_watched(struct instance *in)
{
	if (in->slot)
		kill(in->child.pid, SIGKILL);
	guard_release(&in->slot);
}

static int run_child(struct instance *in, const struct job *job, struct err *e)
{
	struct runtime *rt = in->rt;
	struct child_args args = { .plan = &rt->plan,
		.argv = job->argv,
		.output_fd = job->output_fd,
		.error_fd = rt->plan.program ? job->error_fd : job->output_fd,
		.report_fd = job->report_fd,
		.helper = in->helper.pidfd,
		.later = made_later(rt),
		.shared = rt->shared };
	cleanup_fd int ours = -1, theirs = -1, mount = program_mount(rt);
	int pair[2], r;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_sys(e, "socketpair", "a channel to the container's first process");
	ours = pair[0];
	theirs = args.channel = pair[1];
	rt->plan.rootfs.program_mount = mount;
	r = start_child(&rt->starter, made_at_birth(rt, args.later), in->cgroup.fd, child_main,
		&args, &in->child, e);
	if (r < 0)
		return remedy_add(e, "/proc");
	close_fd(&theirs); /* the child's copy is the last: its end is the exec or its death */
	in->slot = guard_slot(&rt->guard);
	guard_watch(in->slot, in->child.pid); /* before "go": so before its exec */
	r = set_up_child(in, &in->cgroup, ours, e);
	if (!r)
		r = await_exec(in, job, ours, e);
	if (r < 0) {
		end_watched(in);
		proc_kill(in->child.pidfd); /* before @args go out of scope, which it may use */
	}
	/* It changed its ids in our memory, at which the kernel made us undumpable as well. */
	if (rt->dumpable == 1)
		prctl(PR_SET_DUMPABLE, 1);
	return r;
}

/* Who outlived the program; with a pid namespace the kernel has seen to that. */
static void kill_group(const struct instance *in)
{
	if (in->rt->plan.namespaces & CLONE_NEWPID || in->child.pid <= 0)
		return;
	if (in->child.pidfd < 0 || (syscall(SYS_pidfd_send_signal, in->child.pidfd, SIGKILL, NULL,
					    PIDFD_SIGNAL_PROCESS_GROUP) < 0 &&
					   errno == EINVAL))
		kill(-in->child.pid, SIGKILL); /* not reaped yet: the number is still its own */
}

static void ctr_reap(struct instance *in)
{
	if (!in)
		return;
	kill_group(in); /* first: by its number it is only known while the leader is not reaped */
	end_watched(in);
	proc_kill_child(in->child.pid, &in->child.pidfd);
	close_fd(&in->mounts);
	ready_unmap(&in->ready);
	cgroup_remove(&in->cgroup);
	cgroup_make_ahead(&in->rt->cgroups);
	free(in);
}

static int ctr_launch(
	struct runtime *rt, const struct job *job, struct instance **out, struct err *e)
{
	uint64_t requested = now_ns();
	struct instance *in = calloc(1, sizeof(*in));
	int r;

	if (!in)
		return err_set(e, -ENOMEM, "ctr", "out of memory");
	in->rt = rt;
	in->child.pidfd = in->helper.pidfd = in->mounts = -1;
	in->deadline_ns = job->deadline_ns;
	r = cgroup_make(&rt->cgroups, &in->cgroup, e);
	if (r < 0) {
		free(in);
		return r;
	}
	memset(rt->shared, 0, sizeof(*rt->shared));
	r = job->held ? ready_map(job->report_fd, &in->ready, e) : 0;
	if (!r)
		r = start_helper(in, e);
	if (!r)
		r = run_child(in, job, e);
	end_helper(in);
	if (r < 0) {
		ctr_reap(in);
		return r;
	}
	in->at[PHASE_REQUESTED] = requested;
	in->at[PHASE_PROCESS] = rt->shared->process;
	in->at[PHASE_SANDBOX] = rt->shared->sandbox;
	*out = in;
	return 0;
}

static int ctr_wait(struct instance *in, struct outcome *out, struct err *e)
{
	const struct cgroup_manager *m = &in->rt->cgroups;
	bool late;
	int r;

	memcpy(out->at, in->at, sizeof(out->at));
	r = proc_await(in->child.pidfd, in->deadline_ns, in->rt->cancel_fd, out, &late, e);
	if (r < 0)
		return r;
	guard_release(&in->slot); /* not reaped: its number is still its own */
	r = proc_reap(in->child.pidfd, late, out, e);
	if (!r && out->kind == OUTCOME_SIGNALED && out->code == SIGKILL &&
		m->ops->oom_killed(&in->cgroup))
		snprintf(out->reason, sizeof(out->reason),
			"killed by the kernel: more memory than the limit of %llu bytes",
			(unsigned long long)m->mem_max);
	return r;
}

/* --- held --- */

static int ctr_ready(struct instance *in, struct err *e)
{
	int r = ready_await(in->ready, in->child.pidfd, in->deadline_ns, in->rt->cancel_fd, e);

	if (r < 0)
		return r;
	ready_unmap(&in->ready);
	close_fd(&in->child.pidfd);
	close_fd(&in->mounts); /* nobody times its end */
	close_fd(&in->cgroup.fd);
	return 0;
}

static void ctr_view(const struct instance *in, struct rt_view *view)
{
	view->pid = in->child.pid;
	if (cgroup_path(&in->cgroup, view->cgroup, sizeof(view->cgroup)) < 0)
		view->cgroup[0] = '\0';
}

/* --- probe --- */

/*
 * The whole recipe but for the exec: user namespaces that can be made but not used (AppArmor), a
 * /proc that cannot be mounted (Docker) and the like show only then.
 */
static int ctr_probe(const struct rt_config *cfg, struct err *e)
{
	struct instance *in;
	struct runtime *rt;
	struct job job = { 0 };
	int r;

	if (access(cfg->workload, X_OK) < 0) {
		err_sys(e, "access", "the program '%s' cannot be run", cfg->workload);
		return err_help(e, "build it with 'make'");
	}
	r = ctr_open(cfg, &rt, e);
	if (r < 0)
		return r;
	job.deadline_ns = now_ns() + TRIAL_NS;
	job.report_fd = job.output_fd = job.error_fd = rt->plan.null_fd;
	r = ctr_launch(rt, &job, &in, e);
	if (!r)
		ctr_reap(in);
	ctr_close(rt);
	return r;
}

const struct runtime_ops ctr_runtime = {
	.name = "ctr",
	.summary = "a container by our own launcher: namespaces, capabilities, seccomp, cgroup",
	.caps = RT_ANY_PROGRAM,
	.probe = ctr_probe,
	.open = ctr_open,
	.launch = ctr_launch,
	.wait = ctr_wait,
	.reap = ctr_reap,
	.ready = ctr_ready,
	.view = ctr_view,
	.describe = ctr_describe,
	.close = ctr_close,
};
