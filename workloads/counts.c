/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/counts.h"

#include <stddef.h>

#define READINGS 4 /* the least of so many is what a reading costs */

const char *const counts_metrics[COUNT_COUNT] = {
#define X(name, metric, statistic) [COUNT_##name] = metric,
	EXIT_COUNTS(X)
#undef X
};

void counts_read(struct counts *c)
{
	void *to = c->n;
	size_t words = sizeof(c->n) / 4;

	__asm__ volatile("cld; rep insl" : "+D"(to), "+c"(words) : "d"(COUNTS_PORT) : "memory");
}

static uint64_t between(const struct tally *t, int i)
{
	if (t->before.n[i] == COUNT_UNKNOWN || t->after.n[i] == COUNT_UNKNOWN)
		return COUNT_UNKNOWN;
	return t->after.n[i] - t->before.n[i];
}

/* What disturbs a reading only adds to it, as with the empty loop (measure.c). */
void tally_begin(struct tally *t, counts_read_fn *read)
{
	t->read = read;
	if (!read)
		return;
	for (int i = 0; i < COUNT_COUNT; i++) {
		t->own[i] = COUNT_UNKNOWN;
		t->sum[i] = 0;
	}
	for (int k = 0; k < READINGS; k++) {
		read(&t->before);
		read(&t->after);
		for (int i = 0; i < COUNT_COUNT; i++)
			if (between(t, i) < t->own[i])
				t->own[i] = between(t, i);
	}
}

void tally_before(struct tally *t)
{
	if (t->read)
		t->read(&t->before);
}

void tally_after(struct tally *t)
{
	if (!t->read)
		return;
	t->read(&t->after);
	for (int i = 0; i < COUNT_COUNT; i++) {
		const uint64_t n = between(t, i);

		if (n == COUNT_UNKNOWN)
			t->sum[i] = COUNT_UNKNOWN;
		else if (n > t->own[i])
			t->sum[i] += n - t->own[i];
	}
}
