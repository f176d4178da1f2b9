/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/verbs.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "base/util.h"
#include "runner/ui.h"

#define MAX_OPTIONS 64
#define HELP (MAX_OPTIONS + 1) /* after the numbers of the options, which begin with 1 */

static bool is_shared(const struct verb *v, const struct option_spec *o)
{
	for (const char *const *not = v->not_shared; not &&*not ; not ++) {
		if (!strcmp(o->name, *not ))
			return false;
	}
	return true;
}

const struct option_spec *verb_option(const struct verb *v, size_t i)
{
	for (const struct option_spec *o = v->options; o && o->name; o++) {
		if (!i--)
			return o;
	}
	for (const struct option_spec *o = v->shared; o && o->name; o++) {
		if (is_shared(v, o) && !i--)
			return o;
	}
	return NULL;
}

void verb_help(const struct verb *v)
{
	const struct option_spec *o;

	printf("usage: bench %s%s%s%s\n\n%s.\n", v->name, v->options ? " [options]" : "",
		*v->args ? " " : "", v->args, v->summary ? v->summary : "for the build's own use");
	if (v->details)
		printf("\n%s", v->details);
	printf("\noptions:\n");
	for (size_t i = 0; (o = verb_option(v, i)); i++) {
		char left[40];

		if (!o->help)
			continue;
		snprintf(left, sizeof(left), "--%s%s%s", o->name, o->arg ? " " : "",
			o->arg ? o->arg : "");
		printf("  %-27s %s\n", left, o->help);
	}
	printf("  %-27s %s\n", "--help", "this page");
}

int verb_usage_error(const struct verb *v, const struct err *e)
{
	ui_error(e);
	if (e->code == -ENOMEM) /* nobody's wrong usage */
		return STATUS_FAILED;
	fprintf(stderr, "       see: bench %s --help\n", v->name);
	return STATUS_USAGE;
}

static void fill_long_options(const struct verb *v, struct option *out)
{
	const struct option_spec *o;
	size_t n = 0;

	for (; n < MAX_OPTIONS && (o = verb_option(v, n)); n++)
		out[n] = (struct option){ o->name, o->arg ? required_argument : no_argument, NULL,
			(int)n + 1 };
	out[n] = (struct option){ "help", no_argument, NULL, HELP };
	out[n + 1] = (struct option){ 0 };
}

/* getopt's own message would not name what is near. */
static int unknown_option(const struct verb *v, const char *word, struct err *e)
{
	const char *names[MAX_OPTIONS];
	const struct option_spec *o;
	char bare[64];
	size_t n = 0;

	for (size_t i = 0; n < MAX_OPTIONS && (o = verb_option(v, i)); i++) {
		if (o->help)
			names[n++] = o->name;
	}
	snprintf(bare, sizeof(bare), "%s", word + strspn(word, "-"));
	bare[strcspn(bare, "=")] = '\0';
	ui_unknown(e, "option", bare, names, n);
	e->remedy[0] = '\0'; /* the help page lists them better */
	return -EINVAL;
}

static int parse_all(
	const struct verb *v, int argc, char **argv, void *options, bool *help, struct err *e)
{
	struct option longopts[MAX_OPTIONS + 2];
	int c;

	fill_long_options(v, longopts);
	opterr = 0;
	optind = 1;
	while ((c = getopt_long(argc, argv, ":h", longopts, NULL)) != -1) {
		const struct option_spec *o;
		int r;

		if (c == 'h' || c == HELP) {
			*help = true;
			return 0;
		}
		if (c == ':')
			return err_set(
				e, -EINVAL, "usage", "option '%s' needs a value", argv[optind - 1]);
		if (c == '?')
			return unknown_option(v, argv[optind - 1], e);
		o = verb_option(v, (size_t)c - 1);
		r = o->set(options, o->arg ? optarg : NULL, e);
		if (r < 0)
			return r;
	}
	return 0;
}

bool verb_parse(const struct verb *v, int argc, char **argv, void *options, int *first, int *status)
{
	struct err e = { 0 };
	bool help = false;

	if (parse_all(v, argc, argv, options, &help, &e) < 0) {
		*status = verb_usage_error(v, &e);
		return false;
	}
	if (help) {
		verb_help(v);
		*status = STATUS_OK;
		return false;
	}
	*first = optind;
	return true;
}
