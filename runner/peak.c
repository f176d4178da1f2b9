/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/peak.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/taskstats.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "base/util.h"

#define RECORDS_MAX 4096
#define BUFFER_BYTES (8 << 20) /* some thousand ends */
#define MESSAGE_MAX 8192

static const char STEP[] = "taskstats";

#if TASKSTATS_VERSION >= 12 /* the thread group's number; else threads cannot be told apart */

struct peak {
	int fd;
	bool lost; /* more ends than the buffer takes */
	size_t n;
	struct peak_record records[RECORDS_MAX];
};

/* --- messages --- */

struct message {
	struct nlmsghdr h;
	struct genlmsghdr g;
	char attributes[256];
};

/* The one attribute of a message of ours. */
static int ask(int fd, uint16_t family, uint8_t command, uint16_t type, const char *text)
{
	struct message m = { .g = { .cmd = command, .version = 1 } };
	struct nlattr a = { .nla_type = type,
		.nla_len = (uint16_t)(NLA_HDRLEN + strlen(text) + 1) };

	if (a.nla_len > sizeof(m.attributes))
		return -E2BIG;
	m.h.nlmsg_type = family;
	m.h.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	m.h.nlmsg_len = (uint32_t)(NLMSG_LENGTH(GENL_HDRLEN) + NLA_ALIGN(a.nla_len));
	memcpy(m.attributes, &a, sizeof(a));
	memcpy(m.attributes + NLA_HDRLEN, text, strlen(text) + 1);
	return send(fd, &m, m.h.nlmsg_len, 0) < 0 ? -errno : 0;
}

/* The attribute @type in @len bytes at @at, its length in *@size; NULL where there is none. */
static const char *find(const char *at, size_t len, uint16_t type, size_t *size)
{
	while (len >= NLA_HDRLEN) {
		struct nlattr a;

		memcpy(&a, at, sizeof(a));
		if (a.nla_len < NLA_HDRLEN || a.nla_len > len)
			return NULL;
		*size = a.nla_len - (size_t)NLA_HDRLEN;
		if ((a.nla_type & NLA_TYPE_MASK) == type)
			return at + NLA_HDRLEN;
		if ((size_t)NLA_ALIGN(a.nla_len) >= len)
			return NULL;
		at += NLA_ALIGN(a.nla_len);
		len -= (size_t)NLA_ALIGN(a.nla_len);
	}
	return NULL;
}

/* Where the attributes of a whole message begin; NULL for one that is none, *@error as it says. */
static const char *open_message(const char *buf, size_t n, size_t *len, int *error)
{
	struct nlmsghdr h;

	*error = 0;
	if (n < NLMSG_LENGTH(GENL_HDRLEN))
		return NULL;
	memcpy(&h, buf, sizeof(h));
	if (h.nlmsg_type == NLMSG_ERROR) {
		memcpy(error, buf + NLMSG_HDRLEN, sizeof(*error));
		return NULL;
	}
	if (h.nlmsg_len > n || h.nlmsg_len < NLMSG_LENGTH(GENL_HDRLEN))
		return NULL;
	*len = h.nlmsg_len - NLMSG_LENGTH(GENL_HDRLEN);
	return buf + NLMSG_LENGTH(GENL_HDRLEN);
}

/* --- listening --- */

/* Threads end one by one, and tell of the same memory: the last one saw the most. */
static void keep(struct peak *p, const struct taskstats *t)
{
	for (size_t i = 0; i < p->n; i++) {
		struct peak_record *r = &p->records[i];

		if (r->pid != t->ac_tgid)
			continue;
		if (t->hiwater_rss * 1024 > r->bytes)
			r->bytes = t->hiwater_rss * 1024;
		return;
	}
	if (p->n == RECORDS_MAX) {
		p->lost = true;
		return;
	}
	p->records[p->n++] = (struct peak_record){ t->ac_tgid, t->ac_ppid, t->hiwater_rss * 1024 };
}

static void take(struct peak *p, const char *buf, size_t n)
{
	size_t len = 0, size = 0;
	struct taskstats t = { 0 };
	int error;
	const char *at = open_message(buf, n, &len, &error);

	at = at ? find(at, len, TASKSTATS_TYPE_AGGR_PID, &size) : NULL;
	at = at ? find(at, size, TASKSTATS_TYPE_STATS, &size) : NULL;
	if (!at)
		return;
	memcpy(&t, at, size < sizeof(t) ? size : sizeof(t));
	if (t.version >= 12)
		keep(p, &t);
}

/* The kernel sends before anyone can see that the process has ended. */
static void drain(struct peak *p)
{
	char buf[MESSAGE_MAX];
	ssize_t n;

	while ((n = recv(p->fd, buf, sizeof(buf), MSG_DONTWAIT)) >= 0 || errno == EINTR ||
		errno == ENOBUFS) {
		if (n >= 0)
			take(p, buf, (size_t)n);
		else if (errno == ENOBUFS)
			p->lost = true;
	}
}

static int find_family(int fd, uint16_t *family, struct err *e)
{
	char buf[MESSAGE_MAX];
	size_t len = 0, size = 0;
	int r = ask(
		fd, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, CTRL_ATTR_FAMILY_NAME, TASKSTATS_GENL_NAME);
	ssize_t n = r < 0 ? r : recv(fd, buf, sizeof(buf), 0);
	const char *at = n < 0 ? NULL : open_message(buf, (size_t)n, &len, &r);

	at = at ? find(at, len, CTRL_ATTR_FAMILY_ID, &size) : NULL;
	if (!at || size < sizeof(*family))
		return err_set(e, -ENOENT, STEP, "this kernel has no taskstats");
	memcpy(family, at, sizeof(*family));
	recv(fd, buf, sizeof(buf), MSG_DONTWAIT); /* the acknowledgement */
	return 0;
}

static int listen_to(int fd, struct err *e)
{
	char cpus[128], buf[MESSAGE_MAX];
	uint16_t family = 0;
	size_t len;
	int r = read_line("/sys/devices/system/cpu/possible", cpus, sizeof(cpus)), error = 0;
	ssize_t n;

	if (r < 0)
		return err_set(e, r, STEP, "the list of CPUs: %s", strerror(-r));
	r = find_family(fd, &family, e);
	if (r < 0)
		return r;
	r = ask(fd, family, TASKSTATS_CMD_GET, TASKSTATS_CMD_ATTR_REGISTER_CPUMASK, cpus);
	/* Ends of processes may come before the answer: they are nobody's we care for. */
	do {
		n = r < 0 ? r : recv(fd, buf, sizeof(buf), 0);
		if (n > 0)
			open_message(buf, (size_t)n, &len, &error);
	} while (n >= (ssize_t)NLMSG_HDRLEN && ((struct nlmsghdr *)buf)->nlmsg_type == family);
	if (n < 0 || error < 0) {
		err_set(e, error < 0 ? error : -EIO, STEP,
			"the ends of processes are not told to us");
		return err_help(e, "run as root");
	}
	return 0;
}

int peak_open(struct peak **out, struct err *e)
{
	const struct timeval second = { .tv_sec = 1 };
	const int bytes = BUFFER_BYTES;
	struct peak *p = calloc(1, sizeof(*p));
	int r = 0;

	if (!p)
		return err_set(e, -ENOMEM, STEP, "out of memory");
	p->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (p->fd < 0)
		r = err_sys(e, "socket", "asking for the ends of processes");
	if (!r) { /* a kernel that does not answer must not hold us up */
		setsockopt(p->fd, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof(second));
		setsockopt(p->fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
		r = listen_to(p->fd, e);
	}
	if (r < 0) {
		peak_close(p);
		return r;
	}
	*out = p;
	return 0;
}

void peak_begin(struct peak *p)
{
	if (!p)
		return;
	drain(p);
	p->n = 0;
	p->lost = false;
}

uint64_t peak_end(struct peak *p, uint64_t own_bytes)
{
	if (!p)
		return 0;
	drain(p);
	return p->lost ? 0 : peak_find(p->records, p->n, (uint32_t)getpid(), own_bytes);
}

void peak_close(struct peak *p)
{
	if (!p)
		return;
	close_fd(&p->fd);
	free(p);
}

#else

int peak_open(struct peak **out, struct err *e)
{
	(void)out;
	return err_set(e, -ENOSYS, STEP, "bench was built with kernel headers older than 5.19");
}

void peak_begin(struct peak *p)
{
	(void)p;
}

uint64_t peak_end(struct peak *p, uint64_t own_bytes)
{
	(void)p, (void)own_bytes;
	return 0;
}

void peak_close(struct peak *p)
{
	(void)p;
}

#endif

/* --- finding --- */

static uint64_t most_of(const struct peak_record *r, size_t n, uint32_t pid)
{
	uint64_t most = 0;

	for (size_t i = 0; i < n; i++) {
		if (r[i].pid == pid && r[i].bytes > most)
			most = r[i].bytes;
	}
	return most;
}

/* A child ends before its parent, or becomes somebody else's. */
static uint64_t most_below(const struct peak_record *r, size_t n, uint32_t pid, unsigned depth)
{
	uint64_t most = most_of(r, n, pid);

	for (size_t i = 0; i < n && depth; i++) {
		uint64_t below = r[i].parent == pid && r[i].pid != pid
					 ? most_below(r, n, r[i].pid, depth - 1)
					 : 0;

		if (below > most)
			most = below;
	}
	return most;
}

#define DEPTH_MAX 8 /* of processes below processes */

uint64_t peak_find(const struct peak_record *r, size_t n, uint32_t parent, uint64_t own_bytes)
{
	uint64_t least = own_bytes;
	uint32_t program = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t bytes = r[i].parent == parent ? most_of(r, n, r[i].pid) : 0;

		if (bytes && bytes < least) {
			least = bytes;
			program = r[i].pid;
		}
	}
	return program ? most_below(r, n, program, DEPTH_MAX) : 0;
}
