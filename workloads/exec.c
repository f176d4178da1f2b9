/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/exec.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/report_abi.h"
#include "workloads/exec_file.h"
#include "workloads/forward.h"
#include "workloads/guest_init.h"
#include "workloads/report.h"

enum { STATUS_FAILED = 125, STATUS_NOT_STARTED = 127 };

enum { OUT, ERR, STREAMS };

/* A program under way. */
struct run {
	pid_t pid;
	int from[STREAMS]; /* its stdout and stderr, as we read them; -1: at its end */
	int failed;        /* errno of what kept it from starting comes here */
	int status;        /* of wait(2) */
	struct rusage usage;
	int ended;
};

/* --- surroundings --- */

/* What programs expect of /dev besides guest_setup's. It fails where there is one already. */
static void make_devices(void)
{
	static const struct {
		const char *path;
		unsigned minor;
	} devices[] = {
		{ "/dev/full", 7 },
		{ "/dev/random", 8 },
		{ "/dev/urandom", 9 },
	};
	static const char *const links[][2] = {
		{ "/proc/self/fd", "/dev/fd" },
		{ "/proc/self/fd/0", "/dev/stdin" },
		{ "/proc/self/fd/1", "/dev/stdout" },
		{ "/proc/self/fd/2", "/dev/stderr" },
	};

	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++)
		mknod(devices[i].path, S_IFCHR | 0666, makedev(1, devices[i].minor));
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		(void)!symlink(links[i][0], links[i][1]);
	mkdir("/dev/shm", 01777);
	mount("tmpfs", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
}

/* As in a container: a name, and a loopback interface that is up. A kernel without is fine. */
static void name_and_loopback(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)!sethostname("bench", 5);
	if (fd < 0)
		return;
	ioctl(fd, SIOCSIFFLAGS, &lo);
	close(fd);
}

/* The program is to find a root without us in it; a file that is being run can be unlinked. */
static ssize_t take_file(char *text, size_t size)
{
	int fd = open(EXEC_FILE, O_RDONLY | O_CLOEXEC);
	ssize_t n = 0, part = 1;

	while (fd >= 0 && (size_t)n < size && (part = read(fd, text + n, size - (size_t)n)) > 0)
		n += part;
	if (fd < 0 || part < 0)
		return -errno;
	close(fd);
	unlink(EXEC_FILE);
	unlink("/.bench/init");
	rmdir("/.bench");
	return n;
}

/* --- the child --- */

static void __attribute__((noreturn))
be_program(const struct exec_file *f, const int *to, int failed)
{
	int null = open("/dev/null", O_RDONLY), error;
	sigset_t none;

	guest_drop_ports(); /* it must not speak in our name */
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	umask(022);
	if (null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(to[OUT], STDOUT_FILENO) >= 0 &&
		dup2(to[ERR], STDERR_FILENO) >= 0 && chdir(f->dir) == 0) {
		if (null > STDERR_FILENO)
			close(null);
		execve(f->path, f->argv, f->envp);
	}
	error = errno;
	(void)!write(failed, &error, sizeof(error));
	_exit(STATUS_NOT_STARTED);
}

static int start(const struct exec_file *f, struct run *run)
{
	int pipes[STREAMS][2], failed[2];

	if (pipe2(pipes[OUT], O_CLOEXEC) < 0 || pipe2(pipes[ERR], O_CLOEXEC) < 0 ||
		pipe2(failed, O_CLOEXEC) < 0)
		return -errno;
	run->pid = fork();
	if (run->pid < 0)
		return -errno;
	if (run->pid == 0)
		be_program(f, (const int[]){ pipes[OUT][1], pipes[ERR][1] }, failed[1]);
	for (int i = 0; i < STREAMS; i++) {
		close(pipes[i][1]);
		run->from[i] = pipes[i][0];
		fcntl(run->from[i], F_SETFL, O_NONBLOCK);
	}
	close(failed[1]);
	run->failed = failed[0];
	return 0;
}

/* --- init --- */

static void on_child(int sig)
{
	(void)sig; /* only to interrupt ppoll */
}

/* Orphans become ours too, and are reaped like any other. */
static void reap(struct run *run)
{
	struct rusage usage;
	pid_t pid;
	int status;

	while ((pid = wait4(-1, &status, WNOHANG, &usage)) > 0) {
		if (pid != run->pid)
			continue;
		run->status = status;
		run->usage = usage;
		run->ended = 1;
	}
}

static void forward(struct run *run)
{
	for (int i = 0; i < STREAMS; i++) {
		if (run->from[i] < 0 || forward_all(run->from[i], i == ERR))
			continue;
		close(run->from[i]);
		run->from[i] = -1;
	}
}

/* Until the program has ended. What is in the pipes then is passed on; nobody who keeps them open
 * is waited for. SIGCHLD is let in while we wait, and only then, so that none is missed. */
static void watch(struct run *run)
{
	struct sigaction act = { .sa_handler = on_child };
	sigset_t blocked, open;

	sigaction(SIGCHLD, &act, NULL);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGCHLD);
	sigprocmask(SIG_BLOCK, &blocked, &open);
	for (reap(run); !run->ended; reap(run)) {
		struct pollfd p[STREAMS] = { { run->from[OUT], POLLIN, 0 },
			{ run->from[ERR], POLLIN, 0 } };

		if (ppoll(p, STREAMS, NULL, &open) > 0)
			forward(run);
	}
	forward(run);
}

static void tell(struct report *r, const struct run *run, int status)
{
	const struct rusage *u = &run->usage;
	struct utsname names;

	if (uname(&names) == 0)
		report_info(r, "kernel.release", "%s", names.release);
	report_info(r, "exec.status", "%d", status);
	if (WIFSIGNALED(run->status))
		report_info(r, "exec.signal", "%d", WTERMSIG(run->status));
	report_info(r, "exec.user_ns", "%" PRIu64,
		(uint64_t)u->ru_utime.tv_sec * 1000000000u + (uint64_t)u->ru_utime.tv_usec * 1000u);
	report_info(r, "exec.system_ns", "%" PRIu64,
		(uint64_t)u->ru_stime.tv_sec * 1000000000u + (uint64_t)u->ru_stime.tv_usec * 1000u);
	report_info(r, "exec.maxrss_bytes", "%" PRIu64, (uint64_t)u->ru_maxrss * 1024u);
}

static int refuse(struct report *r, const char *what, int error)
{
	report_info(r, "exec.error", "%s: %s", what, strerror(error));
	report_end(r, STATUS_FAILED);
	return STATUS_FAILED;
}

int exec_run(struct report *r)
{
	static char text[EXEC_FILE_MAX];
	static struct exec_file file;
	struct run run = { .failed = -1 };
	ssize_t len = take_file(text, sizeof(text));
	int status, error = 0, code;

	if (len < 0)
		return refuse(r, "the file " EXEC_FILE, (int)-len);
	if (exec_file_parse(&file, text, (size_t)len) < 0)
		return refuse(r, "the file " EXEC_FILE " is damaged", EINVAL);
	make_devices();
	name_and_loopback();
	forward_open();
	code = start(&file, &run);
	if (code < 0)
		return refuse(r, "starting a process", -code);
	watch(&run);
	status = WIFSIGNALED(run.status) ? 128 + WTERMSIG(run.status) : WEXITSTATUS(run.status);
	if (read(run.failed, &error, sizeof(error)) == sizeof(error))
		report_info(r, "exec.error", "starting %s: %s", file.path, strerror(error));
	tell(r, &run, status);
	report_end(r, 0);
	return status;
}
