/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/demo/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>

#include "base/util.h"
#include "runner/cpus.h"
#include "runner/facts.h"
#include "runner/signals.h"

#define SYSCALL_STOP (SIGTRAP | 0x80) /* PTRACE_O_TRACESYSGOOD */
#define OPTIONS                                                                                    \
	(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |  \
		PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL)
#define MAX_PROGRAMS 64
#define MAX_OUTPUT 65536
#define LOOK_NS (NSEC_PER_SEC / 5) /* between looks at cancel_fd where nothing happens */

/* What the copy of ourselves hands back, in memory of both. */
struct handed {
	int r; /* of side_run */
	struct err e;
	char missing[sizeof(((struct side_result *)0)->missing)];
	char kernel[sizeof(((struct side_result *)0)->kernel)];
	char reason[sizeof(((struct outcome *)0)->reason)];
	enum outcome_kind kind;
	int code;
	char output[MAX_OUTPUT];
};

struct watch {
	struct demo_run *run;
	void (*on_call)(void *ctx, const struct watch_call *call);
	void *ctx;
	pid_t copy;                   /* of ourselves */
	pid_t programs[MAX_PROGRAMS]; /* threads of what came from it and has done an exec */
	size_t n;
};

static bool is_program(const struct watch *w, pid_t pid)
{
	for (size_t i = 0; i < w->n; i++) {
		if (w->programs[i] == pid)
			return true;
	}
	return false;
}

static void note_program(struct watch *w, pid_t pid)
{
	if (!is_program(w, pid) && w->n < MAX_PROGRAMS)
		w->programs[w->n++] = pid;
}

/* The process of a thread; 0: it is gone. */
static pid_t process_of(pid_t tid)
{
	char path[64], text[32];
	uint64_t pid;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)tid);
	return facts_field("", path, "Tgid", text, sizeof(text)) &&
			       !parse_u64(text, 1, INT32_MAX, &pid)
		       ? (pid_t)pid
		       : 0;
}

static void note_call(const struct watch *w, pid_t pid)
{
	struct __ptrace_syscall_info info;
	struct watch_call call = { .pid = pid };

	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) <= 0 ||
		info.op != PTRACE_SYSCALL_INFO_ENTRY)
		return;
	call.nr = info.entry.nr;
	call.ip = info.instruction_pointer;
	memcpy(call.args, info.entry.args, sizeof(call.args));
	w->on_call(w->ctx, &call);
}

/* It stands still with @status of waitpid(2): see why, and let it go on. */
static void handle_stop(struct watch *w, pid_t pid, int status)
{
	int signal = WSTOPSIG(status), event = status >> 16;

	if (event == PTRACE_EVENT_EXEC ||
		(event == PTRACE_EVENT_STOP && is_program(w, process_of(pid))))
		note_program(w, pid);
	else if (signal == SYSCALL_STOP)
		note_call(w, pid);
	if (event || signal == SYSCALL_STOP)
		signal = 0;
	/* Before its exec it is a runtime's business, and need not stop at each call. */
	ptrace(is_program(w, pid) ? PTRACE_SYSCALL : PTRACE_CONT, pid, NULL,
		(void *)(intptr_t)signal);
}

/*
 * Until the copy has ended. Nothing else is a child of ours at this time, so that any that reports
 * is one of its own. A signal that is to end us is passed on once: it ends in order.
 */
static void follow(struct watch *w, const sigset_t *set)
{
	const struct timespec t = { 0, LOOK_NS };
	bool told = false;

	for (;;) {
		int status = 0;
		pid_t pid = waitpid(-1, &status, __WALL | WNOHANG);

		if (pid < 0 && errno == ECHILD)
			return;
		if (pid == 0) {
			if (!told && signals_pending(w->run->cancel_fd))
				told = kill(w->copy, SIGTERM) == 0;
			sigtimedwait(set, NULL, &t);
		} else if (pid > 0 && WIFSTOPPED(status)) {
			handle_stop(w, pid, status);
		} else if (pid == w->copy) {
			return;
		}
	}
}

/* --- the copy of ourselves --- */

static void launch(struct demo_run *run, const struct side_job *job, struct handed *h)
{
	struct side_result result;

	h->r = side_run(run, job, &result, &h->e);
	snprintf(h->missing, sizeof(h->missing), "%s", result.missing);
	memcpy(h->kernel, result.kernel, sizeof(h->kernel));
	snprintf(h->reason, sizeof(h->reason), "%s", result.outcome.reason);
	snprintf(h->output, sizeof(h->output), "%s", result.output ? result.output : "");
	h->kind = result.outcome.kind;
	h->code = result.outcome.code;
	side_free(&result);
}

/* It waits at @gate until it is followed, or is not going to be. */
static pid_t start_copy(
	struct demo_run *run, const struct side_job *job, struct handed *h, int *gate)
{
	int pipes[2];
	char go = 0;
	pid_t pid;

	if (pipe2(pipes, O_CLOEXEC) < 0)
		return -1;
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(pipes[1]);
		if (read(pipes[0], &go, 1) == 1)
			launch(run, job, h);
		_exit(0);
	}
	close(pipes[0]);
	*gate = pipes[1];
	if (pid < 0)
		close_fd(gate);
	return pid;
}

static int hand_back(const struct handed *h, struct side_result *out, struct err *e)
{
	memcpy(out->missing, h->missing, sizeof(out->missing));
	memcpy(out->kernel, h->kernel, sizeof(out->kernel));
	memcpy(out->outcome.reason, h->reason, sizeof(out->outcome.reason));
	out->outcome.kind = h->kind;
	out->outcome.code = h->code;
	out->output = strdup(h->output);
	if (h->r < 0)
		*e = h->e;
	return h->r < 0 ? h->r : out->output ? 0 : err_set(e, -ENOMEM, "demo", "out of memory");
}

static int seize(struct watch *w, int gate, struct side_result *out)
{
	if (ptrace(PTRACE_SEIZE, w->copy, NULL, OPTIONS) == 0)
		return write_all(gate, "g", 1);
	snprintf(out->missing, sizeof(out->missing),
		"ptrace: tracing a process of our own: %s (see /proc/sys/kernel/yama/ptrace_scope)",
		strerror(errno));
	return -EPERM;
}

int watch_run(struct demo_run *run, const struct side_job *job,
	void (*on_call)(void *ctx, const struct watch_call *call), void *ctx,
	struct side_result *out, struct err *e)
{
	struct demo_run here = *run;
	struct watch w = { .run = &here, .on_call = on_call, .ctx = ctx };
	struct handed *h =
		mmap(NULL, sizeof(*h), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	cleanup_fd int gate = -1;
	cpu_set_t cpus;
	sigset_t set, before;
	int r = 0;

	*out = (struct side_result){ 0 };
	if (h == MAP_FAILED)
		return err_sys(e, "mmap", "memory for what is seen");
	/* The kernel says of each stop by SIGCHLD: blocked, it can be waited for. */
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, &before);
	h->r = err_set(&h->e, -EIO, "demo", "a copy of ourselves ended early");
	/* Each stop is a switch to us and back, which on one CPU takes a sixth of the time. */
	sched_getaffinity(0, sizeof(cpus), &cpus);
	cpus_first(&run->cpus, 1, &here.cpus);
	sched_setaffinity(0, sizeof(here.cpus), &here.cpus);
	w.copy = start_copy(&here, job, h, &gate);
	if (w.copy < 0)
		r = err_sys(e, "fork", "starting a copy of ourselves");
	else if (seize(&w, gate, out) == 0)
		follow(&w, &set);
	else
		close_fd(&gate), waitpid(w.copy, NULL, 0);
	sigprocmask(SIG_SETMASK, &before, NULL);
	sched_setaffinity(0, sizeof(cpus), &cpus);
	if (!r && !*out->missing)
		r = hand_back(h, out, e);
	munmap(h, sizeof(*h));
	return r;
}

/* --- looking --- */

size_t watch_memory(pid_t pid, uint64_t at, void *out, size_t n)
{
	struct iovec here = { out, n }, there = { (void *)(uintptr_t)at, n };
	ssize_t got = process_vm_readv(pid, &here, 1, &there, 1, 0);

	return got < 0 ? 0 : (size_t)got;
}

bool watch_file(pid_t pid, uint64_t at, char *path, size_t size, uint64_t *offset)
{
	cleanup_free char *name = format_text("/proc/%d/maps", (int)pid);
	cleanup_file FILE *f = name ? fopen(name, "re") : NULL;
	char line[4096];

	while (f && fgets(line, sizeof(line), f)) {
		uint64_t from, to, start;
		int used = 0;

		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*s %" SCNx64 " %*s %*s %n", &from, &to,
			    &start, &used) < 3 ||
			at < from || at >= to || line[used] != '/')
			continue;
		line[strcspn(line, "\n")] = '\0';
		snprintf(path, size, "%s", line + used);
		*offset = at - from + start;
		return true;
	}
	return false;
}

char *watch_call_name(uint64_t nr)
{
	return nr > INT32_MAX ? NULL : seccomp_syscall_resolve_num_arch(SCMP_ARCH_X86_64, (int)nr);
}
