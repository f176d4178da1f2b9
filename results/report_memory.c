/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sections "Memory" and "Density" of the report. */
#include "base/util.h"
#include "results/held_table.h"
#include "results/html.h"
#include "results/report_parts.h"
#include "results/text.h"

/* Rows: the ways of all states. Columns: enum memory_part, and what they are of. */
static const char consists[] = "one more instance consists of", whole[] = "whole";
static const struct grid_column part_columns[] = {
	[PART_VMM] = { consists, "VMM", false, false },
	[PART_GUEST_KERNEL] = { consists, "guest kernel", false, false },
	[PART_PROGRAM] = { consists, "program", false, false },
	[PART_KERNEL] = { consists, "host's kernel", false, false },
	[PART_KVM] = { consists, "KVM's tables", false, false },
	[PART_UNEXPLAINED] = { consists, "unexplained", false, false },
	[MEMORY_PARTS] = { whole, "slope", false, false },
};

static int put_view(
	const struct report *r, const struct memory_set *set, enum memory_view view, struct err *e)
{
	struct cell_context c = report_cells(r);
	struct grid g;

	return report_grid(r, &g, memory_grid(&g, &c, set, view, e));
}

static void put_remark(void *ctx, const char *text, bool bad)
{
	html_print(ctx, bad ? "<li><strong>%s</strong></li>\n" : "<li>%s</li>\n", text);
}

static int put_state(const struct report *r, const struct memory_set *set, struct err *e)
{
	int ret;

	html_print(r->f, "<h3>%s%s%s</h3>\n", set->state, *set->params ? " " : "", set->params);
	ret = put_view(r, set, MEMORY_WHOLE, e);
	fputs("<ul>\n", r->f);
	memory_remarks(r->s, set, put_remark, r->f);
	fputs("</ul>\n", r->f);
	return ret;
}

static int put_detail(const struct report *r, const struct memory_set *set, struct err *e)
{
	if (!memory_has_view(set, MEMORY_DETAIL))
		return 0;
	html_print(r->f, "<p>What kernel memory and cgroup consist of, %s%s%s:</p>\n", set->state,
		*set->params ? " " : "", set->params);
	return put_view(r, set, MEMORY_DETAIL, e);
}

static void fill_parts(const struct report *r, const struct memory_set *set, size_t way,
	struct grid *g, size_t row)
{
	const struct memory_way *w = &set->ways[way];
	struct cell_context c = report_cells(r);
	double part[MEMORY_PARTS];
	char name[LABEL_SIZE];

	group_cell_instead(&c, w->g, MEM_METRICS, &g->instead[row]);
	snprintf(g->labels[row], LABEL_SIZE, "%.60s%s%.40s: %.80s", set->state,
		*set->params ? " " : "", set->params, text_column(&r->s->columns[w->column], name));
	memory_parts(w, part);
	for (int k = 0; k < MEMORY_PARTS; k++)
		text_value(part[k], "bytes", true, grid_cell(g, row, (size_t)k)->text);
	text_value(memory_total(w), "bytes", true, grid_cell(g, row, MEMORY_PARTS)->text);
}

static int put_parts(const struct report *r, struct err *e)
{
	const struct memory *m = &r->memory;
	struct grid g;
	size_t n = 0;
	int ret;

	for (size_t i = 0; i < m->n_sets; i++)
		n += m->sets[i].n_ways;
	ret = grid_make(&g, "state and way", part_columns, ARRAY_SIZE(part_columns), n, e);
	for (size_t i = 0, row = 0; !ret && i < m->n_sets; i++) {
		for (size_t k = 0; k < m->sets[i].n_ways; k++)
			fill_parts(r, &m->sets[i], k, &g, row++);
	}
	return report_grid(r, &g, ret);
}

/* What the columns are, in the reader's words. */
static const struct {
	const char *what, *is;
} columns[] = {
	{ "slope",
		"what MemAvailable falls by for one more instance, over a stair of so many "
		"held; with the 95% interval over the stairs. It misses nothing, and so it "
		"is the arbiter; kernel: the same of what /proc/meminfo counts as kernel stacks, "
		"page tables, slab and per-CPU memory" },
	{ "unexplained", "the slope without all that was told apart. Below zero where instances "
			 "share memory, which each of them is charged for but takes once" },
	{ "PSS, private",
		"from /proc/PID/smaps: of a process, shared pages divided by how many "
		"share them; of a VM by mapping, guest memory and what the VMM takes itself. "
		"They miss all kernel memory" },
	{ "cgroup", "what the instance's own cgroup is charged with, and the most it ever was; "
		    "memory.stat says what it consists of" },
	{ "guest memory",
		"offered: configured; touched: what the host has given; by kernel: offered "
		"less the MemTotal seen inside; used: MemTotal less MemAvailable, inside" },
};

static void put_columns(const struct report *r)
{
	fputs("<h3>What the columns are</h3>\n<dl>\n", r->f);
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		html_print(r->f, "<dt>%s</dt><dd>%s.</dd>\n", columns[i].what, columns[i].is);
	fputs("</dl>\n<p>n/a: not to be had on this host; the number leads to the reason. An empty "
	      "cell: the way has nothing of the kind.</p>\n",
		r->f);
}

int report_memory(struct report *r, struct err *e)
{
	const struct memory *m = &r->memory;
	int ret;

	if (!m->n_sets)
		return 0;
	fputs("<h2>Memory of an instance</h2>\n<p>Instances were started one after the other and "
	      "all held, idle after starting, after touching 64 MiB (touched), or after touching "
	      "and giving them back (returned).</p>\n",
		r->f);
	ret = report_pictures(r, PLOT_MEMORY_STAIR, e);
	for (size_t i = 0; !ret && i < m->n_sets; i++)
		ret = put_state(r, &m->sets[i], e);
	if (ret < 0)
		return ret;
	put_columns(r);
	ret = report_pictures(r, PLOT_MEMORY_PARTS, e);
	if (!ret)
		ret = put_parts(r, e);
	if (!ret)
		ret = report_pictures(r, PLOT_MEMORY_KERNEL, e);
	for (size_t i = 0; !ret && i < m->n_sets; i++)
		ret = put_detail(r, &m->sets[i], e);
	return ret;
}

int report_density(struct report *r, struct err *e)
{
	static const enum plot_kind kinds[] = { PLOT_DENSITY_GROWTH, PLOT_DENSITY_START,
		PLOT_DENSITY_MEMORY, PLOT_DENSITY_LATE };
	struct cell_context c = report_cells(r);
	struct grid g;
	int ret = 0;

	if (!r->density.n_ways)
		return 0;
	fputs("<h2>Density</h2>\n<p>Instances were started until so many were held, and then all "
	      "released. \"First\" and \"last\" are the first and the last tenth of what was held: "
	      "what one more costs in the end beside what it cost in the beginning. It grows where "
	      "it costs over 20% more and the ratio's whole interval lies above 1.</p>\n",
		r->f);
	for (size_t i = 0; !ret && i < ARRAY_SIZE(kinds); i++)
		ret = report_pictures(r, kinds[i], e);
	if (!ret)
		ret = report_grid(r, &g, density_grid(&g, &c, &r->density, e));
	if (ret < 0)
		return ret;
	fputs("<ul>\n", r->f);
	density_remarks(r->s, &r->density, true, put_remark, r->f);
	fputs("</ul>\n", r->f);
	return 0;
}
