/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stddef.h>

#include "workloads/hello_kernel/program/program.h"

/* The defaults are the workload's (workloads/args.c); its other arguments mean nothing here. */
static const struct options defaults = { .batches = 24,
	.batch_ns = 1000000,
	.budget_ns = 24000000,
	.suite = "syscalls",
	.filter = "*" };

#define KHZ_MAX 100000000 /* 100 GHz: ticks times a million stay below 2^64 for minutes */

static const struct row {
	const char *name;
	u64 offset;
	u64 min, max; /* both 0: the value is text */
} rows[] = {
	{ "tsc_khz", offsetof(struct options, tsc_khz), 1, KHZ_MAX },
	{ "batches", offsetof(struct options, batches), 0, 256 },
	{ "batch-ns", offsetof(struct options, batch_ns), 1000, 10000000000 },
	{ "budget-ns", offsetof(struct options, budget_ns), 1, 1000000000000 },
	{ "suite", offsetof(struct options, suite), 0, 0 },
	{ "filter", offsetof(struct options, filter), 0, 0 },
	{ "hold", offsetof(struct options, hold), 0, 0 },
	{ "misbehave", offsetof(struct options, misbehave), 0, 0 },
};

/* The value of "NAME=VALUE" or "--NAME=VALUE", or NULL. */
static const char *value_of(const char *word, const char *name)
{
	if (word[0] == '-' && word[1] == '-')
		word += 2;
	while (*name && *word == *name) {
		word++;
		name++;
	}
	return !*name && *word == '=' ? word + 1 : NULL;
}

static bool set(struct options *o, const struct row *r, const char *value)
{
	void *field = (char *)o + r->offset;
	u64 number;

	if (!r->max) {
		*(const char **)field = value;
		return *value;
	}
	if (!text_number(value, &number) || number < r->min || number > r->max)
		return false;
	*(u64 *)field = number;
	return true;
}

static bool take_word(struct options *o, const char *word)
{
	for (u64 i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *value = value_of(word, rows[i].name);

		if (value)
			return set(o, &rows[i], value);
	}
	return true; /* somebody else's */
}

const char *options_parse(struct options *o, char *cmdline)
{
	*o = defaults;
	for (char *p = cmdline; *p;) {
		char *word;

		while (*p == ' ')
			p++;
		word = p;
		while (*p && *p != ' ')
			p++;
		if (*p)
			*p++ = '\0';
		if (*word && !take_word(o, word))
			return word;
	}
	return NULL;
}
