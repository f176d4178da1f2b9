/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/verbs.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "base/util.h"
#include "runner/ui.h"

#define MAX_OPTIONS 64
#define FIRST 256 /* what getopt returns for the options, from this number on: no character */
#define HELP (FIRST + MAX_OPTIONS)

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
			FIRST + (int)n };
	out[n] = (struct option){ "help", no_argument, NULL, HELP };
	out[n + 1] = (struct option){ 0 };
}

/* The word that getopt just refused. One of several letters it does not pass until its last. */
static const char *refused_word(char **argv)
{
	const char *passed = argv[optind - 1];
	bool letter = optopt && optopt < FIRST;

	if (!letter || (passed[0] == '-' && passed[1] == (char)optopt && !passed[2]))
		return passed;
	return argv[optind];
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

static bool is_beside(const struct verb *v, const char *name)
{
	for (const char *const *beside = v->beside; beside && *beside; beside++) {
		if (!strcmp(name, *beside))
			return true;
	}
	return false;
}

/* @given: by number, whether it was. Where the one that stands alone is, so must be all others. */
static int check_alone(const struct verb *v, const bool *given, struct err *e)
{
	const struct option_spec *o, *other = NULL;
	bool alone = false;

	for (size_t i = 0; v->alone && i < MAX_OPTIONS && (o = verb_option(v, i)); i++) {
		if (given[i] && !strcmp(o->name, v->alone))
			alone = true;
		else if (given[i] && !is_beside(v, o->name))
			other = o;
	}
	if (!alone || !other)
		return 0;
	return err_set(e, -EINVAL, "usage", "--%s cannot be given with --%s, which says it all",
		other->name, v->alone);
}

static int parse_all(
	const struct verb *v, int argc, char **argv, void *options, bool *help, struct err *e)
{
	struct option longopts[MAX_OPTIONS + 2];
	bool given[MAX_OPTIONS] = { false };
	int c;

	fill_long_options(v, longopts);
	opterr = 0;
	optind = 0; /* with nothing left of an earlier command line */
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
		o = c == '?' ? NULL : verb_option(v, (size_t)(c - FIRST));
		if (!o)
			return unknown_option(v, refused_word(argv), e);
		r = o->set(options, o->arg ? optarg : NULL, e);
		if (r < 0)
			return r;
		given[c - FIRST] = true;
	}
	return check_alone(v, given, e);
}

int verb_parse_words(const struct verb *v, int argc, char **argv, void *options, struct err *e)
{
	bool help = false;
	int r = parse_all(v, argc, argv, options, &help, e);

	if (!r && (help || optind != argc))
		r = err_set(e, -EINVAL, "usage", "'%s' is no option of %s",
			help ? "--help" : argv[optind], v->name);
	return r;
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
