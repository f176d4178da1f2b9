/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/stair.h"

#include <errno.h>
#include <string.h>

#include "base/util.h"
#include "runner/signals.h"
#include "runner/ui.h"

/* A cgroup's folder lies in one that holds those of all others. */
static void note_parent(struct stair *st, const char *cgroup)
{
	char *slash;

	snprintf(st->cgroup_parent, sizeof(st->cgroup_parent), "%s", cgroup);
	slash = strrchr(st->cgroup_parent, '/');
	if (slash)
		*slash = '\0';
}

/* Ours there are, besides those of what is held: one that a runtime has made ahead. */
static void note_cgroups(struct stair *st)
{
	struct rt_view view;

	if (*st->cgroup_parent || !st->hold.n)
		return;
	hold_view(&st->hold, 0, &view);
	if (!*view.cgroup)
		return;
	note_parent(st, view.cgroup);
	st->cgroups = settle_cgroups(st->cgroup_parent);
	st->cgroups -= st->cgroups ? 1 : 0; /* its own */
}

static int set_floor(struct stair *st, unsigned keep_free, struct err *e)
{
	const struct amount *at = st->before.memory.at;

	for (unsigned k = MEM_TOTAL; k <= MEM_AVAILABLE; k++) {
		if (!amount_known(&at[k]))
			return err_set(e, -ENOTSUP, "meminfo",
				"without it nobody knows when to stop: %s", at[k].why);
	}
	st->floor_bytes = at[MEM_TOTAL].bytes / 100 * keep_free;
	return 0;
}

int stair_begin(struct stair *st, struct schedule *s, size_t launch, const char *benchmark,
	size_t max, uint64_t guess_bytes, struct err *e)
{
	const struct launch *l = &s->plan->launches[launch];
	int r;

	*st = (struct stair){ .s = s, .launch = launch, .step_bytes = guess_bytes };
	cgroup_open_none(&st->hold.accounts, "");
	st->rows = (struct held_rows){
		.base = rows_template(s->plan, l, s->run_id), .put = s->put, .ctx = s->ctx
	};
	st->rows.base.benchmark = benchmark;
	st->rows.base.params = "";
	st->rows.base.status = SAMPLE_OK;
	r = settle_note(&st->before, e);
	if (!r)
		r = set_floor(st, s->plan->keep_free, e);
	if (!r)
		r = hold_open(&st->hold, &s->trial, &s->plan->ways[l->way], max, e);
	st->last = st->before.memory;
	return r;
}

/* The host must never be driven into its OOM killer: half as much again as the dearest so far. */
static bool has_room(const struct stair *st)
{
	uint64_t available = st->last.at[MEM_AVAILABLE].bytes;

	return available >= st->floor_bytes + st->step_bytes + st->step_bytes / 2;
}

static int stop(struct stair *st, bool broken, struct err *e)
{
	st->broken = broken;
	snprintf(st->stopped, sizeof(st->stopped), "%s", e->message);
	return 0;
}

int stair_step(struct stair *st, char *const *argv, bool look, struct err *e)
{
	const struct meminfo *m = &st->last;
	int r;

	if (signals_pending(st->s->trial.cancel_fd))
		return err_set(e, -ECANCELED, "hold", "interrupted");
	if (!has_room(st)) {
		err_set(e, -ENOMEM, "hold",
			"%ju MiB of memory are left, one more may take %ju MiB, and %ju MiB are to "
			"stay free",
			(uintmax_t)m->at[MEM_AVAILABLE].bytes >> 20,
			(uintmax_t)st->step_bytes >> 20, (uintmax_t)st->floor_bytes >> 20);
		err_help(e, "hold fewer, or keep less free: --keep-free");
		return stop(st, false, e);
	}
	r = hold_start(&st->hold, argv, look, e);
	if (r == -ECANCELED)
		return r;
	if (r < 0)
		return stop(st, r != -EMFILE && r != -EAGAIN && r != -ENOMEM, e);
	note_cgroups(st);
	return 1;
}

int stair_read(struct stair *st, const struct meminfo *since, size_t steps, struct err *e)
{
	uint64_t before = since->at[MEM_AVAILABLE].bytes, each;
	int r = meminfo_read(&st->last, e);

	if (r < 0 || !steps)
		return r;
	each = before > st->last.at[MEM_AVAILABLE].bytes
		       ? (before - st->last.at[MEM_AVAILABLE].bytes) / steps
		       : 0;
	/* The first guess is forgotten as soon as there is something better to go by. */
	if (st->hold.n <= steps || each > st->step_bytes)
		st->step_bytes = each;
	return 0;
}

static uint64_t taken(const struct stair *st)
{
	uint64_t before = st->before.memory.at[MEM_AVAILABLE].bytes;
	uint64_t now = st->last.at[MEM_AVAILABLE].bytes;

	return before > now ? before - now : 0;
}

static void warn(const struct stair *st, const struct left_behind *left)
{
	const struct launch *l = &st->s->plan->launches[st->launch];
	char label[96], text[160];

	if (*settle_text(left, text, sizeof(text)))
		ui_warn("%s, launch %zu: not back after the release: %s; what is measured next "
			"may include it",
			way_label(&st->s->plan->ways[l->way], label, sizeof(label)), st->launch,
			text);
}

int stair_end(struct stair *st, struct left_behind *left, uint64_t *took_ns, struct err *e)
{
	struct left_behind mine = { 0 };
	bool held = st->hold.n > 0;
	uint64_t began = now_ns(), now;
	int r = 0;

	hold_release(&st->hold);
	if (took_ns)
		*took_ns = now_ns() - began;
	if (held)
		r = settle_wait(&st->before, taken(st), st->s->trial.cancel_fd, &mine, e);
	now = *st->cgroup_parent ? settle_cgroups(st->cgroup_parent) : 0;
	mine.cgroups = now > st->cgroups ? now - st->cgroups : 0;
	if (!r)
		warn(st, &mine);
	if (left)
		*left = mine;
	return r;
}
