/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/fds.h"
#include "base/guard.h"
#include "base/util.h"

#define CHILD_STACK (64 * 1024)

/*
 * For what runs on the child's stack: the sanitizers would leave marks of it that an exec never
 * takes back, in memory that is the parent's too.
 */
#define ON_CHILD_STACK __attribute__((no_sanitize("address", "thread")))

/* Parent and child share memory until exec: what the child writes here, the parent reads. */
struct shared {
	const struct spawn *sp;
	pid_t parent;
	int null_fd;
	struct spawned out;
	const char *step; /* the step that failed, or NULL */
	int error;        /* its errno */
};

ON_CHILD_STACK static void reset_signals(void)
{
	struct sigaction dfl = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		sigaction(sig, &dfl, NULL); /* fails for SIGKILL, SIGSTOP and libc's own */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/*
 * Two passes, since a source may sit where a target must go: first everything is lifted above the
 * targets, then put into place.
 */
ON_CHILD_STACK static int place_fds(const struct shared *sh)
{
	const struct spawn *sp = sh->sp;
	int lifted[SPAWN_MAX_FD];

	for (unsigned i = 0; i < sp->n_fds; i++) {
		int from = sp->fds[i] >= 0 ? sp->fds[i] : sh->null_fd;

		lifted[i] = fcntl(from, F_DUPFD_CLOEXEC, SPAWN_MAX_FD);
		if (lifted[i] < 0)
			return -1;
	}
	for (unsigned i = 0; i < sp->n_fds; i++) {
		if (dup2(lifted[i], (int)i) < 0)
			return -1;
	}
	return 0;
}

/* Ours are all close-on-exec; this is for those that a library or our parent left open. */
ON_CHILD_STACK static int close_others(const struct shared *sh)
{
	long r = fds_close_at_exec_from(sh->sp->n_fds);

	errno = (int)-r;
	return r < 0 ? -1 : 0;
}

/* The child is a process of its own, though it has our memory: none of this is the parent's too. */
ON_CHILD_STACK static int enter_cage(const struct spawn_cage *cage)
{
	for (unsigned i = 0; i < cage->n_limits; i++) {
		const struct spawn_limit *l = &cage->limits[i];
		struct rlimit both = { .rlim_cur = l->value, .rlim_max = l->value }, now;

		if (getrlimit(l->resource, &now) < 0)
			return -1;
		/* A lower one of the caller's stays: only root may raise it. */
		if (now.rlim_max < both.rlim_max)
			both = (struct rlimit){ now.rlim_max, now.rlim_max };
		if (setrlimit(l->resource, &both) < 0)
			return -1;
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &cage->filter);
}

/* Only async-signal-safe calls from here on: the parent is suspended, with whatever locks it held.
 */
ON_CHILD_STACK static int child(void *arg)
{
	struct shared *sh = arg;
	const struct spawn *sp = sh->sp;
	static char *const no_env[] = { NULL };

	sh->out.process_ns = now_ns();
	reset_signals();
	sh->step = "prctl(PR_SET_PDEATHSIG)";
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		goto fail;
	if (getppid() != sh->parent) { /* it died before the signal was armed */
		errno = ESRCH;
		goto fail;
	}
	sh->step = "setpgid";
	if (sp->own_group && setpgid(0, 0) < 0)
		goto fail;
	if (sp->slot)
		__atomic_store_n(sp->slot, (uint32_t)getpid(), __ATOMIC_RELEASE);
	sh->step = "sched_setaffinity";
	if (sp->cpus && sched_setaffinity(0, sizeof(*sp->cpus), sp->cpus) < 0)
		goto fail;
	sh->step = "setns"; /* possible since the child shares memory with us, but no working
			       directory */
	if (sp->mount_ns && setns(sp->mount_ns, CLONE_NEWNS) < 0)
		goto fail;
	sh->step = "chroot";
	if (sp->root && (chroot(sp->root) < 0 || chdir("/") < 0))
		goto fail;
	sh->step = "chdir";
	if (sp->dir && chdir(sp->dir) < 0)
		goto fail;
	sh->step = "dup2";
	if (place_fds(sh) < 0)
		goto fail;
	sh->step = "other descriptors";
	if (close_others(sh) < 0)
		goto fail;
	sh->step = "seccomp";
	if (sp->cage && enter_cage(sp->cage) < 0)
		goto fail;
	sh->step = "execve";
	sh->out.exec_ns = now_ns();
	execve(sp->path, sp->argv, sp->envp ? sp->envp : no_env);
fail:
	sh->error = errno;
	return 127; /* of clone's function: ends the process without running exit handlers */
}

static int run_child(struct shared *sh, struct err *e)
{
	void *stack = mmap(NULL, CHILD_STACK, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	sigset_t all, old;
	pid_t pid;
	int fd = -1;

	if (stack == MAP_FAILED)
		return err_sys(e, "mmap", "a stack for starting '%s'", sh->sp->path);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &old); /* no handler of ours may run in the child */
	pid = clone(child, (char *)stack + CHILD_STACK,
		CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, sh, &fd);
	if (pid < 0)
		err_sys(e, "clone", "starting '%s'", sh->sp->path);
	sigprocmask(SIG_SETMASK, &old, NULL);
	munmap(stack, CHILD_STACK);
	if (pid < 0)
		return e ? e->code : -EAGAIN;
	if (sh->error) {
		guard_watch(sh->sp->slot, GUARD_NOBODY);
		waitpid(pid, NULL, 0);
		close(fd);
		return err_set(e, -sh->error, sh->step, "starting '%s': %s", sh->sp->path,
			strerror(sh->error));
	}
	sh->out.pid = pid;
	sh->out.pidfd = fd;
	return 0;
}

int spawn_program(const struct spawn *sp, struct spawned *out, struct err *e)
{
	cleanup_fd int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct shared sh = { .sp = sp, .parent = getpid(), .null_fd = null_fd };
	int r;

	if (null_fd < 0)
		return err_sys(e, "open", "'/dev/null'");
	if (sp->n_fds > SPAWN_MAX_FD)
		return err_set(e, -EINVAL, "spawn", "too many descriptors for '%s'", sp->path);
	r = run_child(&sh, e);
	if (!r)
		*out = sh.out;
	return r;
}
