/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the container tests run inside: it looks around, tries what it must not be able to do, and
 * writes one line "key=value" an observation to descriptor 3. Static, with no dependencies.
 *
 *   ctr_payload look          all observations
 *   ctr_payload see           only those that would change nothing, whatever the rights: where
 *                             capabilities and the host's namespaces are kept
 *   ctr_payload exit N | crash | foreign | hang | eat MIB | orphan
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define REPORT 3
#define SIZE(a) (sizeof(a) / sizeof((a)[0]))

static void tell(const char *key, const char *value)
{
	dprintf(REPORT, "%s=%s\n", key, value);
}

static void tell_number(const char *key, long value)
{
	dprintf(REPORT, "%s=%ld\n", key, value);
}

/* "ok", or the name of the error of what returned @r. */
static void tell_result(const char *key, long r)
{
	static const struct {
		int error;
		const char *name;
	} names[] = {
		{ EPERM, "EPERM" },
		{ ENOSYS, "ENOSYS" },
		{ EROFS, "EROFS" },
		{ ENOENT, "ENOENT" },
		{ EACCES, "EACCES" },
		{ EAFNOSUPPORT, "EAFNOSUPPORT" },
		{ ENXIO, "ENXIO" },
		{ ENOSPC, "ENOSPC" },
	};

	if (r >= 0) {
		tell(key, "ok");
		return;
	}
	for (unsigned i = 0; i < SIZE(names); i++) {
		if (names[i].error == errno) {
			tell(key, names[i].name);
			return;
		}
	}
	tell(key, strerror(errno));
}

static void look_at_self(void)
{
	char line[256];
	FILE *f = fopen("/proc/self/status", "r");
	sigset_t mask;
	struct sigaction sa;

	tell_number("pid", getpid());
	tell_number("uid", getuid());
	tell_number("gid", getgid());
	tell_number("groups", getgroups(0, NULL));
	tell_number("session_is_own", getsid(0) == getpid());
	tell_number("no_new_privs", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	while (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "Cap", 3) && strncmp(line, "Seccomp:", 8))
			continue;
		line[strcspn(line, ":")] = '\0';
		tell(line, line + strlen(line) + 2);
	}
	if (f)
		fclose(f);
	sigprocmask(SIG_BLOCK, NULL, &mask);
	sigaction(SIGPIPE, NULL, &sa);
	tell_number("signals_default", sa.sa_handler == SIG_DFL && !sigismember(&mask, SIGTERM));
	tell(getcwd(line, sizeof(line)) ? "cwd" : "cwd?", line);
	gethostname(line, sizeof(line));
	tell("hostname", line);
}

static void look_at_descriptors(void)
{
	char list[256] = "";

	for (int fd = 0; fd < 1024; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			snprintf(list + strlen(list), sizeof(list) - strlen(list), "%d ", fd);
	}
	tell("fds", list);
}

static void look_at_namespaces(void)
{
	static const char *const names[] = { "user", "mnt", "pid", "net", "ipc", "uts", "cgroup" };

	for (unsigned i = 0; i < SIZE(names); i++) {
		char path[64], key[32], link[64] = "";

		snprintf(path, sizeof(path), "/proc/self/ns/%s", names[i]);
		snprintf(key, sizeof(key), "ns.%s", names[i]);
		if (readlink(path, link, sizeof(link) - 1) < 0)
			link[0] = '\0';
		tell(key, link);
	}
}

static void look_at_mounts(void)
{
	FILE *f = fopen("/proc/self/mountinfo", "r");
	long roots = 0, linked = 0;
	char line[1024], where[256];

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%*s %*s %*s %*s %255s", where) == 1 && !strcmp(where, "/"))
			roots++;
		linked += strstr(line, " shared:") || strstr(line, " master:");
	}
	if (f)
		fclose(f);
	tell_number("mounts_on_root", roots);
	tell_number("mounts_propagating", linked);
}

/* Nothing to be learned: not there, an empty folder, or /dev/null. */
static int hidden(const char *path)
{
	struct stat st;
	struct dirent *d;
	DIR *dir;
	int n = 0;

	if (stat(path, &st) < 0)
		return errno == ENOENT;
	if (!S_ISDIR(st.st_mode))
		return S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3);
	dir = opendir(path);
	while (dir && (d = readdir(dir)))
		n += strcmp(d->d_name, ".") && strcmp(d->d_name, "..");
	if (dir)
		closedir(dir);
	return dir && !n;
}

static int protected(const char *path)
{
	struct statvfs vfs;

	if (statvfs(path, &vfs) < 0)
		return errno == ENOENT;
	return (vfs.f_flag & ST_RDONLY) != 0;
}

static void look_at_kernel_files(void)
{
	static const char *const masked[] = { "/proc/acpi", "/proc/asound", "/proc/kcore",
		"/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats",
		"/proc/sched_debug", "/proc/scsi", "/sys/firmware" };
	static const char *const read_only[] = { "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
		"/proc/sysrq-trigger", "/sys", "/workload", "/" };
	char seen[256] = "", writable[256] = "", line[32] = "";
	int fd;

	for (unsigned i = 0; i < SIZE(masked); i++) {
		if (!hidden(masked[i]))
			strcat(seen, masked[i]);
	}
	for (unsigned i = 0; i < SIZE(read_only); i++) {
		if (!protected(read_only[i]))
			strcat(writable, read_only[i]);
	}
	tell("not_masked", seen);
	tell("not_read_only", writable);
	fd = open("/proc/sys/user/max_user_namespaces", O_RDONLY);
	if (fd >= 0 && read(fd, line, sizeof(line) - 1) >= 0)
		line[strcspn(line, "\n")] = '\0';
	tell("max_user_namespaces", line);
	tell_number("proc_shows_me", !access("/proc/1/stat", F_OK));
}

/* Can a file be made there? It goes at once: without a mount namespace this is the host's tree. */
static void try_to_make(const char *key, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);

	tell_result(key, fd);
	if (fd < 0)
		return;
	unlink(path);
	close(fd);
}

static void try_files(void)
{
	static const char *const nodes[] = { "/dev/null", "/dev/zero", "/dev/full", "/dev/random",
		"/dev/urandom" };
	char broken[128] = "";

	for (unsigned i = 0; i < SIZE(nodes); i++) {
		int fd = open(nodes[i], O_RDWR);

		if (fd < 0)
			strcat(broken, nodes[i]);
	}
	tell("broken_nodes", broken);
	try_to_make("write_root", "/here.ctr-payload");
	try_to_make("write_tmp", "/tmp/here.ctr-payload");
	try_to_make("write_shm", "/dev/shm/here.ctr-payload");
	tell_result("above_root", open("/../../../etc/passwd", O_RDONLY));
	tell_result("through_proc", open("/proc/1/root/etc/passwd", O_RDONLY));
}

static void try_network(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	socklen_t size = sizeof(to);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	long r;

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	r = bind(fd, (void *)&to, sizeof(to));
	if (!r)
		r = getsockname(fd, (void *)&to, &size);
	if (!r)
		r = sendto(fd, "x", 1, 0, (void *)&to, sizeof(to));
	tell_result("loopback", r);
	tell_result("vsock", socket(40, SOCK_STREAM, 0));
}

static void try_calls(void)
{
	int fd = open("/proc/self/ns/uts", O_RDONLY);

	tell_result("call_unknown", syscall(999));
	tell_result("call_clone3", syscall(SYS_clone3, NULL, 0));
	tell_result("call_mount", mount("none", "/tmp", "tmpfs", 0, NULL));
	tell_result("call_unshare", unshare(CLONE_NEWUSER));
	tell_result("call_clone_user", syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0));
	tell_result("call_setns", setns(fd, 0));
	tell_result("call_chroot", chroot("/tmp"));
	tell_result("call_tiocsti", ioctl(0, TIOCSTI, "x"));
	/* the same with garbage above the 32 bits that the kernel looks at */
	tell_result("call_tiocsti_high", syscall(SYS_ioctl, 0, 0x100000000ul | TIOCSTI, "x"));
	tell_result("call_ioperm", ioperm(0x80, 1, 1));
	tell_result("call_ptrace", ptrace(PTRACE_TRACEME, 0, 0, 0));
	tell_result("call_sethostname", sethostname("x", 1));
	tell_result("call_memfd", syscall(SYS_memfd_create, "x", 0));
}

static int see(void)
{
	look_at_descriptors(); /* first: what comes opens more */
	look_at_self();
	look_at_namespaces();
	look_at_mounts();
	look_at_kernel_files();
	tell("seen", "ok");
	return 0;
}

static int look(void)
{
	cpu_set_t cpus;

	see();
	sched_getaffinity(0, sizeof(cpus), &cpus);
	tell_number("cpus", CPU_COUNT(&cpus));
	try_files();
	try_network();
	try_calls();
	tell("end", "ok");
	return 0;
}

static int eat(long mib)
{
	for (long i = 0; i < mib; i++) {
		char *p = malloc(1 << 20);

		if (!p)
			return 1;
		memset(p, 1, 1 << 20);
	}
	return 0;
}

/* A grandchild that outlives this process, unless someone sees to it. */
static int orphan(void)
{
	pid_t pid = fork();

	if (!pid) {
		pause();
		_exit(0);
	}
	tell_number("orphan", pid);
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "look";
	long n = argc > 2 ? atol(argv[2]) : 0;

	if (!strcmp(what, "look"))
		return look();
	if (!strcmp(what, "see"))
		return see();
	if (!strcmp(what, "exit"))
		return (int)n;
	if (!strcmp(what, "eat"))
		return eat(n);
	if (!strcmp(what, "orphan"))
		return orphan();
	if (!strcmp(what, "foreign"))
		return (int)syscall(0x40000000 | SYS_getpid); /* by the x32 ABI */
	if (!strcmp(what, "crash"))
		__builtin_trap();
	while (!strcmp(what, "hang"))
		pause();
	return 99;
}
