/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The verbs of the command line. One table (runner/verbs_table.c) drives dispatch, help,
 * completions and the man page; each verb has its own table of options, from which its parser, too,
 * is made.
 */
#ifndef BENCH_RUNNER_VERBS_H
#define BENCH_RUNNER_VERBS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct option_spec {
	const char *name; /* without the dashes */
	const char *arg;  /* of metavariables (runner/metavars.c) and words; NULL for a flag */
	const char *help; /* one line; NULL: hidden, for the harness's own use */
	/* Store the value (NULL for a flag) in the verb's options; -EINVAL with @e when it is bad.
	 */
	int (*set)(void *options, const char *value, struct err *e);
};

struct verb {
	const char *name;
	const char *args;    /* what follows the options, as option_spec.arg; "" for nothing */
	const char *summary; /* one line; NULL: a hidden verb, for the build's own use */
	/* More for --help, ends with a newline; may be NULL. Lines that begin with blanks are
	 * examples, all others running text. */
	const char *details;
	const struct option_spec *options; /* ends with a name of NULL; NULL: no options */
	const struct option_spec *shared;  /* the same, another verb's, after its own; or NULL */
	const char *const *not_shared;     /* names of @shared that it has not; ends with NULL */
	const char *alone;         /* name of an option that takes the place of others, or NULL */
	const char *const *beside; /* those that may be given with it; ends with NULL */
	int (*run)(const struct verb *v, int argc, char **argv); /* returns an exit status */
};

extern const struct verb run_verb, exec_verb, list_verb, doctor_verb, kernel_verb, plot_verb,
	report_verb, claims_verb, compare_verb, merge_verb, demo_verb, completion_verb, man_verb;

extern const struct verb *const verbs[];
extern const size_t n_verbs;

/* The verb @name, a hidden one too; NULL where there is none. */
const struct verb *verb_find(const char *name);

/* Option @i of @v, hidden ones too, its own first; NULL after the last. */
const struct option_spec *verb_option(const struct verb *v, size_t i);

/*
 * Parse @argv (argv[0] is the verb) into @options. On true, argv[*first...] are the operands. On
 * false the verb is done (--help was printed, or the error): return *@status.
 */
bool verb_parse(
	const struct verb *v, int argc, char **argv, void *options, int *first, int *status);

/* The same for words that nobody has typed: no operands, no help, and the error is only filled. */
int verb_parse_words(const struct verb *v, int argc, char **argv, void *options, struct err *e);

/* Print the usage and the options of @v on stdout. */
void verb_help(const struct verb *v);

/* Report wrong usage of @v on stderr; returns STATUS_USAGE. */
int verb_usage_error(const struct verb *v, const struct err *e);

#endif
