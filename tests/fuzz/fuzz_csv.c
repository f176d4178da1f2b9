/* SPDX-License-Identifier: GPL-3.0-or-later */
/* samples.csv, which may come from anywhere. */
#include "tests/fuzz/one_file.h"

#include <errno.h>
#include <math.h>

#include "base/util.h"
#include "results/samples.h"

static void check_row(const struct sample *s)
{
	const char *texts[] = { s->run_id, s->suite, s->benchmark, s->params, s->runtime, s->kernel,
		s->phase, s->metric, s->unit, s->reason, s->host };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		MUST(texts[i] && strlen(texts[i]) < SIZE_MAX);
	MUST(s->status < SAMPLE_STATUS_COUNT);
	if (sample_has_value(s))
		MUST(isfinite(s->value) && isfinite(s->overhead_ns));
	else
		MUST(s->value == 0 && s->overhead_ns == 0 && s->iterations == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct sample_set set;
	struct err e = { 0 };
	int r;

	one_file_set(data, len);
	r = samples_read(ONE_FILE, &set, &e);
	MUST(!one_file.open);
	if (r) {
		fuzz_check_error(r, &e);
		MUST(r == -EBADMSG || r == -ENODATA);
		MUST(fuzz_printable(e.message) && !set.rows && !set.strings);
		return 0;
	}
	MUST(set.n > 0);
	for (size_t i = 0; i < set.n; i++)
		check_row(&set.rows[i]);
	samples_free(&set);
	return 0;
}
