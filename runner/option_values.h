/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kinds of values that options have. All return a -EINVAL that names the option and the value.
 */
#ifndef BENCH_RUNNER_OPTION_VALUES_H
#define BENCH_RUNNER_OPTION_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "results/table.h"

#define MAX_NAMES 16

struct name_list {
	char *names[MAX_NAMES]; /* owned, no name twice unless allowed */
	size_t n;
};

/* A whole number from @min to @max. */
int option_number(const char *option, const char *value, uint64_t min, uint64_t max, uint64_t *out,
	struct err *e);

/* Index of @value in @names, or an error that lists them. */
int option_choice(
	const char *option, const char *value, const char *const *names, size_t n, struct err *e);

/* The value of --format, which is the same for every verb that has it. */
int option_format(const char *value, enum table_format *out, struct err *e);

/* A comma-separated list of @names as bits 1 << index. */
int option_bits(const char *option, const char *value, const char *const *names, size_t n,
	unsigned *out, struct err *e);

/* Add the names of a comma-separated list to @out; none may be empty or there already. */
int option_names(const char *option, const char *value, struct name_list *out, struct err *e);

bool names_have(const struct name_list *l, const char *name);
void names_free(struct name_list *l);

#endif
