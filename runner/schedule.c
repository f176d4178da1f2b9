/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/schedule.h"

#include <errno.h>
#include <string.h>

#include "base/util.h"
#include "runner/exec_launch.h"
#include "runner/mem_limit.h"
#include "runner/peak.h"
#include "runner/rows_start.h"
#include "runner/signals.h"
#include "runner/together.h"
#include "runner/ui.h"

#define MAX_ARGS 8
#define ARG_SIZE 160

/*
 * Time for one benchmark after its calibration, and the most batches made in it: a launch with some
 * 30 benchmarks takes about a second.
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
	const struct suite *suite = p->suites[l->suite];
	/* Elsewhere the launch itself is what is measured, and nothing is timed inside. */
	const bool timed = suite->kind == SUITE_TIMED;
	const uint64_t limit = timed ? mem_limit(&p->ways[l->way], mem_available()) : 0;
	int n = 0;

	/* cppcheck-suppress ctuuninitvar ; it is filled from here on */
	snprintf(a->text[n++], ARG_SIZE, "workload");
	snprintf(a->text[n++], ARG_SIZE, "--suite=%s", suite->name);
	if (timed) {
		/* The same order of benchmarks for all ways of a block: its effects cancel out. */
		snprintf(a->text[n++], ARG_SIZE, "--seed=%u", (uint32_t)(p->seed + l->block) | 1);
		snprintf(a->text[n++], ARG_SIZE, "--budget-ns=%s",
			s->quick ? QUICK_BUDGET_NS : BUDGET_NS);
		snprintf(
			a->text[n++], ARG_SIZE, "--batches=%s", s->quick ? QUICK_BATCHES : BATCHES);
	}
	if (p->filter)
		snprintf(a->text[n++], ARG_SIZE, "--filter=%s", p->filter);
	if (limit)
		snprintf(a->text[n++], ARG_SIZE, "--mem-limit=%ju", (uintmax_t)limit);
	for (int i = 0; i < n; i++)
		a->argv[i] = a->text[i];
	a->argv[n] = NULL;
}

/* What the workload found out about where it runs, once a way; not the moments of a launch. */
static void put_infos(struct schedule *s, unsigned way, const struct report *rep)
{
	for (size_t i = 0; s->inside && i < rep->n; i++) {
		const struct record *r = &rep->records[i];

		if (r->kind == RECORD_INFO && strncmp(r->name, "mark.", 5))
			s->inside(s->ctx, way, r->name, r->text);
	}
}

static void note_failure(struct schedule *s, size_t i, const char *failure)
{
	const struct launch *l = &s->plan->launches[i];
	char label[96];

	ui_warn("%s, launch %zu: %s", way_label(&s->plan->ways[l->way], label, sizeof(label)), i,
		failure);
	s->failed = true;
}

static int launch_alone(struct schedule *s, size_t i, struct err *e)
{
	const struct launch *l = &s->plan->launches[i];
	struct way *w = &s->plan->ways[l->way];
	struct launch_result lr = { .plan = s->plan, .launch = l, .run_id = s->run_id };
	struct workload_args args;
	struct trial t;
	int r;

	make_args(s, l, &args);
	r = trial_run(&s->trial, w, args.argv, &t, e);
	if (!r) {
		lr.report = &t.report;
		lr.outcome = t.launched ? &t.outcome : NULL;
		lr.failure = t.failure[0] ? t.failure : NULL;
		if (lr.failure)
			note_failure(s, i, lr.failure);
		if (!w->told && t.report.n && !lr.failure) {
			put_infos(s, l->way, &t.report);
			w->told = true;
		}
		r = rows_of_launch(&lr, s->put, s->ctx, &s->failed, e);
	}
	trial_free(&t);
	return r;
}

static struct sample start_row(const struct schedule *s, size_t i, const char *benchmark,
	const char *params, const char *failure)
{
	struct sample base = rows_template(s->plan, &s->plan->launches[i], s->run_id);

	base.benchmark = benchmark;
	base.params = params;
	base.status = *failure ? SAMPLE_FAILED : SAMPLE_OK;
	base.reason = failure;
	return base;
}

static int put_together(struct schedule *s, size_t i, const struct together_result *results,
	uint64_t took_ns, struct err *e)
{
	const struct way *w = &s->plan->ways[s->plan->launches[i].way];
	const char *failure = "";
	struct sample rate;
	char params[32];
	int r = 0;

	snprintf(params, sizeof(params), "concurrency=%u", s->plan->concurrency);
	for (unsigned k = 0; k < s->plan->concurrency && !r; k++) {
		struct sample base = start_row(s, i, "launch", params, results[k].failure);

		base.sample = k;
		if (*results[k].failure)
			failure = results[k].failure;
		r = rows_start(w, base, &results[k].outcome, s->put, s->ctx, e);
	}
	if (*failure)
		note_failure(s, i, failure);
	rate = start_row(s, i, "launch", params, failure);
	return r ? r : rows_start_rate(rate, s->plan->concurrency, took_ns, s->put, s->ctx, e);
}

static int launch_together(struct schedule *s, size_t i, struct err *e)
{
	const struct launch *l = &s->plan->launches[i];
	struct way *w = &s->plan->ways[l->way];
	cleanup_free struct together_result *results =
		calloc(s->plan->concurrency, sizeof(*results));
	struct workload_args args;
	uint64_t took_ns = 0;
	int r = 0;

	if (!results)
		return err_set(e, -ENOMEM, "together", "out of memory");
	make_args(s, l, &args);
	if (!w->together)
		r = together_open(&s->trial, w, s->plan->concurrency, &w->together, e);
	if (!r)
		r = together_run(w->together, args.argv, results, &took_ns, e);
	return r ? r : put_together(s, i, results, took_ns, e);
}

/* One after the other: what is cleaned up late (network namespaces, VMs) slows the later ones. */
static int launch_sustained(struct schedule *s, size_t i, struct err *e)
{
	const struct launch *l = &s->plan->launches[i];
	struct way *w = &s->plan->ways[l->way];
	uint64_t began = now_ns(), span = s->plan->sustain_s * NSEC_PER_SEC, n = 0;
	char params[32], failure[sizeof(((struct trial *)0)->failure)] = "";
	struct workload_args args;
	int r = 0;

	make_args(s, l, &args);
	while (!r && !*failure && now_ns() - began < span) {
		struct trial t;

		r = trial_run(&s->trial, w, args.argv, &t, e);
		snprintf(failure, sizeof(failure), "%s", t.failure);
		trial_free(&t);
		n++;
	}
	if (r)
		return r;
	if (*failure)
		note_failure(s, i, failure);
	snprintf(params, sizeof(params), "%us", s->plan->sustain_s);
	return rows_start_rate(start_row(s, i, "sustained", params, failure), n, now_ns() - began,
		s->put, s->ctx, e);
}

static int launch_held(struct schedule *s, size_t i, struct err *e)
{
	return s->plan->suites[s->plan->launches[i].suite]->hold(s, i, e);
}

static int (*const carry[LAUNCH_KINDS])(struct schedule *, size_t, struct err *) = {
	[LAUNCH_ALONE] = launch_alone,
	[LAUNCH_TOGETHER] = launch_together,
	[LAUNCH_SUSTAINED] = launch_sustained,
	[LAUNCH_HELD] = launch_held,
};

/* @done: of those that this run has carried out, for the time that is left. */
static void show_progress(
	const struct schedule *s, size_t i, size_t total, size_t done, uint64_t start_ns)
{
	const struct way *w = &s->plan->ways[s->plan->launches[i].way];
	double gone = (double)(now_ns() - start_ns) / NSEC_PER_SEC;
	char label[96];

	way_label(w, label, sizeof(label));
	if (done)
		ui_progress("launch %zu of %zu  %s  (about %.0f s left)", s->done + 1, total, label,
			gone / (double)done * (double)(total - s->done));
	else
		ui_progress("launch %zu of %zu  %s", s->done + 1, total, label);
}

/* Of the first @n launches of the plan. */
static size_t usable_launches(const struct plan *p, size_t n)
{
	size_t usable = 0;

	for (size_t i = 0; i < n; i++)
		usable += p->ways[p->launches[i].way].usable;
	return usable;
}

static int put_nowhere(void *ctx, const struct sample *row, struct err *e)
{
	(void)ctx, (void)row, (void)e;
	return 0;
}

static int interrupted(const struct schedule *s, struct err *e)
{
	if (!signals_pending(s->trial.cancel_fd))
		return 0;
	return err_set(e, -ECANCELED, "wait", "interrupted");
}

static int repeat_warmups(const struct schedule *s, struct err *e)
{
	struct schedule again = *s;
	int r = 0;

	again.put = put_nowhere;
	for (size_t i = 0; i < s->from && !r; i++) {
		const struct launch *l = &s->plan->launches[i];

		if (!l->warmup || !s->plan->ways[l->way].usable)
			continue;
		r = interrupted(s, e);
		if (!r)
			r = carry[l->kind](&again, i, e);
	}
	return r;
}

static int carry_out(struct schedule *s, struct err *e)
{
	const struct plan *p = s->plan;
	size_t total = usable_launches(p, p->n_launches), before = s->done;
	uint64_t start_ns = now_ns();
	int r = 0;

	for (size_t i = s->from; !r && i < p->n_launches; i++) {
		if (!p->ways[p->launches[i].way].usable)
			continue;
		r = interrupted(s, e);
		if (r < 0)
			break;
		show_progress(s, i, total, s->done - before, start_ns);
		r = p->exec ? exec_launch(s, i, e) : carry[p->launches[i].kind](s, i, e);
		s->done += !r;
		if (!r && s->between)
			r = s->between(s->ctx, e);
	}
	return r;
}

int schedule_run(struct schedule *s, struct err *e)
{
	const struct plan *p = s->plan;
	struct err ignored;
	int r = 0;

	if (p->exec && peak_open(&s->peak, &ignored) < 0)
		s->peak = NULL; /* then small programs' memory is a named skip */
	for (unsigned w = 0; !r && !s->from && w < p->n_ways; w++) {
		if (!p->ways[w].usable)
			r = rows_of_unusable(p, w, s->run_id, s->put, s->ctx, e);
	}
	s->done = usable_launches(p, s->from);
	if (!r)
		r = repeat_warmups(s, e);
	if (!r)
		r = carry_out(s, e);
	for (size_t w = 0; w < p->n_ways; w++)
		together_close(p->ways[w].together);
	peak_close(s->peak);
	s->peak = NULL;
	ui_progress_done();
	s->cancelled = r == -ECANCELED;
	return r;
}
