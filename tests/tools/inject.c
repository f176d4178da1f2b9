/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Makes one system call or one allocation of a program fail: the N-th, counted over all of its
 * processes and threads.
 *
 * usage: inject FILE N KIND COMMAND ARGUMENT...
 *   FILE  what is said of it: "calls=", "failed=", "pid=", "status=", "left="
 *   N     which one; 0 only counts
 *   KIND  one of
 *         - "error": with the error that such a call may well have
 *         - "eintr": calls that may be interrupted, with EINTR; nothing has happened then. Not
 *           those that streams make on regular files, where it does not happen (signal(7))
 *         - "short": reads and writes of more than a byte, of which one byte is done
 *         - "alloc": an allocation, by inject_alloc.so, which lies beside this program
 *
 * Counted are the calls of COMMAND and of processes that it starts, from the program's entry on
 * (the loader's are not its own), until a process runs another program than "bench" or "bench-vmm";
 * with INJECT_ONLY=bench-vmm those of that one. With INJECT_LIST=FILE a line for each of the calls.
 * By ptrace, so that none is missed, whichever way it is made. Whoever outlives COMMAND is counted
 * as "left", and killed.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/util.h"
#include "tests/tools/inject_calls.h"

#define TRACEES 256
#define INT3 0xccul
#define SETTLE_MS                                                                                  \
	2000 /* until who was left counts as left: a killed process takes a moment to die */

enum {
	OPTIONS = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
		  PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL,
	SYSCALL_STOP = SIGTRAP | 0x80,
};

struct tracee {
	pid_t pid;         /* of a thread; 0: a free place */
	bool inside;       /* its call is being made, and its result is to be replaced */
	bool counted;      /* past its program's entry */
	long result;       /* by this */
	long entry, saved; /* the address of its program's entry, and the word that was there */
	long heap_end;     /* what brk said last: that is what it says when it fails */
};

static struct tracee tracees[TRACEES];
static const char *const followed[] = { "bench", "bench-vmm" };
static enum { ERROR, INTERRUPT, SHORT, ALLOC, KINDS } kind;
static const char *const kinds[KINDS] = { "error", "eintr", "short", "alloc" };
static unsigned long wanted, counted;
static FILE *list;       /* of all that were counted; or NULL */
static const char *only; /* the program whose calls count; NULL: all of them */
static char failed[300] = "nothing";

static void die(const char *what)
{
	fprintf(stderr, "inject: %s: %s\n", what, strerror(errno));
	exit(125);
}

static struct tracee *find(pid_t pid)
{
	struct tracee *place = NULL;

	for (size_t i = 0; i < TRACEES; i++) {
		if (tracees[i].pid == pid)
			return &tracees[i];
		if (!place && !tracees[i].pid)
			place = &tracees[i];
	}
	if (!place)
		die("too many threads at once");
	*place = (struct tracee){ .pid = pid, .counted = true };
	return place;
}

static bool runs(pid_t pid, const char *program)
{
	char path[64], exe[PATH_MAX];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	n = readlink(path, exe, sizeof(exe) - 1);
	if (n < 0)
		return false;
	exe[n] = '\0';
	return !strcmp(strrchr(exe, '/') + 1, program);
}

#define FD_PATH_SIZE 64

/* The file that the call is on: its first argument is a descriptor. */
static void name_fd(const struct tracee *t, const struct user_regs_struct *regs, char *path)
{
	snprintf(path, FD_PATH_SIZE, "/proc/%d/fd/%d", t->pid, (int)regs->rdi);
}

static bool is_on_file(const struct tracee *t, const struct user_regs_struct *regs)
{
	char path[FD_PATH_SIZE];
	struct stat st;

	name_fd(t, regs, path);
	return !stat(path, &st) && S_ISREG(st.st_mode);
}

/* A write to one of the kernel's own files is taken whole or not at all. */
static bool is_on_kernels_file(const struct tracee *t, const struct user_regs_struct *regs)
{
	static const long magics[] = { PROC_SUPER_MAGIC, SYSFS_MAGIC, CGROUP_SUPER_MAGIC,
		CGROUP2_SUPER_MAGIC };
	char path[FD_PATH_SIZE];
	struct statfs fs;

	name_fd(t, regs, path);
	if (statfs(path, &fs) < 0)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(magics); i++) {
		if (fs.f_type == magics[i])
			return true;
	}
	return false;
}

/* Is it one that this pass is about? */
static bool is_meant(
	const struct tracee *t, const struct call *c, const struct user_regs_struct *regs)
{
	if (kind == SHORT)
		return c && c->how & IN_PARTS && regs->rdx > 1 &&
		       !(c->nr == SYS_write && is_on_kernels_file(t, regs));
	if (kind == INTERRUPT)
		return c && c->how & INTERRUPTIBLE && !(c->how & BY_STREAM && is_on_file(t, regs));
	return !c || c->mode != SKIPPED;
}

/* Which argument of a call is a path, for those where it is worth reading. */
static const struct {
	long nr;
	bool second;
} with_path[] = {
	{ SYS_openat, true },
	{ SYS_newfstatat, true },
	{ SYS_mkdirat, true },
	{ SYS_unlinkat, true },
	{ SYS_readlinkat, true },
	{ SYS_faccessat, true },
	{ SYS_faccessat2, true },
	{ SYS_access, false },
	{ SYS_open, false },
	{ SYS_mkdir, false },
	{ SYS_execve, false },
	{ SYS_readlink, false },
	{ SYS_rename, false },
	{ SYS_unlink, false },
	{ SYS_rmdir, false },
	{ SYS_statfs, false },
};

/* What it is done to: a path, or what the descriptor that is the first argument leads to. */
static void name_object(
	const struct tracee *t, const struct user_regs_struct *regs, char *out, size_t size)
{
	struct iovec here = { out, size - 1 }, there = { NULL, size - 1 };
	char path[FD_PATH_SIZE];
	ssize_t n;

	memset(out, 0, size);
	for (size_t i = 0; i < ARRAY_SIZE(with_path); i++) {
		if (with_path[i].nr == (long)regs->orig_rax) {
			there.iov_base = (void *)(with_path[i].second ? regs->rsi : regs->rdi);
			/* Up to the end of its page at most: the next may not be there. */
			there.iov_len = 4096 - ((size_t)there.iov_base & 4095);
			if (there.iov_len > here.iov_len)
				there.iov_len = here.iov_len;
			process_vm_readv(t->pid, &here, 1, &there, 1, 0);
			return;
		}
	}
	name_fd(t, regs, path);
	n = readlink(path, out, size - 1);
	out[n > 0 ? n : 0] = '\0';
}

/* What it is, on what, and whose; an ioctl's request too. */
static void name_call(const struct tracee *t, const struct call *c,
	const struct user_regs_struct *regs, char *out, size_t size)
{
	char name[64] = "?", path[64], object[96], request[16] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/comm", t->pid);
	f = fopen(path, "re");
	if (f && fgets(name, sizeof(name), f))
		name[strcspn(name, "\n")] = '\0';
	if (f)
		fclose(f);
	name_object(t, regs, object, sizeof(object));
	if (regs->orig_rax == SYS_ioctl)
		snprintf(request, sizeof(request), " 0x%x", (unsigned)regs->rsi);
	snprintf(out, size, "%s %ld%s (%s) of %s", c ? c->name : "call", (long)regs->orig_rax,
		request, object, name);
}

static void note(const struct tracee *t, const struct call *c, const struct user_regs_struct *regs,
	int error)
{
	char what[250];

	name_call(t, c, regs, what, sizeof(what));
	snprintf(failed, sizeof(failed), "%s: %s", what, error ? strerror(error) : "one byte");
}

/* For whoever chooses among them. */
static void list_call(
	const struct tracee *t, const struct call *c, const struct user_regs_struct *regs)
{
	char what[250];

	name_call(t, c, regs, what, sizeof(what));
	fprintf(list, "%lu %s\n", counted, what);
}

/* At its entry: another call is made in its place, which does nothing and is in every sandbox's
 * filter, or itself; its result is replaced later. */
static void make_fail(struct tracee *t, const struct call *c, struct user_regs_struct *regs)
{
	int error = kind == INTERRUPT ? EINTR : c && c->error ? c->error : EIO;

	note(t, c, regs, kind == SHORT ? 0 : error);
	if (kind == SHORT) {
		regs->rdx = 1;
	} else {
		t->inside = true;
		t->result = c && c->nr == SYS_brk ? t->heap_end : -error;
		if (!c || c->mode == REFUSED)
			regs->orig_rax = SYS_getpid;
	}
	if (ptrace(PTRACE_SETREGS, t->pid, NULL, regs))
		die("PTRACE_SETREGS");
	/* For whoever wants to see where that was: a debugger's turn. */
	if (getenv("INJECT_STOP"))
		kill(t->pid, SIGSTOP);
}

static void on_call(struct tracee *t)
{
	struct __ptrace_syscall_info info;
	struct user_regs_struct regs;
	const struct call *c;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, t->pid, sizeof(info), &info) <= 0 ||
		ptrace(PTRACE_GETREGS, t->pid, NULL, &regs))
		return; /* killed meanwhile */
	if (info.op == PTRACE_SYSCALL_INFO_EXIT) {
		if (regs.orig_rax == SYS_brk)
			t->heap_end = (long)regs.rax;
		if (t->inside) {
			regs.rax = (unsigned long long)t->result;
			ptrace(PTRACE_SETREGS, t->pid, NULL, &regs);
			t->inside = false;
		}
		return;
	}
	c = find_call((long)regs.orig_rax);
	if (!t->counted || info.op != PTRACE_SYSCALL_INFO_ENTRY || !is_meant(t, c, &regs) ||
		(only && !runs(t->pid, only)))
		return;
	counted++;
	if (list)
		list_call(t, c, &regs);
	if (counted == wanted)
		make_fail(t, c, &regs);
}

/* --- programs --- */

static bool is_followed(pid_t pid)
{
	for (size_t i = 0; i < ARRAY_SIZE(followed); i++) {
		if (runs(pid, followed[i]))
			return true;
	}
	return false;
}

static long find_entry(pid_t pid)
{
	unsigned long pair[2];
	char path[64];
	long entry = 0;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/auxv", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && read(fd, pair, sizeof(pair)) == sizeof(pair)) {
		if (pair[0] == AT_ENTRY)
			entry = (long)pair[1];
	}
	close(fd);
	return entry;
}

/* A breakpoint at the program's entry. Another program goes its way: only what it is killed by is
 * ours. */
static bool on_exec(struct tracee *t)
{
	if (!is_followed(t->pid)) {
		ptrace(PTRACE_DETACH, t->pid, NULL, NULL);
		t->pid = 0;
		return false;
	}
	t->counted = t->inside = false;
	t->entry = find_entry(t->pid);
	errno = 0;
	t->saved = ptrace(PTRACE_PEEKTEXT, t->pid, t->entry, NULL);
	if (errno || ptrace(PTRACE_POKETEXT, t->pid, t->entry, (t->saved & ~0xffl) | (long)INT3))
		die("a breakpoint at the program's entry");
	return true;
}

/* true: that is what it stopped for. */
static bool at_entry(struct tracee *t)
{
	struct user_regs_struct regs;

	if (!t->entry || ptrace(PTRACE_GETREGS, t->pid, NULL, &regs) ||
		(long)regs.rip != t->entry + 1)
		return false;
	regs.rip--;
	if (ptrace(PTRACE_POKETEXT, t->pid, t->entry, t->saved) ||
		ptrace(PTRACE_SETREGS, t->pid, NULL, &regs))
		die("taking the breakpoint back");
	t->entry = 0;
	t->counted = true;
	return true;
}

/* --- following --- */

/* @t has stopped; false: it is not ours any more. The signal that it goes on with is in *@sig. */
static bool on_stop(struct tracee *t, int status, int *sig)
{
	int event = status >> 16;

	*sig = WSTOPSIG(status);
	if (*sig == SYSCALL_STOP) {
		on_call(t);
		*sig = 0;
	} else if (event == PTRACE_EVENT_EXEC) {
		*sig = 0;
		return on_exec(t);
	} else if (event || (*sig == SIGTRAP && at_entry(t)) ||
		   (*sig == SIGSTOP && !getenv("INJECT_STOP"))) {
		*sig = 0; /* a new one's first stop among them */
	}
	return true;
}

/* Until COMMAND has ended; its status as wait(2) has it. */
static int follow(pid_t command)
{
	int status, sig;

	for (;;) {
		pid_t pid = waitpid(-1, &status, __WALL);
		struct tracee *t;

		if (pid < 0)
			die("waitpid");
		if (!WIFSTOPPED(status)) {
			find(pid)->pid = 0;
			if (pid == command)
				return status;
			continue;
		}
		t = find(pid);
		if (on_stop(t, status, &sig))
			ptrace(sig == SIGSTOP ? PTRACE_DETACH : PTRACE_SYSCALL, pid, NULL, sig);
	}
}

/* We are the subreaper: who outlived COMMAND is our child now. */
static unsigned bury(void)
{
	unsigned left = 0;

	for (unsigned ms = 0; ms < SETTLE_MS;) {
		int status;
		pid_t pid = waitpid(-1, &status, __WALL | WNOHANG);

		if (pid < 0)
			return 0;
		if (pid && WIFSTOPPED(status))
			ptrace(PTRACE_CONT, pid, NULL,
				WSTOPSIG(status) == SYSCALL_STOP ? 0 : WSTOPSIG(status));
		if (pid)
			continue;
		usleep(1000);
		ms++;
	}
	for (pid_t pid; (pid = waitpid(-1, NULL, __WALL | WNOHANG)) >= 0;) {
		char path[64];
		FILE *f;
		int child;

		snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
		f = fopen(path, "re");
		while (f && fscanf(f, "%d", &child) == 1) {
			kill(child, SIGKILL);
			left++;
		}
		if (f)
			fclose(f);
		while (waitpid(-1, NULL, __WALL) > 0)
			;
	}
	return left;
}

static void report(const char *file, pid_t command, int status, unsigned left)
{
	FILE *f = fopen(file, kind == ALLOC ? "ae" : "we");

	if (!f)
		die(file);
	if (kind != ALLOC)
		fprintf(f, "calls=%lu\nfailed=%s\n", counted, failed);
	fprintf(f, "pid=%d\nstatus=%d\nleft=%u\n", command,
		WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status), left);
	if (fclose(f))
		die(file);
}

/* The other half of the work: it is told by the environment, and writes what it saw into the same
 * file. */
static void preload(const char *file, const char *n)
{
	char own[PATH_MAX], lib[PATH_MAX + 32];
	ssize_t len = readlink("/proc/self/exe", own, sizeof(own) - 1);

	if (len < 0)
		die("/proc/self/exe");
	own[len] = '\0';
	*strrchr(own, '/') = '\0';
	snprintf(lib, sizeof(lib), "%s/inject_alloc.so", own);
	if (setenv("LD_PRELOAD", lib, 1) || setenv("INJECT_ALLOC", n, 1) ||
		setenv("INJECT_ALLOC_FILE", file, 1))
		die("setenv");
}

static int run_untraced(pid_t command)
{
	int status;

	while (waitpid(command, &status, 0) < 0) {
		if (errno != EINTR)
			die("waitpid");
	}
	return status;
}

static int run_traced(pid_t command)
{
	int status;

	if (waitpid(command, &status, __WALL) < 0 || !WIFSTOPPED(status))
		die("starting");
	if (ptrace(PTRACE_SETOPTIONS, command, NULL, OPTIONS))
		die("PTRACE_SETOPTIONS");
	find(command)->counted = false;
	ptrace(PTRACE_SYSCALL, command, NULL, 0);
	return follow(command);
}

static pid_t start(char **argv)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid)
		return pid;
	if (kind != ALLOC) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP); /* until the options are set */
	}
	execvp(argv[0], argv);
	die(argv[0]);
	return -1;
}

static void usage(void)
{
	fputs("usage: inject FILE N error|eintr|short|alloc COMMAND ARGUMENT...\n", stderr);
	exit(125);
}

static const char *setting(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

int main(int argc, char **argv)
{
	pid_t command;
	int status;

	if (argc < 5)
		usage();
	wanted = strtoul(argv[2], NULL, 10);
	while (kind < KINDS && strcmp(argv[3], kinds[kind]) != 0)
		kind++;
	if (kind == KINDS)
		usage();
	if (prctl(PR_SET_CHILD_SUBREAPER, 1))
		die("PR_SET_CHILD_SUBREAPER");
	if (kind == ALLOC)
		preload(argv[1], argv[2]);
	only = setting("INJECT_ONLY");
	if (setting("INJECT_LIST")) {
		list = fopen(setting("INJECT_LIST"), "we");
		if (!list)
			die("INJECT_LIST");
	}
	command = start(argv + 4);
	status = kind == ALLOC ? run_untraced(command) : run_traced(command);
	report(argv[1], command, status, bury());
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
