/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/suite.h"

#include <errno.h>
#include <fnmatch.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "workloads/measure.h"

static int matches(const struct benchmark *b, const char *pattern)
{
	char full[128];

	snprintf(full, sizeof(full), "%s/%s", b->name, b->params);
	return fnmatch(pattern, b->name, 0) == 0 || fnmatch(pattern, full, 0) == 0;
}

/* SplitMix64 (Steele, Lea, Flood 2014): any seed will do. */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static void shuffle(struct suite_plan *p, uint64_t seed)
{
	for (size_t i = p->count; i > 1; i--) {
		size_t k = next_random(&seed) % i;
		const struct benchmark *b = p->rows[i - 1];

		p->rows[i - 1] = p->rows[k];
		p->rows[k] = b;
	}
}

/* Move row @from up to @to; those between go down by one. */
static void move_up(struct suite_plan *p, size_t from, size_t to)
{
	const struct benchmark *b = p->rows[from];

	memmove(&p->rows[to + 1], &p->rows[to], (from - to) * sizeof(b));
	p->rows[to] = b;
}

/* GROUP_FIRST before all, each other group where its first row is; else the order stays. */
static void gather(struct suite_plan *p)
{
	size_t first = 0;

	for (size_t i = 0; i < p->count; i++)
		if (p->rows[i]->group == GROUP_FIRST)
			move_up(p, i, first++);
	for (size_t i = first; i < p->count; i++) {
		const enum bench_group group = p->rows[i]->group;

		for (size_t k = i + 1; k < p->count && group != GROUP_NONE; k++)
			if (p->rows[k]->group == group)
				move_up(p, k, ++i);
	}
}

int suite_plan(struct suite_plan *p, const struct args *a, char *why, size_t size)
{
	int known = 0;

	p->count = 0;
	for (size_t i = 0; i < benchmark_count; i++) {
		const struct benchmark *b = &benchmarks[i];

		if (strcmp(b->suite, a->suite) != 0)
			continue;
		known = 1;
		if (matches(b, a->filter) && p->count < SUITE_MAX)
			p->rows[p->count++] = b;
	}
	if (!known)
		snprintf(why, size, "--suite=%s: no such suite; see --list", a->suite);
	else if (p->count == 0)
		snprintf(why, size, "--filter=%s: no such benchmark; see --list", a->filter);
	else if (a->seed != 0)
		shuffle(p, a->seed);
	gather(p);
	return p->count > 0 ? 0 : -EINVAL;
}

static void open_ctx(struct bench_ctx *c, const struct benchmark *b, const struct cpus *cpus)
{
	memset(c, 0, sizeof(*c));
	c->bench = b;
	c->fd[0] = c->fd[1] = -1;
	c->cpus = cpus->count;
	memcpy(c->cpu, cpus->first, sizeof(c->cpu));
}

static void end_child(pid_t pid)
{
	if (pid <= 0)
		return;
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static void release_ctx(struct bench_ctx *c)
{
	if (c->bench->teardown)
		c->bench->teardown(c);
	for (size_t i = 0; i < sizeof(c->fd) / sizeof(c->fd[0]); i++)
		if (c->fd[i] >= 0)
			close(c->fd[i]);
	end_child(c->peer);
	for (size_t i = 0; i < BENCH_CPUS; i++)
		end_child(c->spinner[i]);
	if (c->mem)
		munmap(c->mem, c->mem_len);
}

static long set_up(struct bench_ctx *c)
{
	const unsigned needed = c->bench->cpus ? c->bench->cpus : 1;

	if (needed > c->cpus && c->cpus > 0) {
		snprintf(c->why, sizeof(c->why),
			"needs %u CPUs, may use %u; with --vcpus %u all "
			"ways may use as many",
			needed, c->cpus, needed);
		return -EOPNOTSUPP;
	}
	if (needed > 1 && c->cpus == 0)
		return bench_refused(c, "sched_getaffinity", -EOPNOTSUPP);
	return c->bench->setup(c);
}

static void report_values(struct report *r, const struct bench_ctx *c)
{
	for (unsigned i = 0; i < c->n_values; i++) {
		const struct bench_value *v = &c->values[i];

		report_value(r, c->bench, v->metric, v->unit, v->iterations, v->total);
	}
}

static void report_exits(struct report *r, const struct benchmark *b, const struct measurement *m)
{
	for (int i = 0; i < COUNT_COUNT; i++)
		if (m->exits.sum[i] != COUNT_UNKNOWN)
			report_value(r, b, counts_metrics[i], "count", m->iterations * m->batches,
				m->exits.sum[i]);
}

static void report_result(struct report *r, const struct bench_ctx *c, const struct measurement *m)
{
	for (unsigned i = 0; i < m->batches; i++)
		report_sample(r, c->bench, i, m->iterations, m->elapsed_ns[i], m->overhead_ns);
	report_values(r, c);
	if (m->exits.read)
		report_exits(r, c->bench, m);
}

static void run_row(
	const struct benchmark *b, const struct meter *m, const struct cpus *cpus, struct report *r)
{
	static struct measurement result;
	static struct bench_ctx c;

	report_begin(r, b);
	open_ctx(&c, b, cpus);
	long code = set_up(&c);

	if (code == 0)
		code = measure(m, &c, &result);
	release_ctx(&c);
	if (code == 0)
		report_result(r, &c, &result);
	else if (bench_is_refusal(code))
		report_skip(r, b, c.why);
	else
		report_fail(r, b, c.why);
}

void suite_run(const struct suite_plan *p, const struct meter *m, const struct cpus *cpus,
	struct report *r, void (*done)(void))
{
	for (size_t i = 0; i < p->count; i++) {
		run_row(p->rows[i], m, cpus, r);
		if (i == 0 && done)
			done();
	}
}

void suite_list(FILE *f)
{
	for (size_t i = 0; i < benchmark_count; i++)
		fprintf(f, "%-10s %-14s %-10s %s\n", benchmarks[i].suite, benchmarks[i].name,
			benchmarks[i].params, benchmarks[i].summary);
}
