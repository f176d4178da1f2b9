/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of the suites that hold instances, "memory" and "density". */
#ifndef BENCH_RESULTS_HELD_TABLE_H
#define BENCH_RESULTS_HELD_TABLE_H

#include "results/density.h"
#include "results/group_cell.h"
#include "results/memory.h"

/*
 * One row a way, in a grid that the caller ends with grid_free either way. What is there of a
 * state: the whole (slope, PSS, cgroup, guest), or what kernel memory and cgroup consist of.
 */
enum memory_view { MEMORY_WHOLE, MEMORY_DETAIL, MEMORY_VIEWS };
int memory_grid(struct grid *g, const struct cell_context *c, const struct memory_set *set,
	enum memory_view view, struct err *e);

/* Is there any value that the view shows? */
bool memory_has_view(const struct memory_set *set, enum memory_view view);

/* A sentence for each way whose stair was stopped early. Returns how many. */
size_t memory_remarks(
	const struct summary *s, const struct memory_set *set, held_remark_fn put, void *ctx);

int density_grid(
	struct grid *g, const struct cell_context *c, const struct density *d, struct err *e);

/* All of them on a terminal; nothing where there is nothing. */
int held_table_print(
	struct term *t, const struct summary *s, const struct notes *notes, struct err *e);

#endif
