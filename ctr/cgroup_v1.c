/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cgroup v1: a folder in each controller's own tree; joining is a move, after the fact. */
#include "ctr/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/util.h"

static int fail(const struct cgroup *cg, int r, const char *what, struct err *e)
{
	return err_set(
		e, r, "cgroup v1", "%s of the cgroup '%s': %s", what, cg->name, strerror(-r));
}

static int set_limits(const struct cgroup *cg, struct err *e)
{
	const struct cgroup_manager *m = cg->manager;
	char value[32];
	int r = 0;

	snprintf(value, sizeof(value), "%d", CGROUP_PIDS_MAX);
	if (m->base[CGROUP_V1_PIDS] >= 0)
		r = cgroup_write(m->base[CGROUP_V1_PIDS], cg->name, "pids.max", value);
	if (r < 0)
		return fail(cg, r, "pids.max", e);
	if (!m->mem_max)
		return 0;
	snprintf(value, sizeof(value), "%llu", (unsigned long long)m->mem_max);
	r = cgroup_write(m->base[CGROUP_V1_MEMORY], cg->name, "memory.limit_in_bytes", value);
	if (r < 0)
		return fail(cg, r, "memory.limit_in_bytes", e);
	/* Memory and swap together; the file is there only with swap accounting. */
	r = cgroup_write(m->base[CGROUP_V1_MEMORY], cg->name, "memory.memsw.limit_in_bytes", value);
	return r < 0 && r != -ENOENT ? fail(cg, r, "memory.memsw.limit_in_bytes", e) : 0;
}

static int v1_remove(const struct cgroup *cg)
{
	int r = 0;

	for (unsigned i = 0; i < CGROUP_V1_COUNT; i++) {
		int base = cg->manager->base[i];

		if (base >= 0 && unlinkat(base, cg->name, AT_REMOVEDIR) < 0 && errno != ENOENT)
			r = -errno;
	}
	return r;
}

static int v1_make(struct cgroup *cg, struct err *e)
{
	int r = 0;

	for (unsigned i = 0; !r && i < CGROUP_V1_COUNT; i++) {
		int base = cg->manager->base[i];

		if (base >= 0 && mkdirat(base, cg->name, 0755) < 0)
			r = fail(cg, -errno, "making", e);
	}
	if (!r)
		r = set_limits(cg, e);
	if (r < 0)
		v1_remove(cg);
	return r;
}

static int v1_join(const struct cgroup *cg, pid_t pid, struct err *e)
{
	char value[16];

	snprintf(value, sizeof(value), "%d", (int)pid);
	for (unsigned i = 0; i < CGROUP_V1_COUNT; i++) {
		int base = cg->manager->base[i], r = 0;

		if (base >= 0)
			r = cgroup_write(base, cg->name, "cgroup.procs", value);
		if (r < 0)
			return fail(cg, r, "joining", e);
	}
	return 0;
}

static void v1_kill(const struct cgroup *cg)
{
	for (unsigned i = 0; i < CGROUP_V1_COUNT; i++) {
		if (cg->manager->base[i] >= 0)
			cgroup_kill_listed(cg->manager->base[i], cg->name);
	}
}

static bool v1_oom_killed(const struct cgroup *cg)
{
	int base = cg->manager->base[CGROUP_V1_MEMORY];

	return base >= 0 && cgroup_read_key(base, cg->name, "memory.oom_control", "oom_kill ") > 0;
}

const struct cgroup_ops cgroup_v1_ops = {
	.name = "v1",
	.make = v1_make,
	.join = v1_join,
	.kill = v1_kill,
	.oom_killed = v1_oom_killed,
	.remove = v1_remove,
};
