/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/memory.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"

#define SUITE "memory"
#define UNIT "bytes"

const char *const memory_metrics[MEM_METRICS] = {
	[MEM_SLOPE] = "slope",
	[MEM_SLOPE_KERNEL] = "slope-kernel",
	[MEM_SLOPE_STACK] = "slope-kernel-stack",
	[MEM_SLOPE_TABLES] = "slope-page-tables",
	[MEM_SLOPE_SLAB] = "slope-slab",
	[MEM_SLOPE_PERCPU] = "slope-percpu",
	[MEM_SLOPE_KVM] = "slope-kvm-page-tables",
	[MEM_PSS] = "pss",
	[MEM_PRIVATE] = "private",
	[MEM_PSS_GUEST] = "pss-guest",
	[MEM_PSS_VMM] = "pss-vmm",
	[MEM_CURRENT] = "cgroup-current",
	[MEM_PEAK] = "cgroup-peak",
	[MEM_ANON] = "anon",
	[MEM_FILE] = "file",
	[MEM_SHMEM] = "shmem",
	[MEM_KERNEL] = "kernel",
	[MEM_STACK] = "kernel-stack",
	[MEM_TABLES] = "page-tables",
	[MEM_SLAB] = "slab",
	[MEM_PERCPU] = "percpu",
	[MEM_KVM] = "kvm-page-tables",
	[MEM_OFFERED] = "guest-offered",
	[MEM_TOUCHED] = "guest-touched",
	[MEM_TAKEN] = "guest-taken",
	[MEM_TOTAL] = "guest-total",
	[MEM_USED] = "guest-used",
	[MEM_STEPS] = "mem-available",
};

static enum memory_metric metric_of(const struct summary_row *row)
{
	enum memory_metric m = 0;

	if (strcmp(row->suite, SUITE) || strcmp(row->unit, UNIT) || *row->phase)
		return MEM_METRICS;
	while (m < MEM_METRICS && strcmp(memory_metrics[m], row->metric))
		m++;
	return m;
}

bool memory_covers(const struct summary_row *row)
{
	return metric_of(row) != MEM_METRICS;
}

bool memory_is_steps(const struct summary_row *row)
{
	return metric_of(row) == MEM_STEPS;
}

double memory_median(const struct memory_way *w, enum memory_metric metric)
{
	return summary_median(w->g[metric]);
}

static int no_memory(struct err *e)
{
	return err_set(e, -ENOMEM, "memory", "no memory for the table of memory");
}

/* The strings of a summary are unique: equal ones are the same pointer. */
static struct memory_set *find_set(struct memory *m, const struct summary_row *row)
{
	struct memory_set *set = m->sets;

	while (set < m->sets + m->n_sets &&
		(set->state != row->benchmark || set->params != row->params))
		set++;
	if (set == m->sets + m->n_sets) {
		*set = (struct memory_set){ .state = row->benchmark, .params = row->params };
		m->n_sets++;
	}
	return set;
}

/* NULL when out of memory. */
static struct memory_way *find_way(struct memory_set *set, size_t column)
{
	struct memory_way *bigger;

	for (size_t i = 0; i < set->n_ways; i++) {
		if (set->ways[i].column == column)
			return &set->ways[i];
	}
	bigger = reallocarray(set->ways, set->n_ways + 1, sizeof(*bigger));
	if (!bigger)
		return NULL;
	set->ways = bigger;
	bigger[set->n_ways] = (struct memory_way){ .column = column, .stopped = "" };
	return &bigger[set->n_ways++];
}

static int rank(const char *state)
{
	static const char *const states[] = { "idle", "touched", "returned" };
	size_t i = 0;

	while (i < ARRAY_SIZE(states) && strcmp(states[i], state))
		i++;
	return (int)i;
}

/* Sets are few: a stable sort by insertion. */
static void sort_sets(struct memory *m)
{
	for (size_t i = 1; i < m->n_sets; i++) {
		struct memory_set set = m->sets[i];
		size_t k = i;

		for (; k && rank(m->sets[k - 1].state) > rank(set.state); k--)
			m->sets[k] = m->sets[k - 1];
		m->sets[k] = set;
	}
}

static bool is_of(const struct summary *s, const struct sample *x, const struct memory_set *set,
	const struct memory_way *w, enum memory_metric metric)
{
	return x->status == SAMPLE_OK && summary_in_column(s, x, w->column) &&
	       x->benchmark == set->state && x->params == set->params && !strcmp(x->suite, SUITE) &&
	       !strcmp(x->unit, UNIT) && !*x->phase && !strcmp(x->metric, memory_metrics[metric]);
}

/* Of how many instances each slope is: a step may have been refused for want of memory. */
static void count_instances(const struct summary *s, const struct memory_set *set)
{
	for (size_t i = 0; i < s->set.n; i++) {
		const struct sample *x = &s->set.rows[i];

		for (size_t k = 0; k < set->n_ways; k++) {
			struct memory_way *w = &set->ways[k];

			if (!is_of(s, x, set, w, MEM_SLOPE))
				continue;
			w->least = !w->most || x->iterations < w->least ? x->iterations : w->least;
			w->most = x->iterations > w->most ? x->iterations : w->most;
			w->stopped = *w->stopped ? w->stopped : x->reason;
			break;
		}
	}
}

/* The first that is known. */
static double either(double a, double b)
{
	return isnan(a) ? b : a;
}

static void guest_parts(const struct memory_way *w, double part[MEMORY_PARTS])
{
	double vmm = memory_median(w, MEM_PSS_VMM);
	double guest =
		either(memory_median(w, MEM_PSS_GUEST), memory_median(w, MEM_PSS) - either(vmm, 0));

	part[PART_VMM] = vmm;
	/* Taken of what was offered: not more of it can be there than the host has given. */
	part[PART_GUEST_KERNEL] = fmin(memory_median(w, MEM_TAKEN), guest);
	if (isnan(memory_median(w, MEM_TAKEN)) || isnan(guest))
		part[PART_GUEST_KERNEL] = NAN;
	part[PART_PROGRAM] = guest - either(part[PART_GUEST_KERNEL], 0);
}

void memory_parts(const struct memory_way *w, double part[MEMORY_PARTS])
{
	double sum = 0;

	for (int i = 0; i < MEMORY_PARTS; i++)
		part[i] = NAN;
	if (isnan(memory_median(w, MEM_PSS_VMM)) && isnan(memory_median(w, MEM_PSS_GUEST)))
		part[PART_PROGRAM] = memory_median(w, MEM_PSS);
	else
		guest_parts(w, part);
	part[PART_KERNEL] = memory_median(w, MEM_SLOPE_KERNEL);
	part[PART_KVM] = memory_median(w, MEM_SLOPE_KVM);
	if (isnan(part[PART_KERNEL])) { /* memory.stat's holds KVM's page tables too */
		part[PART_KERNEL] = memory_median(w, MEM_KERNEL);
		part[PART_KVM] = isnan(part[PART_KERNEL]) ? part[PART_KVM] : NAN;
	}
	for (int i = 0; i < PART_UNEXPLAINED; i++)
		sum += either(part[i], 0);
	if (isfinite(sum) && sum != 0)
		part[PART_UNEXPLAINED] = memory_median(w, MEM_SLOPE) - sum;
}

double memory_total(const struct memory_way *w)
{
	double part[MEMORY_PARTS], sum = 0;
	bool known = false;

	memory_parts(w, part);
	for (int i = 0; i < PART_UNEXPLAINED; i++) {
		known |= !isnan(part[i]);
		sum += either(part[i], 0);
	}
	return either(memory_median(w, MEM_SLOPE), known ? sum : NAN);
}

static int by_total(const void *a, const void *b)
{
	const struct memory_way *x = a, *y = b;
	double tx = memory_total(x), ty = memory_total(y);

	if (isnan(tx) != isnan(ty))
		return isnan(tx) ? 1 : -1;
	if (tx < ty || tx > ty)
		return tx < ty ? -1 : 1;
	return (x->column > y->column) - (x->column < y->column);
}

int memory_make(const struct summary *s, struct memory *m, struct err *e)
{
	*m = (struct memory){ .sets = calloc(s->n_rows + 1, sizeof(*m->sets)) };
	if (!m->sets)
		return no_memory(e);
	for (size_t i = 0; i < s->n_groups; i++) {
		const struct summary_group *g = &s->groups[i];
		const struct summary_row *row = &s->rows[g->row];
		struct memory_way *w;

		if (!memory_covers(row))
			continue;
		w = find_way(find_set(m, row), g->column);
		if (!w)
			return no_memory(e);
		w->g[metric_of(row)] = g;
	}
	sort_sets(m);
	for (size_t i = 0; i < m->n_sets; i++) {
		count_instances(s, &m->sets[i]);
		qsort(m->sets[i].ways, m->sets[i].n_ways, sizeof(*m->sets[i].ways), by_total);
	}
	return 0;
}

void memory_free(struct memory *m)
{
	for (size_t i = 0; i < m->n_sets; i++)
		free(m->sets[i].ways);
	free(m->sets);
	*m = (struct memory){ 0 };
}

int memory_stair(const struct summary *s, const struct memory_set *set, const struct memory_way *w,
	struct held_point **points, size_t *n, struct err *e)
{
	size_t room = w->g[MEM_STEPS] ? w->g[MEM_STEPS]->count[SAMPLE_OK] : 0;
	struct held_point *steps = room ? calloc(room, sizeof(*steps)) : NULL;

	*points = steps;
	*n = 0;
	if (room && !steps)
		return no_memory(e);
	for (size_t i = 0; i < s->set.n && *n < room; i++) {
		const struct sample *x = &s->set.rows[i];

		if (is_of(s, x, set, w, MEM_STEPS))
			steps[(*n)++] =
				(struct held_point){ x->sample, x->value, x->run_id, x->replicate };
	}
	held_sort(steps, *n);
	held_taken(steps, *n);
	return 0;
}
