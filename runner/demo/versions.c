/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * "versions": which kernel has which system call. A table of calls by their age
 * (workloads/demo/versions.def) is made directly, with arguments that are refused, on the host, in
 * a container and in guests of an old and a new kernel; and three programs do one task on each of
 * them, one made for an old kernel, one for a new one, one with a fallback: the three cases (same,
 * newer, older kernel) of which container runs where.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/util.h"
#include "results/demo_versions.h"
#include "runner/demo/demo.h"
#include "runner/demo/side.h"

#define LABEL_WIDTH 24   /* "5.13 landlock_add_rule" and a gap */
#define NEW_CALL "mseal" /* what the program made for NEW_VERSION needs */
#define NEW_VERSION "6.12"
#define FILTERED "filtered." /* beside "call.": the same with the container's filter */

/* --- collecting --- */

static char *const argv[] = { (char *)"demo-probe", (char *)"--versions", NULL };

static void put_calls(struct demo_facts *f)
{
	static const struct {
		const char *name, *since, *option;
	} calls[] = {
#define CALL(name, number, since, option, ...) { #name, since, option },
#include "workloads/demo/versions.def"
#undef CALL
	};
	char key[64];

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		snprintf(key, sizeof(key), "since.%s", calls[i].name);
		demo_put(f, DEMO_ABOUT, key, "%s", calls[i].since);
		snprintf(key, sizeof(key), "option.%s", calls[i].name);
		demo_put(f, DEMO_ABOUT, key, "%s", calls[i].option);
	}
}

static int collect_side(struct demo_run *run, const char *side, const char *runtime,
	const char *kernel, struct demo_facts *f, struct err *e)
{
	const struct side_job job = {
		.runtime = runtime, .kernel = kernel, .argv = argv, .no_seccomp = true
	};

	return side_collect_job(run, side, &job, f, e);
}

/* The container once more as it usually is: what its filter answers is kept beside. */
static int collect_filtered(struct demo_run *run, struct demo_facts *f, struct err *e)
{
	const struct side_job job = { .runtime = "ctr", .argv = argv };
	struct side_result result;
	int r;

	if (demo_missing(f, "ctr"))
		return 0;
	r = side_run(run, &job, &result, e);
	for (size_t i = 0; !r && !*result.missing && i < result.report.n; i++) {
		const struct record *rec = &result.report.records[i];
		char key[96];

		if (rec->kind != RECORD_INFO || strncmp(rec->name, "call.", 5) != 0)
			continue;
		snprintf(key, sizeof(key), FILTERED "%s", rec->name + 5);
		demo_put(f, "ctr", key, "%s", rec->text);
	}
	side_free(&result);
	return r;
}

static int collect(struct demo_run *run, struct demo_facts *f, struct err *e)
{
	int r;

	put_calls(f);
	r = collect_side(run, "host", "host", NULL, f, e);
	if (!r)
		r = collect_side(run, "ctr", "ctr", NULL, f, e);
	if (!r)
		r = collect_filtered(run, f, e);
	for (size_t i = 0; demo_kernels[i] && !r; i++) {
		char side[80];

		snprintf(side, sizeof(side), "vm:%s", demo_kernels[i]);
		r = collect_side(run, side, "vm", demo_kernels[i], f, e);
	}
	return r;
}

/* --- the facts as a table --- */

/* The sides that are not missing. */
struct columns {
	const char *sides[PAGE_COLUMNS];
	char *names[PAGE_COLUMNS]; /* owned */
	size_t n;
};

static void find_columns(struct columns *c, const struct page *p, const struct demo_facts *f)
{
	const char *side;

	*c = (struct columns){ .n = 0 };
	for (size_t i = 0; (side = demo_side(f, i)) && c->n < PAGE_COLUMNS; i++) {
		if (demo_missing(f, side))
			continue;
		c->names[c->n] = page_side_name(p, f, side);
		c->sides[c->n++] = side;
	}
}

static void free_columns(struct columns *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->names[i]);
}

static const struct {
	enum msg word;
	const char *color;
} cells[] = {
	[CALL_UNKNOWN] = { MSG_NO_FACT, DIM },
	[CALL_THERE] = { MSG_VERSIONS_THERE, GREEN },
	[CALL_NOT_YET] = { MSG_VERSIONS_NOT_YET, RED },
	[CALL_LEFT_OUT] = { MSG_VERSIONS_LEFT_OUT, YELLOW },
	[CALL_EARLY] = { MSG_VERSIONS_EARLY, YELLOW },
	[CALL_LOST] = { MSG_VERSIONS_NOT_YET, RED },
};

static void show_calls(struct page *p, const struct demo_facts *f, const struct columns *c)
{
	const char *texts[PAGE_COLUMNS], *colors[PAGE_COLUMNS], *call;

	for (size_t i = 0; (call = versions_call(f, i)); i++) {
		cleanup_free char *label = format_text("%-4s %s", versions_since(f, call), call);

		for (size_t k = 0; k < c->n; k++) {
			enum call_state state = versions_state(f, c->sides[k], call);

			texts[k] = msg_text(p->lang, cells[state].word);
			colors[k] = cells[state].color;
		}
		page_row_colored(p, label, texts, colors);
	}
}

static void show_kernels(struct page *p, const struct demo_facts *f, const struct columns *c)
{
	char versions[PAGE_COLUMNS][24];
	const char *texts[PAGE_COLUMNS];

	for (size_t k = 0; k < c->n; k++) {
		const char *release = demo_get(f, c->sides[k], "kernel.release");

		versions_short(release ? release : "", versions[k], sizeof(versions[k]));
		texts[k] = *versions[k] ? versions[k] : NULL;
	}
	page_row(p, msg_text(p->lang, MSG_VERSIONS_KERNEL), texts);
}

/* As workloads/demo/made_for.c calls them. */
static const struct program {
	enum msg label;
	const char *status, *said; /* keys */
	bool needs_new;            /* it fails without NEW_CALL */
} programs[] = {
	{ MSG_VERSIONS_PROGRAM_OLD, "program.2.6.status", "program.2.6.said", false },
	{ MSG_VERSIONS_PROGRAM_NEW, "program.6.12.status", "program.6.12.said", true },
	{ MSG_VERSIONS_PROGRAM_BOTH, "program.fallback.status", "program.fallback.said", false },
};
enum { OLD, NEW, BOTH };

static bool works(const struct demo_facts *f, const char *side, const struct program *program)
{
	const char *status = demo_get(f, side, program->status);

	return status && !strcmp(status, "0");
}

static void show_programs(struct page *p, const struct demo_facts *f, const struct columns *c)
{
	for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
		const char *texts[PAGE_COLUMNS], *colors[PAGE_COLUMNS];

		for (size_t k = 0; k < c->n; k++) {
			bool good = works(f, c->sides[k], &programs[i]);

			texts[k] = !demo_get(f, c->sides[k], programs[i].status)
					   ? NULL
					   : msg_text(p->lang, good ? MSG_VERSIONS_WORKS
								    : MSG_VERSIONS_FAILS);
			colors[k] = good ? GREEN : RED;
		}
		page_row_colored(p, msg_text(p->lang, programs[i].label), texts, colors);
	}
}

/* --- what is said below it --- */

/* A list of names, "a, b, c", each once. */
struct list {
	char text[512];
};

static void list_add(struct list *l, const struct page *p, const char *name)
{
	const char *between = p->lang == LANG_ZH ? "、" : ", ";
	size_t len = strlen(l->text), n = strlen(name);

	for (const char *at = l->text; (at = strstr(at, name)); at += n) {
		char after = at[n];
		bool begins = at == l->text || at[-1] == ' ' || at[-1] < 0;

		if (begins && (!after || after == ',' || after < 0))
			return;
	}
	snprintf(l->text + len, sizeof(l->text) - len, "%s%s", len ? between : "", name);
}

/* The calls that are in @state somewhere; of those left out the options by which they were. */
static void say_state(struct page *p, const struct demo_facts *f, const struct columns *c,
	enum call_state state, enum msg msg)
{
	struct list list = { "" };
	const char *call;

	for (size_t i = 0; (call = versions_call(f, i)); i++) {
		for (size_t k = 0; k < c->n; k++) {
			if (versions_state(f, c->sides[k], call) != state)
				continue;
			if (state == CALL_LEFT_OUT) {
				char option[64];

				snprintf(option, sizeof(option), "CONFIG_%s",
					versions_option(f, call));
				list_add(&list, p, option);
			} else {
				list_add(&list, p, call);
			}
		}
	}
	if (*list.text)
		page_say(p, msg, list.text);
}

static void say_filter(struct page *p, const struct demo_facts *f)
{
	struct list list = { "" };
	const char *call;

	for (size_t i = 0; (call = versions_call(f, i)); i++) {
		cleanup_free char *plain = format_text("call.%s", call);
		cleanup_free char *filtered = format_text(FILTERED "%s", call);
		const char *before = plain ? demo_get(f, "ctr", plain) : NULL;
		const char *after = filtered ? demo_get(f, "ctr", filtered) : NULL;
		char text[128];

		if (!before || !after || !strcmp(before, after))
			continue;
		snprintf(text, sizeof(text), "%s (%s)", call, after);
		list_add(&list, p, text);
	}
	if (*list.text)
		page_say(p, MSG_VERSIONS_FILTER_SAID, list.text);
}

static void say_missing(struct page *p, const struct demo_facts *f)
{
	const char *side, *why;

	for (size_t i = 0; (side = demo_side(f, i)); i++) {
		cleanup_free char *name = page_side_name(p, f, side);

		why = demo_missing(f, side);
		if (why)
			page_say(p, MSG_VERSIONS_WITHOUT, name ? name : side, why);
	}
}

/* --- judging: everything below is called when every column has answered --- */

/* A reason in words, for page_cannot(). */
static void cannot(struct page *p, enum msg msg, const char *const *args)
{
	cleanup_free char *reason = msg_format(p->lang, msg, args);

	page_cannot(p, reason ? reason : "");
}

static bool has_filter(const struct demo_facts *f, const char *side)
{
	const char *mode = demo_get(f, side, "versions.seccomp");

	return mode && strcmp(mode, "0") != 0;
}

/* What the rule "from its version on" is contradicted by; false where it is not. */
static bool judge_cell(struct page *p, const struct demo_facts *f, const char *side,
	const char *name, const char *call)
{
	enum call_state state = versions_state(f, side, call);
	bool guest = !strncmp(side, "vm", 2);

	/* Distributors of enterprise kernels do put newer calls into the host's. */
	if (state != CALL_LOST && !(state == CALL_EARLY && guest))
		return false;
	if (state == CALL_LOST && has_filter(f, side))
		cannot(p, MSG_VERSIONS_FILTERED, PAGE_ARGS(name));
	else
		page_fail(p, state == CALL_LOST ? MSG_VERSIONS_IS_LOST : MSG_VERSIONS_IS_EARLY,
			PAGE_ARGS(name, demo_get(f, side, "kernel.release"), call,
				versions_since(f, call)));
	return true;
}

static bool judge_calls(struct page *p, const struct demo_facts *f, const struct columns *c)
{
	const char *call;

	for (size_t i = 0; (call = versions_call(f, i)); i++) {
		for (size_t k = 0; k < c->n; k++) {
			if (judge_cell(p, f, c->sides[k], c->names[k], call))
				return true;
		}
		if (versions_has(versions_state(f, "host", call)) !=
			versions_has(versions_state(f, "ctr", call))) {
			page_fail(p, MSG_VERSIONS_HOST_CTR, PAGE_ARGS(call));
			return true;
		}
	}
	return false;
}

static bool judge_programs(struct page *p, const struct demo_facts *f, const struct columns *c)
{
	for (size_t k = 0; k < c->n; k++) {
		bool has_call = versions_has(versions_state(f, c->sides[k], NEW_CALL));

		for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
			const char *said = demo_get(f, c->sides[k], programs[i].said);

			if (works(f, c->sides[k], &programs[i]) ==
				(has_call || !programs[i].needs_new))
				continue;
			page_fail(p, MSG_VERSIONS_PROGRAM_BAD,
				PAGE_ARGS(msg_text(p->lang, programs[i].label), c->names[k],
					said ? said : ""));
			return true;
		}
	}
	return false;
}

/* A side that says nothing of a call or a program: no verdict without it. */
static bool has_answered(const struct demo_facts *f, const char *side)
{
	const char *call;

	for (size_t i = 0; (call = versions_call(f, i)); i++) {
		if (versions_state(f, side, call) == CALL_UNKNOWN)
			return false;
	}
	for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
		if (!demo_get(f, side, programs[i].status))
			return false;
	}
	return true;
}

static void cannot_without(struct page *p, const struct demo_facts *f, const char *side)
{
	cleanup_free char *name = page_side_name(p, f, side);
	const char *why = demo_missing(f, side), *ended = demo_get(f, side, "side.ended");

	cannot(p, MSG_SIDE_WITHOUT,
		PAGE_ARGS(name ? name : side, why     ? why
					      : ended ? ended
						      : msg_text(p->lang, MSG_NO_ANSWER)));
}

static bool all_answered(struct page *p, const struct demo_facts *f, const struct columns *c)
{
	static const char *const always[] = { "host", "ctr" };

	if (!versions_call(f, 0)) {
		cannot(p, MSG_VERSIONS_NO_CALLS, NULL);
		return false;
	}
	for (size_t i = 0; i < ARRAY_SIZE(always); i++) {
		if (demo_missing(f, always[i]) || !has_answered(f, always[i])) {
			cannot_without(p, f, always[i]);
			return false;
		}
	}
	for (size_t k = 0; k < c->n; k++) {
		if (!has_answered(f, c->sides[k])) {
			cannot_without(p, f, c->sides[k]);
			return false;
		}
	}
	return true;
}

/* What was left out says nothing of a kernel's age. */
static bool differ_by_version(enum call_state a, enum call_state b)
{
	return a != CALL_LEFT_OUT && b != CALL_LEFT_OUT && versions_has(a) != versions_has(b);
}

/* Rows in which two columns differ by their kernel's version; the first of them in *@first. */
static size_t count_different(
	const struct demo_facts *f, const struct columns *c, const char **first, size_t *all)
{
	const char *call;
	size_t n = 0;

	*first = NULL;
	for (*all = 0; (call = versions_call(f, *all)); (*all)++) {
		bool differs = false;

		for (size_t k = 1; k < c->n; k++)
			differs |= differ_by_version(versions_state(f, c->sides[0], call),
				versions_state(f, c->sides[k], call));
		n += differs;
		if (differs && !*first)
			*first = call;
	}
	return n;
}

/* What is seen of the three cases, in words of the facts. */
struct seen {
	struct list same, older, all; /* versions of kernels */
	char newest[24];
	const char *old_side; /* one where the new program failed; NULL */
	bool worked;          /* somewhere the new program did not fail */
};

static void look(
	struct seen *s, const struct page *p, const struct demo_facts *f, const struct columns *c)
{
	uint64_t version = 0, newest = 0, same = 0;

	*s = (struct seen){ .worked = false };
	versions_parse(NEW_VERSION, &same);
	for (size_t k = 0; k < c->n; k++) {
		const char *release = demo_get(f, c->sides[k], "kernel.release");
		bool good = works(f, c->sides[k], &programs[NEW]);
		char text[24];

		versions_parse(release, &version);
		versions_short(release, text, sizeof(text));
		list_add(&s->all, p, text);
		if (version >= newest)
			strcpy(s->newest, text);
		newest = version > newest ? version : newest;
		s->worked |= good;
		if (!good) {
			s->old_side = c->sides[k];
			list_add(&s->older, p, text);
		} else if (version >> 16 == same >> 16) {
			list_add(&s->same, p, text);
		}
	}
}

static void say_cases(struct page *p, const struct demo_facts *f, const struct seen *s)
{
	const char *old = s->old_side, *said = demo_get(f, old, programs[NEW].said);
	const char *otherwise = demo_get(f, old, programs[BOTH].said);

	if (*s->same.text)
		page_say(p, MSG_VERSIONS_CASE_SAME, s->same.text);
	else
		page_say(p, MSG_VERSIONS_CASE_NO_SAME);
	page_say(p, MSG_VERSIONS_CASE_NEWER, s->newest);
	page_say(p, MSG_VERSIONS_CASE_OLDER, s->older.text, demo_get(f, old, programs[NEW].status),
		said ? said : "", otherwise ? otherwise : "");
}

static void conclude(struct page *p, const struct demo_facts *f, const struct columns *c)
{
	char different[24], calls[24];
	const char *first, *side;
	struct seen seen;
	size_t all, n = count_different(f, c, &first, &all);

	look(&seen, p, f, c);
	if (!seen.old_side || !seen.worked || !n) {
		for (size_t i = 0; (side = demo_side(f, i)); i++) {
			if (demo_missing(f, side)) {
				cannot_without(p, f, side);
				return;
			}
		}
		cannot(p, MSG_VERSIONS_ALIKE, PAGE_ARGS(seen.all.text));
		return;
	}
	say_cases(p, f, &seen);
	snprintf(different, sizeof(different), "%zu", n);
	snprintf(calls, sizeof(calls), "%zu", all);
	fputc('\n', p->term.f);
	page_seen(p, MSG_VERSIONS_SAID, different, calls, first, versions_since(f, first));
	page_pass(p, MSG_VERSIONS_NEW);
}

static void show(struct page *p, const struct demo_facts *f)
{
	struct columns c;

	find_columns(&c, p, f);
	page_table_labels(p, LABEL_WIDTH, (const char *const *)c.names, c.n);
	show_kernels(p, f, &c);
	page_rule(p);
	show_calls(p, f, &c);
	page_rule(p);
	show_programs(p, f, &c);
	page_table_end(p);
	page_say(p, MSG_VERSIONS_LEGEND);
	say_state(p, f, &c, CALL_LEFT_OUT, MSG_VERSIONS_LEFT_OUT_SAID);
	say_state(p, f, &c, CALL_EARLY, MSG_VERSIONS_EARLY_SAID);
	say_filter(p, f);
	say_missing(p, f);
	fputc('\n', p->term.f);
	if (all_answered(p, f, &c) && !judge_calls(p, f, &c) && !judge_programs(p, f, &c))
		conclude(p, f, &c);
	free_columns(&c);
}

const struct demo versions_demo = {
	.name = VERSIONS_DEMO,
	.title = MSG_VERSIONS_TITLE,
	.question = MSG_VERSIONS_QUESTION,
	.choices = { MSG_VERSIONS_ALL, MSG_VERSIONS_NEW, MSG_VERSIONS_SAME },
	.needs = DEMO_LINUX_GUEST,
	.collect = collect,
	.show = show,
};
