/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/metavars.h"

#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "ctr/ns.h"
#include "runner/demo/demo.h"
#include "runner/kernels.h"
#include "runner/run_options.h"
#include "runner/runtimes.h"
#include "runner/suites.h"

#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

static const char *suite_at(size_t i)
{
	return i < n_suites ? suites[i].name : NULL;
}

static const char *benchmark_at(size_t i)
{
	return i < n_benches ? benches[i].name : NULL;
}

static const char *runtime_at(size_t i)
{
	for (size_t k = 0; k < n_runtimes; k++) {
		if (!(runtimes[k]->caps & RT_HIDDEN) && !i--)
			return runtimes[k]->name;
	}
	return NULL;
}

static const char *machine_at(size_t i)
{
	return i < MACHINE_CHOICES ? machine_names[i] : NULL;
}

static const char *start_at(size_t i)
{
	return i < START_MODES ? start_names[i] : NULL;
}

static const char *page_at(size_t i)
{
	return i < PAGE_MODES ? page_names[i] : NULL;
}

static const char *demo_at(size_t i)
{
	return i < n_demos ? demos[i]->name : NULL;
}

static const char *namespace_at(size_t i)
{
	return i < NS_KINDS ? ns_kinds[i].name : NULL;
}

const struct metavar metavars[] = {
	{ .name = "SUITE", .meaning = "a suite of benchmarks, see below", .at = suite_at },
	{ .name = "RUNTIME", .meaning = "a way of running, see below", .at = runtime_at },
	{ .name = "KERNEL",
		.meaning = "a guest kernel, see below, or the path of an image, with a slash in it",
		.sources = FROM_FILES | FROM_KERNEL_CACHE,
		.at = kernel_name_at },
	{ .name = "MACHINE", .meaning = "where to measure", .at = machine_at },
	{ .name = "GLOB",
		.meaning = "a pattern as of the shell, for the name of a benchmark",
		.at = benchmark_at },
	{ .name = "START",
		.meaning = "how a guest comes to be: booted, or restored from a snapshot",
		.at = start_at },
	{ .name = "PAGES", .meaning = "the size of the pages", .at = page_at },
	{ .name = "NS", .meaning = "a kind of namespaces", .at = namespace_at },
	{ .name = "DEMO", .meaning = "a demonstration, see below", .at = demo_at },
	{ .name = "DIR", .meaning = "a folder", .sources = FROM_FOLDERS },
	{ .name = "PATH", .meaning = "a file or a folder", .sources = FROM_FILES },
	{ .name = "PROGRAM",
		.meaning = "a program, by its name or its path",
		.sources = FROM_PATH },
	{ .name = "ARG", .meaning = "what that program is given", .sources = FROM_FILES },
	{ .name = "N", .meaning = "a whole number" },
	{ .name = "MIB", .meaning = "a whole number of MiB, 1048576 bytes each" },
	{ .name = "PCT", .meaning = "a number of per cent" },
	{ .name = "SEC", .meaning = "a whole number of seconds" },
	{ .name = "LIST", .meaning = "numbers and ranges with commas between them" },
	{ .name = "NAME", .meaning = "a name" },
	{ .name = "ID", .meaning = "a name without blanks" },
};
const size_t n_metavars = ARRAY_SIZE(metavars);

const struct metavar *metavar_of(const char *word)
{
	size_t len = strspn(word, CAPITALS);

	for (size_t i = 0; i < n_metavars; i++) {
		if (strlen(metavars[i].name) == len && !strncmp(metavars[i].name, word, len))
			return &metavars[i];
	}
	return NULL;
}

static void add_name(struct value *v, const char *name)
{
	for (size_t i = 0; i < v->n; i++) {
		if (!strcmp(v->names[i], name))
			return;
	}
	if (v->n < VALUE_NAMES_MAX)
		v->names[v->n++] = name;
}

static void add_metavar(struct value *v, const struct metavar *m)
{
	v->sources |= m->sources;
	for (size_t i = 0; m->at && m->at(i); i++)
		add_name(v, m->at(i));
}

/* "N|any", "[DIR...]", "DIR_A", "NAME[=VALUE]": what follows a metavariable's capitals is form. */
static void add_text(struct value *v, char *text)
{
	char *part;

	v->texts[v->n_texts++] = text;
	v->list |= strchr(text, ',') != NULL;
	v->repeats |= strstr(text, "...") != NULL;
	text += strspn(text, "[");
	while ((part = strsep(&text, "|"))) {
		const struct metavar *m = metavar_of(part);

		part[strcspn(part, "].,")] = '\0';
		if (m)
			add_metavar(v, m);
		else if (*part && !strspn(part, CAPITALS))
			add_name(v, part);
	}
}

void value_of_option(const char *arg, struct value *out)
{
	char *text = strdup(arg);

	*out = (struct value){ 0 };
	if (text)
		add_text(out, text);
}

/* Word @at of the @len characters of one alternative, as a string; NULL where it has none. */
static char *operand_word(const char *way, size_t len, size_t at)
{
	cleanup_free char *all = strndup(way, len);
	char *next = all, *word = NULL;

	for (size_t i = 0; i <= at; i++)
		word = strsep(&next, " ");
	return word && *word ? strdup(word) : NULL;
}

/* Operand @at of one alternative; those behind the first belong to it alone. */
static bool add_operand(struct value *v, const char *way, size_t len, size_t at, bool alone)
{
	char *word = operand_word(way, len, at);
	char *first = word && at && !alone ? operand_word(way, len, 0) : NULL;
	char *after =
		first ? format_text("%s%s%s", v->after ? v->after : "", v->after ? "|" : "", first)
		      : NULL;

	free(first);
	if (after) {
		free(v->after_text);
		v->after = v->after_text = after;
	}
	if (word)
		add_text(v, word);
	return word;
}

bool value_of_operand(const char *args, size_t at, struct value *out)
{
	bool alone = !strstr(args, " | "), any = false;

	*out = (struct value){ 0 };
	if (!strncmp(args, "-- ", 3))
		args += 3;
	for (size_t i = 0; args && i < VALUE_WAYS_MAX; i++) {
		const char *end = strstr(args, " | ");
		size_t len = end ? (size_t)(end - args) : strlen(args);

		any |= add_operand(out, args, len, at, alone);
		args = end ? end + 3 : NULL;
	}
	return any;
}

void value_free(struct value *v)
{
	for (size_t i = 0; i < v->n_texts; i++)
		free(v->texts[i]);
	free(v->after_text);
	*v = (struct value){ 0 };
}
