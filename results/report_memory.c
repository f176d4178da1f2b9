/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sections "Memory" and "Density" of the report. */
#include "base/util.h"
#include "results/held_table.h"
#include "results/html.h"
#include "results/report_parts.h"

static struct cell_context context_of(const struct report *r)
{
	return (struct cell_context){ .s = r->s, .notes = &r->notes, .utf8 = true, .links = true };
}

static int put_view(
	const struct report *r, const struct memory_set *set, enum memory_view view, struct err *e)
{
	struct cell_context c = context_of(r);
	struct grid g;
	int ret = memory_grid(&g, &c, set, view, e);

	if (!ret)
		grid_html(&g, r->f);
	grid_free(&g);
	return ret;
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
	if (!ret && memory_has_view(set, MEMORY_DETAIL)) {
		fputs("<p>What kernel memory and cgroup consist of:</p>\n", r->f);
		ret = put_view(r, set, MEMORY_DETAIL, e);
	}
	fputs("<ul>\n", r->f);
	memory_remarks(r->s, set, put_remark, r->f);
	fputs("</ul>\n", r->f);
	return ret;
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

static int put_pictures(struct report *r, const enum plot_kind *kinds, size_t n, struct err *e)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < n; i++)
		ret = report_pictures(r, kinds[i], e);
	return ret;
}

static int put_memory(struct report *r, const struct memory *m, struct err *e)
{
	static const enum plot_kind kinds[] = { PLOT_MEMORY_PARTS, PLOT_MEMORY_KERNEL,
		PLOT_MEMORY_STAIR };
	int ret = 0;

	if (!m->n_sets)
		return 0;
	fputs("<h2>Memory of an instance</h2>\n<p>Instances were started one after the other and "
	      "all "
	      "held, idle after starting, after touching 64 MiB (touched), or after touching and "
	      "giving them back (returned).</p>\n",
		r->f);
	for (size_t i = 0; !ret && i < m->n_sets; i++)
		ret = put_state(r, &m->sets[i], e);
	if (ret < 0)
		return ret;
	put_columns(r);
	return put_pictures(r, kinds, ARRAY_SIZE(kinds), e);
}

static int put_density(struct report *r, const struct density *d, struct err *e)
{
	static const enum plot_kind kinds[] = { PLOT_DENSITY_GROWTH, PLOT_DENSITY_START,
		PLOT_DENSITY_MEMORY, PLOT_DENSITY_LATE };
	struct cell_context c = context_of(r);
	struct grid g;
	int ret;

	if (!d->n_ways)
		return 0;
	fputs("<h2>Density</h2>\n<p>Instances were started until so many were held, and then all "
	      "released. \"First\" and \"last\" are the first and the last tenth of what was held: "
	      "what one more costs in the end beside what it cost in the beginning. It grows where "
	      "it costs over 20% more and the ratio's whole interval lies above 1.</p>\n",
		r->f);
	ret = density_grid(&g, &c, d, e);
	if (!ret)
		grid_html(&g, r->f);
	grid_free(&g);
	if (ret < 0)
		return ret;
	fputs("<ul>\n", r->f);
	density_remarks(r->s, d, true, put_remark, r->f);
	fputs("</ul>\n", r->f);
	return put_pictures(r, kinds, ARRAY_SIZE(kinds), e);
}

int report_memory(struct report *r, struct err *e)
{
	struct memory m;
	struct density d = { 0 };
	int ret = memory_make(r->s, &m, e);

	if (!ret)
		ret = put_memory(r, &m, e);
	if (!ret)
		ret = density_make(r->s, &d, e);
	if (!ret)
		ret = put_density(r, &d, e);
	memory_free(&m);
	density_free(&d);
	return ret;
}
