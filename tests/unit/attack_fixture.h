/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A host to attack from a container: a process, sockets, memory and a secret of its own, and the
 * table of what tests/tools/attack tries and how each is refused.
 */
#ifndef BENCH_TESTS_ATTACK_FIXTURE_H
#define BENCH_TESTS_ATTACK_FIXTURE_H

#include "tests/unit/ctr_fixture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "tests/tools/attack/attack.h"

/* How each is refused, in the words of tests/tools/attack; one or another, as kernels differ. */
static const struct row {
	const char *name;
	const char *inside;  /* in a container */
	const char *bare;    /* in one without a filter; NULL: the same. "ok": only the filter is
				there, and what is won is none of the host's */
	const char *outside; /* as a plain process of root's it comes through; or the kernel lacks
				what is attacked, or root a right: then so */
} attack_rows[] = {
	{ "read_kcore", "ENODATA,ENOENT", NULL, "ENOENT" },
	{ "read_keys", "ENODATA,ENOENT", NULL, "ENOENT" },
	{ "read_timers", "ENODATA,ENOENT", NULL, "ENOENT" },
	{ "read_firmware", "ENODATA,ENOENT", NULL, "ENOENT" },
	{ "read_power", "ENODATA,ENOENT", NULL, "ENOENT" },
	{ "read_log", "EACCES,EPERM,ENOENT", NULL, NULL },
	{ "read_addresses", "ENODATA,ENOENT", NULL, "ENOENT" },
	{ "read_pages", "EACCES,ENOENT", NULL, NULL },
	{ "write_core_pattern", "EACCES,EROFS", NULL, NULL },
	{ "write_modprobe", "EACCES,EROFS", NULL, NULL },
	{ "write_sysctl", "EACCES,EROFS", NULL, NULL },
	{ "write_sysrq", "EACCES,EROFS,ENOENT", NULL, "ENOENT" },
	{ "write_irq", "EACCES,EROFS", NULL, NULL },
	{ "write_sys", "EACCES,EROFS", NULL, NULL },
	{ "raise_namespaces", "EACCES,EROFS", NULL, "EACCES" },
	{ "make_immune", "EACCES", NULL, "EACCES" },
	{ "mount_tmpfs", "EPERM", NULL, NULL },
	{ "mount_proc", "EPERM", NULL, NULL },
	{ "mount_host_bind", "EPERM", NULL, NULL },
	{ "mount_overlay", "EPERM", NULL, "ENODEV" },
	{ "mount_writable", "EPERM", NULL, NULL },
	{ "unmask", "EPERM", NULL, NULL },
	{ "mount_by_fd", "EPERM", NULL, NULL },
	{ "copy_mounts", "EPERM", NULL, NULL },
	{ "change_mounts", "EPERM", NULL, NULL },
	{ "pivot", "EPERM", NULL, NULL },
	{ "change_root", "EPERM", NULL, NULL },
	{ "release_agent", "EPERM", NULL, NULL },
	{ "leave_cgroup", "EPERM", NULL, NULL },
	{ "make_memory_device", "EPERM", NULL, NULL },
	{ "make_disk_device", "EPERM", NULL, NULL },
	{ "open_devices", "ENOENT", NULL, NULL },
	{ "change_devices", "EROFS", NULL, NULL },
	{ "read_host_file", "ENOENT", NULL, NULL },
	{ "open_by_handle", "EPERM", NULL, "EOPNOTSUPP" },
	{ "use_inherited", "EBADF", NULL, NULL },
	{ "walk_out", "ENOENT", NULL, NULL },
	{ "write_program", "EACCES,EROFS", NULL, "ETXTBSY" },
	{ "change_program", "EROFS", NULL, NULL },
	{ "write_root", "EROFS", NULL, NULL },
	{ "give_file_capabilities", "EPERM", NULL, NULL },
	{ "new_user_namespace", "EPERM", "ENOSPC", NULL },
	{ "clone_user_namespace", "EPERM", "ENOSPC", NULL },
	{ "clone3_user_namespace", "ENOSYS", "ENOSPC", NULL },
	{ "new_mount_namespace", "EPERM", NULL, NULL },
	{ "new_net_namespace", "EPERM", NULL, NULL },
	{ "take_capabilities", "EPERM", NULL, NULL },
	{ "raise_ambient", "EPERM", NULL, NULL },
	{ "other_user", "EINVAL", NULL, NULL },
	{ "other_groups", "EPERM", NULL, NULL },
	{ "gain_privileges", "EINVAL", NULL, NULL },
	{ "load_module", "EPERM", "EPERM,ENOSYS", "ENOSYS" },
	{ "load_module_file", "EPERM", "EPERM,ENOSYS", "ENOSYS" },
	{ "unload_module", "EPERM", "EPERM,ENOSYS", "ENOSYS" },
	{ "load_kernel", "EPERM", "EPERM,ENOSYS", "ENOSYS" },
	{ "load_kernel_file", "EPERM", "EPERM,ENOSYS", "ENOSYS" },
	{ "reboot_host", "EPERM", NULL, NULL },
	{ "change_clock", "EPERM", NULL, NULL },
	{ "rename_host", "EPERM", NULL, NULL },
	{ "swap_on", "EPERM", NULL, NULL },
	{ "account", "EPERM", NULL, NULL },
	{ "silence_log", "EPERM", NULL, NULL },
	{ "use_ports", "EPERM", "EPERM,ENOSYS", "ENOSYS" },
	{ "run_first", "EPERM", NULL, NULL },
	{ "be_nasty", "EACCES", NULL, NULL },
	{ "raise_limits", "EPERM", NULL, "EPERM" },
	{ "load_bpf", "EPERM", NULL, NULL },
	{ "watch_cpu", "EPERM", "EACCES,EPERM", NULL },
	{ "add_key", "EPERM", "ok", NULL },
	{ "use_keyring", "EPERM", "ok", NULL },
	{ "stop_kernel_at_page", "EPERM", NULL, NULL },
	{ "use_io_uring", "EPERM", "ok", "ENOSYS" },
	{ "watch_files", "EPERM", NULL, NULL },
	{ "change_segments", "ENOSYS", "ok,ENOSYS", "ENOSYS" },
	{ "type_into_terminal", "EPERM", NULL, "EIO" },
	{ "change_line", "EPERM", "ok", "EIO" },
	{ "take_terminal", "EPERM", NULL, NULL },
	{ "trace_process", "EPERM", "ESRCH", NULL },
	{ "trace_self", "EPERM", "ok", NULL },
	{ "read_memory", "EPERM", "ESRCH", NULL },
	{ "write_memory", "ENOENT", NULL, NULL },
	{ "read_environment", "ENOENT", NULL, NULL },
	{ "join_namespaces", "ENOENT", NULL, NULL },
	{ "signal_process", "ESRCH", NULL, NULL },
	{ "signal_by_pidfd", "ESRCH", NULL, NULL },
	{ "take_descriptor", "EPERM", "EBADF", NULL },
	{ "starve_process", "ESRCH", NULL, NULL },
	{ "limit_process", "ESRCH", NULL, NULL },
	{ "raw_socket", "EPERM", NULL, NULL },
	{ "packet_socket", "EAFNOSUPPORT", "EPERM", NULL },
	{ "rare_socket", "EAFNOSUPPORT", "ok,EAFNOSUPPORT,EPERM,EPROTONOSUPPORT", "EAFNOSUPPORT" },
	{ "rare_protocol", "ESOCKTNOSUPPORT", "ok,ESOCKTNOSUPPORT", "ESOCKTNOSUPPORT" },
	{ "rare_netlink", "EPROTONOSUPPORT", "ok", NULL },
	{ "ask_for_bridges", "EPERM", "ok", NULL },
	{ "host_service", "ECONNREFUSED", NULL, NULL },
	{ "outside_world", "ENETUNREACH", NULL, "ENETUNREACH" },
	{ "abstract_socket", "ECONNREFUSED", NULL, NULL },
	{ "change_network", "EPERM", NULL, NULL },
	{ "attach_memory", "EINVAL", NULL, NULL },
};

/* --- the host --- */

static volatile long victim_says = VICTIM_SAYS;
static int *signalled; /* shared with the victim */

static inline void count_signal(int sig)
{
	(void)sig;
	++*signalled;
}

struct host {
	struct fixture *f;
	pid_t victim;
	int tcp, abstract, shm, keyboard, terminal, leaked;
	char argument[512];
};

static inline int listen_on(int family, const struct sockaddr *to, socklen_t size)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, to, size), 0);
	assert_int_equal(listen(fd, 16), 0);
	return fd;
}

static inline unsigned listen_on_tcp(struct host *h)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t size = sizeof(at);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	h->tcp = listen_on(AF_INET, (void *)&at, sizeof(at));
	assert_int_equal(getsockname(h->tcp, (void *)&at, &size), 0);
	return ntohs(at.sin_port);
}

static inline void listen_on_abstract(struct host *h, const char *name)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	strcpy(at.sun_path + 1, name);
	h->abstract = listen_on(AF_UNIX, (void *)&at,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name)));
}

static inline void share_memory(struct host *h)
{
	long *p;

	h->shm = shmget(IPC_PRIVATE, sizeof(long), IPC_CREAT | 0666);
	assert_true(h->shm >= 0);
	p = shmat(h->shm, NULL, 0);
	*p = VICTIM_SAYS;
	shmdt(p);
}

/* The terminal is his: a shell that bench was started from. */
static inline void start_victim(struct host *h)
{
	int sync[2];
	char end;

	signalled = mmap(NULL, sizeof(*signalled), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_int_equal(pipe2(sync, O_CLOEXEC), 0);
	h->victim = fork();
	if (h->victim) {
		close(sync[1]);
		assert_int_equal(read(sync[0], &end, 1), 0); /* it is ready, or gone */
		close(sync[0]);
		return;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGUSR1, count_signal);
	signal(SIGHUP, SIG_IGN);
	if (setsid() < 0 || ioctl(h->terminal, TIOCSCTTY, 0))
		_exit(1);
	close(sync[0]);
	close(sync[1]);
	while (victim_says)
		pause();
	_exit(0);
}

static inline void write_secret(const char *path)
{
	cleanup_fd int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	assert_int_equal(write_all(fd, SECRET, strlen(SECRET)), 0);
}

static inline int host_setup(void **state)
{
	struct host *h = calloc(1, sizeof(*h));
	char secret[80], name[32];

	fixture_setup((void **)&h->f);
	snprintf(h->f->payload, sizeof(h->f->payload), "%s/attack", h->f->dir);
	copy_tool("ctr_attack", h->f->payload);
	snprintf(secret, sizeof(secret), "%s/secret", h->f->dir);
	snprintf(name, sizeof(name), "bench-attack-%d", (int)getpid());
	write_secret(secret);
	assert_int_equal(openpty(&h->keyboard, &h->terminal, NULL, NULL, NULL), 0);
	start_victim(h);
	share_memory(h);
	listen_on_abstract(h, name);
	h->leaked = open("/", O_RDONLY | O_DIRECTORY); /* not close-on-exec */
	snprintf(h->argument, sizeof(h->argument),
		"victim=%d,at=%lx,port=%u,shm=%d,secret=%s,abstract=%s", (int)h->victim,
		(unsigned long)&victim_says, listen_on_tcp(h), h->shm, secret, name);
	*state = h;
	return 0;
}

static inline int host_teardown(void **state)
{
	struct host *h = *state;

	kill(h->victim, SIGKILL);
	waitpid(h->victim, NULL, 0);
	munmap(signalled, sizeof(*signalled));
	shmctl(h->shm, IPC_RMID, NULL);
	close(h->tcp);
	close(h->abstract);
	close(h->terminal);
	close(h->keyboard);
	close(h->leaked);
	fixture_teardown((void **)&h->f);
	free(h);
	return 0;
}

/* --- inside and outside --- */

/* A program of a tree has no report of its own, and says on its stdout what it has to say. */
static inline int attack_inside(const struct host *h, const struct rt_config *cfg, struct run *r)
{
	char name[] = "attack", *argv[] = { name, (char *)h->argument, NULL };
	struct job job = {
		.argv = argv, .deadline_ns = now_ns() + 600 * NSEC_PER_SEC, .output_fd = h->terminal
	};
	struct runtime *rt = NULL;
	int ret;

	memset(r, 0, sizeof(*r));
	ret = ctr_runtime.open(cfg, &rt, &r->e);
	if (!ret)
		ret = run_job(rt, r, &job);
	ctr_runtime.close(rt);
	return ret;
}

/* --- verdicts --- */

static inline bool one_of(const char *verdict, const char *words)
{
	size_t n = strlen(verdict);

	while (words && *words) {
		size_t len = strcspn(words, ",");

		if (len == n && !strncmp(words, verdict, n))
			return true;
		words += len + (words[len] == ',');
	}
	return false;
}

static inline void all_refused(const struct run *r, bool filter)
{
	unsigned wrong = 0;

	assert_string_equal(value_of(r, "end"), "ok");
	for (size_t i = 0; i < ARRAY_SIZE(attack_rows); i++) {
		const struct row *row = &attack_rows[i];
		const char *want = !filter && row->bare ? row->bare : row->inside;
		const char *got = value_of(r, row->name);

		if (one_of(got, want))
			continue;
		print_error("%s: %s, not %s\n", row->name, got, want);
		wrong++;
	}
	assert_int_equal(wrong, 0);
	assert_int_equal(*signalled, 0);
}

#endif
