/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/rows_exec.h"

#include <stdio.h>
#include <string.h>

#include "base/util.h"

/* Of one launch, as far as it can be told. */
struct facts {
	const struct outcome *out;
	const struct report *rep; /* NULL: the program was our own child, and out has its usage */
	uint64_t peak_bytes;
};

struct number {
	double value;
	const char *missing; /* why there is none; NULL: value is it */
};

static double timeval_ns(const struct timeval *t)
{
	return (double)t->tv_sec * (double)NSEC_PER_SEC + (double)t->tv_usec * 1000;
}

static struct number from_report(const struct report *rep, const char *key)
{
	const char *text = report_info(rep, key);
	uint64_t value;

	if (!text || parse_u64(text, 0, UINT64_MAX, &value))
		return (struct number){ 0, "the guest's init did not tell" };
	return (struct number){ (double)value, NULL };
}

static struct number wall(const struct facts *f)
{
	const uint64_t *at = f->out->at;

	return (struct number){ (double)(at[PHASE_EXIT] - at[PHASE_REQUESTED]), NULL };
}

static struct number user(const struct facts *f)
{
	return f->rep ? from_report(f->rep, "exec.user_ns")
		      : (struct number){ timeval_ns(&f->out->usage.ru_utime), NULL };
}

static struct number system_(const struct facts *f)
{
	return f->rep ? from_report(f->rep, "exec.system_ns")
		      : (struct number){ timeval_ns(&f->out->usage.ru_stime), NULL };
}

/* Whatever the host spent on it: of a guest, the VMM too. */
static struct number cpu(const struct facts *f)
{
	const struct rusage *u = &f->out->usage;

	return (struct number){ timeval_ns(&u->ru_utime) + timeval_ns(&u->ru_stime), NULL };
}

static struct number peak_memory(const struct facts *f)
{
	if (f->rep)
		return from_report(f->rep, "exec.maxrss_bytes");
	if (f->peak_bytes)
		return (struct number){ (double)f->peak_bytes, NULL };
	return (struct number){ 0,
		"less than bench itself, and only root is told more (docs/exec.md)" };
}

static const struct {
	const char *metric, *unit; /* NULL: the run's unit of time */
	struct number (*get)(const struct facts *f);
} metrics[] = {
	{ "wall", NULL, wall },
	{ "user", NULL, user },
	{ "system", NULL, system_ },
	{ "cpu", NULL, cpu },
	{ "peak-memory", "bytes", peak_memory },
};

int rows_exec(const struct way *w, struct sample base, const struct outcome *out,
	const struct report *rep, uint64_t peak_bytes, row_fn put, void *ctx, struct err *e)
{
	const bool guest = w->ops->caps & RT_OWN_KERNEL;
	const struct facts f = { out, guest ? rep : NULL, peak_bytes };
	const bool good = base.status == SAMPLE_OK || base.status == SAMPLE_WARMUP;
	int r = 0;

	base.iterations = 1;
	base.overhead_ns = 0;
	for (size_t i = 0; i < ARRAY_SIZE(metrics) && !r; i++) {
		struct sample s = base;
		struct number n = good ? metrics[i].get(&f) : (struct number){ 0, NULL };

		s.metric = metrics[i].metric;
		s.unit = metrics[i].unit ? metrics[i].unit : base.unit;
		s.value = n.value;
		if (n.missing) {
			s.status = SAMPLE_SKIPPED;
			s.reason = n.missing;
		}
		r = put(ctx, &s, e);
	}
	return r;
}
