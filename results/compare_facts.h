/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What two runs differ in beside their numbers, by their manifests: one table says how grave. */
#ifndef BENCH_RESULTS_COMPARE_FACTS_H
#define BENCH_RESULTS_COMPARE_FACTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "results/manifest.h"

struct fact_difference {
	char *key; /* of the manifest; a way's by its name: "vm (distro): kernel_sha256" */
	char *a, *b;
	bool grave; /* the figures are of different things; otherwise it may explain a little */
};

struct facts_differences {
	struct fact_difference *list;
	size_t n, n_grave;
};

/*
 * Compare the manifests @a and @b. What is unknown on one side is a difference that is not grave,
 * what is unknown on both is none. -ENOMEM with @e, or 0; the caller ends @d with facts_free either
 * way.
 */
int facts_compare(const struct manifest *a, const struct manifest *b, struct facts_differences *d,
	struct err *e);
void facts_free(struct facts_differences *d);

#endif
