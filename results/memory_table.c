/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an instance takes, a row a way of running. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "base/util.h"
#include "results/held_table.h"

enum show { SHOW_MEDIAN, SHOW_INTERVAL, SHOW_INSTANCES, SHOW_UNEXPLAINED };

static const char slope[] = "one more instance takes (slope)", smaps[] = "PSS",
		  private[] = "private", cgroup[] = "cgroup", guest[] = "guest memory",
		  by_slope[] = "kernel memory by slope", stat[] = "memory.stat";

struct field {
	enum show show;
	enum memory_metric metric;
};

static const struct field whole_of[] = {
	{ SHOW_INSTANCES, MEM_SLOPE },
	{ SHOW_MEDIAN, MEM_SLOPE },
	{ SHOW_INTERVAL, MEM_SLOPE },
	{ SHOW_MEDIAN, MEM_SLOPE_KERNEL },
	{ SHOW_UNEXPLAINED, MEM_SLOPE },
	{ SHOW_MEDIAN, MEM_PSS },
	{ SHOW_MEDIAN, MEM_PSS_GUEST },
	{ SHOW_MEDIAN, MEM_PSS_VMM },
	{ SHOW_MEDIAN, MEM_PRIVATE },
	{ SHOW_MEDIAN, MEM_CURRENT },
	{ SHOW_MEDIAN, MEM_PEAK },
	{ SHOW_MEDIAN, MEM_OFFERED },
	{ SHOW_MEDIAN, MEM_TOUCHED },
	{ SHOW_MEDIAN, MEM_TAKEN },
	{ SHOW_MEDIAN, MEM_TOTAL },
	{ SHOW_MEDIAN, MEM_USED },
};

static const struct field detail_of[] = {
	{ SHOW_MEDIAN, MEM_SLOPE_STACK },
	{ SHOW_MEDIAN, MEM_SLOPE_TABLES },
	{ SHOW_MEDIAN, MEM_SLOPE_SLAB },
	{ SHOW_MEDIAN, MEM_SLOPE_PERCPU },
	{ SHOW_MEDIAN, MEM_SLOPE_KVM },
	{ SHOW_MEDIAN, MEM_ANON },
	{ SHOW_MEDIAN, MEM_FILE },
	{ SHOW_MEDIAN, MEM_SHMEM },
	{ SHOW_MEDIAN, MEM_KERNEL },
	{ SHOW_MEDIAN, MEM_STACK },
	{ SHOW_MEDIAN, MEM_TABLES },
	{ SHOW_MEDIAN, MEM_SLAB },
	{ SHOW_MEDIAN, MEM_PERCPU },
	{ SHOW_MEDIAN, MEM_KVM },
};

static const struct grid_column whole[ARRAY_SIZE(whole_of)] = {
	{ slope, "held", false, false },
	{ slope, "MemAvailable", false, true },
	{ slope, "[95%]", true, true },
	{ slope, "kernel", false, false },
	{ slope, "unexplained", false, false },
	{ smaps, "all", false, false },
	{ smaps, "guest", false, false },
	{ smaps, "VMM", false, false },
	{ private, "all", false, false },
	{ cgroup, "current", false, false },
	{ cgroup, "peak", false, false },
	{ guest, "offered", false, false },
	{ guest, "touched", false, false },
	{ guest, "by kernel", false, false },
	{ guest, "total", false, false },
	{ guest, "used", false, false },
};

static const struct grid_column detail[ARRAY_SIZE(detail_of)] = {
	{ by_slope, "stacks", false, false },
	{ by_slope, "page tables", false, false },
	{ by_slope, "slab", false, false },
	{ by_slope, "per-CPU", false, false },
	{ by_slope, "KVM", false, false },
	{ stat, "anon", false, false },
	{ stat, "file", false, false },
	{ stat, "shmem", false, false },
	{ stat, "kernel", false, false },
	{ stat, "stacks", false, false },
	{ stat, "page tables", false, false },
	{ stat, "slab", false, false },
	{ stat, "per-CPU", false, false },
	{ stat, "KVM", false, false },
};

static const struct {
	const struct field *of;
	const struct grid_column *columns;
	size_t n;
} views[MEMORY_VIEWS] = {
	[MEMORY_WHOLE] = { whole_of, whole, ARRAY_SIZE(whole_of) },
	[MEMORY_DETAIL] = { detail_of, detail, ARRAY_SIZE(detail_of) },
};

static void fill_instances(const struct memory_way *w, struct grid_cell *cell)
{
	if (!w->most)
		return;
	if (w->least == w->most)
		snprintf(cell->text, TEXT_SIZE, "%" PRIu64, w->most);
	else
		snprintf(cell->text, TEXT_SIZE, "%.6g-%.6g", (double)w->least, (double)w->most);
}

static void fill_cell(const struct cell_context *c, const struct memory_way *w,
	const struct field *of, struct grid_cell *cell)
{
	double part[MEMORY_PARTS];

	switch (of->show) {
	case SHOW_INSTANCES:
		fill_instances(w, cell);
		break;
	case SHOW_INTERVAL:
		group_cell_interval(c, w->g[of->metric], cell);
		break;
	case SHOW_UNEXPLAINED:
		memory_parts(w, part);
		text_value(part[PART_UNEXPLAINED], "bytes", c->utf8, cell->text);
		break;
	case SHOW_MEDIAN:
		group_cell_value(c, w->g[of->metric], memory_median(w, of->metric), cell);
	}
}

bool memory_has_view(const struct memory_set *set, enum memory_view view)
{
	for (size_t i = 0; i < set->n_ways; i++) {
		for (size_t k = 0; k < views[view].n; k++) {
			if (!isnan(memory_median(&set->ways[i], views[view].of[k].metric)))
				return true;
		}
	}
	return false;
}

int memory_grid(struct grid *g, const struct cell_context *c, const struct memory_set *set,
	enum memory_view view, struct err *e)
{
	int r = grid_make(g, "way", views[view].columns, views[view].n, set->n_ways, e);

	for (size_t i = 0; !r && i < set->n_ways; i++) {
		const struct memory_way *w = &set->ways[i];

		text_column(&c->s->columns[w->column], g->labels[i]);
		group_cell_instead(c, w->g, MEM_METRICS, &g->instead[i]);
		for (size_t k = 0; k < views[view].n && !*g->instead[i].text; k++)
			fill_cell(c, w, &views[view].of[k], grid_cell(g, i, k));
	}
	return r;
}

size_t memory_remarks(
	const struct summary *s, const struct memory_set *set, held_remark_fn put, void *ctx)
{
	size_t said = 0;

	for (size_t i = 0; i < set->n_ways; i++) {
		const struct memory_way *w = &set->ways[i];
		cleanup_free char *text = NULL;
		char way[LABEL_SIZE];

		if (!*w->stopped)
			continue;
		text_column(&s->columns[w->column], way);
		text = format_text("%s: held %" PRIu64 ", fewer than asked for: %s.", way, w->least,
			w->stopped);
		if (text)
			put(ctx, text, false);
		said++;
	}
	return said;
}
