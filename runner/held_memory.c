/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/held_memory.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <string.h>

#include "base/report_abi.h"
#include "base/stats.h"
#include "base/util.h"
#include "runner/cgroup_stat.h"
#include "runner/smaps.h"
#include "runner/stair.h"
#include "runner/ui.h"

#define STATISTICS_MS 2200 /* see await_statistics() */

/* --- one instance, looked at while all are held --- */

static int put_smaps(const struct stair *st, unsigned i, const struct rt_view *v, struct err *e)
{
	const struct held_rows *h = &st->rows;
	struct err why = { 0 };
	struct smaps m = { 0 };
	bool bad = smaps_read(v->pid, v->guest_at, v->guest_bytes, &m, &why) < 0;
	const struct {
		const char *metric;
		uint64_t bytes;
	} rows[] = {
		{ "pss", m.all.pss },
		{ "private", m.all.private },
		{ "pss-guest", m.guest.pss },
		{ "pss-vmm", m.all.pss - m.guest.pss },
		{ "guest-touched", m.guest.rss },
	};
	unsigned n = v->guest_bytes ? ARRAY_SIZE(rows) : 2;
	int r = 0;

	for (unsigned k = 0; k < n && !r; k++) {
		struct amount a =
			bad ? amount_unknown("%.110s", why.message) : amount_of(rows[k].bytes);

		r = rows_held_amount(h, rows[k].metric, i, &a, e);
	}
	return r;
}

static int put_cgroup(const struct stair *st, unsigned i, const struct rt_view *v, struct err *e)
{
	struct cgroup_stat stat;
	int r = 0;

	if (*v->cgroup)
		cgroup_stat_read(v->cgroup, &stat);
	else
		cgroup_stat_none(*st->hold.no_accounts ? st->hold.no_accounts
						       : "this one was not counted by a cgroup",
			&stat);
	for (unsigned k = 0; k < CG_AMOUNTS && !r; k++)
		r = rows_held_amount(&st->rows, cgroup_amount_names[k], i, &stat.at[k], e);
	return r;
}

/* The bytes that the guest has reported as @metric. */
static struct amount reported(const struct report *rep, const char *metric)
{
	for (size_t i = 0; i < rep->n; i++) {
		const struct record *r = &rep->records[i];

		if (r->kind == RECORD_VALUE && !strcmp(r->metric, metric))
			return amount_of(r->total);
	}
	return amount_unknown("the guest did not tell");
}

/* From inside: what its kernel has of what it was given, and uses. */
static int put_guest(const struct stair *st, unsigned i, const struct rt_view *v, struct err *e)
{
	const struct held *one = &st->hold.list[i];
	struct report rep = { 0 };
	struct err ignored;
	struct amount offered = amount_of(v->guest_bytes), total, taken, used;
	int r;

	if (one->report_fd >= 0)
		report_read(one->report_fd, &rep, &ignored);
	total = reported(&rep, "guest-total");
	used = reported(&rep, "guest-used");
	report_free(&rep);
	taken = total;
	if (amount_known(&total))
		taken = total.bytes <= offered.bytes
				? amount_of(offered.bytes - total.bytes)
				: amount_unknown(
					  "the guest says that it has more than it was given");
	r = rows_held_amount(&st->rows, "guest-offered", i, &offered, e);
	if (!r)
		r = rows_held_amount(&st->rows, "guest-total", i, &total, e);
	if (!r)
		r = rows_held_amount(&st->rows, "guest-taken", i, &taken, e);
	return r ? r : rows_held_amount(&st->rows, "guest-used", i, &used, e);
}

static int put_instance(const struct stair *st, unsigned i, struct err *e)
{
	struct rt_view v;
	int r;

	hold_view(&st->hold, i, &v);
	r = put_smaps(st, i, &v, e);
	if (!r && v.guest_bytes)
		r = put_guest(st, i, &v, e);
	return r;
}

/* The first, the middle, the last: each once. */
static bool is_looked_at(size_t i, size_t n)
{
	return i == 0 || i == n / 2 || i + 1 == n;
}

static int put_instances(const struct stair *st, struct err *e)
{
	int r = 0;

	for (size_t i = 0; i < st->hold.n && !r; i++) {
		if (is_looked_at(i, st->hold.n))
			r = put_instance(st, (unsigned)i, e);
	}
	return r;
}

/* A small cgroup's statistics are brought up to date every two seconds, and not when read (Linux,
 * mm/memcontrol.c, FLUSH_TIME). */
static int await_statistics(const struct stair *st, struct err *e)
{
	struct pollfd p = { .fd = st->s->trial.cancel_fd, .events = POLLIN };

	if (poll(&p, 1, STATISTICS_MS) > 0)
		return err_set(e, -ECANCELED, "hold", "interrupted");
	return 0;
}

/*
 * One more, in a cgroup that counts: it comes after all that slopes are made of, since the cgroup
 * takes as much kernel memory as the instance, and where the controller is switched on for it
 * others get it, too.
 */
static int put_counted(struct stair *st, char *const *argv, struct err *e)
{
	size_t n = st->hold.n;
	struct err why = { 0 };
	struct rt_view v;
	int r = 1;

	if (*st->stopped)
		snprintf(st->hold.no_accounts, sizeof(st->hold.no_accounts),
			"there was no room for one more, to be counted by a cgroup");
	else if (hold_can_count(&st->hold))
		r = stair_step(st, argv, HOLD_REPORT | HOLD_COUNT, &why);
	if (r < 0) {
		*e = why;
		return r;
	}
	if (!r)
		snprintf(st->hold.no_accounts, sizeof(st->hold.no_accounts), "%.199s", st->stopped);
	st->s->failed |= st->broken;
	if (st->hold.n > n) {
		r = await_statistics(st, e);
		if (!r)
			r = put_instance(st, (unsigned)n, e);
		if (r < 0)
			return r;
	}
	hold_view(&st->hold, st->hold.n - 1, &v);
	return put_cgroup(st, (unsigned)st->hold.n - 1, &v, e);
}

/* --- the stair --- */

/* What was read with 0, 1, ... held. */
struct readings {
	struct meminfo *at;
	size_t n;
};

/* The slope of @key over the stair, bytes an instance; NAN: unknown. */
static int slope_of(const struct readings *m, enum mem_key key, double *slope, struct err *e)
{
	cleanup_free double *x = calloc(m->n, sizeof(*x)), *y = calloc(m->n, sizeof(*y));

	*slope = NAN;
	if (!x || !y)
		return err_set(e, -ENOMEM, "slope", "out of memory");
	for (size_t i = 0; i < m->n; i++) {
		if (!amount_known(&m->at[i].at[key]))
			return 0;
		x[i] = (double)i;
		y[i] = (double)m->at[i].at[key].bytes;
	}
	return stats_slope(x, y, m->n, slope) < 0 ? err_set(e, -ENOMEM, "slope", "out of memory")
						  : 0;
}

static int put_slope(const struct stair *st, const char *metric, double slope, size_t n,
	const char *why_not, struct err *e)
{
	if (isnan(slope))
		return rows_held_missing(&st->rows, metric, "bytes", 0, SAMPLE_SKIPPED, why_not, e);
	return rows_held_noted(&st->rows, metric, "bytes", 0, n, slope, st->stopped, e);
}

static int put_slopes(const struct stair *st, const struct readings *m, struct err *e)
{
	static const struct {
		enum mem_key key;
		const char *metric;
	} parts[] = {
		{ MEM_KERNEL_STACK, "slope-kernel-stack" },
		{ MEM_PAGE_TABLES, "slope-page-tables" },
		{ MEM_SLAB, "slope-slab" },
		{ MEM_PERCPU, "slope-percpu" },
		{ MEM_SEC_PAGE_TABLES, "slope-kvm-page-tables" },
	};
	double slope, kernel = 0;
	const char *kernel_why = "";
	int r = slope_of(m, MEM_AVAILABLE, &slope, e);

	if (!r)
		r = put_slope(st, "slope", 0 - slope, m->n - 1, "", e);
	for (size_t i = 0; i < ARRAY_SIZE(parts) && !r; i++) {
		const char *why = m->at[0].at[parts[i].key].why;

		r = slope_of(m, parts[i].key, &slope, e);
		if (!r)
			r = put_slope(st, parts[i].metric, slope, m->n - 1, why, e);
		if (parts[i].key > MEM_PERCPU)
			continue;
		kernel += slope;
		kernel_why = isnan(slope) ? why : kernel_why;
	}
	return r ? r : put_slope(st, "slope-kernel", kernel, m->n - 1, kernel_why, e);
}

static int put_step(const struct stair *st, struct err *e)
{
	return rows_held_amount(
		&st->rows, "mem-available", (unsigned)st->hold.n, &st->last.at[MEM_AVAILABLE], e);
}

static int climb(struct stair *st, char *const *argv, size_t n, struct readings *m, struct err *e)
{
	int r = put_step(st, e);

	m->at[m->n++] = st->last;
	while (!r && st->hold.n < n) {
		r = stair_step(st, argv, is_looked_at(st->hold.n, n) ? HOLD_REPORT : 0, e);
		if (r <= 0)
			return r;
		r = stair_read(st, &m->at[m->n - 1], 1, e);
		if (r < 0)
			break;
		m->at[m->n++] = st->last;
		ui_progress("%s  %zu of %zu held", st->rows.base.benchmark, st->hold.n, n);
		r = put_step(st, e);
	}
	return r;
}

static int put_stair(struct stair *st, char *const *argv, const struct readings *m, size_t wanted,
	const struct err *why, struct err *e)
{
	int r;

	if (why->code != -ENOTSUP)
		stair_say_stopped(st, wanted);
	if (!st->hold.n)
		return stair_put_nothing(st, why, e);
	st->s->failed |= st->broken;
	r = put_instances(st, e);
	if (!r)
		r = put_slopes(st, m, e);
	return r ? r : put_counted(st, argv, e);
}

static int run_state(struct schedule *s, size_t i, const char *state, struct err *e)
{
	size_t n = s->plan->instances;
	char name[] = "workload", suite[] = "--suite=memory", hold[32];
	char *argv[] = { name, suite, hold, NULL };
	struct readings m = { .at = calloc(n + 1, sizeof(*m.at)) };
	struct err why = { 0 }, ignored;
	struct stair st;
	int r;

	if (!m.at)
		return err_set(e, -ENOMEM, "stair", "no memory for %zu steps", n);
	snprintf(hold, sizeof(hold), "--hold=%s", state);
	r = stair_begin(&st, s, i, state, n + 1, strcmp(state, "idle") ? HELD_BYTES : 0, &why);
	if (!r)
		r = climb(&st, argv, n, &m, &why);
	if (r < 0 && r != -ENOTSUP)
		*e = why;
	else
		r = put_stair(&st, argv, &m, n, &why, e);
	if (stair_end(&st, NULL, NULL, r ? &ignored : e) < 0 && !r)
		r = e->code;
	free(m.at);
	return r;
}

int held_memory(struct schedule *s, size_t i, struct err *e)
{
	const struct launch *l = &s->plan->launches[i];
	const char *suite = s->plan->suites[l->suite]->name;
	int r = 0;

	for (size_t b = 0; b < n_benches && !r; b++) {
		if (!strcmp(benches[b].suite, suite) && bench_matches(&benches[b], s->plan->filter))
			r = run_state(s, i, benches[b].name, e);
	}
	return r;
}
