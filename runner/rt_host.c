/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/rt_host.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/guard.h"
#include "base/proc.h"
#include "base/ready.h"
#include "base/report_abi.h"
#include "base/spawn.h"
#include "base/util.h"
#include "runner/host_root.h"
#include "runner/temp_dir.h"

#define MAX_ARGS 32

struct runtime {
	struct rt_config cfg;
	char tmp[TEMP_DIR_SIZE]; /* folder of its own for the workload's files: none outlives the
				    runtime */
	char tmp_arg[TEMP_DIR_SIZE + 8]; /* the argument that names it */
	struct host_root root;           /* of a program with a root of its own */
	struct guard guard;              /* of a program of the user's own */
};

struct instance {
	const struct runtime *rt;
	struct spawned child;
	uint32_t *slot; /* of the guard, until the child is reaped */
	bool reaped;
	uint32_t *ready; /* of its report, while it is waited for; NULL: not held */
	uint64_t deadline_ns;
	uint64_t at[PHASE_COUNT];
};

static int host_probe(const struct rt_config *cfg, struct err *e)
{
	if (cfg->program)
		return cfg->program->whole ? host_root_probe(e) : 0;
	if (access(cfg->workload, X_OK) < 0) {
		err_sys(e, "access", "the workload '%s' cannot be run", cfg->workload);
		return err_help(e, "build it with 'make'");
	}
	return 0;
}

/* In memory where that is to be had: as /tmp is in a container and in a guest. */
static int make_tmp(struct runtime *rt, struct err *e)
{
	int r = temp_dir_make("host", rt->tmp, e);

	if (!r)
		snprintf(rt->tmp_arg, sizeof(rt->tmp_arg), "--tmp=%s", rt->tmp);
	return r;
}

static int host_open(const struct rt_config *cfg, struct runtime **rt, struct err *e)
{
	cleanup_free struct runtime *new = calloc(1, sizeof(*new));
	int r;

	if (!new)
		return err_set(e, -ENOMEM, "host", "out of memory");
	new->cfg = *cfg;
	r = make_tmp(new, e);
	if (r < 0)
		return r;
	if (cfg->program && cfg->program->whole)
		r = host_root_make(&new->root, new->tmp, cfg->program->tree, e);
	if (!r && cfg->program)
		r = guard_open(&new->guard, NULL, NULL, e);
	if (r < 0) {
		host_root_remove(&new->root);
		remove_tree(new->tmp);
		return r;
	}
	*rt = steal_pointer(&new);
	return 0;
}

/* The workload's arguments and the folder for its files. */
static int add_tmp(const struct runtime *rt, char *const *argv, char **out, struct err *e)
{
	size_t n = 0;

	for (; argv[n]; n++) {
		if (n + 2 == MAX_ARGS)
			return err_set(e, -E2BIG, "host", "more than %d arguments", MAX_ARGS - 2);
		out[n] = argv[n];
	}
	out[n++] = (char *)rt->tmp_arg;
	out[n] = NULL;
	return 0;
}

/* A program of the user's own gets nothing of ours: no report, no folder. */
static void take_program(
	const struct runtime *rt, const struct job *job, int *fds, struct spawn *sp)
{
	const struct rt_program *p = rt->cfg.program;

	sp->path = p->path;
	sp->argv = p->argv;
	sp->envp = p->envp;
	sp->dir = p->dir;
	sp->root = p->whole ? rt->root.path : NULL;
	fds[STDERR_FILENO] = job->error_fd;
	sp->n_fds = STDERR_FILENO + 1;
}

static int host_launch(
	struct runtime *rt, const struct job *job, struct instance **in, struct err *e)
{
	int fds[REPORT_FD + 1] = { -1, job->output_fd, job->output_fd, job->report_fd };
	char *argv[MAX_ARGS];
	struct spawn sp = {
		.path = rt->cfg.workload,
		.argv = argv,
		.fds = fds,
		.n_fds = ARRAY_SIZE(fds),
		.cpus = &rt->cfg.cpus,
		.own_group = 1,
	};
	cleanup_free struct instance *new = calloc(1, sizeof(*new));
	int r = 0;

	if (!new)
		return err_set(e, -ENOMEM, "host", "out of memory");
	if (rt->cfg.program)
		take_program(rt, job, fds, &sp);
	else
		r = add_tmp(rt, job->argv, argv, e);
	if (r < 0)
		return r;
	new->rt = rt;
	new->slot = sp.slot = guard_slot(&rt->guard);
	new->deadline_ns = job->deadline_ns;
	new->at[PHASE_REQUESTED] = now_ns();
	if (job->held)
		r = ready_map(job->report_fd, &new->ready, e);
	if (!r)
		r = spawn_program(&sp, &new->child, e);
	if (r < 0) {
		ready_unmap(&new->ready);
		guard_release(&new->slot);
		return r;
	}
	new->at[PHASE_PROCESS] = new->child.process_ns;
	new->at[PHASE_SANDBOX] = new->child.exec_ns;
	*in = steal_pointer(&new);
	return 0;
}

/*
 * The benchmarks start tasks of their own. Whatever a crashed or late workload left of them dies
 * with its process group, as long as the unreaped leader keeps the group's number from reuse.
 */
static void kill_group(struct instance *in)
{
	kill(-in->child.pid, SIGKILL);
	guard_release(&in->slot);
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

static int host_ready(struct instance *in, struct err *e)
{
	int r = ready_await(in->ready, in->child.pidfd, in->deadline_ns, in->rt->cfg.cancel_fd, e);

	if (r < 0)
		return r;
	ready_unmap(&in->ready);
	close_fd(&in->child.pidfd);
	return 0;
}

static void host_view(const struct instance *in, struct rt_view *view)
{
	view->pid = in->child.pid;
}

static void host_reap(struct instance *in)
{
	if (!in)
		return;
	ready_unmap(&in->ready);
	if (!in->reaped) {
		kill_group(in);
		proc_kill_child(in->child.pid, &in->child.pidfd);
	}
	close_fd(&in->child.pidfd);
	free(in);
}

static void host_close(struct runtime *rt)
{
	if (rt) {
		guard_close(&rt->guard);
		host_root_remove(&rt->root);
		remove_tree(rt->tmp);
	}
	free(rt);
}

const struct runtime_ops host_runtime = {
	.name = "host",
	.summary = "a plain process: what the others are compared with",
	.caps = RT_ANY_PROGRAM,
	.probe = host_probe,
	.open = host_open,
	.launch = host_launch,
	.wait = host_wait,
	.reap = host_reap,
	.ready = host_ready,
	.view = host_view,
	.close = host_close,
};
