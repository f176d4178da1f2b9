/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <stdlib.h>

#include "workloads/counts.h"
#include "workloads/demo/probe.h"
#include "workloads/raw.h"

#define MAX_CALLS 100000000

static void tell_exits(const struct probe *p, const struct tally *t)
{
	static const struct {
		const char *key;
		enum exit_count count;
	} told[] = {
		{ "calls.exits", COUNT_ALL },
		{ "calls.exits_user", COUNT_USER },
	};

	for (size_t i = 0; p->guest && i < sizeof(told) / sizeof(told[0]); i++) {
		uint64_t n = t->sum[told[i].count];

		if (n != COUNT_UNKNOWN)
			report_info(p->report, told[i].key, "%" PRIu64, n);
	}
}

int probe_calls(const struct probe *p)
{
	unsigned long n = p->value ? strtoul(p->value, NULL, 10) : 0, answered = 0;
	struct tally t;

	if (!n || n > MAX_CALLS)
		return 2;
	tally_begin(&t, p->guest ? counts_read : NULL);
	/* Sent at once: whoever looks from outside knows by it where he is. */
	report_info(p->report, "calls.begin", "%lu", n);
	report_flush(p->report);
	tally_before(&t);
	for (unsigned long i = 0; i < n; i++)
		answered += raw0(SYS_getppid) >= 0;
	tally_after(&t);
	report_info(p->report, "calls.end", "%lu", answered);
	report_flush(p->report);
	tell_exits(p, &t);
	return 0;
}
