/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The runner's side of a container: what is made ahead, one launch, its end. */
#include "ctr/ctr.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "base/proc.h"
#include "base/ready.h"
#include "base/util.h"
#include "ctr/caps.h"
#include "ctr/limits.h"
#include "ctr/ns.h"
#include "ctr/remedy.h"
#include "ctr/runtime.h"
#include "ctr/sys.h"

#ifndef PIDFD_SIGNAL_PROCESS_GROUP
#define PIDFD_SIGNAL_PROCESS_GROUP (1u << 2) /* linux/pidfd.h, kernel 6.9 */
#endif

#define UID_MAP_MAX 65536
#define TRIAL_NS (5 * NSEC_PER_SEC) /* what probe waits for its container at most */

/* --- open and close --- */

/* A program of the user's own: it and all around it is in its tree. */
static int open_tree(struct runtime *rt, const struct rt_program *own, struct err *e)
{
	struct child_plan *p = &rt->plan;

	if (!(p->namespaces & CLONE_NEWNS))
		return err_set(e, -EINVAL, "tree",
			"without a mount namespace a container has no root of its own for '%s'",
			own->path);
	if (snprintf(rt->program, sizeof(rt->program), "%s", own->path) >= (int)sizeof(rt->program))
		return err_set(e, -ENAMETOOLONG, "tree", "'%s' is too long", own->path);
	p->program = own;
	p->rootfs.program = rt->program;
	p->rootfs.dir = own->dir;
	return ctr_tree_scan(own->tree, &rt->tree, e);
}

static int open_program(struct runtime *rt, const struct rt_config *cfg, struct err *e)
{
	struct child_plan *p = &rt->plan;
	const char *path = cfg->workload;

	p->null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (p->null_fd < 0)
		return err_sys(e, "open", "'/dev/null'");
	p->runner_fd = proc_pidfd(getpid());
	if (p->runner_fd < 0)
		return err_set(e, p->runner_fd, "pidfd_open", "a descriptor of the runner: %s",
			strerror(-p->runner_fd));
	p->rootfs.dir = ROOTFS_DIR;
	if (cfg->program)
		return open_tree(rt, cfg->program, e);
	if (!realpath(path, rt->program))
		return err_sys(e, "realpath", "the program '%s'", path);
	p->rootfs.program = rt->program;
	p->program_fd = open(rt->program, O_PATH | O_CLOEXEC);
	if (p->program_fd < 0)
		return err_sys(e, "open", "the program '%s'", rt->program);
	return 0;
}

static int choose_ids(struct runtime *rt, struct err *e)
{
	cleanup_free char *map = NULL;
	bool privileged = caps_have(CAP_SETUID) && caps_have(CAP_SETGID);
	int r;

	if (!(rt->plan.namespaces & CLONE_NEWUSER)) {
		if (caps_have(CAP_SYS_ADMIN) && caps_have(CAP_SETPCAP))
			return 0;
		err_set(e, -EPERM, "capabilities",
			"without a user namespace a container needs CAP_SYS_ADMIN and CAP_SETPCAP");
		return err_help(e, "run as root, or leave the namespace user switched on");
	}
	r = read_file("/proc/self/uid_map", UID_MAP_MAX, &map, NULL);
	if (r < 0)
		return err_set(e, r, "uid_map", "reading '/proc/self/uid_map': %s", strerror(-r));
	idmap_choose(&rt->plan.ids, privileged, map);
	return 0;
}

static int open_cgroups(struct runtime *rt, const struct rt_config *cfg, struct err *e)
{
	uint64_t limit = cfg->ctr_mem_limit ? cfg->mem_bytes : 0;

	if (!cfg->ctr_no_cgroup)
		return cgroup_open(&rt->cgroups, limit, e);
	if (limit)
		return err_set(
			e, -EINVAL, "cgroup", "a memory limit cannot be set without a cgroup");
	cgroup_open_none(&rt->cgroups, "switched off");
	return 0;
}

static int open_shared(struct runtime *rt, struct err *e)
{
	rt->shared = mmap(NULL, sizeof(*rt->shared), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (rt->shared == MAP_FAILED) {
		rt->shared = NULL;
		return err_sys(e, "mmap", "a page shared with the container's first process");
	}
	rt->beside.meeting = &rt->shared->meeting;
	return 0;
}

static int tell_failure(const struct runtime *rt, const struct child_failure *f, struct err *e)
{
	err_set(e, -f->error, f->step, "making a container for '%s' failed at '%s': %s",
		rt->program, f->what, strerror(f->error));
	return remedy_add(e, "/proc");
}

/*
 * What the child has said. unix(7): an end that closes with something unread in it makes the
 * other's next call fail with ECONNRESET, once, and only then come the messages that it had sent
 * before.
 */
static ssize_t hear(int channel, struct child_failure *f, int *mounts, int flags)
{
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
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

/* The mount namespace that launches copy. What fails here costs time at each launch, no more. */
static int fix_mounts(struct runtime *rt, struct err *e)
{
	struct child_args args = { .plan = &rt->plan, .shared = rt->shared };
	cleanup_fd int ours = -1, theirs = -1;
	struct child_failure f;
	struct started child;
	char path[64];
	ssize_t n;
	int pair[2], r;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_sys(e, "socketpair", "a channel to the maker of mounts");
	ours = pair[0];
	theirs = args.channel = pair[1];
	r = start_child(&rt->starter, CLONE_NEWNS, -1, child_fix_mounts, &args, &child, e);
	if (r < 0)
		return r;
	close_fd(&theirs);
	n = hear(ours, &f, &(int){ -1 }, 0); /* no descriptor comes from there */
	if (n == 1) {
		snprintf(path, sizeof(path), "/proc/%d/ns/mnt", (int)child.pid);
		rt->plan.rootfs.fixed = open(path, O_RDONLY | O_CLOEXEC);
		if (rt->plan.rootfs.fixed < 0)
			r = err_sys(e, "open", "'%s'", path);
	} else if (n == sizeof(f))
		r = tell_failure(rt, &f, e);
	else if (n < 0)
		r = err_sys(e, "recvmsg", "what the maker of mounts has to say");
	else
		r = err_set(e, -ESRCH, "mounts", "the maker of mounts died");
	proc_kill(child.pidfd);
	close_fd(&child.pidfd);
	return r;
}

/*
 * The fast way: mounts made ahead and a helper beside. It takes rights over what is outside of the
 * container, a kernel that can join namespaces by pidfd, and memory that the child shares.
 */
static void make_ready(struct runtime *rt)
{
	struct child_plan *p = &rt->plan;
	bool own_user = p->namespaces & CLONE_NEWUSER, own_net = p->namespaces & CLONE_NEWNET;
	const char *why = "";
	struct err e;

	if (own_user && !p->ids.privileged)
		why = "it takes root";
	else if (!caps_have(CAP_SYS_ADMIN) || !caps_have(CAP_SETPCAP) || !caps_have(CAP_SYS_PTRACE))
		why = "it takes root";
	else if (!SYS_IS_RAW || p->rootfs.mounter != &mounter_by_fd || rt->dumpable != 1 ||
		 !beside_possible())
		why = "the kernel lacks calls for it";
	snprintf(rt->unprepared, sizeof(rt->unprepared), "%s", why);
	if (*why)
		return;
	p->rootfs.own_sys = own_user && own_net;
	if ((p->namespaces & CLONE_NEWNS) && fix_mounts(rt, &e) < 0) {
		snprintf(rt->unprepared, sizeof(rt->unprepared), "%.250s", e.message);
		p->rootfs.own_sys = false;
		return;
	}
	p->prepared = true;
}

static int prepare(struct runtime *rt, const struct rt_config *cfg, struct err *e)
{
	struct child_plan *p = &rt->plan;
	int r;

	p->namespaces = cfg->ctr_namespaces & ns_all();
	p->cpus = cfg->cpus;
	p->capabilities = caps_known();
	p->keep_caps = cfg->ctr_keep_caps;
	p->rootfs.mounter = mounter_choose();
	p->rootfs.deny_userns = p->namespaces & CLONE_NEWUSER;
	p->rootfs.host_proc = !(p->namespaces & CLONE_NEWPID);
	rt->cancel_fd = cfg->cancel_fd;
	rt->dumpable = prctl(PR_GET_DUMPABLE);
	r = choose_ids(rt, e);
	if (!r)
		r = open_program(rt, cfg, e);
	p->rootfs.tree = rt->tree;
	if (!r && cfg->ctr_seccomp)
		r = seccomp_compile(&p->filter, e);
	if (!r)
		r = open_cgroups(rt, cfg, e);
	if (!r)
		r = limits_for_processes(&rt->cgroups, p->namespaces, &p->processes, e);
	if (!r)
		r = open_shared(rt, e);
	if (!r)
		r = starter_open(&rt->starter, e);
	if (!r)
		r = starter_open(&rt->beside.starter, e);
	if (!r)
		r = keeper_open(&rt->keeper, e);
	if (r < 0)
		return r;
	make_ready(rt);
	cgroup_make_ahead(&rt->cgroups);
	return 0;
}

static void ctr_close(struct runtime *rt)
{
	if (!rt)
		return;
	if (rt->shared)
		munmap(rt->shared, sizeof(*rt->shared));
	keeper_close(&rt->keeper);
	starter_close(&rt->starter);
	starter_close(&rt->beside.starter);
	close_fd(&rt->plan.rootfs.fixed);
	cgroup_close(&rt->cgroups);
	seccomp_free(&rt->plan.filter);
	ctr_tree_free(rt->tree);
	close_fd(&rt->plan.null_fd);
	close_fd(&rt->plan.program_fd);
	close_fd(&rt->plan.runner_fd);
	free(rt);
}

static int ctr_open(const struct rt_config *cfg, struct runtime **out, struct err *e)
{
	struct runtime *rt = calloc(1, sizeof(*rt));
	int r;

	if (!rt)
		return err_set(e, -ENOMEM, "ctr", "out of memory");
	rt->plan.null_fd = rt->plan.program_fd = rt->plan.runner_fd = -1;
	rt->plan.rootfs.program_mount = rt->plan.rootfs.fixed = -1;
	for (unsigned i = 0; i < CGROUP_V1_COUNT; i++)
		rt->cgroups.base[i] = -1;
	r = prepare(rt, cfg, e);
	if (r < 0) {
		ctr_close(rt);
		return r;
	}
	*out = rt;
	return 0;
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
			n = hear(channel, &f, &in->mounts, 0);
			if (n < 0)
				return err_sys(
					e, "recvmsg", "what the container's process has to say");
			if (n != CHILD_MOUNTS)
				break;
			continue;
		}
		if (p[1].revents)
			return err_set(e, -ECANCELED, "launch", "interrupted");
		if (p[2].revents && !rt->shared->meeting.joined)
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
		return tell_failure(rt, &f, e);
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
		if (hear(channel, &f, &in->mounts, MSG_DONTWAIT) == sizeof(f))
			return tell_failure(rt, &f, e);
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
	in->slot = keeper_watch(&rt->keeper, in->child.pid); /* before "go": so before its exec */
	r = set_up_child(in, &in->cgroup, ours, e);
	if (!r)
		r = await_exec(in, job, ours, e);
	if (r < 0) {
		keeper_kill(&rt->keeper, &in->slot, in->child.pid);
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
	if (in->child.pidfd < 0)
		kill(-in->child.pid, SIGKILL); /* not reaped yet: the number is still its own */
	else if (syscall(SYS_pidfd_send_signal, in->child.pidfd, SIGKILL, NULL,
			 PIDFD_SIGNAL_PROCESS_GROUP) < 0 &&
		 errno == EINVAL)
		kill(-in->child.pid, SIGKILL);
}

static void ctr_reap(struct instance *in)
{
	if (!in)
		return;
	kill_group(in); /* first: by its number it is only known while the leader is not reaped */
	keeper_kill(&in->rt->keeper, &in->slot, in->child.pid);
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
	in->child.pidfd = in->helper.pidfd = in->mounts = in->slot = -1;
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
	keeper_forget(&in->rt->keeper, &in->slot); /* not reaped: its number is still its own */
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
