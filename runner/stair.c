/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/stair.h"

#include <errno.h>
#include <string.h>

#include "base/util.h"
#include "runner/signals.h"
#include "runner/ui.h"
#include "vmm/vmm.h"

#define PROCESS_BYTES (1u << 20) /* a first guess, soon replaced */
#define BLIND_MOST 10 /* started without a look at the host's memory, however much there is */

#define CGROUP_PATH sizeof(((struct rt_view *)0)->cgroup)

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

/* A guest may use all that it is given, and no more. */
static uint64_t guess(const struct way *w, uint64_t touched_bytes)
{
	if (!(w->ops->caps & RT_OWN_KERNEL))
		return PROCESS_BYTES + touched_bytes;
	return w->cfg.mem_bytes ? w->cfg.mem_bytes : VM_RAM_DEFAULT;
}

int stair_begin(struct stair *st, struct schedule *s, size_t launch, const char *benchmark,
	size_t max, uint64_t touched_bytes, struct err *e)
{
	const struct launch *l = &s->plan->launches[launch];
	const struct way *w = &s->plan->ways[l->way];
	int r;

	*st = (struct stair){ .s = s, .launch = launch, .step_bytes = guess(w, touched_bytes) };
	cgroup_open_none(&st->hold.accounts, "");
	st->rows = (struct held_rows){
		.base = rows_template(s->plan, l, s->run_id), .put = s->put, .ctx = s->ctx
	};
	st->rows.base.benchmark = benchmark;
	st->rows.base.params = "";
	st->rows.base.status = SAMPLE_OK;
	r = settle_still(s->trial.cancel_fd, e);
	if (!r)
		r = settle_note(&st->before, e);
	if (!r)
		r = set_floor(st, s->plan->keep_free, e);
	if (!r)
		r = hold_open(&st->hold, &s->trial, w, max, e);
	st->last = st->before.memory;
	return r;
}

/*
 * The host must never be driven into its OOM killer: half as much again as the dearest so far, for
 * the next one and for each that was started since the host's memory was read.
 */
static bool has_room(const struct stair *st)
{
	uint64_t available = st->last.at[MEM_AVAILABLE].bytes;
	uint64_t more = st->hold.n - st->last_n + 1;

	return available >= st->floor_bytes + more * (st->step_bytes + st->step_bytes / 2);
}

/* The floor is kept by what is read, not by what is reckoned. */
static int look_again(struct stair *st, struct err *e)
{
	if (has_room(st) && st->hold.n - st->last_n < BLIND_MOST)
		return 0;
	st->last_n = st->hold.n;
	return meminfo_read(&st->last, e);
}

static int stop(struct stair *st, bool broken, struct err *e)
{
	st->broken = broken;
	snprintf(st->stopped, sizeof(st->stopped), "%s", e->message);
	return 0;
}

int stair_step(struct stair *st, char *const *argv, unsigned wish, struct err *e)
{
	const struct meminfo *m = &st->last;
	int r;

	if (signals_pending(st->s->trial.cancel_fd))
		return err_set(e, -ECANCELED, "hold", "interrupted");
	r = look_again(st, e);
	if (r < 0)
		return r;
	if (!has_room(st)) {
		err_set(e, -ENOMEM, "hold",
			"%ju MiB of memory are left, one more may take %ju MiB, and %ju MiB are to "
			"stay free",
			(uintmax_t)m->at[MEM_AVAILABLE].bytes >> 20,
			(uintmax_t)st->step_bytes >> 20, (uintmax_t)st->floor_bytes >> 20);
		err_help(e, "hold fewer, or keep less free: --keep-free");
		return stop(st, false, e);
	}
	r = hold_start(&st->hold, argv, wish, e);
	if (r == -ECANCELED)
		return r;
	if (r < 0)
		return stop(st, r != -EMFILE && r != -EAGAIN && r != -ENOMEM, e);
	return 1;
}

int stair_read(struct stair *st, const struct meminfo *since, size_t steps, struct err *e)
{
	uint64_t before = since->at[MEM_AVAILABLE].bytes, each;
	int r = meminfo_read(&st->last, e);

	st->last_n = st->hold.n;
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

static const char *label_of(const struct stair *st, char *buf, size_t size)
{
	const struct plan *p = st->s->plan;

	return way_label(&p->ways[p->launches[st->launch].way], buf, size);
}

void stair_say_stopped(const struct stair *st, size_t wanted)
{
	char label[96];

	if (*st->stopped)
		ui_warn("%s, launch %zu, %s: %zu instances instead of %zu: %s",
			label_of(st, label, sizeof(label)), st->launch, st->rows.base.benchmark,
			st->hold.n, wanted, st->stopped);
}

int stair_put_nothing(const struct stair *st, const struct err *why, struct err *e)
{
	bool skip = why->code == -ENOTSUP;
	enum sample_status status = skip                      ? SAMPLE_SKIPPED
				    : why->code == -ETIMEDOUT ? SAMPLE_TIMEOUT
							      : SAMPLE_FAILED;
	const struct sample *base = &st->rows.base;

	st->s->failed |= !skip;
	return rows_held_missing(&st->rows, base->metric, base->unit, 0, status, why->message, e);
}

static uint64_t taken(const struct stair *st)
{
	uint64_t before = st->before.memory.at[MEM_AVAILABLE].bytes;
	uint64_t now = st->last.at[MEM_AVAILABLE].bytes;

	return before > now ? before - now : 0;
}

static void warn(const struct stair *st, const struct left_behind *left)
{
	char label[96], text[160];

	if (*settle_text(left, text, sizeof(text)))
		ui_warn("%s, launch %zu: not back after the release: %s; what is measured next "
			"may include it",
			label_of(st, label, sizeof(label)), st->launch, text);
}

/* Where the cgroups of all that is held are; "" of one without. NULL: no memory for that. */
static char (*folders_of(const struct hold *h))[CGROUP_PATH]
{
	char(*folders)[CGROUP_PATH] = calloc(h->n + 1, sizeof(*folders));

	for (size_t i = 0; folders && i < h->n; i++) {
		struct rt_view view;

		hold_view(h, i, &view);
		memcpy(folders[i], view.cgroup, sizeof(folders[i]));
	}
	return folders;
}

static uint64_t count_existing(char (*folders)[CGROUP_PATH], size_t n)
{
	uint64_t left = 0;

	for (size_t i = 0; folders && i < n; i++)
		left += *folders[i] && !access(folders[i], F_OK);
	return left;
}

int stair_end(struct stair *st, struct left_behind *left, uint64_t *took_ns, struct err *e)
{
	char(*folders)[CGROUP_PATH] = folders_of(&st->hold);
	struct left_behind mine = { 0 };
	size_t held = st->hold.n;
	uint64_t began = now_ns();
	int r = 0;

	hold_release(&st->hold);
	if (took_ns)
		*took_ns = now_ns() - began;
	if (held)
		r = settle_wait(&st->before, taken(st), st->s->trial.cancel_fd, &mine, e);
	mine.cgroups = count_existing(folders, held);
	free(folders);
	if (!r)
		warn(st, &mine);
	if (left)
		*left = mine;
	return r;
}
