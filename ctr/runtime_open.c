/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The runner's side of containers: what is made ahead, and taken away at the end. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "base/proc.h"
#include "base/sys.h"
#include "base/util.h"
#include "ctr/caps.h"
#include "ctr/limits.h"
#include "ctr/ns.h"
#include "ctr/runtime.h"

#define UID_MAP_MAX 65536

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
	n = ctr_hear(ours, &f, &(int){ -1 }, 0); /* no descriptor comes from there */
	if (n == 1) {
		snprintf(path, sizeof(path), "/proc/%d/ns/mnt", (int)child.pid);
		rt->plan.rootfs.fixed = open(path, O_RDONLY | O_CLOEXEC);
		if (rt->plan.rootfs.fixed < 0)
			r = err_sys(e, "open", "'%s'", path);
	} else if (n == sizeof(f))
		r = ctr_tell_failure(rt, &f, e);
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

	if ((own_user && !p->ids.privileged) || !caps_have(CAP_SYS_ADMIN) ||
		!caps_have(CAP_SETPCAP) || !caps_have(CAP_SYS_PTRACE))
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
		r = guard_open(&rt->guard, NULL, NULL, e);
	if (r < 0)
		return r;
	make_ready(rt);
	cgroup_make_ahead(&rt->cgroups);
	return 0;
}

void ctr_close(struct runtime *rt)
{
	if (!rt)
		return;
	if (rt->shared)
		munmap(rt->shared, sizeof(*rt->shared));
	guard_close(&rt->guard);
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

int ctr_open(const struct rt_config *cfg, struct runtime **out, struct err *e)
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
