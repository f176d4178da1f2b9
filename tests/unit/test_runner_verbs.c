/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of verbs and options, and what is made from them: completions and the man page. */
#include "tests/unit/check.h"

#include <ctype.h>
#include <string.h>

#include "base/util.h"
#include "runner/completion.h"
#include "runner/man_page.h"
#include "runner/metavars.h"
#include "runner/roff.h"
#include "runner/verbs.h"

/* The names of @v with blanks between them. */
static void join(const struct value *v, char *out, size_t size)
{
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < v->n; i++)
		len += (size_t)snprintf(out + len, size - len, "%s%s", i ? " " : "", v->names[i]);
	assert_true(len < size);
}

static void values_of_options(void **state)
{
	static const struct {
		const char *arg, *names;
		unsigned sources;
		bool list;
	} cases[] = {
		{ "on|off", "on off", 0, false },
		{ "table|csv|json", "table csv json", 0, false },
		{ "N", "", 0, false },
		{ "N|any", "any", 0, false },
		{ "DIR", "", FROM_FOLDERS, false },
		{ "DIR=NAME", "", FROM_FOLDERS, false },
		{ "NAME[=VALUE]", "", 0, false },
		{ "PROGRAM", "", FROM_PATH, false },
		{ "MACHINE", "auto native emulated", 0, false },
		{ "START[,START]", "cold restore", 0, true },
		{ "KERNEL[,KERNEL]", "host distro minimal hello empty",
			FROM_FILES | FROM_KERNEL_CACHE, true },
		{ "UNHEARD_OF", "", 0, false },
		{ "", "", 0, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct value v;
		char names[256];

		value_of_option(cases[i].arg, &v);
		join(&v, names, sizeof(names));
		assert_string_equal(names, cases[i].names);
		assert_int_equal(v.sources, cases[i].sources);
		assert_int_equal(v.list, cases[i].list);
		assert_null(v.after);
		value_free(&v);
	}
}

static void values_of_operands(void **state)
{
	static const struct {
		const char *args;
		size_t at;
		bool any;
		const char *names;
		unsigned sources;
		bool repeats;
		const char *after;
	} cases[] = {
		{ "", 0, false, "", 0, false, NULL },
		{ "DIR", 0, true, "", FROM_FOLDERS, false, NULL },
		{ "DIR", 1, false, "", 0, false, NULL },
		{ "[DIR...]", 0, true, "", FROM_FOLDERS, true, NULL },
		{ "DIR_A DIR_B", 1, true, "", FROM_FOLDERS, false, NULL },
		{ "DIR_A DIR_B", 2, false, "", 0, false, NULL },
		{ "bash|zsh", 0, true, "bash zsh", 0, false, NULL },
		{ "-- PROGRAM [ARG...]", 0, true, "", FROM_PATH, false, NULL },
		{ "-- PROGRAM [ARG...]", 1, true, "", FROM_FILES, true, NULL },
		{ "list | rm DIR | add DIR", 0, true, "list rm add", 0, false, NULL },
		{ "list | rm DIR | add DIR", 1, true, "", FROM_FOLDERS, false, "rm|add" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct value v;
		char names[256];

		assert_int_equal(value_of_operand(cases[i].args, cases[i].at, &v), cases[i].any);
		join(&v, names, sizeof(names));
		assert_string_equal(names, cases[i].names);
		assert_int_equal(v.sources, cases[i].sources);
		assert_int_equal(v.repeats, cases[i].repeats);
		if (cases[i].after)
			assert_string_equal(v.after, cases[i].after);
		else
			assert_null(v.after);
		value_free(&v);
	}
}

/* Capitals in @arg are metavariables; "=VALUE" and "_A" are form. */
static void check_metavars(const char *verb, const char *arg)
{
	for (const char *c = arg; *c; c++) {
		bool starts = isupper((unsigned char)*c) &&
			      (c == arg || (!isupper((unsigned char)c[-1]) && c[-1] != '_'));

		if (starts && strncmp(c, "VALUE", 5) && !metavar_of(c))
			fail_msg("bench %s: '%s' in '%s' has no row in metavars[]", verb, c, arg);
	}
}

/* The names go into shell scripts between quotes, with blanks between them. */
static void check_names(const struct value *v)
{
	for (size_t i = 0; i < v->n; i++) {
		const char *name = v->names[i];

		if (!*name || name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_.-")])
			fail_msg("'%s' is not a word that needs no quotes in a shell", name);
	}
	assert_true(v->n < VALUE_NAMES_MAX);
}

static void every_value_is_known(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_verbs; i++) {
		const struct option_spec *o;
		struct value v;

		for (size_t k = 0; (o = verb_option(verbs[i], k)); k++) {
			if (!o->arg)
				continue;
			check_metavars(verbs[i]->name, o->arg);
			value_of_option(o->arg, &v);
			check_names(&v);
			value_free(&v);
		}
		check_metavars(verbs[i]->name, verbs[i]->args);
		for (size_t at = 0; at < 4; at++) {
			value_of_operand(verbs[i]->args, at, &v);
			check_names(&v);
			value_free(&v);
		}
	}
}

static void every_verb_is_found_and_told_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_verbs; i++) {
		const struct option_spec *o, *other;

		assert_ptr_equal(verb_find(verbs[i]->name), verbs[i]);
		for (size_t k = 0; (o = verb_option(verbs[i], k)); k++) {
			for (size_t j = 0; j < k; j++) {
				other = verb_option(verbs[i], j);
				assert_string_not_equal(o->name, other->name);
			}
		}
	}
	assert_null(verb_find("nosuch"));
	assert_null(verb_find(""));
}

static int set_nothing(void *options, const char *value, struct err *e)
{
	(void)options, (void)value, (void)e;
	return 0;
}

/* Own options, then another verb's without those that are not shared. */
static void options_may_be_shared(void **state)
{
	static const struct option_spec own[] = { { "mine", NULL, "h", set_nothing }, { 0 } };
	static const struct option_spec theirs[] = { { "a", NULL, "h", set_nothing },
		{ "b", NULL, "h", set_nothing }, { "c", NULL, "h", set_nothing }, { 0 } };
	static const char *const not [] = { "b", NULL };
	const struct verb v = {
		.name = "v", .args = "", .options = own, .shared = theirs, .not_shared = not
	};
	char name[] = "v", c[] = "--c", b[] = "--b";
	char *good[] = { name, c, NULL }, *bad[] = { name, b, NULL };
	int first, status = -1;

	(void)state;
	assert_string_equal(verb_option(&v, 0)->name, "mine");
	assert_string_equal(verb_option(&v, 1)->name, "a");
	assert_string_equal(verb_option(&v, 2)->name, "c");
	assert_null(verb_option(&v, 3));
	assert_true(verb_parse(&v, 2, good, NULL, &first, &status));
	assert_int_equal(first, 2);
	assert_false(verb_parse(&v, 2, bad, NULL, &first, &status));
	assert_int_equal(status, 2);
}

static char *printed(void (*print)(FILE *f, const char *text), const char *text)
{
	char *out = NULL;
	size_t size;
	FILE *f = open_memstream(&out, &size);

	assert_non_null(f);
	print(f, text);
	fclose(f);
	return out;
}

static void roff_says_what_was_meant(void **state)
{
	static const struct {
		void (*print)(FILE *f, const char *text);
		const char *text, *roff;
	} cases[] = {
		{ roff_text, "plain words", "plain words\n" },
		{ roff_text, ".dots at a start", "\\&.dots at a start\n" },
		{ roff_text, "'quoted' \\ --x ~ ^ `",
			"\\(aqquoted\\(aq \\e \\-\\-x \\(ti \\(ha \\(ga\n" },
		{ roff_text, "two\nlines", "two lines\n" },
		{ roff_prose, "one\none\n\ntwo\n", "one one\n.PP\ntwo\n" },
		{ roff_prose, "text:\n\n  typed -x\n  more\n",
			"text:\n.PP\n.RS 4\n.EX\ntyped \\-x\nmore\n.EE\n.RE\n" },
		{ roff_prose, "text:\n  typed\ntext\n",
			"text:\n.PP\n.RS 4\n.EX\ntyped\n.EE\n.RE\n.PP\ntext\n" },
		{ roff_prose, "\n\none\n\n\ntwo", "one\n.PP\ntwo\n" },
		{ roff_prose, "  typed\n", ".RS 4\n.EX\ntyped\n.EE\n.RE\n" },
		{ roff_typed, "--out DIR", "\\fB\\-\\-out \\fIDIR\\fR\n" },
		{ roff_typed, "--x on|off", "\\fB\\-\\-x on\\fR|\\fBoff\\fR\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_free char *out = printed(cases[i].print, cases[i].text);

		assert_string_equal(out, cases[i].roff);
	}
}

static void roff_lines_are_short(void **state)
{
	char text[4096] = "";
	cleanup_free char *out = NULL;

	(void)state;
	for (int i = 0; i < 200; i++)
		strcat(text, i % 3 ? "some--words " : "word ");
	out = printed(roff_text, text);
	for (char *line = out, *next; line && *line; line = next) {
		next = strchr(line, '\n');
		assert_non_null(next);
		assert_in_range(next - line, 1, 80);
		next++;
	}
}

/* How often @word stands in @text. */
static size_t count(const char *text, const char *word)
{
	size_t n = 0;

	while ((text = strstr(text, word))) {
		n++;
		text += strlen(word);
	}
	return n;
}

static char *page_of(void (*make)(FILE *f))
{
	char *out = NULL;
	size_t size;
	FILE *f = open_memstream(&out, &size);

	assert_non_null(f);
	make(f);
	fclose(f);
	return out;
}

static void hidden_is_hidden_and_all_else_is_there(void **state)
{
	cleanup_free char *man = page_of(man_page), *bash = page_of(completion_bash);
	cleanup_free char *zsh = page_of(completion_zsh);
	char heading[64];

	(void)state;
	for (size_t i = 0; i < n_verbs; i++) {
		size_t shown = verbs[i]->summary != NULL;

		snprintf(heading, sizeof(heading), "\n.SS %s\n", verbs[i]->name);
		assert_int_equal(count(man, heading), shown);
		snprintf(heading, sizeof(heading), "\n\t%s) options='", verbs[i]->name);
		assert_int_equal(count(bash, heading), shown);
		snprintf(heading, sizeof(heading), "\n\t\t%s)\n", verbs[i]->name);
		assert_int_equal(count(zsh, heading), shown);
	}
	assert_null(strstr(man, "run\\-id"));
	assert_null(strstr(bash, "--run-id"));
	assert_null(strstr(zsh, "--run-id"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_of_options),
		cmocka_unit_test(values_of_operands),
		cmocka_unit_test(every_value_is_known),
		cmocka_unit_test(every_verb_is_found_and_told_apart),
		cmocka_unit_test(options_may_be_shared),
		cmocka_unit_test(roff_says_what_was_meant),
		cmocka_unit_test(roff_lines_are_short),
		cmocka_unit_test(hidden_is_hidden_and_all_else_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
