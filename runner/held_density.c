/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/held_density.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "base/report_abi.h"
#include "base/util.h"
#include "runner/slabinfo.h"
#include "runner/stair.h"
#include "runner/ui.h"

#define BENCHMARK "hold"
#define READINGS 100     /* of the host's memory, or one an instance where there are fewer */
#define USUAL 1000       /* as many as are held where it is said how many */
#define LATE_READINGS 10 /* of the first one's lateness, besides that of it alone */

/* The first instance tells the lateness of half of its beats, twice a second (workloads/held.c);
 * where a host is so busy that it does not, it is not waited for any longer. */
#define LATE_WAIT_NS (10 * NSEC_PER_SEC)
#define LATE_LOOK_MS 20

struct density {
	struct stair st;
	size_t wanted;
	struct meminfo since; /* the last reading but one, and with how many held */
	size_t since_n;
	bool no_late, no_slabs; /* the reason has been given */
};

/* --- the first one's lateness --- */

static int read_first(const struct density *d, struct report *rep, struct err *e)
{
	return report_read(d->st.hold.list[0].report_fd, rep, e);
}

static bool is_late(const struct record *r)
{
	return r->kind == RECORD_VALUE && !strcmp(r->metric, "late");
}

static size_t count_late(const struct density *d, struct err *e)
{
	struct report rep;
	size_t n = 0;

	if (!read_first(d, &rep, e)) {
		for (size_t i = 0; i < rep.n; i++)
			n += is_late(&rep.records[i]);
	}
	report_free(&rep);
	return n;
}

/* Until it has told of @wanted, or has not for so long that it will not. -ECANCELED. */
static int await_late(const struct density *d, size_t wanted, bool *told, struct err *e)
{
	struct pollfd p = { .fd = d->st.s->trial.cancel_fd, .events = POLLIN };
	uint64_t until = now_ns() + LATE_WAIT_NS;
	struct err ignored;

	while (!(*told = count_late(d, &ignored) >= wanted) && now_ns() < until) {
		if (poll(&p, 1, LATE_LOOK_MS) > 0)
			return err_set(e, -ECANCELED, "hold", "interrupted");
	}
	return 0;
}

/* Why it has nothing to tell: a kernel without timers says so. */
static int put_no_late(struct density *d, struct err *e)
{
	char reason[512] = "the first instance has stopped telling how late it wakes up";
	struct err ignored;
	struct report rep;

	if (!read_first(d, &rep, &ignored)) {
		for (size_t i = 0; i < rep.n; i++) {
			if (rep.records[i].kind == RECORD_SKIP)
				snprintf(reason, sizeof(reason), "%s", rep.records[i].text);
		}
	}
	report_free(&rep);
	d->no_late = true;
	return rows_held_missing(
		&d->st.rows, "late", "ns", (unsigned)d->st.hold.n, SAMPLE_SKIPPED, reason, e);
}

/* Those from number @first on, HELD_BEATS of them. */
static int put_beats(const struct density *d, size_t first, struct err *e)
{
	struct report rep;
	size_t seen = 0;
	int r = read_first(d, &rep, e);

	for (size_t i = 0; i < rep.n && !r; i++) {
		if (!is_late(&rep.records[i]) || seen++ < first || seen > first + HELD_BEATS)
			continue;
		r = rows_held(&d->st.rows, "late", "ns", (unsigned)d->st.hold.n, 1,
			(double)rep.records[i].total, e);
	}
	report_free(&rep);
	return r;
}

/* The group that is told next may have begun before this pause: the one after it counts. */
static int put_late(struct density *d, struct err *e)
{
	struct err ignored;
	size_t first;
	bool told;
	int r;

	if (d->no_late)
		return 0;
	first = (count_late(d, &ignored) / HELD_BEATS + 1) * HELD_BEATS;
	r = await_late(d, first + HELD_BEATS, &told, e);
	if (r < 0)
		return r;
	return told ? put_beats(d, first, e) : put_no_late(d, e);
}

/* --- the stair --- */

/* Every how many something is read that is wanted @times in all: of a climb to the floor, whose end
 * nobody knows, as of one to USUAL. */
static size_t every(size_t wanted, size_t times)
{
	if (wanted > USUAL)
		wanted = USUAL;
	return wanted > times ? wanted / times : 1;
}

/* MemAvailable as it was read last, and what lay free in slabs, which it leaves out. */
static int put_reading(struct density *d, struct err *e)
{
	struct stair *st = &d->st;
	unsigned n = (unsigned)st->hold.n;
	int r = rows_held_amount(&st->rows, "mem-available", n, &st->last.at[MEM_AVAILABLE], e);
	struct amount slabs;

	if (r || d->no_slabs)
		return r;
	slabs = slabinfo_read();
	d->no_slabs = !amount_known(&slabs);
	return rows_held_amount(&st->rows, "slab-free", n, &slabs, e);
}

static int put_memory(struct density *d, struct err *e)
{
	struct stair *st = &d->st;
	int r = stair_read(st, &d->since, st->hold.n - d->since_n, e);

	if (r < 0)
		return r;
	d->since = st->last;
	d->since_n = st->hold.n;
	return put_reading(d, e);
}

static int put_started(struct density *d, struct err *e)
{
	struct stair *st = &d->st;
	size_t n = st->hold.n;
	int r = rows_held(&st->rows, "start", st->s->plan->time_unit, (unsigned)n - 1, 1,
		(double)st->hold.list[n - 1].ready_ns, e);

	if (!r && (n % every(d->wanted, READINGS) == 0 || n == d->wanted))
		r = put_memory(d, e);
	if (!r && (n == 1 || n % every(d->wanted, LATE_READINGS) == 0 || n == d->wanted))
		r = put_late(d, e);
	return r;
}

static int climb(struct density *d, struct err *e)
{
	static char name[] = "workload", suite[] = "--suite=density";
	static char beat[] = "--hold=beat", idle[] = "--hold=idle";
	char *first[] = { name, suite, beat, NULL };
	char *other[] = { name, suite, idle, NULL };
	struct stair *st = &d->st;
	int r;

	d->since = st->last;
	r = put_reading(d, e);
	while (!r && st->hold.n < d->wanted) {
		bool is_first = !st->hold.n;

		r = stair_step(st, is_first ? first : other, is_first ? HOLD_REPORT : 0, e);
		if (r <= 0)
			return r;
		ui_progress("density  %zu of %zu held", st->hold.n, d->wanted);
		r = put_started(d, e);
	}
	return r;
}

/* The number that was reached, and what stopped it. */
static int put_held(struct density *d, const struct err *why, struct err *e)
{
	struct stair *st = &d->st;
	size_t n = st->hold.n;

	if (!n)
		return stair_put_nothing(st, why, e);
	stair_say_stopped(st, d->wanted);
	st->s->failed |= st->broken;
	return rows_held_noted(&st->rows, "held", "count", 0, 1, (double)n, st->stopped, e);
}

static int put_released(const struct held_rows *h, size_t n, uint64_t took_ns,
	const struct left_behind *left, const char *time_unit, struct err *e)
{
	char text[160];
	int r = rows_held(h, "release", time_unit, 0, n, (double)took_ns, e);

	settle_text(left, text, sizeof(text));
	return r ? r
		 : rows_held_noted(h, "left-behind", "count", 0, 1,
			   (double)(left->processes + left->cgroups + left->netns), text, e);
}

int held_density(struct schedule *s, size_t i, struct err *e)
{
	struct density d = { .wanted = s->plan->count };
	struct left_behind left = { 0 };
	struct err why = { 0 }, ignored;
	uint64_t took_ns = 0;
	size_t n;
	int r = stair_begin(&d.st, s, i, BENCHMARK, d.wanted, 0, &why);

	if (!r)
		r = climb(&d, &why);
	if (r < 0 && r != -ENOTSUP)
		*e = why;
	else
		r = put_held(&d, &why, e);
	n = d.st.hold.n;
	if (stair_end(&d.st, &left, &took_ns, r ? &ignored : e) < 0 && !r)
		r = e->code;
	return r || !n ? r : put_released(&d.st.rows, n, took_ns, &left, s->plan->time_unit, e);
}
