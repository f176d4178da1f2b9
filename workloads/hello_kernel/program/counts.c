/* SPDX-License-Identifier: GPL-3.0-or-later */
/* As workloads/counts.c: readings on both sides of a batch, their own exits left out. */
#include "workloads/hello_kernel/cpu.h"
#include "workloads/hello_kernel/program/program.h"

/* In one page, so that a reading is one exit. */
struct reading {
	u64 n[COUNT_COUNT];
} __attribute__((aligned(256)));

static const char *const metrics[COUNT_COUNT] = {
#define X(name, metric, statistic) [COUNT_##name] = metric,
	EXIT_COUNTS(X)
#undef X
};

static struct reading before, after;
static u64 own[COUNT_COUNT], sum[COUNT_COUNT];

static void read_counts(struct reading *r)
{
	ins_wide(COUNTS_PORT, r->n, sizeof(r->n) / 4);
}

static u64 between(u64 i)
{
	return after.n[i] == COUNT_UNKNOWN ? 0 : after.n[i] - before.n[i];
}

void counts_info(void)
{
	read_counts(&after);
	report("info", COUNTS_INFO,
		after.n[COUNT_ALL] == COUNT_UNKNOWN ? COUNTS_INFO_NONE : COUNTS_INFO_ALL, NULL);
}

/* The least of a few, as with the empty loop: what disturbs a reading only adds to it. */
void counts_begin(void)
{
	for (u64 i = 0; i < COUNT_COUNT; i++) {
		own[i] = ~0ul;
		sum[i] = 0;
	}
	for (int k = 0; k < 4; k++) {
		read_counts(&before);
		read_counts(&after);
		for (u64 i = 0; i < COUNT_COUNT; i++) {
			if (between(i) < own[i])
				own[i] = between(i);
		}
	}
}

void counts_before(void)
{
	read_counts(&before);
}

void counts_after(void)
{
	read_counts(&after);
	for (u64 i = 0; i < COUNT_COUNT; i++) {
		if (between(i) > own[i])
			sum[i] += between(i) - own[i];
	}
}

void counts_report(const char *name, const char *params, u64 iterations)
{
	char n[DECIMAL_SIZE], total[DECIMAL_SIZE];

	for (u64 i = 0; i < COUNT_COUNT; i++) {
		if (after.n[i] != COUNT_UNKNOWN)
			report("value", name, params, metrics[i], "count",
				text_decimal(iterations, n), text_decimal(sum[i], total), NULL);
	}
}
