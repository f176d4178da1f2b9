/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/startup.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/util.h"

#define SUITE "startup"
#define BENCHMARK "launch"

const char *const startup_events[PHASE_COUNT] = {
	[PHASE_REQUESTED] = "the harness asks the runtime for a launch; all times count from here",
	[PHASE_PROCESS] = "the runtime's process exists and executes its first statement",
	[PHASE_SANDBOX] = "all is built: the last step before exec (process, container), or before "
			  "the first guest instruction (VM)",
	[PHASE_INIT] = "the guest's kernel hands over to init (VM only)",
	[PHASE_MAIN] = "the first statement of the program's main",
	[PHASE_WORK] = "the program has done its first useful work: a small fixed task that "
		       "touches memory and makes some calls",
	[PHASE_EXIT] = "the harness sees that the program, and all that ran it, is gone",
	[PHASE_RELEASED] = "everything that the launch took is given back",
};

/* Metrics of a launch. */
enum kind { KIND_PHASE, KIND_SINCE, KIND_CPU, KIND_RATE, KIND_NONE };

static enum phase phase_of(const char *name)
{
	enum phase p = PHASE_PROCESS;

	while (p < PHASE_COUNT && strcmp(phase_names[p], name))
		p++;
	return p;
}

static enum kind kind_of(const struct summary_row *row)
{
	static const struct {
		const char *metric;
		bool has_phase;
	} kinds[] = {
		[KIND_PHASE] = { "phase", true },
		[KIND_SINCE] = { "since-request", true },
		[KIND_CPU] = { "cpu", false },
	};

	if (strcmp(row->suite, SUITE))
		return KIND_NONE;
	if (!strcmp(row->metric, "rate"))
		return *row->phase ? KIND_NONE : KIND_RATE;
	if (strcmp(row->benchmark, BENCHMARK))
		return KIND_NONE;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!strcmp(row->metric, kinds[i].metric) &&
			(kinds[i].has_phase ? phase_of(row->phase) < PHASE_COUNT : !*row->phase))
			return (enum kind)i;
	}
	return KIND_NONE;
}

bool startup_covers(const struct summary_row *row)
{
	return kind_of(row) != KIND_NONE;
}

bool startup_shows_ratio(const struct summary_row *row)
{
	return kind_of(row) == KIND_SINCE && phase_of(row->phase) == PHASE_EXIT;
}

double startup_total(const struct startup_way *w)
{
	return summary_median(w->since[PHASE_EXIT]);
}

/* "mount" of "ctr:02-mount", else NULL. */
const char *startup_step_name(const char *runtime)
{
	const char *p = strchr(runtime, ':');
	size_t digits = p ? strspn(p + 1, "0123456789") : 0;

	return digits && p[1 + digits] == '-' && p[2 + digits] ? p + 2 + digits : NULL;
}

static int no_memory(struct err *e)
{
	return err_set(e, -ENOMEM, "startup", "no memory for the phases of a start");
}

/* The strings of a summary are unique: equal ones are the same pointer. */
static struct startup_set *find_set(struct startup *st, const struct summary_row *row)
{
	struct startup_set *set = st->sets;

	while (set < st->sets + st->n_sets &&
		(set->params != row->params || set->unit != row->unit))
		set++;
	if (set == st->sets + st->n_sets) {
		*set = (struct startup_set){ .params = row->params, .unit = row->unit };
		st->n_sets++;
	}
	return set;
}

/* NULL when out of memory. */
static struct startup_way *find_way(const struct summary *s, struct startup_set *set, size_t column)
{
	struct startup_way *bigger;

	for (size_t i = 0; i < set->n_ways; i++) {
		if (set->ways[i].column == column)
			return &set->ways[i];
	}
	bigger = reallocarray(set->ways, set->n_ways + 1, sizeof(*bigger));
	if (!bigger)
		return NULL;
	set->ways = bigger;
	bigger[set->n_ways] = (struct startup_way){ .column = column,
		.step = startup_step_name(s->columns[column].runtime) };
	return &bigger[set->n_ways++];
}

static int add_group(
	struct startup *st, const struct summary *s, const struct summary_group *g, struct err *e)
{
	const struct summary_row *row = &s->rows[g->row];
	struct startup_way *w = find_way(s, find_set(st, row), g->column);

	if (!w)
		return no_memory(e);
	switch (kind_of(row)) {
	case KIND_PHASE:
		w->phase[phase_of(row->phase)] = g;
		break;
	case KIND_SINCE:
		w->since[phase_of(row->phase)] = g;
		break;
	default:
		w->cpu = g;
	}
	return 0;
}

static int by_total(const void *a, const void *b)
{
	const struct startup_way *x = a, *y = b;
	double tx = startup_total(x), ty = startup_total(y);

	if (isnan(tx) != isnan(ty))
		return isnan(tx) ? 1 : -1;
	if (tx < ty || tx > ty)
		return tx < ty ? -1 : 1;
	return (x->column > y->column) - (x->column < y->column);
}

/* The difference to the step @before, which is of the same runtime: "ctr" of "ctr:02-mount". */
static int compare_steps(const struct summary *s, struct startup_step *step,
	const struct startup_step *before, struct err *e)
{
	const struct summary_group *a = step->way.since[PHASE_EXIT], *b;
	const char *name = s->columns[step->way.column].runtime;

	step->added = NAN;
	step->added_ci = (struct interval){ NAN, NAN };
	step->first = !before ||
		      s->columns[before->way.column].host != s->columns[step->way.column].host ||
		      strncmp(s->columns[before->way.column].runtime, name, strcspn(name, ":") + 1);
	if (step->first)
		return 0;
	b = before->way.since[PHASE_EXIT];
	step->added = summary_median(a) - summary_median(b);
	if (isnan(step->added))
		return 0;
	return stats_bootstrap_difference(a->replicates, a->n_replicates, b->replicates,
		b->n_replicates, BOOTSTRAP_SEED, &step->added_ci, e);
}

/* Columns of a summary are sorted by name, and so the steps by their number. */
static int by_column(const void *a, const void *b)
{
	const struct startup_way *x = a, *y = b;

	return (x->column > y->column) - (x->column < y->column);
}

static int sort_ways(const struct summary *s, struct startup_set *set, struct err *e)
{
	size_t kept = 0;

	qsort(set->ways, set->n_ways, sizeof(*set->ways), by_column);
	set->steps = calloc(set->n_ways + 1, sizeof(*set->steps));
	if (!set->steps)
		return no_memory(e);
	for (size_t i = 0; i < set->n_ways; i++) {
		struct startup_step *step = &set->steps[set->n_steps];
		int r;

		if (!set->ways[i].step) {
			set->ways[kept++] = set->ways[i];
			continue;
		}
		step->way = set->ways[i];
		r = compare_steps(s, step, set->n_steps++ ? step - 1 : NULL, e);
		if (r < 0)
			return r;
	}
	set->n_ways = kept;
	qsort(set->ways, kept, sizeof(*set->ways), by_total);
	return 0;
}

int startup_make(const struct summary *s, struct startup *st, struct err *e)
{
	int r = 0;

	*st = (struct startup){ .sets = calloc(s->n_rows + 1, sizeof(*st->sets)),
		.rates = calloc(s->n_rows + 1, sizeof(*st->rates)) };
	if (!st->sets || !st->rates)
		return no_memory(e);
	for (size_t i = 0; i < s->n_rows; i++) {
		if (kind_of(&s->rows[i]) == KIND_RATE)
			st->rates[st->n_rates++] = i;
	}
	for (size_t i = 0; !r && i < s->n_groups; i++) {
		if (kind_of(&s->rows[s->groups[i].row]) < KIND_RATE)
			r = add_group(st, s, &s->groups[i], e);
	}
	for (size_t i = 0; !r && i < st->n_sets; i++)
		r = sort_ways(s, &st->sets[i], e);
	return r;
}

void startup_free(struct startup *st)
{
	for (size_t i = 0; i < st->n_sets; i++) {
		free(st->sets[i].ways);
		free(st->sets[i].steps);
	}
	free(st->sets);
	free(st->rates);
	*st = (struct startup){ 0 };
}

static bool is_row_of(const struct summary *s, const struct sample *x,
	const struct startup_set *set, const struct startup_way *w)
{
	return x->status == SAMPLE_OK && summary_in_column(s, x, w->column) &&
	       x->params == set->params && x->unit == set->unit && !strcmp(x->suite, SUITE) &&
	       !strcmp(x->benchmark, BENCHMARK);
}

/* The first launch that took @total, in the file's order. */
static const struct sample *find_launch(const struct summary *s, const struct startup_set *set,
	const struct startup_way *w, double total)
{
	for (size_t i = 0; i < s->set.n; i++) {
		const struct sample *x = &s->set.rows[i];

		if (is_row_of(s, x, set, w) && !strcmp(x->metric, "since-request") &&
			!strcmp(x->phase, phase_names[PHASE_EXIT]) && x->value == total)
			return x;
	}
	return NULL;
}

bool startup_median_launch(const struct summary *s, const struct startup_set *set,
	const struct startup_way *w, double at[PHASE_COUNT])
{
	const struct summary_group *g = w->since[PHASE_EXIT];
	const struct sample *launch;
	double sum = 0;

	for (size_t p = 0; p < PHASE_COUNT; p++)
		at[p] = NAN;
	if (!g || !g->n_samples)
		return false;
	launch = find_launch(s, set, w, g->values[(g->n_samples - 1) / 2]);
	if (!launch)
		return false;
	for (size_t i = 0; i < s->set.n; i++) {
		const struct sample *x = &s->set.rows[i];
		enum phase p;

		if (!is_row_of(s, x, set, w) || strcmp(x->metric, "phase") ||
			x->run_id != launch->run_id || x->replicate != launch->replicate ||
			x->sample != launch->sample)
			continue;
		p = phase_of(x->phase);
		if (p < PHASE_COUNT)
			at[p] = x->value; /* the duration, for now */
	}
	for (enum phase p = PHASE_PROCESS; p < PHASE_COUNT; p++) {
		sum += isnan(at[p]) ? 0 : at[p];
		at[p] = isnan(at[p]) ? NAN : sum;
	}
	return true;
}
