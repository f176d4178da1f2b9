/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/completion.h"

#include <string.h>

#include "runner/metavars.h"
#include "runner/verbs.h"
#include "runner/version.h"

/* Names, and those in the cache with a version; the path of an image has a slash. */
static const char helpers[] =
	"_bench_kernels()\n"
	"{\n"
	"	compadd \"$@\" ${XDG_CACHE_HOME:-$HOME/.cache}/bench/kernels/*-*(N/:t)\n"
	"	[[ $PREFIX != */* ]] || _files\n"
	"}\n";

static const char engine_begin[] =
	"_bench()\n"
	"{\n"
	"	local curcontext=$curcontext state state_descr\n"
	"	local -a line verbs\n"
	"	local -A opt_args\n"
	"	_arguments -C '(- *)--help[what there is]' '(- *)--version[print the version]' \\\n"
	"		'1:verb:->verb' '*::operand:->rest'\n"
	"	case $state in\n"
	"	verb)\n"
	"		verbs=(\n";
static const char engine_middle[] = "		)\n"
				    "		_describe -t verbs verb verbs\n"
				    "		;;\n"
				    "	rest)\n"
				    "		case $line[1] in\n";
static const char engine_end[] = "		esac\n"
				 "		;;\n"
				 "	esac\n"
				 "}\n"
				 "\n"
				 "# Found by $fpath, or sourced.\n"
				 "if [[ $zsh_eval_context[-1] == loadautofunc ]]; then\n"
				 "	_bench \"$@\"\n"
				 "else\n"
				 "	compdef _bench bench\n"
				 "fi\n";

/* Between single quotes, in a place of _arguments or _describe where @special end something. */
static void put_text(FILE *f, const char *text, const char *special)
{
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\'", f);
		else if (*text == '\\' || strchr(special, *text))
			fputc('\\', f);
		fputc(*text, f);
	}
}

static void put_action(FILE *f, const struct value *v)
{
	if (v->sources & FROM_KERNEL_CACHE)
		fputs(v->list ? "_sequence _bench_kernels -" : "_bench_kernels", f);
	else if (v->n)
		fputs(v->list ? "_sequence compadd -" : "compadd", f);
	else if (v->sources)
		fputs(v->sources & FROM_FOLDERS  ? "_files -/"
			: v->sources & FROM_PATH ? "_command_names -e"
						 : "_files",
			f);
	for (size_t i = 0; i < v->n; i++)
		fprintf(f, " %s", v->names[i]);
}

/* The message, which is what stands for the word, and the action that completes it. */
static void put_value(FILE *f, const char *stands, const struct value *v)
{
	fputc(':', f);
	put_text(f, stands, ":");
	fputc(':', f);
	if (!v->n && !v->sources)
		fputc(' ', f); /* nothing but the message */
	else if (!v->after)
		put_action(f, v);
	else {
		fprintf(f, "{(( $words[(I)%s] )) && ", v->after);
		put_action(f, v);
		fputc('}', f);
	}
}

static void put_option(FILE *f, const struct option_spec *o)
{
	struct value v;

	/* An option with a value may be given again; _arguments need not know which are lists. */
	fprintf(f, " \\\n\t\t\t\t'%s--%s%s[", o->arg ? "*" : "", o->name, o->arg ? "=" : "");
	put_text(f, o->help, "[]");
	fputc(']', f);
	if (o->arg) {
		value_of_option(o->arg, &v);
		put_value(f, o->arg, &v);
		value_free(&v);
	}
	fputc('\'', f);
}

/* A program's own arguments are completed as if it stood there alone. */
static void put_operand(FILE *f, const char *stands, size_t at, const struct value *v)
{
	char number[8];

	snprintf(number, sizeof(number), "%zu", at + 1);
	fprintf(f, " \\\n\t\t\t\t'%s", v->repeats ? "*" : number);
	put_value(f, stands, v);
	fputc('\'', f);
}

static void put_verb(FILE *f, const struct verb *verb)
{
	const struct option_spec *o;
	struct value v = { 0 };

	fprintf(f, "\t\t%s)\n\t\t\t_arguments -S", verb->name);
	for (size_t i = 0; (o = verb_option(verb, i)); i++) {
		if (o->help)
			put_option(f, o);
	}
	fputs(" \\\n\t\t\t\t'(- *)--help[this page]'", f);
	for (size_t at = 0; value_of_operand(verb->args, at, &v); at++) {
		if (*verb->args == '-' && at)
			fputs(" \\\n\t\t\t\t'*::argument:_normal'", f);
		else
			put_operand(f, "operand", at, &v);
		value_free(&v);
	}
	value_free(&v);
	fputs("\n\t\t\t;;\n", f);
}

void completion_zsh(FILE *f)
{
	fputs("#compdef bench\n"
	      "# Completions for bench " BENCH_VERSION ", by: bench completion zsh\n\n",
		f);
	fputs(helpers, f);
	fputs("\n", f);
	fputs(engine_begin, f);
	for (size_t i = 0; i < n_verbs; i++) {
		if (!verbs[i]->summary)
			continue;
		fprintf(f, "\t\t\t'%s:", verbs[i]->name);
		put_text(f, verbs[i]->summary, ":");
		fputs("'\n", f);
	}
	fputs(engine_middle, f);
	for (size_t i = 0; i < n_verbs; i++) {
		if (verbs[i]->summary)
			put_verb(f, verbs[i]);
	}
	fputs(engine_end, f);
}
