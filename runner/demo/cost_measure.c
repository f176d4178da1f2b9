/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "cost", the measuring half: two quick runs by the runner's own code, and their summary as facts.
 */
#include <errno.h>
#include <string.h>

#include "base/util.h"
#include "results/number.h"
#include "results/startup.h"
#include "runner/demo/cost.h"
#include "runner/demo/side.h"
#include "runner/kernels.h"
#include "runner/session.h"

/* A side of the facts, and the way of running that it is. */
struct side_way {
	const char *side, *runtime, *kernel;
};

static int add_ways(struct run_options *o, const struct side_way *ways, size_t n, struct err *e)
{
	int r = 0;

	for (size_t i = 0; i < n && !r; i++) {
		if (!names_have(&o->runtimes, ways[i].runtime))
			r = option_names("runtime", ways[i].runtime, &o->runtimes, e);
		if (!r && *ways[i].kernel)
			r = option_names("kernel", ways[i].kernel, &o->kernels, e);
	}
	return r;
}

static int run_session(
	struct demo_run *run, struct run_options *o, const char *command, struct err *e)
{
	struct session s = { .options = o,
		.paths = run->paths,
		.command = command,
		.cancel_fd = run->cancel_fd,
		.quiet = true };
	struct rundir dir = RUNDIR_CLOSED;
	bool failed = false; /* then its rows say so, which become facts */
	int r = run_options_finish(o, e);

	if (!r) {
		r = session_open(&s, e);
		if (!r)
			r = rundir_make(o, &dir, e);
		if (!r)
			r = rundir_open_log(&dir, false, e);
		if (!r)
			r = session_measure(&s, &dir, &failed, e);
		session_close(&s);
	}
	rundir_close(&dir);
	return r;
}

/* Measure @suite on @ways into a folder of its own, and summarise it; summary_free is due. */
static int measure_suite(struct demo_run *run, const char *suite, const char *filter,
	const struct side_way *ways, size_t n, struct summary **s, struct err *e)
{
	cleanup_free char *out = format_text("%s/%s", run->folder, suite);
	struct run_options o;
	int r;

	run_options_init(&o);
	/* What cannot run here is to be rows with a reason, and no error: raw. */
	o.machine = ON_NATIVE;
	o.raw = o.quick = o.no_null = true;
	o.filter = filter;
	o.out = out;
	o.cpus = run->cpus;
	o.cpus_given = true;
	r = out ? option_names("suite", suite, &o.suites, e)
		: err_set(e, -ENOMEM, "demo", "out of memory");
	if (!r)
		r = add_ways(&o, ways, n, e);
	if (!r)
		r = run_session(run, &o, "bench demo cost", e);
	if (!r)
		r = summary_make(out, s, e);
	run_options_free(&o);
	return r;
}

/* --- facts --- */

static void put_number(
	struct demo_facts *f, const char *side, const char *key, const char *part, double v)
{
	cleanup_free char *whole = format_text("%s%s", key, part);
	char text[NUMBER_SIZE];

	if (whole && isfinite(v))
		demo_put(f, side, whole, "%s", number_text(v, text));
}

static void put_estimate(
	struct demo_facts *f, const char *side, const char *key, double v, struct interval ci)
{
	put_number(f, side, key, "", v);
	if (!stats_has_interval(ci))
		return;
	put_number(f, side, key, ".low", ci.low);
	put_number(f, side, key, ".high", ci.high);
}

static bool is_way(const struct summary *s, size_t column, const struct side_way *w)
{
	const struct summary_column *c = &s->columns[column];

	return !strcmp(c->runtime, w->runtime) && !strcmp(c->kernel, w->kernel);
}

/* A group without a value says why. */
static bool has_value(struct demo_facts *f, const struct side_way *w, const struct summary_group *g)
{
	if (g && g->n_replicates)
		return true;
	if (g && *g->reason)
		demo_put_missing(f, w->side, g->reason);
	return false;
}

static void put_start(struct demo_facts *f, const struct side_way *w, const struct startup_way *way)
{
	const struct summary_group *total = way->since[PHASE_EXIT];

	if (!has_value(f, w, total))
		return;
	for (enum phase i = PHASE_PROCESS; i <= PHASE_EXIT; i++) {
		const struct summary_group *g = way->phase[i];
		cleanup_free char *key = format_text("start.%s", phase_names[i]);

		if (key && g && g->n_replicates)
			put_estimate(f, w->side, key, g->median, g->ci);
	}
	put_estimate(f, w->side, "start.total", total->median, total->ci);
	put_estimate(f, w->side, "start.ratio", total->ratio, total->ratio_ci);
	put_number(f, w->side, "start.launches", "", (double)total->n_replicates);
}

/* A way that could not run has one row, of another metric: its reason. */
static void put_reasons(struct demo_facts *f, const struct summary *s, const struct side_way *w)
{
	for (size_t i = 0; i < s->n_groups; i++) {
		const struct summary_group *g = &s->groups[i];

		if (is_way(s, g->column, w) && !g->n_replicates && *g->reason &&
			!demo_get(f, w->side, "start.total"))
			demo_put_missing(f, w->side, g->reason);
	}
}

static int put_starts(struct demo_facts *f, const struct summary *s, const struct side_way *ways,
	size_t n, struct err *e)
{
	struct startup st;
	int r = startup_make(s, &st, e);

	for (size_t i = 0; i < n && !r && st.n_sets; i++) {
		for (size_t k = 0; k < st.sets[0].n_ways; k++) {
			if (is_way(s, st.sets[0].ways[k].column, &ways[i]))
				put_start(f, &ways[i], &st.sets[0].ways[k]);
		}
		put_reasons(f, s, &ways[i]);
	}
	startup_free(&st);
	return r;
}

/* "call.read/1B" */
static char *call_key(const struct summary_row *row)
{
	return format_text("call.%s%s%s", row->benchmark, *row->params ? "/" : "", row->params);
}

static void put_calls(
	struct demo_facts *f, const struct summary *s, const struct side_way *ways, size_t n)
{
	for (size_t i = 0; i < s->n_groups; i++) {
		const struct summary_group *g = &s->groups[i];
		cleanup_free char *key = call_key(&s->rows[g->row]);
		cleanup_free char *ratio = format_text("%s.ratio", key ? key : "");

		if (strcmp(s->rows[g->row].metric, "latency")) /* exits are told too */
			continue;
		for (size_t k = 0; k < n && key && ratio; k++) {
			if (!is_way(s, g->column, &ways[k]) || !has_value(f, &ways[k], g))
				continue;
			put_estimate(f, ways[k].side, key, g->median, g->ci);
			put_estimate(f, ways[k].side, ratio, g->ratio, g->ratio_ci);
			put_number(f, ways[k].side, key, ".launches", (double)g->n_replicates);
		}
	}
}

/* --- both runs --- */

/*
 * The running kernel's own image, where it can be read: system calls are compared fairly within one
 * build alone (docs/method.md). Else the demonstrations' usual one. NULL: it cannot be had, @why.
 */
static const char *choose_kernel(struct demo_run *run, struct kernel_ref *ref, struct err *why)
{
	const char *name = "host";
	struct err ignored;

	*ref = (struct kernel_ref){ .path = "" };
	if (kernel_resolve(name, run->paths, ref, why) < 0)
		name = side_kernel(run);
	if (side_linux(run, &ignored) < 0)
		return name; /* nothing is fetched for a guest that cannot run, and its rows say why
			      */
	return kernel_need(name, run->paths, ref, why) < 0 ? NULL : name;
}

static int measure_starts(struct demo_run *run, struct demo_facts *f, const struct side_way *ways,
	size_t n, struct err *e)
{
	struct summary *s = NULL;
	int r = measure_suite(run, "startup", NULL, ways, n, &s, e);

	if (!r)
		r = put_starts(f, s, ways, n, e);
	summary_free(s);
	return r;
}

static int measure_calls(struct demo_run *run, struct demo_facts *f, const struct side_way *ways,
	size_t n, struct err *e)
{
	struct summary *s = NULL;
	int r = measure_suite(run, "syscalls", COST_CALLS, ways, n, &s, e);

	if (!r)
		put_calls(f, s, ways, n);
	summary_free(s);
	return r;
}

int cost_collect(struct demo_run *run, struct demo_facts *f, struct err *e)
{
	struct kernel_ref ref;
	struct err why = { 0 };
	const char *kernel = choose_kernel(run, &ref, &why);
	const struct side_way host = { "host", "host", "" }, ctr = { "ctr", "ctr", "" };
	const struct side_way hello = { COST_HELLO, "vm", "hello" }, vm = { "vm", "vm", kernel };
	const size_t without = kernel ? 0 : 1; /* the last is left out */
	int r;

	if (!kernel && why.code == -ECANCELED) {
		*e = why;
		return -ECANCELED;
	}
	r = measure_starts(
		run, f, (const struct side_way[]){ host, ctr, hello, vm }, 4 - without, e);
	if (!r) /* our own kernel has no system calls */
		r = measure_calls(
			run, f, (const struct side_way[]){ host, ctr, vm }, 3 - without, e);
	if (!kernel)
		side_put_missing(f, "vm", &why);
	else
		demo_put(f, "vm", "side.kernel", "%s", kernel);
	if (kernel && *ref.release)
		demo_put(f, "vm", "side.release", "%s", ref.release);
	return r;
}
