/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/args.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum kind { KIND_FLAG, KIND_TEXT, KIND_NUMBER };

/* One table for parsing, defaults and help. */
static const struct option_row {
	const char *name;
	enum kind kind;
	size_t offset; /* in struct args */
	const char *text;
	uint64_t number, min, max; /* KIND_NUMBER: default and limits */
	const char *help;
} options[] = {
	{ "suite", KIND_TEXT, offsetof(struct args, suite), "syscalls", 0, 0, 0, "suite to run" },
	{ "filter", KIND_TEXT, offsetof(struct args, filter), "*", 0, 0, 0,
		"only benchmarks whose name or name/params match this pattern" },
	{ "seed", KIND_NUMBER, offsetof(struct args, seed), NULL, 0, 0, UINT64_MAX,
		"of the benchmarks' random order; 0: the table's order" },
	{ "batch-ns", KIND_NUMBER, offsetof(struct args, batch_ns), NULL, 1000000, 1000,
		10000000000, "a batch takes at least so long" },
	{ "batches", KIND_NUMBER, offsetof(struct args, batches), NULL, 24, 1, ARGS_BATCHES_MAX,
		"a benchmark has at most so many batches" },
	{ "budget-ns", KIND_NUMBER, offsetof(struct args, budget_ns), NULL, 24000000, 1,
		1000000000000, "time for a benchmark's batches, once three are made" },
	{ "mem-limit", KIND_NUMBER, offsetof(struct args, mem_limit), NULL, 0, 0, UINT64_MAX,
		"bytes of memory that the launcher lets this have; 0: no limit" },
	{ "tmp", KIND_TEXT, offsetof(struct args, tmp), NULL, 0, 0, 0,
		"directory to work in; default: the first tmpfs of /tmp, /dev/shm" },
	{ "clone-check", KIND_FLAG, offsetof(struct args, clone_check), NULL, 0, 0, 0,
		"report random bytes and clocks first, for tests of snapshots" },
	{ "list", KIND_FLAG, offsetof(struct args, list), NULL, 0, 0, 0,
		"print the benchmarks and do nothing" },
	{ "help", KIND_FLAG, offsetof(struct args, help), NULL, 0, 0, 0,
		"print this and do nothing" },
};
#define OPTION_COUNT (sizeof(options) / sizeof(options[0]))

static void *field(struct args *a, const struct option_row *o)
{
	return (char *)a + o->offset;
}

static void set_defaults(struct args *a)
{
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		if (options[i].kind == KIND_TEXT)
			*(const char **)field(a, &options[i]) = options[i].text;
		else
			*(uint64_t *)field(a, &options[i]) = options[i].number;
	}
}

/* The row of "--name" or "--name=value"; *@value is NULL or what follows the "=". */
static const struct option_row *find(const char *word, const char **value)
{
	if (strncmp(word, "--", 2) != 0)
		return NULL;
	word += 2;
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		size_t n = strlen(options[i].name);

		if (strncmp(word, options[i].name, n) == 0 && (!word[n] || word[n] == '=')) {
			*value = word[n] ? word + n + 1 : NULL;
			return &options[i];
		}
	}
	return NULL;
}

static int set_number(uint64_t *out, const struct option_row *o, const char *value)
{
	char *end;

	if (!isdigit((unsigned char)value[0])) /* strtoull takes signs and blanks */
		return -EINVAL;
	errno = 0;
	unsigned long long v = strtoull(value, &end, 10);

	if (*end || errno || v < o->min || v > o->max)
		return -EINVAL;
	*out = v;
	return 0;
}

static int set(
	struct args *a, const struct option_row *o, const char *value, char *why, size_t size)
{
	if (o->kind == KIND_FLAG && !value) {
		*(uint64_t *)field(a, o) = 1;
		return 0;
	}
	if (o->kind == KIND_FLAG) {
		snprintf(why, size, "--%s takes no value", o->name);
		return -EINVAL;
	}
	if (!value || !*value) {
		snprintf(why, size, "--%s needs a value: --%s=VALUE", o->name, o->name);
		return -EINVAL;
	}
	if (o->kind == KIND_TEXT) {
		*(const char **)field(a, o) = value;
		return 0;
	}
	if (set_number(field(a, o), o, value) == 0)
		return 0;
	snprintf(why, size, "--%s=%s: must be a whole number from %" PRIu64 " to %" PRIu64, o->name,
		value, o->min, o->max);
	return -EINVAL;
}

int args_parse(struct args *a, int argc, char *const *argv, char *why, size_t size)
{
	set_defaults(a);
	for (int i = 1; i < argc; i++) {
		const char *value = NULL;
		const struct option_row *o = find(argv[i], &value);

		if (!o) {
			snprintf(why, size, "unknown argument '%s'", argv[i]);
			return -EINVAL;
		}
		int r = set(a, o, value, why, size);

		if (r < 0)
			return r;
	}
	return 0;
}

static void usage_row(FILE *f, const struct option_row *o)
{
	static const char *const values[] = {
		[KIND_FLAG] = "", [KIND_TEXT] = "=TEXT", [KIND_NUMBER] = "=N"
	};
	char word[32];

	snprintf(word, sizeof(word), "--%s%s", o->name, values[o->kind]);
	fprintf(f, "  %-16s %s", word, o->help);
	if (o->kind == KIND_NUMBER)
		fprintf(f, " (%" PRIu64 ")", o->number);
	else if (o->text)
		fprintf(f, " (%s)", o->text);
	fputc('\n', f);
}

void args_usage(FILE *f)
{
	fputs("usage: workload [--ARGUMENT=VALUE]...\n", f);
	for (size_t i = 0; i < OPTION_COUNT; i++)
		usage_row(f, &options[i]);
}
