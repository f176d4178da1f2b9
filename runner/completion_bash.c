/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/completion.h"

#include <string.h>

#include "runner/metavars.h"
#include "runner/verbs.h"
#include "runner/version.h"

/* $cur is the word to complete, $prefix what of it stays as it is; fitting words go to COMPREPLY.
 */
static const char helpers[] =
	"_bench_words()\n"
	"{\n"
	"	local word\n"
	"	for word in $1; do\n"
	"		[[ $word != \"$cur\"* ]] || COMPREPLY+=(\"$prefix$word\")\n"
	"	done\n"
	"}\n"
	"\n"
	"# Words with commas between them, each once.\n"
	"_bench_list()\n"
	"{\n"
	"	local word before=${cur%\"${cur##*,}\"}\n"
	"	compopt -o nospace 2>/dev/null\n"
	"	for word in $1; do\n"
	"		if [[ ,$before != *,$word,* && $before$word == \"$cur\"* ]]; then\n"
	"			COMPREPLY+=(\"$prefix$before$word\")\n"
	"		fi\n"
	"	done\n"
	"}\n"
	"\n"
	"# _bench_compgen -d|-f|-c: folders, files, programs.\n"
	"_bench_compgen()\n"
	"{\n"
	"	local word\n"
	"	[[ $1 == -c ]] || compopt -o filenames 2>/dev/null\n"
	"	while IFS= read -r word; do\n"
	"		COMPREPLY+=(\"$prefix$word\")\n"
	"	done < <(compgen \"$1\" -- \"$cur\")\n"
	"}\n"
	"\n"
	"_bench_program()\n"
	"{\n"
	"	if [[ $cur == */* ]]; then _bench_compgen -f; else _bench_compgen -c; fi\n"
	"}\n"
	"\n"
	"# Guest kernels that were fetched or built: those with a version are not in the table.\n"
	"_bench_cached()\n"
	"{\n"
	"	local dir\n"
	"	for dir in \"${XDG_CACHE_HOME:-$HOME/.cache}\"/bench/kernels/*-*/; do\n"
	"		[[ ! -d $dir ]] || basename -- \"$dir\"\n"
	"	done\n"
	"}\n";

static const char engine[] =
	"_bench()\n"
	"{\n"
	"	local IFS=$' \\t\\n' cur=${COMP_WORDS[COMP_CWORD]} verb=${COMP_WORDS[1]} prefix='' "
	"word\n"
	"	local options='' option='' operands=() only_operands='' i=2\n"
	"	COMPREPLY=()\n"
	"	if ((COMP_CWORD == 1)); then\n"
	"		_bench_words \"$_bench_verbs --help --version\"\n"
	"		return\n"
	"	fi\n"
	"	_bench_options \"$verb\"\n"
	"	while ((i < COMP_CWORD)); do\n"
	"		word=${COMP_WORDS[i++]}\n"
	"		if [[ -n $only_operands || $word != -* ]]; then\n"
	"			operands+=(\"$word\")\n"
	"		elif [[ $word == -- ]]; then\n"
	"			only_operands=1\n"
	"			if [[ $options == *' --' ]] && declare -F _command_offset "
	">/dev/null; then\n"
	"				_command_offset \"$i\"\n"
	"				return\n"
	"			fi\n"
	"		elif [[ \" $options \" == *\" $word= \"* ]]; then\n"
	"			# Bash makes three words of --option=value.\n"
	"			[[ ${COMP_WORDS[i]} != = ]] || ((i++))\n"
	"			((i < COMP_CWORD)) || option=$word\n"
	"			((i++))\n"
	"		fi\n"
	"	done\n"
	"	if [[ -z $option$only_operands && $cur == --*=* ]]; then\n"
	"		option=${cur%%=*}\n"
	"		prefix=$option=\n"
	"		cur=${cur#*=}\n"
	"	fi\n"
	"	if [[ -n $option ]]; then\n"
	"		[[ $cur != = ]] || cur=''\n"
	"		_bench_value \"$verb$option\"\n"
	"		return\n"
	"	fi\n"
	"	[[ $cur == -* ]] || _bench_operand \"$verb:${#operands[@]}\" \"${operands[0]}\"\n"
	"	if [[ -z $only_operands && ($cur == -* || -z $cur && ${#COMPREPLY[@]} == 0) ]]; "
	"then\n"
	"		_bench_words \"${options//=/}\"\n"
	"	fi\n"
	"}\n"
	"complete -F _bench bench\n";

/* The shell's commands that complete @v. A file among names has a slash, else it would be one. */
static void put_value(FILE *f, const struct value *v)
{
	bool cached = v->sources & FROM_KERNEL_CACHE;

	if (v->n || cached) {
		fprintf(f, " _bench_%s \"", v->list ? "list" : "words");
		for (size_t i = 0; i < v->n; i++)
			fprintf(f, "%s%s", i ? " " : "", v->names[i]);
		fprintf(f, "%s\";", cached ? " $(_bench_cached)" : "");
	}
	if (v->sources & FROM_FOLDERS)
		fputs(" _bench_compgen -d;", f);
	if (v->sources & FROM_FILES)
		fprintf(f, " %s_bench_compgen -f;", v->n ? "[[ $cur != */* ]] || " : "");
	if (v->sources & FROM_PATH)
		fputs(" _bench_program;", f);
}

static void put_verbs(FILE *f)
{
	const char *blank = "";

	fputs("_bench_verbs='", f);
	for (size_t i = 0; i < n_verbs; i++) {
		if (!verbs[i]->summary)
			continue;
		fprintf(f, "%s%s", blank, verbs[i]->name);
		blank = " ";
	}
	fputs("'\n", f);
}

/* Those that take a value end in '='. */
static void put_options(FILE *f)
{
	const struct option_spec *o;

	fputs("# _bench_options VERB: sets options; those that take a value end in =.\n"
	      "_bench_options()\n{\n\tcase $1 in\n",
		f);
	for (size_t i = 0; i < n_verbs; i++) {
		if (!verbs[i]->summary)
			continue;
		fprintf(f, "\t%s) options='", verbs[i]->name);
		for (size_t k = 0; (o = verb_option(verbs[i], k)); k++) {
			if (o->help)
				fprintf(f, "--%s%s ", o->name, o->arg ? "=" : "");
		}
		fprintf(f, "--help%s' ;;\n", *verbs[i]->args == '-' ? " --" : "");
	}
	fputs("\tesac\n}\n", f);
}

static void put_values(FILE *f)
{
	const struct option_spec *o;

	fputs("# _bench_value VERB--OPTION\n_bench_value()\n{\n\tcase $1 in\n", f);
	for (size_t i = 0; i < n_verbs; i++) {
		if (!verbs[i]->summary)
			continue;
		for (size_t k = 0; (o = verb_option(verbs[i], k)); k++) {
			struct value v;

			if (!o->help || !o->arg)
				continue;
			value_of_option(o->arg, &v);
			if (v.n || v.sources) {
				fprintf(f, "\t%s--%s)", verbs[i]->name, o->name);
				put_value(f, &v);
				fputs(";\n", f);
			}
			value_free(&v);
		}
	}
	fputs("\tesac\n}\n", f);
}

static void put_operand(FILE *f, const char *verb, size_t at, const struct value *v)
{
	char number[8];

	snprintf(number, sizeof(number), "%zu", at);
	fprintf(f, "\t%s:%s)", verb, v->repeats ? "*" : number);
	if (v->after)
		fprintf(f, " [[ '|%s|' == *\"|$2|\"* ]] || return;", v->after);
	put_value(f, v);
	fputs(";\n", f);
}

static void put_operands(FILE *f)
{
	fputs("# _bench_operand VERB:NUMBER FIRST: the operand of that number, from 0, where FIRST "
	      "is the first.\n_bench_operand()\n{\n\tcase $1 in\n",
		f);
	for (size_t i = 0; i < n_verbs; i++) {
		struct value v = { 0 };

		for (size_t at = 0; verbs[i]->summary && value_of_operand(verbs[i]->args, at, &v);
			at++) {
			put_operand(f, verbs[i]->name, at, &v);
			value_free(&v);
		}
		value_free(&v);
	}
	fputs("\tesac\n}\n", f);
}

void completion_bash(FILE *f)
{
	fputs("# shellcheck shell=bash\n"
	      "# Completions for bench " BENCH_VERSION ", by: bench completion bash\n\n",
		f);
	put_verbs(f);
	fputs("\n", f);
	put_options(f);
	fputs("\n", f);
	fputs(helpers, f);
	fputs("\n", f);
	put_values(f);
	fputs("\n", f);
	put_operands(f);
	fputs("\n", f);
	fputs(engine, f);
}
