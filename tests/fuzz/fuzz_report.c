/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The report of a guest or a container, and the rows that are made of it: all of it is theirs. */
#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <math.h>

#include "base/report_abi.h"
#include "base/util.h"
#include "runner/report.h"
#include "runner/rows.h"
#include "runner/runtimes.h"

static void check_record(const struct record *r)
{
	MUST(fuzz_printable(r->name) && fuzz_printable(r->params) && fuzz_printable(r->text));
	if (r->kind == RECORD_SAMPLE || r->kind == RECORD_VALUE)
		MUST(r->iterations > 0);
	if (r->kind == RECORD_VALUE)
		MUST(*r->metric && strlen(r->metric) < REPORT_METRIC_MAX && *r->unit);
}

/* What may stand in samples.csv, so that it can be read again. */
static int check_row(void *ctx, const struct sample *s, struct err *e)
{
	(void)ctx, (void)e;
	MUST(s->status < SAMPLE_STATUS_COUNT && *s->benchmark && *s->metric && *s->unit);
	if (s->status == SAMPLE_OK || s->status == SAMPLE_WARMUP)
		MUST(isfinite(s->value) && isfinite(s->overhead_ns) && s->iterations);
	MUST(fuzz_printable(s->reason));
	return 0;
}

/* As after a launch that went well, but for what the report says. */
static void make_rows(const struct report *report, const char *failure)
{
	static struct plan plan = { .n_suites = 1, .n_ways = 1, .time_unit = "ns" };
	static const struct launch launch;
	static const struct outcome outcome = { .kind = OUTCOME_EXITED };
	struct launch_result lr = { .plan = &plan,
		.launch = &launch,
		.run_id = "fuzz",
		.report = report,
		.outcome = &outcome,
		.failure = failure };
	struct err e = { 0 };
	bool failed = false;

	if (!plan.suites[0]) {
		plan.suites[0] = suite_find("exits");
		plan.ways[0] = (struct way){
			.ops = runtime_find("vm"), .name = "vm", .kernel = "distro", .usable = true
		};
	}
	MUST(rows_of_launch(&lr, check_row, NULL, &failed, &e) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct err e = { 0 };
	struct report rep;
	int r = report_parse((const char *)data, len, &rep, &e);

	if (r) {
		fuzz_check_error(r, &e);
		MUST(r == -EPROTO && fuzz_printable(e.message));
	}
	for (size_t i = 0; i < rep.n; i++)
		check_record(&rep.records[i]);
	MUST(rep.status >= 0 && rep.status <= 255);
	report_info(&rep, "kernel.sysname");
	make_rows(&rep, r ? e.message : NULL);
	report_free(&rep);
	return 0;
}
