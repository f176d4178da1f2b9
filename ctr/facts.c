/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the manifest says of the containers of a run. */
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "ctr/ns.h"
#include "ctr/runtime.h"

static void describe_cgroup(const struct cgroup_manager *m, fact_fn put, void *ctx)
{
	char text[400];

	snprintf(text, sizeof(text), "%s%s%s", m->ops->name,
		m->hybrid ? " (the host is hybrid)" : "", *m->why ? ": " : "");
	snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s", m->why);
	put(ctx, "ctr.cgroup", text);
	if (m->mem_max)
		snprintf(text, sizeof(text), "%llu", (unsigned long long)m->mem_max);
	else
		snprintf(text, sizeof(text), "none");
	put(ctx, "ctr.memory_limit", text);
}

static void describe_processes(const struct runtime *rt, fact_fn put, void *ctx)
{
	char text[64];

	if (rt->cgroups.limits_processes)
		snprintf(text, sizeof(text), "%d, by cgroup", CGROUP_PIDS_MAX);
	else if (rt->plan.processes.rlim_max)
		snprintf(text, sizeof(text), "%llu, by RLIMIT_NPROC",
			(unsigned long long)rt->plan.processes.rlim_cur);
	else
		snprintf(
			text, sizeof(text), "none: no cgroup counts them, and uid 0 is the host's");
	put(ctx, "ctr.process_limit", text);
}

static void describe_prepared(const struct runtime *rt, fact_fn put, void *ctx)
{
	unsigned beside = rt->plan.namespaces & (CLONE_NEWUSER | CLONE_NEWNET);
	char list[64], text[400];

	if (!rt->plan.prepared) {
		snprintf(text, sizeof(text), "nothing: %s", rt->unprepared);
		put(ctx, "ctr.prepared", text);
		return;
	}
	ns_list(beside, list, sizeof(list));
	snprintf(text, sizeof(text), "%s made once%s%s",
		rt->plan.namespaces & CLONE_NEWNS ? "what never changes of the root is"
						  : "nothing is",
		beside ? "; made beside the child: " : "", beside ? list : "");
	put(ctx, "ctr.prepared", text);
}

void ctr_describe(struct runtime *rt, fact_fn put, void *ctx)
{
	const struct child_plan *p = &rt->plan;
	char text[128];

	ns_list(p->namespaces, text, sizeof(text));
	put(ctx, "ctr.namespaces", text);
	if (p->filter.allowed)
		snprintf(text, sizeof(text), "on, %u calls allowed", p->filter.allowed);
	else
		snprintf(text, sizeof(text), "off");
	put(ctx, "ctr.seccomp", text);
	if (p->namespaces & CLONE_NEWUSER)
		snprintf(text, sizeof(text), "uid 0 is %u, gid 0 is %u", p->ids.uid, p->ids.gid);
	else
		snprintf(text, sizeof(text), "none: uid 0 is the host's");
	put(ctx, "ctr.userns", text);
	if (p->namespaces & CLONE_NEWNS)
		snprintf(text, sizeof(text), "read-only tmpfs, %s bound, by %s",
			p->program ? "the tree" : "program", p->rootfs.mounter->name);
	else
		snprintf(text, sizeof(text), "the host's");
	put(ctx, "ctr.rootfs", text);
	put(ctx, "ctr.capabilities",
		p->keep_caps ? "kept, to measure what dropping them costs: this is no container"
			     : "none");
	put(ctx, "ctr.start", start_way_names[rt->starter.way]);
	describe_prepared(rt, put, ctx);
	describe_cgroup(&rt->cgroups, put, ctx);
	describe_processes(rt, put, ctx);
}
