/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Attacks on the host's processes, its network and what else it shares with those who are near. */
#include "attack.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- processes --- */

static long trace_process(const struct target *t)
{
	return result(ptrace(PTRACE_SEIZE, t->victim, 0, 0));
}

/* A child of one's own, with which nothing is won, but much of the kernel is reached. */
static long trace_self(const struct target *t)
{
	(void)t;
	return result(ptrace(PTRACE_TRACEME, 0, 0, 0));
}

static long read_memory(const struct target *t)
{
	long got = 0;
	struct iovec here = { &got, sizeof(got) }, there = { (void *)t->at, sizeof(got) };

	if (process_vm_readv(t->victim, &here, 1, &there, 1, 0) < 0)
		return -errno;
	return got == VICTIM_SAYS ? 0 : -ENODATA;
}

static long open_of(const struct target *t, const char *file, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)t->victim, file);
	return open(path, flags);
}

static long write_memory(const struct target *t)
{
	return result(open_of(t, "mem", O_RDWR));
}

static long read_environment(const struct target *t)
{
	return result(open_of(t, "environ", O_RDONLY));
}

static long join_namespaces(const struct target *t)
{
	long fd = open_of(t, "ns/net", O_RDONLY);

	return fd < 0 ? -errno : result(setns((int)fd, 0));
}

static long signal_process(const struct target *t)
{
	return result(kill(t->victim, SIGUSR1));
}

static long signal_by_pidfd(const struct target *t)
{
	long fd = syscall(SYS_pidfd_open, t->victim, 0);

	return fd < 0 ? -errno : result(syscall(SYS_pidfd_send_signal, fd, SIGUSR1, NULL, 0));
}

static long take_descriptor(const struct target *t)
{
	long fd = syscall(SYS_pidfd_open, t->victim, 0);
	long r = syscall(SYS_pidfd_getfd, fd, 0, 0);

	return result(r);
}

static long starve_process(const struct target *t)
{
	cpu_set_t cpus;

	if (sched_getaffinity(t->victim, sizeof(cpus), &cpus))
		return -errno;
	return result(sched_setaffinity(t->victim, sizeof(cpus), &cpus));
}

static long limit_process(const struct target *t)
{
	struct rlimit l;

	return result(syscall(SYS_prlimit64, t->victim, RLIMIT_CORE, NULL, &l));
}

/* --- network --- */

static long raw_socket(const struct target *t)
{
	(void)t;
	return result(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
}

static long packet_socket(const struct target *t)
{
	(void)t;
	return result(socket(AF_PACKET, SOCK_RAW, 0));
}

/*
 * Families that most kernels have, if only as a module: that one asks is enough for the host to
 * start modprobe.
 */
static long rare_socket(const struct target *t)
{
	static const int rare[][2] = { { AF_ALG, SOCK_SEQPACKET }, { AF_VSOCK, SOCK_STREAM },
		{ AF_TIPC, SOCK_STREAM }, { AF_X25, SOCK_SEQPACKET }, { AF_KEY, SOCK_RAW },
		{ AF_PPPOX, SOCK_STREAM }, { AF_XDP, SOCK_RAW } };

	(void)t;
	for (size_t i = 0; i < SIZE(rare); i++) {
		if (socket(rare[i][0], rare[i][1], AF_KEY == rare[i][0] ? 2 : 0) >= 0)
			return 0;
	}
	return -errno;
}

/* The same by types and protocols of families that everybody has; two of them are always there. */
static long rare_protocol(const struct target *t)
{
	static const int rare[][2] = { { SOCK_SEQPACKET, IPPROTO_SCTP },
		{ SOCK_DCCP, IPPROTO_DCCP }, { SOCK_STREAM, IPPROTO_SCTP },
		{ SOCK_DGRAM, 115 }, /* L2TP */
		{ SOCK_STREAM, IPPROTO_MPTCP }, { SOCK_DGRAM, IPPROTO_UDPLITE } };
	int pair[2];

	(void)t;
	for (size_t i = 0; i < SIZE(rare); i++) {
		if (socket(AF_INET, rare[i][0], rare[i][1]) >= 0 ||
			socket(AF_INET6, rare[i][0], rare[i][1]) >= 0 ||
			!socketpair(AF_INET, rare[i][0], rare[i][1], pair))
			return 0;
	}
	return result(socket(AF_INET, rare[0][0], rare[0][1]));
}

/* And of netlink, where behind each protocol is another part of the kernel. */
static long rare_netlink(const struct target *t)
{
	static const int rare[] = { NETLINK_CRYPTO, NETLINK_NETFILTER, NETLINK_XFRM,
		NETLINK_SOCK_DIAG, NETLINK_KOBJECT_UEVENT, NETLINK_GENERIC };

	(void)t;
	for (size_t i = 0; i < SIZE(rare); i++) {
		if (socket(AF_NETLINK, SOCK_RAW, rare[i]) >= 0)
			return 0;
	}
	return -errno;
}

/* The kernel looks for its bridges before it looks for a right: ENOPKG, when modprobe found none.
 */
static long ask_for_bridges(const struct target *t)
{
	unsigned long version[3] = { 0 }; /* linux/if_bridge.h: BRCTL_GET_VERSION */
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	(void)t;
	return past(ioctl(fd, SIOCGIFBR, version), ENOPKG);
}

static long host_service(const struct target *t)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)t->port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return result(connect(fd, (void *)&to, sizeof(to)));
}

static long outside_world(const struct target *t)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(53) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	(void)t;
	to.sin_addr.s_addr = htonl(0xc0000201); /* 192.0.2.1, RFC 5737: nobody's */
	return result(connect(fd, (void *)&to, sizeof(to)));
}

static long abstract_socket(const struct target *t)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	socklen_t size =
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(t->abstract));
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	memcpy(to.sun_path + 1, t->abstract, strlen(t->abstract));
	return result(connect(fd, (void *)&to, size));
}

static long change_network(const struct target *t)
{
	struct ifreq ifr = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	(void)t;
	if (ioctl(fd, SIOCGIFFLAGS, &ifr))
		return -errno;
	return result(ioctl(fd, SIOCSIFFLAGS, &ifr));
}

/* --- memory that is shared by a number --- */

static long attach_memory(const struct target *t)
{
	void *p = shmat(t->shm, NULL, SHM_RDONLY);

	if (p == (void *)-1)
		return -errno;
	return *(const long *)p == VICTIM_SAYS ? 0 : -ENODATA;
}

const struct attack attacks_on_neighbours[] = {
	{ "trace_process", trace_process },
	{ "trace_self", trace_self },
	{ "read_memory", read_memory },
	{ "write_memory", write_memory },
	{ "read_environment", read_environment },
	{ "join_namespaces", join_namespaces },
	{ "signal_process", signal_process },
	{ "signal_by_pidfd", signal_by_pidfd },
	{ "take_descriptor", take_descriptor },
	{ "starve_process", starve_process },
	{ "limit_process", limit_process },
	{ "raw_socket", raw_socket },
	{ "packet_socket", packet_socket },
	{ "rare_socket", rare_socket },
	{ "rare_protocol", rare_protocol },
	{ "rare_netlink", rare_netlink },
	{ "ask_for_bridges", ask_for_bridges },
	{ "host_service", host_service },
	{ "outside_world", outside_world },
	{ "abstract_socket", abstract_socket },
	{ "change_network", change_network },
	{ "attach_memory", attach_memory },
	{ NULL, NULL },
};
