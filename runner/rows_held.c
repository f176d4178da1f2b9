/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/rows_held.h"

int rows_held_noted(const struct held_rows *h, const char *metric, const char *unit, unsigned index,
	uint64_t iterations, double value, const char *reason, struct err *e)
{
	struct sample s = h->base;

	s.metric = metric;
	s.unit = unit;
	s.sample = index;
	s.iterations = iterations ? iterations : 1;
	s.value = value;
	s.overhead_ns = 0;
	s.reason = reason;
	return h->put(h->ctx, &s, e);
}

int rows_held(const struct held_rows *h, const char *metric, const char *unit, unsigned index,
	uint64_t iterations, double value, struct err *e)
{
	return rows_held_noted(h, metric, unit, index, iterations, value, "", e);
}

int rows_held_missing(const struct held_rows *h, const char *metric, const char *unit,
	unsigned index, enum sample_status status, const char *reason, struct err *e)
{
	struct held_rows missing = *h;

	missing.base.status = status;
	return rows_held_noted(&missing, metric, unit, index, 1, 0, reason, e);
}

int rows_held_amount(const struct held_rows *h, const char *metric, unsigned index,
	const struct amount *a, struct err *e)
{
	if (amount_known(a))
		return rows_held(h, metric, "bytes", index, 1, (double)a->bytes, e);
	return rows_held_missing(h, metric, "bytes", index, SAMPLE_SKIPPED, a->why, e);
}
