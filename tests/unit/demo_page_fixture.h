/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pages of demonstrations made from facts that are written down in a test. */
#ifndef BENCH_TESTS_DEMO_PAGE_FIXTURE_H
#define BENCH_TESTS_DEMO_PAGE_FIXTURE_H

#include <string.h>

#include "runner/demo/demo.h"

/* Key NULL: the side is missing, and the value says why. */
struct fact {
	const char *side, *key, *value;
};

/*
 * One thing that is otherwise than in the good facts. Value NULL: it is not there, with key NULL
 * nothing of that side is. Side NULL: all is as it was.
 */
struct demo_case {
	const char *name;
	struct fact change;
	enum verdict verdict;
	const char *says; /* somewhere on the English page; NULL: not looked at */
};

static struct demo_facts *changed_facts(
	const char *demo, const struct fact *good, size_t n, const struct fact *change)
{
	struct demo_facts *f = demo_facts_new(demo);

	assert_non_null(f);
	for (size_t i = 0; i < n; i++) {
		if (change->side && !strcmp(change->side, good[i].side) &&
			(!change->key || !strcmp(change->key, good[i].key)))
			continue;
		demo_put(f, good[i].side, good[i].key, "%s", good[i].value);
	}
	if (change->side && change->key && change->value)
		demo_put(f, change->side, change->key, "%s", change->value);
	else if (change->side && change->value)
		demo_put_missing(f, change->side, change->value);
	return f;
}

/* The page, which the caller frees, and what it ends with. */
static char *page_of(const char *demo, const struct demo_facts *f, enum lang lang, unsigned width,
	struct page *p)
{
	const struct demo *d = demo_find(demo);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(d);
	assert_non_null(out);
	page_open(p, out, width, lang);
	d->show(p, f);
	fclose(out);
	return text;
}

/* Words of a page that was broken into lines: all blanks are one. */
static bool page_says(const char *page, const char *words)
{
	char *flat = strdup(page), *to = flat;
	bool found;

	assert_non_null(flat);
	for (const char *s = page; *s; s++) {
		char c = *s == '\n' ? ' ' : *s;

		if (c != ' ' || (to > flat && to[-1] != ' '))
			*to++ = c;
	}
	*to = '\0';
	found = strstr(flat, words);
	free(flat);
	return found;
}

/* Each case in both languages and at two widths; the verdict is the same in all. */
static void check_demo_cases(const char *demo, const struct fact *good, size_t n_good,
	const struct demo_case *cases, size_t n)
{
	static const unsigned widths[] = { 100, 40 };

	for (size_t i = 0; i < n; i++) {
		struct demo_facts *f = changed_facts(demo, good, n_good, &cases[i].change);

		for (unsigned k = 0; k < 2 * LANG_COUNT; k++) {
			enum lang lang = k % 2 ? LANG_ZH : LANG_EN;
			struct page p;
			char *text = page_of(demo, f, lang, widths[k / 2], &p);

			if (p.verdict != cases[i].verdict)
				fail_msg("%s: verdict %d, page:\n%s", cases[i].name, p.verdict,
					text);
			if (strchr(text, '\033'))
				fail_msg("%s: an escape sequence is on the page", cases[i].name);
			if (k == 0 && cases[i].says && !page_says(text, cases[i].says))
				fail_msg("%s: \"%s\" is not on the page:\n%s", cases[i].name,
					cases[i].says, text);
			free(text);
		}
		demo_facts_free(f);
	}
}

#endif
