/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which cgroups can be used here: found by trying, since permissions and delegation decide. */
#include "ctr/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/util.h"
#include "ctr/ctr.h"

#define MOUNTINFO_MAX (1 << 20)

/* No answer to what can be used here, which would be taken for a "no": this time something broke.
 */
static bool is_fault(int r)
{
	return r == -ENOMEM || r == -EMFILE || r == -ENFILE || r == -ENOSPC || r == -EIO;
}

static bool has_file(int base, const char *name, const char *file)
{
	char path[192];

	snprintf(path, sizeof(path), "%s/%s", name, file);
	return !faccessat(base, path, W_OK, 0);
}

/* Undo enable_memory, where it had to move us; best effort. */
static void step_back(struct cgroup_manager *m, int base, bool enabled)
{
	if (!*m->aside)
		return;
	if (enabled)
		cgroup_write(base, ".", "cgroup.subtree_control", "-memory");
	cgroup_write(base, ".", "cgroup.procs", "0");
	unlinkat(base, m->aside, AT_REMOVEDIR);
	m->aside[0] = '\0';
}

/*
 * Give the children of @base the memory controller. A cgroup with processes of its own may not
 * (cgroups(7), "no internal processes"), and in a delegated scope that process is this one: then it
 * steps aside into a child until cgroup_close.
 */
static int enable_memory(struct cgroup_manager *m, int base)
{
	bool before = cgroup_lists(base, ".", "cgroup.subtree_control", "memory");
	int r = cgroup_write(base, ".", "cgroup.subtree_control", "+memory");

	m->switched_on = !before && !r;
	if (r != -EBUSY)
		return r;
	cgroup_name(m->aside);
	if (mkdirat(base, m->aside, 0755) < 0)
		r = -errno;
	else
		r = cgroup_write(base, m->aside, "cgroup.procs", "0"); /* 0: the writer */
	if (!r)
		r = cgroup_write(base, ".", "cgroup.subtree_control", "+memory");
	if (r < 0)
		step_back(m, base, false);
	return r;
}

/* Nobody is in there: what keeps it from going passes. */
static void remove_trial(int base, const char *name)
{
	for (int i = 0; i < CGROUP_FAULT_TRIES; i++) {
		if (!unlinkat(base, name, AT_REMOVEDIR) || errno == ENOENT)
			return;
	}
}

/*
 * Can cgroups be made below @path, and with the controllers that are wanted? Enabling them for the
 * children fails in a cgroup that has processes of its own (not in the root), so the result counts.
 */
static int try_v2(struct cgroup_manager *m, const char *path)
{
	cleanup_fd int base = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct cgroup cg = { .manager = m, .fd = -1 };
	bool memory, pids;

	if (base < 0)
		return -errno;
	/* A change to the host's tree: only for what the user asked for. */
	if (m->mem_max || m->account)
		enable_memory(m, base);
	cgroup_name(cg.name);
	if (mkdirat(base, cg.name, 0755) < 0 && errno != EEXIST) {
		int r = -errno;

		step_back(m, base, true);
		return r;
	}
	memory = has_file(base, cg.name, "memory.max");
	pids = has_file(base, cg.name, "pids.max");
	remove_trial(base, cg.name);
	if ((m->mem_max || m->account) && !memory) {
		step_back(m, base, true);
		return -EOPNOTSUPP;
	}
	if (!m->mem_max && !m->account && !pids) /* a cgroup that neither limits nor is asked for */
		return -EOPNOTSUPP;
	m->ops = &cgroup_v2_ops;
	m->limits_processes = pids;
	m->base[0] = steal_fd(&base);
	return 0;
}

/* Our own cgroup first, where limits of whoever started us go on holding; then the tree's root. */
static int choose_v2(struct cgroup_manager *m)
{
	const char *const paths[] = { m->layout.v2_own, m->layout.v2_mount };
	unsigned n = m->account ? 1 : ARRAY_SIZE(paths);
	int r = -ENOENT;

	for (unsigned i = 0; r < 0 && !is_fault(r) && i < n && *paths[i]; i++)
		r = try_v2(m, paths[i]);
	return r;
}

/* Joining one takes a move, which costs milliseconds: only for a limit that was asked for, or where
 * memory is counted and time is not. */
static int choose_v1(struct cgroup_manager *m)
{
	int r = -ENOENT;

	for (unsigned i = 0; i < CGROUP_V1_COUNT; i++) {
		const char *path = m->layout.v1_own[i];
		int base = *path ? open(path, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;

		if (base < 0 && *path && is_fault(-errno))
			return -errno;
		if (base < 0)
			continue;
		if (faccessat(base, ".", W_OK, AT_EACCESS) < 0 || !(m->mem_max || m->account)) {
			r = i == CGROUP_V1_MEMORY ? -errno : r;
			close(base);
			continue;
		}
		m->base[i] = base;
	}
	if (m->base[CGROUP_V1_MEMORY] < 0)
		return r;
	m->ops = &cgroup_v1_ops;
	m->limits_processes = m->base[CGROUP_V1_PIDS] >= 0;
	return 0;
}

static void say_why(struct cgroup_manager *m, int v2)
{
	const char *reason = "no memory controller is mounted";

	if (*m->layout.v1_own[CGROUP_V1_MEMORY])
		reason = m->mem_max || m->account
				 ? "the memory controller's folder may not be written to"
				 : "joining one of v1 costs milliseconds, and no limit was "
				   "asked for";
	else if (v2 == -EACCES || v2 == -EPERM || v2 == -EROFS)
		reason = "the v2 tree may not be written to";
	else if (v2 == -EOPNOTSUPP)
		reason = "v2 offers our cgroup no controllers";
	snprintf(m->why, sizeof(m->why), "%s", reason);
}

void cgroup_open_none(struct cgroup_manager *m, const char *why)
{
	memset(m, 0, sizeof(*m));
	m->ops = &cgroup_none_ops;
	snprintf(m->why, sizeof(m->why), "%s", why);
	for (unsigned i = 0; i < CGROUP_V1_COUNT; i++)
		m->base[i] = -1;
}

/* Of this process. 0 or -errno: all that was not found is empty. */
static int find_own(struct cgroup_layout *l)
{
	cleanup_free char *mounts = NULL, *self = NULL;
	int r = read_file("/proc/self/mountinfo", MOUNTINFO_MAX, &mounts, NULL);

	if (!r)
		r = read_file("/proc/self/cgroup", MOUNTINFO_MAX, &self, NULL);
	return r ? r : cgroup_find(l, mounts, self);
}

/* Wherever choose() may make some, now or for another wish. */
void ctr_sweep(void)
{
	struct cgroup_layout l = { .v2_own = "" };
	const char *const places[] = { l.v2_own, l.v2_mount, l.v1_own[CGROUP_V1_MEMORY],
		l.v1_own[CGROUP_V1_PIDS] };

	find_own(&l); /* what it did not find is empty */
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		cleanup_fd int base =
			*places[i] ? open(places[i], O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;

		if (base >= 0)
			cgroup_sweep(base);
	}
}

/* Choose for the wishes that are in @m already. 0, or a negative errno with @m->why. */
static int choose(struct cgroup_manager *m)
{
	int r = find_own(&m->layout), v2 = 0;

	m->hybrid = *m->layout.v2_mount && *m->layout.v1_own[CGROUP_V1_MEMORY];
	if (!is_fault(r))
		r = v2 = choose_v2(m);
	if (r && !is_fault(r))
		r = choose_v1(m);
	if (!r)
		return 0;
	if (is_fault(r)) {
		snprintf(m->why, sizeof(m->why), "looking for cgroups: %s", strerror(-r));
		return r;
	}
	say_why(m, v2);
	return -EOPNOTSUPP;
}

int cgroup_open(struct cgroup_manager *m, uint64_t mem_max, struct err *e)
{
	int r;

	cgroup_open_none(m, "");
	m->mem_max = mem_max;
	r = choose(m);
	if (is_fault(r))
		return err_set(e, r, "cgroup", "%s", m->why);
	if (!r || !mem_max)
		return 0;
	err_set(e, -EOPNOTSUPP, "cgroup", "a memory limit cannot be set: %s", m->why);
	return err_help(e, "run as root, or in a delegated cgroup: systemd-run --user --scope -p "
			   "Delegate=yes; or drop the limit");
}

int cgroup_open_accounts(struct cgroup_manager *m, struct err *e)
{
	cgroup_open_none(m, "");
	m->account = true;
	if (!choose(m))
		return 0;
	err_set(e, -EOPNOTSUPP, "cgroup", "%s", m->why);
	return err_help(e, "run as root, or in a delegated cgroup: systemd-run --user --scope -p "
			   "Delegate=yes");
}

static int move_self(int base, const char *name)
{
	return base < 0 ? 0 : cgroup_write(base, name, "cgroup.procs", "0"); /* 0: the writer */
}

int cgroup_enter(const struct cgroup *cg)
{
	return move_self(cg->manager->base[CGROUP_V1_MEMORY], cg->name);
}

int cgroup_leave(const struct cgroup *cg)
{
	const struct cgroup_manager *m = cg->manager;

	return move_self(m->base[CGROUP_V1_MEMORY], *m->aside ? m->aside : ".");
}

void cgroup_close(struct cgroup_manager *m)
{
	cgroup_remove(&m->spare);
	if (m->ops == &cgroup_v2_ops)
		step_back(m, m->base[0], true);
	/* Who only counts leaves no trace: what is held next would be made with the controller. */
	if (m->ops == &cgroup_v2_ops && m->account && m->switched_on)
		cgroup_write(m->base[0], ".", "cgroup.subtree_control", "-memory");
	for (unsigned i = 0; i < CGROUP_V1_COUNT; i++)
		close_fd(&m->base[i]);
}
