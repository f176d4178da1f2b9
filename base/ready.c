/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/ready.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <poll.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/util.h"

/* A futex cannot be waited for together with descriptors: between two waits of so long these are
 * looked at. It only delays the news of a death or an interruption, never that of being ready. */
#define LOOK_NS 20000000

void ready_say(uint32_t *word)
{
	__atomic_store_n(word, 1, __ATOMIC_RELEASE);
	syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

static bool is_said(const uint32_t *word)
{
	return __atomic_load_n(word, __ATOMIC_ACQUIRE) != 0;
}

static int look(int pidfd, int cancel_fd, struct err *e)
{
	struct pollfd p[2] = { { .fd = pidfd, .events = POLLIN },
		{ .fd = cancel_fd, .events = POLLIN } };

	if (poll(p, ARRAY_SIZE(p), 0) < 0)
		return errno == EINTR ? 0 : err_sys(e, "poll", "waiting for a launch");
	if (p[1].revents)
		return err_set(e, -ECANCELED, "ready", "interrupted");
	if (p[0].revents)
		return err_set(e, -ESRCH, "ready", "it ended before it was ready");
	return 0;
}

int ready_await(uint32_t *word, int pidfd, uint64_t deadline_ns, int cancel_fd, struct err *e)
{
	const struct timespec pause = { 0, LOOK_NS };

	while (!is_said(word)) {
		int r = look(pidfd, cancel_fd, e);

		if (is_said(word))
			break;
		if (r < 0)
			return r;
		if (now_ns() >= deadline_ns)
			return err_set(e, -ETIMEDOUT, "ready", "not ready at the deadline");
		syscall(SYS_futex, word, FUTEX_WAIT, 0, &pause, NULL, 0);
	}
	return 0;
}

static size_t page(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

int ready_map(int report_fd, uint32_t **word, struct err *e)
{
	void *at = mmap(NULL, page(), PROT_READ, MAP_SHARED, report_fd, 0);

	if (at == MAP_FAILED)
		return err_sys(e, "mmap", "the first page of a report");
	*word = at;
	return 0;
}

void ready_unmap(uint32_t **word)
{
	if (*word)
		munmap(*word, page());
	*word = NULL;
}
