/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/verbs.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "base/util.h"
#include "runner/ui.h"

#define MAX_OPTIONS 64

static size_t count_options(const struct verb *v)
{
	size_t n = 0;

	while (v->options && v->options[n].name)
		n++;
	return n;
}

void verb_help(const struct verb *v)
{
	printf("usage: bench %s%s%s%s\n\n%s.\n", v->name, v->options ? " [options]" : "",
		*v->args ? " " : "", v->args, v->summary);
	if (v->details)
		printf("\n%s", v->details);
	printf("\noptions:\n");
	for (size_t i = 0; i < count_options(v); i++) {
		const struct option_spec *o = &v->options[i];
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
	fprintf(stderr, "       see: bench %s --help\n", v->name);
	return STATUS_USAGE;
}

static void fill_long_options(const struct verb *v, struct option *out)
{
	for (size_t i = 0; i < count_options(v); i++)
		out[i] = (struct option){ v->options[i].name,
			v->options[i].arg ? required_argument : no_argument, NULL, (int)i + 1 };
	out[count_options(v)] = (struct option){ "help", no_argument, NULL, MAX_OPTIONS };
	out[count_options(v) + 1] = (struct option){ 0 };
}

/* getopt's own message would not name what is near. */
static int unknown_option(const struct verb *v, const char *word, struct err *e)
{
	const char *names[MAX_OPTIONS];
	char bare[64];
	size_t n = 0;

	for (size_t i = 0; i < count_options(v); i++) {
		if (v->options[i].help)
			names[n++] = v->options[i].name;
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

		if (c == 'h' || c == MAX_OPTIONS) {
			*help = true;
			return 0;
		}
		if (c == ':')
			return err_set(
				e, -EINVAL, "usage", "option '%s' needs a value", argv[optind - 1]);
		if (c == '?')
			return unknown_option(v, argv[optind - 1], e);
		o = &v->options[c - 1];
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
