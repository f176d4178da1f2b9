/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/plan.h"

#include <errno.h>
#include <string.h>

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include "base/util.h"
#include "runner/runtimes.h"

static void add_ways(struct plan *p, const struct run_options *o)
{
	for (size_t i = 0; i < o->runtimes.n; i++) {
		const struct runtime_ops *ops = runtime_find(o->runtimes.names[i]);

		if (!(ops->caps & RT_OWN_KERNEL)) {
			p->ways[p->n_ways++] = (struct way){ .ops = ops, .kernel = "" };
			continue;
		}
		for (size_t k = 0; k < o->kernels.n; k++)
			p->ways[p->n_ways++] =
				(struct way){ .ops = ops, .kernel = o->kernels.names[k] };
	}
}

/* One block: every way for every suite, shuffled. */
static void fill_block(
	const struct plan *p, struct launch *at, unsigned block, bool warmup, const gsl_rng *rng)
{
	size_t n = 0;

	for (unsigned s = 0; s < p->n_suites; s++) {
		for (unsigned w = 0; w < p->n_ways; w++)
			at[n++] = (struct launch){ w, s, block, warmup };
	}
	gsl_ran_shuffle(rng, at, n, sizeof(*at));
}

int plan_build(const struct run_options *o, struct plan *p, struct err *e)
{
	size_t blocks = o->warmup + o->launches, per_block;
	gsl_rng *rng;

	*p = (struct plan){ .filter = o->filter, .seed = o->seed };
	for (size_t i = 0; i < o->suites.n; i++)
		p->suites[p->n_suites++] = suite_find(o->suites.names[i]);
	add_ways(p, o);
	per_block = p->n_ways * p->n_suites;
	p->launches = calloc(blocks * per_block, sizeof(*p->launches));
	rng = gsl_rng_alloc(gsl_rng_mt19937);
	if (!p->launches || !rng) {
		plan_free(p);
		return err_set(
			e, -ENOMEM, "plan", "no memory for %zu launches", blocks * per_block);
	}
	gsl_rng_set(rng, o->seed);
	for (size_t b = 0; b < blocks; b++)
		fill_block(p, p->launches + b * per_block, (unsigned)b, b < o->warmup, rng);
	p->n_launches = blocks * per_block;
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
	snprintf(buf, size, "%s%s%s", w->ops->name, *w->kernel ? "/" : "", w->kernel);
	return buf;
}

void plan_print(FILE *f, const struct plan *p)
{
	char label[128];

	fprintf(f, "seed %ju, %zu launches\n", (uintmax_t)p->seed, p->n_launches);
	for (size_t i = 0; i < p->n_launches; i++) {
		const struct launch *l = &p->launches[i];

		fprintf(f, "launch %3zu  block %2u  %-10s %-20s%s\n", i, l->block,
			p->suites[l->suite]->name,
			way_label(&p->ways[l->way], label, sizeof(label)),
			l->warmup ? " warm-up" : "");
	}
	fprintf(f, "each launch measures:\n");
	for (size_t i = 0; i < n_benches; i++) {
		const struct bench *b = &benches[i];

		for (size_t s = 0; s < p->n_suites; s++) {
			if (!strcmp(b->suite, p->suites[s]->name) && bench_matches(b, p->filter))
				fprintf(f, "  %s%s%s\n", b->name, *b->params ? "/" : "", b->params);
		}
	}
}
