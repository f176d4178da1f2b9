/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The floor under all other ways of starting. What the runtime "host" does besides (base/spawn.c:
 * signals reset, descriptors lifted and all others closed, a temporary folder) is left out; what is
 * left beyond the bare calls is what the measurement itself needs: the same CPUs, the report's and
 * the output's descriptors, and that nothing outlives it: a process group, a parent-death signal.
 */
#include "runner/rt_vfork.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "base/proc.h"
#include "base/report_abi.h"
#include "base/util.h"

#define CHILD_STACK (64 * 1024)
#define EXEC_FAILED 127

/* For what runs on the child's stack: see base/spawn.c. */
#define ON_CHILD_STACK __attribute__((no_sanitize("address", "thread")))

struct runtime {
	struct rt_config cfg;
	char *stack; /* of all children, one after the other: the parent waits for their exec */
};

struct instance {
	const struct runtime *rt;
	pid_t pid;
	int pidfd;
	bool reaped;
	uint64_t deadline_ns;
	uint64_t at[PHASE_COUNT];
};

/* Parent and child share memory until the exec. */
struct shared {
	const struct runtime *rt;
	const struct job *job;
	uint64_t process_ns, exec_ns;
	int error;
};

static int vfork_probe(const struct rt_config *cfg, struct err *e)
{
	if (access(cfg->workload, X_OK) < 0) {
		err_sys(e, "access", "the workload '%s' cannot be run", cfg->workload);
		return err_help(e, "build it with 'make'");
	}
	return 0;
}

static void vfork_close(struct runtime *rt)
{
	if (!rt)
		return;
	if (rt->stack)
		munmap(rt->stack, CHILD_STACK);
	free(rt);
}

static int vfork_open(const struct rt_config *cfg, struct runtime **out, struct err *e)
{
	struct runtime *rt = calloc(1, sizeof(*rt));
	void *stack;

	if (!rt)
		return err_set(e, -ENOMEM, "vfork", "out of memory");
	rt->cfg = *cfg;
	stack = mmap(NULL, CHILD_STACK, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_POPULATE, -1, 0);
	if (stack == MAP_FAILED) {
		vfork_close(rt);
		return err_sys(e, "mmap", "a stack for children");
	}
	rt->stack = stack;
	*out = rt;
	return 0;
}

ON_CHILD_STACK static int child(void *arg)
{
	static char *const no_env[] = { NULL };
	struct shared *sh = arg;
	const struct rt_config *cfg = &sh->rt->cfg;

	sh->process_ns = now_ns();
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || setpgid(0, 0) < 0 ||
		sched_setaffinity(0, sizeof(cfg->cpus), &cfg->cpus) < 0 ||
		dup2(sh->job->output_fd, STDOUT_FILENO) < 0 ||
		dup2(sh->job->output_fd, STDERR_FILENO) < 0 ||
		dup2(sh->job->report_fd, REPORT_FD) < 0)
		goto fail;
	sh->exec_ns = now_ns();
	execve(cfg->workload, sh->job->argv, no_env);
fail:
	sh->error = errno;
	return EXEC_FAILED;
}

static int start(struct instance *in, const struct job *job, struct err *e)
{
	struct shared sh = { .rt = in->rt, .job = job };

	/* A signal's handler of ours cannot run in the child: the runner has none (signals.c). */
	in->pid = clone(child, in->rt->stack + CHILD_STACK,
		CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, &sh, &in->pidfd);
	if (in->pid < 0)
		return err_sys(e, "clone", "starting '%s'", in->rt->cfg.workload);
	if (sh.error) {
		proc_kill(in->pidfd);
		close_fd(&in->pidfd);
		return err_set(e, -sh.error, "execve", "starting '%s': %s", in->rt->cfg.workload,
			strerror(sh.error));
	}
	in->at[PHASE_PROCESS] = sh.process_ns;
	in->at[PHASE_SANDBOX] = sh.exec_ns;
	return 0;
}

/* dup2 must neither find its target where another source lies, nor leave one close-on-exec. */
static int check_job(const struct job *job, struct err *e)
{
	if (job->output_fd > REPORT_FD && job->report_fd > REPORT_FD)
		return 0;
	return err_set(e, -EINVAL, "vfork", "descriptors %d and %d: they must be above %d",
		job->output_fd, job->report_fd, REPORT_FD);
}

static int vfork_launch(
	struct runtime *rt, const struct job *job, struct instance **out, struct err *e)
{
	uint64_t requested = now_ns();
	struct instance *in;
	int r = check_job(job, e);

	if (r < 0)
		return r;
	in = calloc(1, sizeof(*in));
	if (!in)
		return err_set(e, -ENOMEM, "vfork", "out of memory");
	in->rt = rt;
	in->pidfd = -1;
	in->deadline_ns = job->deadline_ns;
	in->at[PHASE_REQUESTED] = requested;
	r = start(in, job, e);
	if (r < 0) {
		free(in);
		return r;
	}
	*out = in;
	return 0;
}

/* What the workload has started; as long as it is not reaped, the group's number is no other's. */
static void kill_group(const struct instance *in)
{
	kill(-in->pid, SIGKILL);
}

static int vfork_wait(struct instance *in, struct outcome *out, struct err *e)
{
	bool late;
	int r;

	memcpy(out->at, in->at, sizeof(out->at));
	r = proc_await(in->pidfd, in->deadline_ns, in->rt->cfg.cancel_fd, out, &late, e);
	if (r < 0)
		return r;
	kill_group(in);
	in->reaped = true;
	return proc_reap(in->pidfd, late, out, e);
}

static void vfork_reap(struct instance *in)
{
	if (!in)
		return;
	if (!in->reaped) {
		kill_group(in);
		proc_kill(in->pidfd);
	}
	close_fd(&in->pidfd);
	free(in);
}

const struct runtime_ops vfork_runtime = {
	.name = "vfork",
	.summary = "clone, execve, wait and nothing else: the floor under every start",
	.caps = RT_FLOOR,
	.probe = vfork_probe,
	.open = vfork_open,
	.launch = vfork_launch,
	.wait = vfork_wait,
	.reap = vfork_reap,
	.close = vfork_close,
};
