/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/settle.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/proc.h"
#include "base/util.h"
#include "runner/slabinfo.h"

#define PATIENCE_NS (20 * NSEC_PER_SEC) /* without anything coming back */
#define WAIT_NS (60 * NSEC_PER_SEC)     /* a thousand network namespaces take half of that */
#define LOOK_MS 50
#define LOOKS_A_NUDGE 10 /* twice a second: see make_one_go() */
#define SLACK_BYTES (4u << 20)
#define SLACK_SHARE 50           /* a fiftieth of what was taken */
#define STILL_LOOKS 10           /* half a second without a rise */
#define STILL_BYTES (256u << 10) /* what is less is no rise */
#define STILL_WAIT_NS (5 * NSEC_PER_SEC)

/* slabinfo takes the free objects in those slabs that a CPU has at hand for used ones: some slabs
 * of 7. What hides there shows in MemAvailable: a network namespace takes 0.2 MiB and more. */
#define NETNS_SLACK 32

static struct amount count_netns(void)
{
	cleanup_free char *text = NULL;

	if (slabinfo_text(&text) < 0)
		return amount_unknown("/proc/slabinfo cannot be read: it takes root");
	return slabinfo_active(text, "net_namespace");
}

static unsigned count_children(void)
{
	DIR *dir = opendir("/proc");
	struct dirent *d;
	uint64_t pid;
	unsigned n = 0;

	if (!dir)
		return 0;
	while ((d = readdir(dir)))
		n += !parse_u64(d->d_name, 1, INT32_MAX, &pid) &&
		     proc_parent((pid_t)pid) == getpid();
	closedir(dir);
	return n;
}

int settle_still(int cancel_fd, struct err *e)
{
	struct pollfd p = { .fd = cancel_fd, .events = POLLIN };
	uint64_t most = 0, end = now_ns() + STILL_WAIT_NS;

	for (unsigned still = 0; still < STILL_LOOKS && now_ns() < end; still++) {
		struct meminfo now;
		int r = meminfo_read(&now, e);

		if (r < 0)
			return r;
		if (!amount_known(&now.at[MEM_AVAILABLE]))
			return 0;
		if (now.at[MEM_AVAILABLE].bytes > most + STILL_BYTES) {
			most = now.at[MEM_AVAILABLE].bytes;
			still = 0;
		}
		if (poll(&p, 1, LOOK_MS) > 0)
			return err_set(e, -ECANCELED, "settle", "interrupted");
	}
	return 0;
}

int settle_note(struct settle *s, struct err *e)
{
	s->netns = count_netns();
	s->children = count_children();
	return meminfo_read(&s->memory, e);
}

static uint64_t more(uint64_t now, uint64_t before, uint64_t slack)
{
	return now > before + slack ? now - before : 0;
}

/*
 * Linux 6.13 and later keep what is left of the network namespaces that went last until the next
 * one goes (net/core/net_namespace.c, defer_free_list): so one more is made, and goes.
 */
static void make_one_go(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		unshare(CLONE_NEWNET); /* without the right to it nothing is freed earlier */
		_exit(0);
	}
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static int look(const struct settle *s, uint64_t slack, struct left_behind *left, struct err *e)
{
	struct amount netns = count_netns();
	struct meminfo now;
	int r = meminfo_read(&now, e);

	*left = (struct left_behind){ 0 };
	if (r < 0)
		return r;
	left->bytes = more(s->memory.at[MEM_AVAILABLE].bytes, now.at[MEM_AVAILABLE].bytes, slack);
	if (amount_known(&netns) && amount_known(&s->netns))
		left->netns = more(netns.bytes, s->netns.bytes,
			NETNS_SLACK * (uint64_t)sysconf(_SC_NPROCESSORS_CONF));
	return 0;
}

/* Less is left than ever before, by more than what a host that lives on makes of itself. */
static bool comes_back(const struct left_behind *left, struct left_behind *least)
{
	bool less = left->netns < least->netns || left->bytes + SLACK_BYTES < least->bytes;

	if (left->netns < least->netns)
		least->netns = left->netns;
	if (left->bytes + SLACK_BYTES < least->bytes)
		least->bytes = left->bytes;
	return less;
}

int settle_wait(const struct settle *s, uint64_t taken_bytes, int cancel_fd,
	struct left_behind *left, struct err *e)
{
	struct pollfd p = { .fd = cancel_fd, .events = POLLIN };
	uint64_t slack = SLACK_BYTES + taken_bytes / SLACK_SHARE, end = now_ns() + WAIT_NS;
	uint64_t give_up = now_ns() + PATIENCE_NS;
	struct left_behind least = { UINT64_MAX, UINT64_MAX, 0, 0 };
	unsigned looks = 0;
	int r;

	for (;;) {
		r = look(s, slack, left, e);
		if (r < 0 || (!left->bytes && !left->netns) || now_ns() >= end ||
			now_ns() >= give_up)
			break;
		if (comes_back(left, &least))
			give_up = now_ns() + PATIENCE_NS;
		if (left->netns && looks++ % LOOKS_A_NUDGE == LOOKS_A_NUDGE - 1)
			make_one_go();
		if (poll(&p, 1, LOOK_MS) > 0)
			return err_set(e, -ECANCELED, "settle", "interrupted");
	}
	left->processes = more(count_children(), s->children, 0);
	return r;
}

const char *settle_text(const struct left_behind *left, char *buf, size_t size)
{
	const struct {
		uint64_t n;
		const char *what;
	} parts[] = {
		{ left->processes, "processes" },
		{ left->cgroups, "cgroups" },
		{ left->netns, "network namespaces" },
		{ left->bytes >> 20, "MiB of memory" },
	};
	size_t used = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(parts) && used < size; i++) {
		if (parts[i].n)
			used += (size_t)snprintf(buf + used, size - used, "%s%ju %s",
				used ? ", " : "", (uintmax_t)parts[i].n, parts[i].what);
	}
	return buf;
}
