/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/man_page.h"

#include <ctype.h>

#include "base/util.h"
#include "runner/demo/demo.h"
#include "runner/kernels.h"
#include "runner/metavars.h"
#include "runner/roff.h"
#include "runner/runtimes.h"
#include "runner/suites.h"
#include "runner/verbs.h"
#include "runner/version.h"

static void put_name(FILE *f)
{
	fputs("bench \\- " BENCH_PURPOSE "\n", f);
}

static void put_usage(FILE *f, const struct verb *v)
{
	bool options = v->options || v->shared;
	cleanup_free char *usage = format_text("bench %s%s%s%s", v->name,
		options ? " [OPTIONS]" : "", *v->args ? " " : "", v->args);

	if (usage)
		roff_typed(f, usage);
}

static void put_synopsis(FILE *f)
{
	for (size_t i = 0; i < n_verbs; i++) {
		if (!verbs[i]->summary)
			continue;
		if (i)
			fputs(".br\n", f);
		put_usage(f, verbs[i]);
	}
	fputs(".br\n", f);
	roff_typed(f, "bench [VERB] --help");
	fputs(".br\n", f);
	roff_typed(f, "bench --version");
}

static void put_description(FILE *f)
{
	roff_prose(f, man_description);
}

static void put_own_options(FILE *f, const struct verb *v)
{
	for (const struct option_spec *o = v->options; o && o->name; o++) {
		cleanup_free char *typed =
			format_text("--%s%s%s", o->name, o->arg ? " " : "", o->arg ? o->arg : "");

		if (!o->help || !typed)
			continue;
		fputs(".TP\n", f);
		roff_typed(f, typed);
		roff_text(f, o->help);
	}
}

/* They are described where they come from: by "bench run". */
static void put_shared_options(FILE *f, const struct verb *v)
{
	const struct option_spec *o;
	const char *comma = "";
	size_t own = 0;

	if (!v->shared)
		return;
	while (v->options && v->options[own].name)
		own++;
	fputs(".PP\nFurther options, as of\n\\fBbench run\\fR:\n", f);
	for (size_t i = own; (o = verb_option(v, i)); i++) {
		if (!o->help)
			continue;
		fputs(comma, f);
		fputs("\\fB\\-\\-", f);
		for (const char *c = o->name; *c; c++)
			fputs(*c == '-' ? "\\-" : (char[]){ *c, '\0' }, f);
		fputs("\\fR", f);
		comma = ",\n";
	}
	fputs(".\n", f);
}

static void put_sentence(FILE *f, const char *text)
{
	cleanup_free char *sentence =
		format_text("%c%s.", toupper((unsigned char)*text), *text ? text + 1 : "");

	if (sentence)
		roff_text(f, sentence);
}

static void put_verb(FILE *f, const struct verb *v)
{
	fprintf(f, ".SS %s\n", v->name);
	put_usage(f, v);
	fputs(".PP\n", f);
	put_sentence(f, v->summary);
	if (v->details) {
		fputs(".PP\n", f);
		roff_prose(f, v->details);
	}
	put_own_options(f, v);
	put_shared_options(f, v);
}

static void put_verbs(FILE *f)
{
	roff_text(f,
		"Each verb has --help. Options may be shortened as long as they are told apart, "
		"and their values be given as --option=value, too.");
	for (size_t i = 0; i < n_verbs; i++) {
		if (verbs[i]->summary)
			put_verb(f, verbs[i]);
	}
}

static void put_metavars(FILE *f)
{
	roff_text(f, "What is written in capitals stands for:");
	for (size_t i = 0; i < n_metavars; i++) {
		fputs(".TP\n", f);
		roff_typed(f, metavars[i].name);
		roff_text(f, metavars[i].meaning);
	}
}

static void put_entry(FILE *f, const char *term, const char *text)
{
	fputs(".TP\n", f);
	roff_bold(f, term);
	roff_text(f, text);
}

static void put_suites(FILE *f)
{
	roff_text(f, "bench list benchmarks tells what is in each.");
	for (size_t i = 0; i < n_suites; i++)
		put_entry(f, suites[i].name, suites[i].summary);
}

static void put_runtimes(FILE *f)
{
	for (size_t i = 0; i < n_runtimes; i++) {
		if (!(runtimes[i]->caps & RT_HIDDEN))
			put_entry(f, runtimes[i]->name, runtimes[i]->summary);
	}
}

static void put_kernels(FILE *f)
{
	for (size_t i = 0; kernel_name_at(i); i++)
		put_entry(f, kernel_name_at(i), kernel_summary_at(i));
	fputs(".PP\n", f);
	roff_text(f,
		"With a version, as in distro-6.12 and minimal-6.12, the newest of that series. "
		"Anything with a slash in it is the path of an image.");
}

static void put_demos(FILE *f)
{
	for (size_t i = 0; i < n_demos; i++)
		put_entry(f, demos[i]->name, msg_text(LANG_EN, demos[i]->title));
}

static void put_entries(FILE *f, const struct man_entry *list)
{
	for (; list->term; list++)
		put_entry(f, list->term, list->text);
}

static void put_statuses(FILE *f)
{
	put_entries(f, man_statuses);
}

static void put_environment(FILE *f)
{
	put_entries(f, man_environment);
}

static void put_files(FILE *f)
{
	put_entries(f, man_files);
}

static void put_examples(FILE *f)
{
	put_entries(f, man_examples);
}

static void put_see_also(FILE *f)
{
	for (const char *const *page = man_see_also; *page; page++)
		fprintf(f, "\\fB%s\\fR(1)%s\n", *page, page[1] ? "," : "");
	fputs(".PP\n", f);
	roff_text(f,
		"What a number means and how it came about is told in the documents of bench, in "
		"share/doc/bench beside the folder of the program; start with README.md and "
		"docs/method.md there.");
}

static const struct {
	const char *title;
	void (*put)(FILE *f);
} sections[] = {
	{ "NAME", put_name },
	{ "SYNOPSIS", put_synopsis },
	{ "DESCRIPTION", put_description },
	{ "VERBS", put_verbs },
	{ "VALUES", put_metavars },
	{ "SUITES", put_suites },
	{ "WAYS OF RUNNING", put_runtimes },
	{ "GUEST KERNELS", put_kernels },
	{ "DEMONSTRATIONS", put_demos },
	{ "EXIT STATUS", put_statuses },
	{ "ENVIRONMENT", put_environment },
	{ "FILES", put_files },
	{ "EXAMPLES", put_examples },
	{ "SEE ALSO", put_see_also },
};

void man_page(FILE *f)
{
	fputs(".\\\" SPDX-License-Identifier: GPL-3.0-or-later\n"
	      ".\\\" Made from the tables of the program, by: bench man\n"
	      ".TH BENCH 1 " BENCH_RELEASED " \"bench " BENCH_VERSION "\" \"User Commands\"\n",
		f);
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		fprintf(f, ".SH %s\n", sections[i].title);
		sections[i].put(f);
	}
}
