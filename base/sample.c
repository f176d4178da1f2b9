/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/sample.h"

const char *const sample_status_names[SAMPLE_STATUS_COUNT] = {
	[SAMPLE_OK] = "ok",
	[SAMPLE_WARMUP] = "warmup",
	[SAMPLE_SKIPPED] = "skipped",
	[SAMPLE_FAILED] = "failed",
	[SAMPLE_TIMEOUT] = "timeout",
};
