/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/schedule.h"

#include <errno.h>
#include <string.h>

#include "base/util.h"
#include "runner/report.h"
#include "runner/signals.h"
#include "runner/ui.h"

#define MAX_ARGS 8
#define ARG_SIZE 160

/*
 * Time for one benchmark after its calibration, and the most batches made in it: some 45 benchmarks
 * in a bit more than a second, so that ten launches of two runtimes end within 30 s.
 */
#define BUDGET_NS "15000000"
#define QUICK_BUDGET_NS "8000000"
#define BATCHES "12"
#define QUICK_BATCHES "5"

struct workload_args {
	char text[MAX_ARGS][ARG_SIZE];
	char *argv[MAX_ARGS + 1];
};

static void make_args(const struct schedule *s, const struct launch *l, struct workload_args *a)
{
	const struct plan *p = s->plan;
	int n = 0;

	snprintf(a->text[n++], ARG_SIZE, "workload");
	snprintf(a->text[n++], ARG_SIZE, "--suite=%s", p->suites[l->suite]->name);
	/* The same order of benchmarks for all ways of a block: its effects cancel out. */
	snprintf(a->text[n++], ARG_SIZE, "--seed=%u", (uint32_t)(p->seed + l->block) | 1);
	snprintf(a->text[n++], ARG_SIZE, "--budget-ns=%s", s->quick ? QUICK_BUDGET_NS : BUDGET_NS);
	snprintf(a->text[n++], ARG_SIZE, "--batches=%s", s->quick ? QUICK_BATCHES : BATCHES);
	if (p->filter)
		snprintf(a->text[n++], ARG_SIZE, "--filter=%s", p->filter);
	for (int i = 0; i < n; i++)
		a->argv[i] = a->text[i];
	a->argv[n] = NULL;
}

/* A launch's outcome and report, and what is wrong with them in one sentence, or "". */
struct observed {
	struct outcome outcome;
	struct report report;
	bool launched;
	char failure[1024];
};

static void judge(struct observed *o, int report_error, const struct err *e)
{
	const struct outcome *out = &o->outcome;

	if (out->kind != OUTCOME_EXITED || out->code)
		snprintf(o->failure, sizeof(o->failure), "%s", out->reason);
	else if (report_error)
		snprintf(o->failure, sizeof(o->failure), "%s", e->message);
	else if (!o->report.ended)
		snprintf(o->failure, sizeof(o->failure),
			"the workload ended well, but its report is cut off");
}

static int launch_once(
	struct schedule *s, const struct launch *l, struct observed *o, struct err *e)
{
	struct way *w = &s->plan->ways[l->way];
	struct workload_args args;
	struct instance *in = NULL;
	cleanup_fd int report_fd = report_file();
	struct job job = {
		.argv = args.argv,
		.deadline_ns = now_ns() + s->timeout_ns,
		.report_fd = report_fd,
		.output_fd = s->log_fd,
	};
	struct err why = { 0 };
	int r;

	if (report_fd < 0)
		return err_set(e, report_fd, "memfd_create", "making a report file: %s",
			strerror(-report_fd));
	make_args(s, l, &args);
	r = w->ops->launch(w->rt, &job, &in, &why);
	if (r < 0) {
		snprintf(o->failure, sizeof(o->failure), "launch failed: %s: %s", why.step,
			why.message);
		return 0;
	}
	o->launched = true;
	r = w->ops->wait(in, &o->outcome, &why);
	w->ops->reap(in);
	if (r == -ECANCELED || signals_pending(s->cancel_fd))
		return err_set(e, -ECANCELED, "wait", "interrupted");
	if (r < 0) {
		o->outcome.kind = OUTCOME_BROKEN;
		snprintf(o->outcome.reason, sizeof(o->outcome.reason), "%s: %s", why.step,
			why.message);
	}
	judge(o, report_read(report_fd, &o->report, &why), &why);
	return 0;
}

/* What the workload found out about where it runs, once a way. */
static void put_infos(struct schedule *s, unsigned way, const struct report *rep)
{
	for (size_t i = 0; s->inside && i < rep->n; i++) {
		if (rep->records[i].kind == RECORD_INFO)
			s->inside(s->ctx, way, rep->records[i].name, rep->records[i].text);
	}
}

static int one_launch(struct schedule *s, size_t i, bool *told, struct err *e)
{
	const struct launch *l = &s->plan->launches[i];
	struct observed o = { 0 };
	struct launch_result lr = { .plan = s->plan, .launch = l, .run_id = s->run_id };
	int r = launch_once(s, l, &o, e);

	if (!r) {
		lr.report = &o.report;
		lr.outcome = o.launched ? &o.outcome : NULL;
		lr.failure = o.failure[0] ? o.failure : NULL;
		if (lr.failure) {
			char label[96];

			ui_warn("%s, launch %zu: %s",
				way_label(&s->plan->ways[l->way], label, sizeof(label)), i,
				lr.failure);
			s->failed = true;
		}
		if (!told[l->way] && o.report.n && !lr.failure) {
			put_infos(s, l->way, &o.report);
			told[l->way] = true;
		}
		r = rows_of_launch(&lr, s->put, s->ctx, &s->failed, e);
	}
	report_free(&o.report);
	return r;
}

static void show_progress(const struct schedule *s, size_t i, size_t total, uint64_t start_ns)
{
	const struct way *w = &s->plan->ways[s->plan->launches[i].way];
	double gone = (double)(now_ns() - start_ns) / NSEC_PER_SEC;
	char label[96];

	way_label(w, label, sizeof(label));
	if (s->done)
		ui_progress("launch %zu of %zu  %s  (about %.0f s left)", s->done + 1, total, label,
			gone / (double)s->done * (double)(total - s->done));
	else
		ui_progress("launch %zu of %zu  %s", s->done + 1, total, label);
}

static size_t usable_launches(const struct plan *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n_launches; i++)
		n += p->ways[p->launches[i].way].usable;
	return n;
}

int schedule_run(struct schedule *s, struct err *e)
{
	const struct plan *p = s->plan;
	bool told[ARRAY_SIZE(p->ways)] = { false };
	size_t total = usable_launches(p);
	uint64_t start_ns = now_ns();
	int r = 0;

	for (unsigned w = 0; !r && w < p->n_ways; w++) {
		if (!p->ways[w].usable)
			r = rows_of_unusable(p, w, s->run_id, s->put, s->ctx, e);
	}
	for (size_t i = 0; !r && i < p->n_launches; i++) {
		if (!p->ways[p->launches[i].way].usable)
			continue;
		if (signals_pending(s->cancel_fd)) {
			r = err_set(e, -ECANCELED, "wait", "interrupted");
			break;
		}
		show_progress(s, i, total, start_ns);
		r = one_launch(s, i, told, e);
		s->done += !r;
	}
	ui_progress_done();
	s->cancelled = r == -ECANCELED;
	return r;
}
