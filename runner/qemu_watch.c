/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/qemu_watch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>

#include "base/proc.h"
#include "base/report_abi.h"
#include "base/util.h"
#include "vmm/verdict.h"

#define ROUND 65536 /* bytes of a stream read at a time: none can hold the others up */

void qemu_watch_init(struct qemu_watch *w)
{
	memset(w, 0, sizeof(*w));
	w->marks = w->report = w->console = w->report_to = w->console_to = -1;
}

static int make_pipe(int *ours, int *theirs, struct err *e)
{
	int p[2];

	/* QEMU makes its end non-blocking in any case, and tries again where it must. */
	if (pipe2(p, O_CLOEXEC | O_NONBLOCK) < 0)
		return err_sys(e, "pipe", "a channel from QEMU");
	*ours = p[0];
	*theirs = p[1];
	return 0;
}

static int keep(int fd, int *copy, struct err *e)
{
	*copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	return *copy < 0 ? err_sys(e, "dup", "descriptor %d", fd) : 0;
}

int qemu_watch_open(struct qemu_watch *w, int report_fd, int output_fd, int ends[3], struct err *e)
{
	int r = keep(report_fd, &w->report_to, e);

	if (!r)
		r = keep(output_fd, &w->console_to, e);
	if (!r)
		r = make_pipe(&w->report, &ends[0], e);
	if (!r)
		r = make_pipe(&w->marks, &ends[1], e);
	if (!r)
		r = make_pipe(&w->console, &ends[2], e);
	console_init(&w->tail, &w->st, w->console_to);
	return r;
}

void qemu_watch_free(struct qemu_watch *w)
{
	int *const all[] = { &w->marks, &w->report, &w->console, &w->report_to, &w->console_to };

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		close_fd(all[i]);
}

void qemu_marks_take(
	struct qemu_marks *m, struct vm_state *st, const uint8_t *bytes, size_t n, uint64_t now)
{
	for (size_t i = 0; i < n; i++) {
		m->half = !m->half;
		if (m->half) {
			m->mark = bytes[i];
			if (m->mark == MARK_NONE || m->mark >= MARK_COUNT)
				st->bad_marks++;
			else if (!st->mark_at[m->mark])
				st->mark_at[m->mark] = now;
		} else if (m->mark == MARK_EXIT && !m->exit_seen) {
			m->exit_seen = true;
			st->status = bytes[i];
		}
	}
}

static void take_marks(struct qemu_watch *w, const uint8_t *bytes, size_t n)
{
	qemu_marks_take(&w->stream, &w->st, bytes, n, now_ns());
}

/* Up to REPORT_MAX in all, as vmm/report_port.c does. */
static void take_report(struct qemu_watch *w, const uint8_t *bytes, size_t n)
{
	uint64_t at = w->st.report_bytes;

	w->st.report_bytes += n;
	if (at >= REPORT_MAX)
		return;
	if (n > REPORT_MAX - at)
		n = REPORT_MAX - at;
	/* Where it fails, a report that is cut off, as its reader will see. */
	(void)pwrite_all(w->report_to, bytes, n, (off_t)at);
}

static void take_console(struct qemu_watch *w, const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		console_put(&w->tail, bytes[i]);
}

/* A round of what is there; an end of file closes. Returns whether there was anything. */
static bool drain(
	struct qemu_watch *w, int *fd, void (*take)(struct qemu_watch *, const uint8_t *, size_t))
{
	uint8_t buf[ROUND];
	ssize_t n = *fd < 0 ? -1 : read(*fd, buf, sizeof(buf));

	if (n > 0)
		take(w, buf, (size_t)n);
	else if (!n)
		close_fd(fd);
	return n > 0;
}

/* Marks first: they are the measurement. */
static bool drain_all(struct qemu_watch *w)
{
	bool any = drain(w, &w->marks, take_marks);

	any |= drain(w, &w->report, take_report);
	any |= drain(w, &w->console, take_console);
	return any;
}

/* 0 where QEMU has ended, was told to stop by @cancel_fd, or time is up: proc_await knows which. */
static int follow(
	struct qemu_watch *w, int pidfd, uint64_t deadline_ns, int cancel_fd, struct err *e)
{
	for (;;) {
		struct pollfd p[] = {
			{ .fd = w->marks, .events = POLLIN },
			{ .fd = w->report, .events = POLLIN },
			{ .fd = w->console, .events = POLLIN },
			{ .fd = pidfd, .events = POLLIN },
			{ .fd = cancel_fd, .events = POLLIN },
		};
		int r = poll(p, ARRAY_SIZE(p), proc_poll_ms(deadline_ns));

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return err_sys(e, "poll", "waiting for QEMU");
		drain_all(w);
		if (p[3].revents || p[4].revents || now_ns() >= deadline_ns)
			return 0;
	}
}

static void tell_end(struct qemu_watch *w, bool late, const struct outcome *out)
{
	if (late)
		w->st.end = VM_END_DEADLINE;
	else if (out->kind != OUTCOME_EXITED || out->code)
		w->st.end = VM_RUNNING; /* that is: it was killed, or failed and said why */
	else
		w->st.end = w->stream.exit_seen ? VM_END_EXIT : VM_END_RESET;
}

int qemu_watch_wait(struct qemu_watch *w, int pidfd, uint64_t deadline_ns, int cancel_fd,
	struct outcome *out, struct err *e)
{
	bool late = false;
	int r = follow(w, pidfd, deadline_ns, cancel_fd, e);

	if (!r)
		r = proc_await(pidfd, deadline_ns, cancel_fd, out, &late, e);
	if (!r)
		r = proc_reap(pidfd, late, out, e);
	if (r < 0)
		return r;
	while (drain_all(w)) /* bounded by what fits into three pipes */
		;
	console_flush(&w->tail);
	tell_end(w, late, out);
	vm_verdict(&w->st, out);
	return 0;
}
