/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/hold.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/util.h"
#include "runner/report.h"
#include "runner/signals.h"

int hold_open(struct hold *h, const struct trial_context *trial, const struct way *way, size_t max,
	struct err *e)
{
	*h = (struct hold){ .trial = trial, .way = way, .max = max };
	cgroup_open_none(&h->accounts, "");
	if (!way->ops->ready)
		return err_set(e, -ENOTSUP, "hold",
			"the runtime %s cannot tell when what it has started is ready",
			way->ops->name);
	h->list = calloc(h->max, sizeof(*h->list));
	if (!h->list)
		return err_set(e, -ENOMEM, "hold", "no memory for %zu instances", h->max);
	return 0;
}

bool hold_can_count(struct hold *h)
{
	struct err why;

	if (!h->accounts_asked && cgroup_open_accounts(&h->accounts, &why) < 0)
		snprintf(h->no_accounts, sizeof(h->no_accounts),
			"no cgroup that counts memory: %.160s", why.message);
	h->accounts_asked = true;
	return !*h->no_accounts;
}

/* What it said of itself before it ended, which tells more than its end. */
static int explain_by_report(int report_fd, struct err *e)
{
	struct report rep;
	struct err ignored;
	int r = 0;

	if (report_read(report_fd, &rep, &ignored) == 0) {
		for (size_t i = 0; i < rep.n && !r; i++) {
			const struct record *rec = &rep.records[i];

			if (rec->kind == RECORD_SKIP)
				r = err_set(e, -ENOTSUP, "hold", "%s", rec->text);
			else if (rec->kind == RECORD_FAIL)
				r = err_set(e, -EIO, "hold", "%s", rec->text);
		}
	}
	report_free(&rep);
	return r;
}

/* Why one that was launched did not become ready. @e has the little that is known so far. */
static int explain(const struct hold *h, struct instance *in, int report_fd, struct err *e)
{
	struct outcome out = { .kind = OUTCOME_BROKEN };
	int code = e->code, r;

	if (code == -ECANCELED || signals_pending(h->trial->cancel_fd))
		return err_set(e, -ECANCELED, "ready", "interrupted");
	r = explain_by_report(report_fd, e);
	if (r < 0)
		return r;
	r = h->way->ops->wait(in, &out, e);
	if (r < 0)
		return r;
	return err_set(e, code, "ready", "it was not ready: %.600s",
		*out.reason ? out.reason : "it ended");
}

static int launch(struct hold *h, char *const *argv, struct held *one, struct err *e)
{
	struct job job = {
		.argv = argv,
		.deadline_ns = now_ns() + h->trial->timeout_ns,
		.held = true,
		.report_fd = one->report_fd,
		.output_fd = h->trial->log_fd,
	};
	const struct runtime_ops *ops = h->way->ops;
	uint64_t requested = now_ns();
	int r = ops->launch(h->way->rt, &job, &one->in, e);

	if (r < 0)
		return r;
	r = ops->ready(one->in, e);
	one->ready_ns = now_ns() - requested;
	if (!r)
		return 0;
	r = explain(h, one->in, one->report_fd, e);
	ops->reap(one->in);
	return r;
}

/* It is born where we are: so its memory is counted from the first page on. */
static void open_account(struct hold *h, struct held *one)
{
	struct err why;
	int r;

	if (!hold_can_count(h))
		return;
	r = cgroup_make(&h->accounts, &one->account, &why);
	if (!r)
		r = cgroup_enter(&one->account);
	if (!r)
		return;
	snprintf(h->no_accounts, sizeof(h->no_accounts),
		"no cgroup that counts memory: entering one: %s", strerror(-r));
	cgroup_remove(&one->account);
}

static void close_account(struct hold *h, struct held *one)
{
	if (one->account.manager && cgroup_leave(&one->account) < 0)
		snprintf(h->no_accounts, sizeof(h->no_accounts),
			"no cgroup that counts memory: one cannot be left");
}

int hold_start(struct hold *h, char *const *argv, unsigned wish, struct err *e)
{
	struct held *one = &h->list[h->n];
	int r;

	if (h->n >= h->max)
		return err_set(e, -E2BIG, "hold", "more than %zu instances", h->max);
	*one = (struct held){ .account = { .fd = -1 } };
	one->report_fd = report_file();
	if (one->report_fd < 0)
		return err_set(e, one->report_fd, "memfd_create", "making a report file: %s",
			strerror(-one->report_fd));
	if (wish & HOLD_COUNT)
		open_account(h, one);
	r = launch(h, argv, one, e);
	close_account(h, one);
	if (!(wish & HOLD_REPORT) || r < 0)
		close_fd(&one->report_fd);
	if (r < 0)
		cgroup_remove(&one->account);
	else
		h->n++;
	return r;
}

void hold_view(const struct hold *h, size_t i, struct rt_view *view)
{
	const struct held *one = &h->list[i];
	char counts[sizeof(view->cgroup) + 32];

	*view = (struct rt_view){ 0 };
	h->way->ops->view(one->in, view);
	snprintf(counts, sizeof(counts), "%s/memory.current", view->cgroup);
	if ((!*view->cgroup || access(counts, F_OK) < 0) && one->account.manager &&
		cgroup_path(&one->account, view->cgroup, sizeof(view->cgroup)) < 0)
		view->cgroup[0] = '\0';
}

/* All die at once, so that what each leaves for the kernel to clean up is cleaned up together. */
static void kill_all(const struct hold *h)
{
	for (size_t i = 0; i < h->n; i++) {
		struct rt_view view = { 0 };

		h->way->ops->view(h->list[i].in, &view);
		if (view.pid > 0) /* not reaped yet: the number is still its own */
			kill(view.pid, SIGKILL);
	}
}

void hold_release(struct hold *h)
{
	kill_all(h);
	while (h->n) {
		struct held *one = &h->list[--h->n];

		h->way->ops->reap(one->in);
		close_fd(&one->report_fd);
		cgroup_remove(&one->account);
	}
	free(h->list);
	h->list = NULL;
	cgroup_close(&h->accounts);
}
