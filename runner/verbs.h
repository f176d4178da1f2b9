/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The verbs of the command line. One table drives dispatch and help (runner/main.c); each verb has
 * its own table of options, from which its parser and its help are made.
 */
#ifndef BENCH_RUNNER_VERBS_H
#define BENCH_RUNNER_VERBS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct option_spec {
	const char *name; /* without the dashes */
	const char *arg;  /* metavariable, or NULL for a flag */
	const char *help; /* one line; NULL: hidden, for the harness's own use */
	/* Store the value (NULL for a flag) in the verb's options; -EINVAL with @e when it is bad.
	 */
	int (*set)(void *options, const char *value, struct err *e);
};

struct verb {
	const char *name;
	const char *args;    /* what follows the options, for the usage line; "" for nothing */
	const char *summary; /* one line */
	const char *details; /* more for --help, ends with a newline; may be NULL */
	const struct option_spec *options; /* ends with a name of NULL; NULL: no options */
	int (*run)(const struct verb *v, int argc, char **argv); /* returns an exit status */
};

extern const struct verb run_verb, exec_verb, list_verb, doctor_verb, kernel_verb, plot_verb,
	report_verb, claims_verb, compare_verb, merge_verb,
	demo_verb;

/*
 * Parse @argv (argv[0] is the verb) into @options. On true, argv[*first...] are the operands. On
 * false the verb is done (--help was printed, or the error): return *@status.
 */
bool verb_parse(
	const struct verb *v, int argc, char **argv, void *options, int *first, int *status);

/* Print the usage and the options of @v on stdout. */
void verb_help(const struct verb *v);

/* Report wrong usage of @v on stderr; returns STATUS_USAGE. */
int verb_usage_error(const struct verb *v, const struct err *e);

#endif
