/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cgroup v2: one folder, joined at birth by clone3, killed and removed as a whole. */
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
		e, r, "cgroup v2", "%s of the cgroup '%s': %s", what, cg->name, strerror(-r));
}

static int set_limits(const struct cgroup *cg, struct err *e)
{
	const struct cgroup_manager *m = cg->manager;
	char value[32];
	int r;

	snprintf(value, sizeof(value), "%d", CGROUP_PIDS_MAX);
	/* Nobody asked for this one, so a host without the controller does without. */
	r = cgroup_write(m->base[0], cg->name, "pids.max", value);
	if (r < 0 && r != -ENOENT)
		return fail(cg, r, "pids.max", e);
	if (!m->mem_max)
		return 0;
	snprintf(value, sizeof(value), "%llu", (unsigned long long)m->mem_max);
	r = cgroup_write(m->base[0], cg->name, "memory.max", value);
	if (r < 0)
		return fail(cg, r, "memory.max", e);
	/* A limit that spills into swap is none; without swap accounting there is no such file. */
	r = cgroup_write(m->base[0], cg->name, "memory.swap.max", "0");
	return r < 0 && r != -ENOENT ? fail(cg, r, "memory.swap.max", e) : 0;
}

static int v2_make(struct cgroup *cg, struct err *e)
{
	const struct cgroup_manager *m = cg->manager;
	int r;

	if (mkdirat(m->base[0], cg->name, 0755) < 0)
		return fail(cg, -errno, "making", e);
	cg->fd = openat(m->base[0], cg->name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	r = cg->fd < 0 ? fail(cg, -errno, "opening", e) : set_limits(cg, e);
	if (r < 0) {
		close_fd(&cg->fd);
		unlinkat(m->base[0], cg->name, AT_REMOVEDIR);
	}
	return r;
}

/* Only where clone3 could not: moving a process costs milliseconds. */
static int v2_join(const struct cgroup *cg, pid_t pid, struct err *e)
{
	char value[16];
	int r;

	snprintf(value, sizeof(value), "%d", (int)pid);
	r = cgroup_write(cg->manager->base[0], cg->name, "cgroup.procs", value);
	return r < 0 ? fail(cg, r, "joining", e) : 0;
}

static void v2_kill(const struct cgroup *cg)
{
	int base = cg->manager->base[0];

	if (cgroup_write(base, cg->name, "cgroup.kill", "1") < 0) /* before kernel 5.14 */
		cgroup_kill_listed(base, cg->name);
}

static bool v2_oom_killed(const struct cgroup *cg)
{
	return cgroup_read_key(cg->manager->base[0], cg->name, "memory.events", "oom_kill ") > 0;
}

static int v2_remove(const struct cgroup *cg)
{
	return unlinkat(cg->manager->base[0], cg->name, AT_REMOVEDIR) < 0 ? -errno : 0;
}

const struct cgroup_ops cgroup_v2_ops = {
	.name = "v2",
	.make = v2_make,
	.join = v2_join,
	.kill = v2_kill,
	.oom_killed = v2_oom_killed,
	.remove = v2_remove,
};
