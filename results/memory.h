/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The suite "memory" as its tables, plots and report need it: for each state of the workload one
 * entry a way of running, with all that was read of it (docs/memory.md). Made from a summary
 * alone; what it points to lives as long as the summary. All values are bytes.
 */
#ifndef BENCH_RESULTS_MEMORY_H
#define BENCH_RESULTS_MEMORY_H

#include <stdint.h>

#include "results/held.h"
#include "results/summary.h"

enum memory_metric {
	/* Of the whole host while one more instance was held, and another: bytes an instance. */
	MEM_SLOPE, /* of MemAvailable: the arbiter */
	MEM_SLOPE_KERNEL,
	MEM_SLOPE_STACK,
	MEM_SLOPE_TABLES,
	MEM_SLOPE_SLAB,
	MEM_SLOPE_PERCPU,
	MEM_SLOPE_KVM,

	/* Of some instances, with all of them held. */
	MEM_PSS,
	MEM_PRIVATE,
	MEM_PSS_GUEST,
	MEM_PSS_VMM,
	MEM_CURRENT,
	MEM_PEAK,
	MEM_ANON,
	MEM_FILE,
	MEM_SHMEM,
	MEM_KERNEL,
	MEM_STACK,
	MEM_TABLES,
	MEM_SLAB,
	MEM_PERCPU,
	MEM_KVM,

	/* Of a guest. */
	MEM_OFFERED,
	MEM_TOUCHED,
	MEM_TAKEN,
	MEM_TOTAL,
	MEM_USED,

	MEM_STEPS, /* MemAvailable itself, step by step */
	MEM_METRICS
};

/* "slope", "pss", ...: as they stand in samples.csv. */
extern const char *const memory_metrics[MEM_METRICS];

/* One way of running. A group is NULL where the file has no row of the kind. */
struct memory_way {
	size_t column; /* of the summary */
	const struct summary_group *g[MEM_METRICS];
	uint64_t least, most; /* instances that its slopes are of; 0: no slope */
	const char *stopped;  /* why a stair has fewer than were asked for, or "" */
};

/* A state of the workload. */
struct memory_set {
	const char *state, *params;
	struct memory_way *ways; /* by memory_total(), those without one last */
	size_t n_ways;
};

struct memory {
	struct memory_set *sets; /* idle, touched, returned, others as they come */
	size_t n_sets;
};

bool memory_covers(const struct summary_row *row);
bool memory_is_steps(const struct summary_row *row);

/* Without any row of the suite all is empty. The caller ends it with memory_free either way. */
int memory_make(const struct summary *s, struct memory *m, struct err *e);
void memory_free(struct memory *m);

/* The median of what is there; NAN for NULL and without values. */
double memory_median(const struct memory_way *w, enum memory_metric metric);

/*
 * What an instance's memory consists of, as far as it was told apart. Kernel memory is that by
 * slope, or where there is none memory.stat's. UNEXPLAINED is the slope without the others: below
 * zero where these overlap (memory that instances share is in none's slope) or the slope's noise is
 * larger.
 */
enum memory_part {
	PART_VMM,
	PART_GUEST_KERNEL, /* what it took at boot */
	PART_PROGRAM,      /* the process, or what else the guest uses */
	PART_KERNEL,       /* the host's: stacks, page tables, slab, per-CPU */
	PART_KVM,          /* its page tables */
	PART_UNEXPLAINED,
	MEMORY_PARTS
};

/* NAN where it is not known or there is none. */
void memory_parts(const struct memory_way *w, double part[MEMORY_PARTS]);

/* The slope, or where there is none the sum of the parts that are known; NAN without any. */
double memory_total(const struct memory_way *w);

/*
 * What MemAvailable fell by since none was held, bytes, step by step, of all launches: *@n points,
 * sorted, in *@points, which the caller frees; NULL where there are none. 0 or -ENOMEM.
 */
int memory_stair(const struct summary *s, const struct memory_set *set, const struct memory_way *w,
	struct held_point **points, size_t *n, struct err *e);

#endif
