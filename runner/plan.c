/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/plan.h"

#include <errno.h>
#include <string.h>

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include "base/sample.h"
#include "base/util.h"
#include "ctr/ctr.h"
#include "runner/ctr_steps.h"
#include "runner/exec_job.h"
#include "runner/rt_host.h"
#include "runner/runtimes.h"

#define SUSTAINED_LAUNCHES 3 /* of each way */

/* Starting is what a floor is a floor of: it says nothing about a system call's cost. */
static bool suite_takes(const struct suite *s, const struct way *w)
{
	if (w->null && s->kind == SUITE_HOLDS)
		return false;
	return s->kind == SUITE_STARTS || !(w->ops->caps & (RT_FLOOR | RT_NO_PROGRAM));
}

static struct way *add_way(struct plan *p, const struct runtime_ops *ops, const char *kernel)
{
	struct way *w = &p->ways[p->n_ways];

	if (p->n_ways == ARRAY_SIZE(p->ways))
		return NULL;
	p->n_ways++;
	*w = (struct way){ .ops = ops, .kernel = kernel };
	w->silent = (ops->caps & RT_NO_PROGRAM) || !strcmp(kernel, "empty");
	snprintf(w->name, sizeof(w->name), "%s", ops->name);
	return w;
}

static int add_guest(struct plan *p, const struct runtime_ops *ops, const char *kernel,
	bool restore, bool huge_pages)
{
	struct way *w = add_way(p, ops, kernel);

	if (!w)
		return -E2BIG;
	w->restore = restore;
	w->huge_pages = huge_pages;
	snprintf(w->name, sizeof(w->name), "%s%s%s", ops->name, restore ? ":restore" : "",
		huge_pages ? ":huge" : "");
	return 0;
}

/* Every kernel, started and given memory in each of the manners asked for; what knows only one of
 * these is there once. */
static int add_guests(struct plan *p, const struct run_options *o, const struct runtime_ops *ops)
{
	int r = 0;

	for (size_t k = 0; k < o->kernels.n; k++) {
		const char *kernel = o->kernels.names[k];
		bool varies = (ops->caps & RT_SNAPSHOT) && strcmp(kernel, "empty");

		for (unsigned i = 0; i < START_MODES * PAGE_MODES && !r; i++) {
			unsigned start = i / PAGE_MODES, pages = i % PAGE_MODES;
			bool wanted =
				varies ? o->starts & 1u << start && o->pages & 1u << pages : i == 0;

			if (wanted)
				r = add_guest(p, ops, kernel, start == START_RESTORE,
					pages == PAGES_HUGE);
		}
	}
	return r;
}

static int add_steps(struct plan *p, const struct runtime_ops *ops)
{
	for (size_t i = 0; i < n_ctr_steps; i++) {
		struct way *w = add_way(p, ops, "");

		if (!w)
			return -E2BIG;
		w->step = &ctr_steps[i];
		snprintf(w->name, sizeof(w->name), "%s:%02zu-%s", ops->name, i, ctr_steps[i].name);
	}
	return 0;
}

/* The same thing launched twice: what the results find between the two means nothing. */
static int add_null(struct plan *p, const struct runtime_ops *ops)
{
	struct way *w = add_way(p, ops, "");

	if (!w)
		return -E2BIG;
	w->null = true;
	snprintf(w->name, sizeof(w->name), "%s" NULL_SUFFIX, ops->name);
	return 0;
}

static int add_ways(struct plan *p, const struct run_options *o)
{
	int r = 0;

	for (size_t i = 0; i < o->runtimes.n && !r; i++) {
		const struct runtime_ops *ops = runtime_find(o->runtimes.names[i]);

		if (ops->caps & RT_OWN_KERNEL)
			r = add_guests(p, o, ops);
		else if (!add_way(p, ops, ""))
			r = -E2BIG;
		if (!r && o->ctr_steps && ops == &ctr_runtime)
			r = add_steps(p, ops);
		if (!r && ops == &host_runtime && run_options_null(o))
			r = add_null(p, ops);
	}
	return r;
}

/* How often turns of a kind are in a plan. Sustained ones take seconds each, so a few must do. */
static bool kind_due(const struct plan *p, const struct suite *s, enum launch_kind kind,
	unsigned block, bool warmup, unsigned n_warmup)
{
	if ((s->kind == SUITE_HOLDS) != (kind == LAUNCH_HELD))
		return false;
	switch (kind) {
	case LAUNCH_HELD:
		return !warmup && block - n_warmup < p->held_launches;
	case LAUNCH_TOGETHER:
		return s->kind == SUITE_STARTS && p->concurrency > 1 && !warmup;
	case LAUNCH_SUSTAINED:
		return s->kind == SUITE_STARTS && p->sustain_s && !warmup &&
		       block - n_warmup < SUSTAINED_LAUNCHES;
	default:
		return true;
	}
}

/* One block: every way for every suite, shuffled. Returns how many there are; @at may be NULL. */
static size_t fill_block(const struct plan *p, struct launch *at, unsigned block, unsigned n_warmup,
	const gsl_rng *rng)
{
	bool warmup = block < n_warmup;
	size_t n = 0;

	for (unsigned s = 0; s < p->n_suites; s++) {
		for (unsigned i = 0; i < p->n_ways * LAUNCH_KINDS; i++) {
			struct launch l = { i / LAUNCH_KINDS, s, block, i % LAUNCH_KINDS, warmup };

			if (!suite_takes(p->suites[s], &p->ways[l.way]) ||
				(p->ways[l.way].null && l.kind != LAUNCH_ALONE) ||
				!kind_due(p, p->suites[s], l.kind, block, warmup, n_warmup))
				continue;
			if (at)
				at[n] = l;
			n++;
		}
	}
	if (at && n > 1) /* GSL 2.7 goes astray with none: it begins at the last one, n - 1 */
		gsl_ran_shuffle(rng, at, n, sizeof(*at));
	return n;
}

int plan_build(const struct run_options *o, struct plan *p, struct err *e)
{
	size_t blocks = o->warmup + o->launches, all = 0;
	unsigned n_warmup = (unsigned)o->warmup;
	gsl_rng *rng;

	*p = (struct plan){ .filter = o->filter,
		.exec = o->exec,
		.seed = o->seed,
		.concurrency = (unsigned)o->concurrency,
		.sustain_s = (unsigned)o->sustain_s,
		.held_launches = (unsigned)o->held_launches,
		.instances = o->instances,
		.count = o->count,
		.keep_free = (unsigned)o->keep_free,
		.time_unit = o->deterministic ? "instructions" : "ns" };
	for (size_t i = 0; i < o->suites.n; i++)
		p->suites[p->n_suites++] = suite_find(o->suites.names[i]);
	if (add_ways(p, o) < 0)
		return err_set(
			e, -EINVAL, "plan", "more than %zu ways of running", ARRAY_SIZE(p->ways));
	for (size_t b = 0; b < blocks; b++)
		all += fill_block(p, NULL, (unsigned)b, n_warmup, NULL);
	p->launches = calloc(all + 1, sizeof(*p->launches));
	rng = gsl_rng_alloc(gsl_rng_mt19937);
	if (!p->launches || !rng) {
		if (rng)
			gsl_rng_free(rng);
		plan_free(p);
		return err_set(e, -ENOMEM, "plan", "no memory for %zu launches", all);
	}
	gsl_rng_set(rng, o->seed);
	for (size_t b = 0; b < blocks; b++)
		p->n_launches +=
			fill_block(p, p->launches + p->n_launches, (unsigned)b, n_warmup, rng);
	gsl_rng_free(rng);
	return 0;
}

void plan_free(struct plan *p)
{
	free(p->launches);
	p->launches = NULL;
	p->n_launches = 0;
}

const char *way_label(const struct way *w, char *buf, size_t size)
{
	snprintf(buf, size, "%s%s%s", w->name, *w->kernel ? "/" : "", w->kernel);
	return buf;
}

void plan_print(FILE *f, const struct plan *p)
{
	static const char *const kinds[LAUNCH_KINDS] = { "", " all at once", " sustained",
		" held" };
	char label[128];

	fprintf(f, "seed %ju, %zu launches\n", (uintmax_t)p->seed, p->n_launches);
	for (size_t i = 0; i < p->n_launches; i++) {
		const struct launch *l = &p->launches[i];

		fprintf(f, "launch %3zu  block %2u  %-10s %-20s%s%s\n", i, l->block,
			p->suites[l->suite]->name,
			way_label(&p->ways[l->way], label, sizeof(label)), kinds[l->kind],
			l->warmup ? " warm-up" : "");
	}
	fprintf(f, "each launch measures:\n");
	if (p->exec)
		fprintf(f, "  %s, start to exit\n", p->exec->path);
	for (size_t i = 0; i < n_benches; i++) {
		const struct bench *b = &benches[i];

		for (size_t s = 0; s < p->n_suites; s++) {
			if (!strcmp(b->suite, p->suites[s]->name) && bench_matches(b, p->filter))
				fprintf(f, "  %s%s%s\n", b->name, *b->params ? "/" : "", b->params);
		}
	}
}
