/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/figures.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/util.h"
#include "results/claims_rows.h"
#include "results/startup.h"

#define MS 1e6
#define US 1e3
#define MIB 1048576.0
#define CYCLES "cycles"

#define TO(event, runtime)                                                                         \
	.rows = "startup/launch/", .metric = "since-request", .phase = event, .way = runtime
#define TIME_OF(row, runtime) .rows = row, .metric = "latency", .way = runtime

#define CLOUD_VM                                                                                   \
	"static true, start to exit, on one 2-core cloud VM; our program does some work too"
#define ADDED "what it added to a launch; ours: a step of --ctr-steps, at its place in our order"
#define STUDY                                                                                      \
	"medians of one study of 2020; ours: request to the first statement of the guest's "       \
	"program"
#define READ "1 GB of mapped memory read by 4 KiB units, a study of 2020; ours: as many units"
#define AMD_2017 "one AMD server of 2017"
#define OWN_CONFIG "no SMP, huge pages, own configuration, 6.0 ms of it the kernel"

const struct figure figures[] = {
	{ "fork and exec", 0.5 * MS, 0.7 * MS, "ns", CLOUD_VM, TO("exit", "host") },
	{ "a launch like vfork's", 0.7 * MS, 0.7 * MS, "ns",
		"start to exit, from a parent of any size", TO("exit", "vfork") },
	{ "raw namespaces", 1.5 * MS, 1.9 * MS, "ns", CLOUD_VM, TO("exit", "ctr") },
	{ "unshare", 2.3 * MS, 3.7 * MS, "ns", CLOUD_VM "; ours: our launcher", TO("exit", "ctr") },
	{ "bubblewrap", 4.8 * MS, 7.2 * MS, "ns", CLOUD_VM, TO("exit", "bwrap") },
	{ "crun", 10 * MS, 10 * MS, "ns", CLOUD_VM "; no cgroup, no seccomp", TO("exit", "crun") },
	{ "runc", 37 * MS, 52 * MS, "ns", CLOUD_VM, TO("exit", "runc") },
	{ "a network namespace", 0.8 * MS, 0.8 * MS, "ns", ADDED, .steps = "net" },
	{ "any other namespace", 0, 0.2 * MS, "ns", ADDED, .steps = "user|pid|ipc|uts|cgroupns" },
	{ "clone into a cgroup", 0.2 * MS, 0.2 * MS, "ns",
		ADDED "; writing cgroup.procs of an idle one took 6.7 ms", .steps = "cgroup" },
	{ "Firecracker, to init", 0, 125 * MS, "ns",
		"promised by its makers; ours: to the first statement of the guest's program",
		TO("main", "vm") },
	{ "Firecracker, boot", 110 * MS, 161 * MS, "ns", STUDY, TO("main", "vm") },
	{ "Cloud Hypervisor, boot", 102 * MS, 102 * MS, "ns", STUDY, TO("main", "vm") },
	{ "QEMU, boot", 244 * MS, 244 * MS, "ns", STUDY "; ours: QEMU's microvm",
		TO("main", "qemu") },
	{ "fastest Linux boot", 8.9 * MS, 8.9 * MS, "ns", OWN_CONFIG, TO("main", "vm") },
	{ "Firecracker, restore", 4 * MS, 30 * MS, "ns",
		"restore alone hides page faults; ours: to the first useful work done",
		TO("work", "vm:restore") },
	{ "copy-on-write fork", 0.8 * MS, 0.8 * MS, "ns",
		"of a running VM; ours: to the first useful work after a restore",
		TO("work", "vm:restore") },
	{ "create a VM", 0.45 * MS, 0.45 * MS, "ns",
		AMD_2017 ", KVM_CREATE_VM; ours: all that is made before the first KVM_RUN",
		.rows = "startup/launch/", .metric = "phase", .phase = "sandbox", .way = "kvm" },
	{ "KVM_RUN and back", 4 * US, 4 * US, "ns",
		AMD_2017 "; ours: a port written, by the guest's clock",
		TIME_OF("exits/port-write/|syscalls/port-write/", "vm") },
	{ "system call in a guest", 222, 222, CYCLES,
		"a Linux guest, 154 with mitigations off; ours: getppid",
		TIME_OF("syscalls/getppid/", "vm") },
	{ "system call, gVisor", 763, 763, "ns",
		"gVisor on KVM, 38 us on ptrace; ours: getppid of a Linux guest",
		TIME_OF("syscalls/getppid/", "vm") },
	{ "system call, runc", 1.9 * US, 1.9 * US, "ns", "runc with seccomp; ours: getppid",
		TIME_OF("syscalls/getppid/", "ctr") },
	{ "1 GB read, host", 500 * MS, 500 * MS, "ns", READ, TIME_OF("paging/file-read/*", "host"),
		.times = 1e9 / 4096 },
	{ "1 GB read, container", 550 * MS, 550 * MS, "ns", READ,
		TIME_OF("paging/file-read/*", "ctr"), .times = 1e9 / 4096 },
	{ "1 GB read, Firecracker", 650 * MS, 650 * MS, "ns", READ,
		TIME_OF("paging/file-read/*", "vm"), .times = 1e9 / 4096 },
	{ "Firecracker's memory", 2.5 * MIB, 5 * MIB, "bytes",
		"the VMM alone: measured by the study of 2020, and promised by its makers",
		.rows = "memory/idle/", .metric = "pss-vmm", .way = "vm" },
	{ "Cloud Hypervisor's memory", 13.3 * MIB, 13.3 * MIB, "bytes",
		"the VMM alone, study of 2020", .rows = "memory/idle/", .metric = "pss-vmm",
		.way = "vm" },
	{ "QEMU's memory", 131 * MIB, 131 * MIB, "bytes",
		"the VMM alone, study of 2020; ours: bench-vmm", .rows = "memory/idle/",
		.metric = "pss-vmm", .way = "vm" },
};
const size_t n_figures = ARRAY_SIZE(figures);
_Static_assert(ARRAY_SIZE(figures) <= FIGURES_MAX, "see figures.h");

static double ratio_of(const struct figure_result *r)
{
	const struct figure *f = r->figure;

	if (r->ours <= 0 || (strcmp(f->unit, "bytes") && manifest_emulated(r->run->m)))
		return NAN;
	return r->ours > f->high ? r->ours / f->high : r->ours < f->low ? r->ours / f->low : 1;
}

static int add(struct figure_results *all, const struct figure *f, const struct claims_run *run,
	const char *way, double ours, struct err *e)
{
	struct figure_result *r = reallocarray(all->list, all->n + 1, sizeof(*r));

	if (!r)
		return err_set(e, -ENOMEM, "figures", "no memory for the published figures");
	all->list = r;
	r += all->n++;
	*r = (struct figure_result){ .figure = f, .run = run, .ours = ours };
	snprintf(r->way, sizeof(r->way), "%s", way);
	r->ratio = ratio_of(r);
	return 0;
}

/* Nothing that was published is of our own kernel, which is not Linux. */
static bool is_ours_alone(const struct summary_column *c)
{
	return !strcmp(c->kernel, "hello");
}

static int add_group(struct figure_results *all, const struct figure *f,
	const struct claims_run *run, const struct summary_group *g, struct err *e)
{
	const struct summary_column *column = &run->s->columns[g->column];
	double ours = g->median * (f->times > 0 ? f->times : 1);
	char way[LABEL_SIZE];

	if (!strcmp(f->unit, CYCLES))
		ours = claim_cycles(run, ours);
	if (isnan(ours) || strcmp(column->runtime, f->way) || is_ours_alone(column))
		return 0;
	return add(all, f, run, text_column(column, way), ours, e);
}

static int add_rows(struct figure_results *all, const struct figure *f,
	const struct claims_run *run, struct err *e)
{
	const struct summary *s = run->s;
	int r = 0;

	for (size_t i = 0; !r && i < s->n_groups; i++) {
		const struct summary_row *row = &s->rows[s->groups[i].row];
		char name[ROW_NAME_SIZE];

		if (row_is_of(row, f->metric, f->phase) &&
			row_matches(f->rows, row_name(row, name)))
			r = add_group(all, f, run, &s->groups[i], e);
	}
	return r;
}

/* A step whose addition cannot be told from nothing has no ratio to what was published. */
static int add_step(struct figure_results *all, const struct figure *f,
	const struct claims_run *run, const struct startup_step *step, struct err *e)
{
	int r = add(all, f, run, run->s->columns[step->way.column].runtime, step->added, e);

	if (!r && !(step->added_ci.low > 0))
		all->list[all->n - 1].ratio = NAN;
	return r;
}

static int add_steps(struct figure_results *all, const struct figure *f,
	const struct claims_run *run, const struct startup *st, struct err *e)
{
	int r = 0;

	for (size_t i = 0; i < st->n_sets; i++) {
		const struct startup_set *set = &st->sets[i];

		if (strcmp(set->unit, "ns") || *set->params)
			continue;
		for (size_t k = 0; !r && k < set->n_steps; k++) {
			const struct startup_step *step = &set->steps[k];

			if (!isnan(step->added) && row_matches(f->steps, step->way.step))
				r = add_step(all, f, run, step, e);
		}
	}
	return r;
}

static int add_run(struct figure_results *all, const struct claims_run *run, struct err *e)
{
	struct startup st;
	int r = startup_make(run->s, &st, e);

	for (size_t i = 0; !r && i < n_figures; i++)
		r = figures[i].steps ? add_steps(all, &figures[i], run, &st, e)
				     : add_rows(all, &figures[i], run, e);
	startup_free(&st);
	return r;
}

static int by_figure(const void *a, const void *b)
{
	const struct figure_result *x = a, *y = b;

	if (x->figure != y->figure)
		return x->figure < y->figure ? -1 : 1;
	if (x->run != y->run)
		return x->run < y->run ? -1 : 1;
	return strcmp(x->way, y->way);
}

int figures_make(struct figure_results *all, const struct claims_run *runs, size_t n, struct err *e)
{
	int r = 0;

	*all = (struct figure_results){ 0 };
	for (size_t i = 0; !r && i < n; i++)
		r = add_run(all, &runs[i], e);
	if (all->n)
		qsort(all->list, all->n, sizeof(*all->list), by_figure);
	return r;
}

void figures_free(struct figure_results *all)
{
	free(all->list);
	*all = (struct figure_results){ 0 };
}

static const char *value_text(double v, const char *unit, bool utf8, char out[TEXT_SIZE])
{
	if (strcmp(unit, CYCLES))
		return text_value(v, unit, utf8, out);
	snprintf(out, TEXT_SIZE, "%.0f cycles", v);
	return out;
}

const char *figure_published(const struct figure *f, bool utf8, char out[96])
{
	char low[TEXT_SIZE], high[TEXT_SIZE];

	value_text(f->low, f->unit, utf8, low);
	value_text(f->high, f->unit, utf8, high);
	if (f->low <= 0)
		snprintf(out, 96, "at most %s", high);
	else if (f->low < f->high)
		snprintf(out, 96, "%s to %s", low, high);
	else
		snprintf(out, 96, "%s", high);
	return out;
}

const char *figure_ours(const struct figure_result *r, bool utf8, char out[TEXT_SIZE])
{
	return value_text(r->ours, r->figure->unit, utf8, out);
}

const char *figure_ratio(const struct figure_result *r, char out[TEXT_SIZE])
{
	if (isnan(r->ratio))
		snprintf(out, TEXT_SIZE, "-");
	else if (r->ratio == 1)
		snprintf(out, TEXT_SIZE, "within");
	else
		text_ratio(r->ratio, out);
	return out;
}
