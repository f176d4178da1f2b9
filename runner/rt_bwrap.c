/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/rt_bwrap.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>

#include "base/guard.h"
#include "base/proc.h"
#include "base/report_abi.h"
#include "base/spawn.h"
#include "base/util.h"
#include "ctr/tree.h"
#include "runner/peer.h"

#define MAX_WORDS 2048 /* a word, at the least, for each thing that a tree has in its /tmp */

struct runtime {
	struct rt_config cfg;
	char *bwrap;
	char *workload;        /* absolute: bubblewrap resolves it from a root of its own */
	struct ctr_tree *tree; /* of a program of the user's own */
	struct guard guard;
};

struct instance {
	const struct runtime *rt;
	struct spawned child;
	uint32_t *slot; /* of the guard, until the child is reaped */
	bool reaped;
	uint64_t requested_ns, deadline_ns;
};

int bwrap_argv(const char *bwrap, const char *workload, char *const *argv, char **out, size_t max,
	struct err *e)
{
	const char *const fixed[] = {
		bwrap,
		"--unshare-all",
		"--proc",
		"/proc",
		"--dev",
		"/dev",
		"--ro-bind", /* all that its file system holds besides */
		workload,
		"/workload",
		"--die-with-parent", /* or the program outlives a bubblewrap that is killed */
		"/workload",
	};
	size_t n = 0;

	for (; n < ARRAY_SIZE(fixed) && n < max; n++)
		out[n] = (char *)fixed[n]; /* execve's signature; nobody writes there */
	for (size_t i = 1; argv[0] && argv[i] && n < max; i++)
		out[n++] = argv[i];
	if (n == max)
		return err_set(e, -E2BIG, "bwrap", "more than %zu words", max - 1);
	out[n] = NULL;
	return 0;
}

/* Words after each other; too many are found at the end. */
struct words {
	char **out;
	size_t n, max;
};

static void add(struct words *w, const char *word)
{
	if (w->n < w->max)
		w->out[w->n] = (char *)word; /* execve's signature; nobody writes there */
	w->n++;
}

int bwrap_program_argv(const char *bwrap, const struct rt_program *p, const struct ctr_tree *tree,
	char **out, size_t max, struct err *e)
{
	const char *const fixed[] = { bwrap, "--unshare-all", "--ro-bind", p->tree, "/", "--proc",
		"/proc", "--dev", "/dev", "--ro-bind", "/sys", "/sys", "--tmpfs", "/tmp",
		"--die-with-parent", "--chdir", p->dir };
	struct words w = { out, 0, max };

	for (size_t i = 0; i < ARRAY_SIZE(fixed); i++)
		add(&w, fixed[i]);
	for (unsigned i = 0; i < tree->tmp.n; i++) {
		const struct ctr_tree_entry *entry = &tree->tmp.entries[i];

		add(&w, entry->target ? "--symlink" : "--ro-bind");
		add(&w, entry->target ? entry->target : entry->host_path);
		add(&w, entry->path);
	}
	add(&w, p->path);
	for (size_t i = 1; p->argv[0] && p->argv[i]; i++)
		add(&w, p->argv[i]);
	if (w.n >= max)
		return err_set(e, -E2BIG, "bwrap", "more than %zu words", max - 1);
	out[w.n] = NULL;
	return 0;
}

static void bwrap_close(struct runtime *rt)
{
	if (!rt)
		return;
	ctr_tree_free(rt->tree);
	free(rt->workload);
	guard_close(&rt->guard);
	free(rt->bwrap);
	free(rt);
}

static int bwrap_open(const struct rt_config *cfg, struct runtime **out, struct err *e)
{
	struct runtime *rt = calloc(1, sizeof(*rt));
	int r;

	if (!rt)
		return err_set(e, -ENOMEM, "bwrap", "out of memory");
	rt->cfg = *cfg;
	r = peer_program("bwrap", &rt->bwrap, e);
	if (!r && cfg->program)
		r = ctr_tree_scan(cfg->program->tree, &rt->tree, e);
	if (!r) {
		rt->workload = realpath(cfg->workload, NULL);
		if (!rt->workload)
			r = err_sys(e, "realpath", "the workload '%s'", cfg->workload);
	}
	if (!r)
		r = guard_open(&rt->guard, NULL, NULL, e);
	if (r < 0) {
		bwrap_close(rt);
		return r;
	}
	*out = rt;
	return 0;
}

static int bwrap_launch(
	struct runtime *rt, const struct job *job, struct instance **out, struct err *e)
{
	const struct rt_program *own = rt->cfg.program;
	const int fds[REPORT_FD + 1] = { -1, job->output_fd, own ? job->error_fd : job->output_fd,
		job->report_fd };
	uint64_t requested = now_ns();
	char *argv[MAX_WORDS];
	struct spawn sp = {
		.path = rt->bwrap,
		.argv = argv,
		.fds = fds,
		.n_fds = own ? REPORT_FD : REPORT_FD + 1, /* it has nothing to report */
		.envp = own ? own->envp : NULL,
		.cpus = &rt->cfg.cpus,
		.own_group = 1,
	};
	cleanup_free struct instance *in = calloc(1, sizeof(*in));
	int r;

	if (!in)
		return err_set(e, -ENOMEM, "bwrap", "out of memory");
	in->rt = rt;
	in->requested_ns = requested;
	in->deadline_ns = job->deadline_ns;
	r = own ? bwrap_program_argv(rt->bwrap, own, rt->tree, argv, MAX_WORDS, e)
		: bwrap_argv(rt->bwrap, rt->workload, job->argv, argv, MAX_WORDS, e);
	if (r < 0)
		return r;
	in->slot = sp.slot = guard_slot(&rt->guard);
	r = spawn_program(&sp, &in->child, e);
	if (r < 0) {
		guard_release(&in->slot);
		return r;
	}
	*out = steal_pointer(&in);
	return 0;
}

/* bubblewrap's first child is process 1 of the pid namespace: with it everything in there ends. */
static void kill_group(struct instance *in)
{
	kill(-in->child.pid, SIGKILL);
	guard_release(&in->slot);
}

static int bwrap_wait(struct instance *in, struct outcome *out, struct err *e)
{
	bool late;
	int r = proc_await(in->child.pidfd, in->deadline_ns, in->rt->cfg.cancel_fd, out, &late, e);

	if (r < 0)
		return r;
	kill_group(in);
	in->reaped = true;
	out->at[PHASE_REQUESTED] = in->requested_ns;
	out->at[PHASE_PROCESS] = in->child.process_ns;
	r = proc_reap(in->child.pidfd, late, out, e);
	if (!r)
		peer_verdict("bwrap", out);
	return r;
}

static void bwrap_reap(struct instance *in)
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

static void bwrap_describe(struct runtime *rt, fact_fn put, void *ctx)
{
	static char *const args[] = { (char *)"workload", (char *)"ARGS", NULL };
	char *argv[MAX_WORDS], version[128];
	cleanup_free char *line = NULL;
	int r = rt->tree ? bwrap_program_argv(
				   rt->bwrap, rt->cfg.program, rt->tree, argv, MAX_WORDS, NULL)
			 : bwrap_argv(rt->bwrap, rt->workload, args, argv, MAX_WORDS, NULL);

	peer_version(rt->bwrap, version, sizeof(version));
	put(ctx, "bwrap.version", version);
	if (!r)
		line = peer_command_line(argv);
	if (line)
		put(ctx, "bwrap.command", line);
}

static int bwrap_probe(const struct rt_config *cfg, struct err *e)
{
	cleanup_free char *path = NULL;
	int r = peer_program("bwrap", &path, e);

	if (!r)
		r = peer_trial(&bwrap_runtime, cfg, e);
	if (r == -ENODEV)
		err_help(e, "run as root, or allow unprivileged user namespaces");
	return r;
}

const struct runtime_ops bwrap_runtime = {
	.name = "bwrap",
	.summary = "bubblewrap --unshare-all --proc /proc --dev /dev",
	.caps = RT_FOREIGN | RT_ANY_PROGRAM,
	.probe = bwrap_probe,
	.open = bwrap_open,
	.launch = bwrap_launch,
	.wait = bwrap_wait,
	.reap = bwrap_reap,
	.describe = bwrap_describe,
	.close = bwrap_close,
};
