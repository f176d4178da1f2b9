/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/rows_start.h"

#include <stdio.h>
#include <string.h>

#include "base/report_abi.h"
#include "base/util.h"

static uint64_t cpu_ns(const struct outcome *out)
{
	const struct timeval *u = &out->usage.ru_utime, *s = &out->usage.ru_stime;

	return ((uint64_t)u->tv_sec + (uint64_t)s->tv_sec) * NSEC_PER_SEC +
	       ((uint64_t)u->tv_usec + (uint64_t)s->tv_usec) * 1000;
}

/* Has a way such an event at all? A process has no init that a kernel hands over to. */
static bool has_event(const struct way *w, enum phase p)
{
	switch (p) {
	case PHASE_INIT:
		return (w->ops->caps & RT_OWN_KERNEL) && !w->silent && !w->restore;
	case PHASE_MAIN:
	case PHASE_WORK:
		return !w->silent;
	default:
		return true;
	}
}

/* The latest event before @p that was seen. */
static uint64_t seen_before(const struct outcome *out, enum phase p)
{
	while (p-- > PHASE_REQUESTED) {
		if (out->at[p])
			return out->at[p];
	}
	return 0;
}

/* Fills the value, or makes it a skipped one. */
static void fill(struct sample *s, const struct outcome *out, enum phase p, uint64_t from)
{
	if (s->status != SAMPLE_OK && s->status != SAMPLE_WARMUP)
		return;
	if (!out->at[p]) {
		s->status = SAMPLE_SKIPPED;
		s->reason = "this runtime does not tell the event apart: its time is in the next "
			    "phase";
		return;
	}
	s->value = (double)(out->at[p] - from);
}

static int put_phases(const struct way *w, struct sample s, const struct outcome *out, row_fn put,
	void *ctx, struct err *e)
{
	int r = 0;

	s.metric = "phase";
	for (enum phase p = PHASE_PROCESS; p < PHASE_COUNT && !r; p++) {
		struct sample one = s;

		if (!has_event(w, p))
			continue;
		one.phase = phase_names[p];
		fill(&one, out, p, seen_before(out, p));
		r = put(ctx, &one, e);
	}
	return r;
}

static int put_totals(const struct way *w, struct sample s, const struct outcome *out, row_fn put,
	void *ctx, struct err *e)
{
	static const enum phase ends[] = { PHASE_MAIN, PHASE_WORK, PHASE_EXIT, PHASE_RELEASED };
	int r = 0;

	s.metric = "since-request";
	for (size_t i = 0; i < ARRAY_SIZE(ends) && !r; i++) {
		struct sample one = s;

		if (!has_event(w, ends[i]))
			continue;
		one.phase = phase_names[ends[i]];
		fill(&one, out, ends[i], out->at[PHASE_REQUESTED]);
		r = put(ctx, &one, e);
	}
	return r;
}

/* Of a guest: exits over the whole launch, named as those of a benchmark are (EXIT_COUNTS). */
static int put_exits(
	struct sample s, const struct outcome *out, row_fn put, void *ctx, struct err *e)
{
	int r;

	s.unit = "count";
	s.metric = "exits-user";
	s.value = (double)out->exits_user;
	r = put(ctx, &s, e);
	if (r)
		return r;
	s.metric = "exits";
	s.value = (double)out->exits;
	if (!out->exits && (s.status == SAMPLE_OK || s.status == SAMPLE_WARMUP)) {
		s.status = SAMPLE_SKIPPED;
		s.reason = COUNTS_INFO_NONE;
	}
	return put(ctx, &s, e);
}

int rows_start(const struct way *w, struct sample base, const struct outcome *out, row_fn put,
	void *ctx, struct err *e)
{
	int r;

	base.iterations = 1;
	base.overhead_ns = 0;
	r = put_phases(w, base, out, put, ctx, e);
	if (!r)
		r = put_totals(w, base, out, put, ctx, e);
	if (r)
		return r;
	base.metric = "cpu";
	base.value = (double)cpu_ns(out);
	r = put(ctx, &base, e);
	return r || !out->has_exits ? r : put_exits(base, out, put, ctx, e);
}

int rows_start_rate(
	struct sample base, uint64_t launches, uint64_t ns, row_fn put, void *ctx, struct err *e)
{
	base.metric = "rate";
	base.unit = "1/s";
	base.iterations = launches ? launches : 1;
	base.overhead_ns = 0;
	base.value = ns ? (double)launches * (double)NSEC_PER_SEC / (double)ns : 0;
	return put(ctx, &base, e);
}
