/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What differs between two ways of running besides the way itself: another kernel build, other
 * mitigations. Then a difference in the figures may be theirs (docs/method.md, rule 15).
 */
#ifndef BENCH_RUNNER_DIFFERENCES_H
#define BENCH_RUNNER_DIFFERENCES_H

#include <stddef.h>

#include "results/manifest.h"

/*
 * Compare what the workload found inside ways number @a and @b of the manifest, and hand each
 * difference to @warn as one sentence with its remedy. Unknown on either side is no difference.
 * Returns their number.
 */
int differences_find(const struct manifest *m, size_t a, const char *a_label, size_t b,
	const char *b_label, void (*warn)(void *ctx, const char *text), void *ctx);

#endif
