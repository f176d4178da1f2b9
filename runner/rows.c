/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/rows.h"

#include <stdio.h>
#include <string.h>

#include "runner/exec_job.h"
#include "runner/rows_exec.h"
#include "runner/rows_start.h"

struct sample rows_template(const struct plan *p, const struct launch *l, const char *run_id)
{
	const struct way *w = &p->ways[l->way];
	const struct suite *suite = p->suites[l->suite];

	return (struct sample){
		.run_id = run_id,
		.suite = suite->name,
		.runtime = w->name,
		.kernel = w->kernel,
		.replicate = l->block,
		.block = l->block,
		.phase = "",
		.metric = suite->metric ? suite->metric : "latency",
		.unit = suite->unit ? suite->unit : p->time_unit,
		.reason = "",
	};
}

static bool is_for(const struct record *r, const struct bench *b)
{
	return !strcmp(r->name, b->name) && !strcmp(r->params, b->params);
}

/* The benchmark that was begun last: where a launch died in it, it is the culprit. */
static const struct record *last_begun(const struct report *rep)
{
	for (size_t i = rep->n; i-- > 0;) {
		if (rep->records[i].kind == RECORD_BEGIN)
			return &rep->records[i];
	}
	return NULL;
}

/* Why a planned benchmark is not in the report, and with which status that is written down. */
static void explain_missing(const struct launch_result *lr, const struct bench *b, struct sample *s,
	char *reason, size_t size)
{
	const struct record *begun = last_begun(lr->report);
	const char *sysname = report_info(lr->report, "kernel.sysname");
	bool timeout = lr->outcome && lr->outcome->kind == OUTCOME_TIMEOUT;

	s->status = SAMPLE_FAILED;
	if (lr->failure && begun && !is_for(begun, b)) {
		snprintf(reason, size, "not reached: in %s%s%s: %s", begun->name,
			*begun->params ? "/" : "", begun->params, lr->failure);
	} else if (lr->failure) {
		s->status = timeout ? SAMPLE_TIMEOUT : SAMPLE_FAILED;
		snprintf(reason, size, "%s", lr->failure);
	} else if (sysname && strcmp(sysname, "Linux")) {
		s->status = SAMPLE_SKIPPED;
		snprintf(reason, size,
			"the guest kernel '%.64s' is not Linux: it runs no Linux program", sysname);
	} else {
		snprintf(reason, size, "the workload ended well but did not report it");
	}
}

static void fill_value(struct sample *s, const struct record *r, unsigned index)
{
	double n = (double)r->iterations;

	s->sample = index;
	s->iterations = r->iterations;
	s->value = ((double)r->elapsed_ns - (double)r->overhead_ns) / n;
	s->overhead_ns = (double)r->overhead_ns / n;
}

/* One record of a benchmark as a row; samples are counted in @samples. */
static void fill_row(struct sample *s, const struct record *r, bool warmup, unsigned *samples)
{
	s->status = r->kind == RECORD_SKIP   ? SAMPLE_SKIPPED
		    : r->kind == RECORD_FAIL ? SAMPLE_FAILED
		    : warmup                 ? SAMPLE_WARMUP
					     : SAMPLE_OK;
	s->reason = r->text;
	if (r->kind == RECORD_SAMPLE)
		fill_value(s, r, (*samples)++);
	if (r->kind == RECORD_VALUE) {
		s->metric = r->metric;
		s->unit = r->unit;
		s->iterations = r->iterations;
		s->value = (double)r->total / (double)r->iterations;
	}
}

/* The rows of one benchmark of one launch. */
static int rows_of_bench(const struct launch_result *lr, const struct bench *b, struct sample base,
	row_fn put, void *ctx, bool *failed, struct err *e)
{
	char reason[1024];
	unsigned samples = 0;
	bool any = false;

	for (size_t i = 0; i < lr->report->n; i++) {
		const struct record *r = &lr->report->records[i];
		struct sample s = base;
		int ret;

		if (r->kind == RECORD_INFO || r->kind == RECORD_BEGIN || !is_for(r, b))
			continue;
		fill_row(&s, r, lr->launch->warmup, &samples);
		*failed |= r->kind == RECORD_FAIL;
		any = true;
		ret = put(ctx, &s, e);
		if (ret < 0)
			return ret;
	}
	if (any)
		return 0;
	explain_missing(lr, b, &base, reason, sizeof(reason));
	base.reason = reason;
	*failed |= base.status != SAMPLE_SKIPPED;
	return put(ctx, &base, e);
}

/* A launch that is itself what is measured. */
static int rows_of_start(const struct launch_result *lr, struct sample base, row_fn put, void *ctx,
	bool *failed, struct err *e)
{
	static const struct outcome nothing;
	const struct outcome *out = lr->outcome ? lr->outcome : &nothing;

	base.status = lr->launch->warmup ? SAMPLE_WARMUP : SAMPLE_OK;
	if (lr->failure) {
		base.status = out->kind == OUTCOME_TIMEOUT ? SAMPLE_TIMEOUT : SAMPLE_FAILED;
		base.reason = lr->failure;
		*failed = true;
	}
	return rows_start(&lr->plan->ways[lr->launch->way], base, out, put, ctx, e);
}

int rows_of_launch(
	const struct launch_result *lr, row_fn put, void *ctx, bool *failed, struct err *e)
{
	const struct plan *p = lr->plan;
	const struct suite *suite = p->suites[lr->launch->suite];

	for (size_t i = 0; i < n_benches; i++) {
		struct sample base = rows_template(p, lr->launch, lr->run_id);
		int r;

		if (strcmp(benches[i].suite, suite->name) || !bench_matches(&benches[i], p->filter))
			continue;
		base.benchmark = benches[i].name;
		base.params = benches[i].params;
		r = suite->kind == SUITE_STARTS
			    ? rows_of_start(lr, base, put, ctx, failed, e)
			    : rows_of_bench(lr, &benches[i], base, put, ctx, failed, e);
		if (r < 0)
			return r;
	}
	return 0;
}

int rows_of_unusable(const struct plan *p, unsigned way, const char *run_id, row_fn put, void *ctx,
	struct err *e)
{
	static const struct outcome nothing;

	if (p->exec) {
		struct launch l = { .way = way };
		struct sample s = rows_template(p, &l, run_id);

		s.benchmark = p->exec->name;
		s.params = "";
		s.status = SAMPLE_SKIPPED;
		s.reason = p->ways[way].why_not.message;
		return rows_exec(&p->ways[way], s, &nothing, NULL, 0, put, ctx, e);
	}
	for (unsigned suite = 0; suite < p->n_suites; suite++) {
		struct launch l = { .way = way, .suite = suite };

		for (size_t i = 0; i < n_benches; i++) {
			struct sample s = rows_template(p, &l, run_id);
			int r;

			if (strcmp(benches[i].suite, s.suite) ||
				!bench_matches(&benches[i], p->filter))
				continue;
			s.benchmark = benches[i].name;
			s.params = benches[i].params;
			s.status = SAMPLE_SKIPPED;
			s.reason = p->ways[way].why_not.message;
			r = p->suites[suite]->kind == SUITE_STARTS
				    ? rows_start(&p->ways[way], s, &nothing, put, ctx, e)
				    : put(ctx, &s, e);
			if (r < 0)
				return r;
		}
	}
	return 0;
}
