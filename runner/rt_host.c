/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/rt_host.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/proc.h"
#include "base/report_abi.h"
#include "base/spawn.h"
#include "base/util.h"

struct runtime {
	struct rt_config cfg;
};

struct instance {
	const struct runtime *rt;
	struct spawned child;
	bool reaped;
	uint64_t deadline_ns;
	uint64_t at[PHASE_COUNT];
};

static int host_probe(const struct rt_config *cfg, struct err *e)
{
	if (access(cfg->workload, X_OK) < 0) {
		err_sys(e, "access", "the workload '%s' cannot be run", cfg->workload);
		return err_help(e, "build it with 'make'");
	}
	return 0;
}

static int host_open(const struct rt_config *cfg, struct runtime **rt, struct err *e)
{
	*rt = malloc(sizeof(**rt));
	if (!*rt)
		return err_set(e, -ENOMEM, "host", "out of memory");
	(*rt)->cfg = *cfg;
	return 0;
}

static int host_launch(
	struct runtime *rt, const struct job *job, struct instance **in, struct err *e)
{
	int fds[REPORT_FD + 1] = { -1, job->output_fd, job->output_fd, job->report_fd };
	struct spawn sp = {
		.path = rt->cfg.workload,
		.argv = job->argv,
		.fds = fds,
		.n_fds = ARRAY_SIZE(fds),
		.cpus = &rt->cfg.cpus,
		.own_group = 1,
	};
	cleanup_free struct instance *new = calloc(1, sizeof(*new));
	int r;

	if (!new)
		return err_set(e, -ENOMEM, "host", "out of memory");
	new->rt = rt;
	new->deadline_ns = job->deadline_ns;
	new->at[PHASE_REQUESTED] = now_ns();
	r = spawn_program(&sp, &new->child, e);
	if (r < 0)
		return r;
	new->at[PHASE_PROCESS] = new->child.process_ns;
	new->at[PHASE_SANDBOX] = new->child.exec_ns;
	*in = steal_pointer(&new);
	return 0;
}

/*
 * The benchmarks start tasks of their own. Whatever a crashed or late workload left of them dies
 * with its process group, as long as the unreaped leader keeps the group's number from reuse.
 */
static void kill_group(const struct instance *in)
{
	kill(-in->child.pid, SIGKILL);
}

static int host_wait(struct instance *in, struct outcome *out, struct err *e)
{
	bool late;
	int r;

	memcpy(out->at, in->at, sizeof(out->at));
	r = proc_await(in->child.pidfd, in->deadline_ns, in->rt->cfg.cancel_fd, out, &late, e);
	if (r < 0)
		return r;
	kill_group(in);
	in->reaped = true;
	return proc_reap(in->child.pidfd, late, out, e);
}

static void host_reap(struct instance *in)
{
	if (!in)
		return;
	if (!in->reaped) {
		kill_group(in);
		proc_kill(in->child.pidfd);
	}
	close_fd(&in->child.pidfd);
	free(in);
}

static void host_close(struct runtime *rt)
{
	free(rt);
}

const struct runtime_ops host_runtime = {
	.name = "host",
	.summary = "a plain process: what the others are compared with",
	.probe = host_probe,
	.open = host_open,
	.launch = host_launch,
	.wait = host_wait,
	.reap = host_reap,
	.close = host_close,
};
