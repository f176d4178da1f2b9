/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctr/beside.h"

#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/proc.h"
#include "base/sys.h"
#include "base/util.h"
#include "ctr/net.h"

/* The words are in a shared mapping: the container's process may have memory of its own. */
CHILD_CODE void meeting_say(uint32_t *word, uint32_t value)
{
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
	sys4(SYS_futex, word, FUTEX_WAKE, INT32_MAX, NULL);
}

/* Until *@word is no longer @old: what it is then. */
CHILD_CODE static uint32_t await_change(uint32_t *word, uint32_t old)
{
	uint32_t now;

	while ((now = __atomic_load_n(word, __ATOMIC_ACQUIRE)) == old)
		sys4(SYS_futex, word, FUTEX_WAIT, old, NULL);
	return now;
}

CHILD_CODE long meeting_await_go(struct meeting *m)
{
	await_change(&m->go, 0);
	return 0;
}

CHILD_CODE long meeting_await_net(struct meeting *m, int at_least, const char **what)
{
	int32_t net = __atomic_load_n(&m->net, __ATOMIC_ACQUIRE);

	while (net >= 0 && net < at_least)
		net = (int32_t)await_change((uint32_t *)&m->net, (uint32_t)net);
	if (net < 0)
		*what = m->step;
	return net;
}

/* Tell that a step is done, or that it failed, and which. */
CHILD_CODE static bool step(struct meeting *m, const char *name, long r, int32_t then)
{
	m->step = name;
	meeting_say((uint32_t *)&m->net, (uint32_t)(r < 0 ? (int32_t)r : then));
	return r >= 0;
}

CHILD_CODE static void make_network(struct meeting *m)
{
	if (step(m, "network namespace", sys1(SYS_unshare, CLONE_NEWNET), BESIDE_MADE))
		step(m, "loopback", net_loopback_up(), BESIDE_LOOPBACK_UP);
}

/* It shares memory and descriptors with the runner, and opens but one socket, which it closes. */
CHILD_CODE static int helper(void *arg)
{
	const struct beside *b = arg;

	/* It waits for others: whatever ends the runner must end it, too. */
	sys5(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (sys0(SYS_getppid) == b->parent) {
		if (b->net)
			make_network(b->meeting);
		/* Whatever became of that: the user namespace is joined through us. */
		await_change(&b->meeting->joined, 0);
	}
	for (;;)
		sys1(SYS_exit_group, 0);
	return 0;
}

int beside_start(
	struct beside *b, unsigned flags, int cgroup_fd, struct started *out, struct err *e)
{
	b->net = flags & CLONE_NEWNET;
	b->parent = (int)getpid();
	return start_child(
		&b->starter, (flags & CLONE_NEWUSER) | CLONE_FILES, cgroup_fd, helper, b, out, e);
}

bool beside_possible(void)
{
	int self = proc_pidfd(getpid());
	bool can = self >= 0 && !setns(self, CLONE_NEWUTS); /* one's own: changes nothing */

	close_fd(&self);
	return can;
}
