/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The section "Conclusions" of the report: what it says, before how it comes to say so. */
#include <string.h>

#include "results/conclusions.h"
#include "results/html.h"
#include "results/report_parts.h"
#include "results/text.h"

/* What a sentence about the way must bear wherever it is quoted. */
static const char *mark_of(const struct report *r, size_t column)
{
	if (manifest_emulated(r->m))
		return "emulated";
	return *r->s->columns[column].kernel && manifest_nested(r->m) ? "nested" : NULL;
}

struct listing {
	const struct report *r;
	const char *subject; /* of the sentences so far; NULL: none yet */
};

static void put_sentence(void *ctx, const char *subject, const char *text,
	enum conclusion_verdict verdict, size_t column)
{
	static const char *const classes[CONCLUSION_VERDICTS] = {
		[CONCLUSION_SAME] = "same",
		[CONCLUSION_MORE] = "more",
		[CONCLUSION_LESS] = "less",
		[CONCLUSION_UNKNOWN] = "unknown",
		[CONCLUSION_NUMBER] = "number",
	};
	struct listing *l = ctx;
	const char *mark = mark_of(l->r, column);

	if (l->subject != subject) {
		fputs(l->subject ? "</ul>\n" : "", l->r->f);
		html_print(l->r->f, "<h3>%s</h3>\n<ul class=\"conclusions\">\n", subject);
	}
	l->subject = subject;
	fprintf(l->r->f, "<li class=\"%s\">", classes[verdict]);
	html_print(l->r->f, "%s", text);
	if (mark)
		html_print(l->r->f, " <span class=\"tag\">%s</span>", mark);
	fputs("</li>\n", l->r->f);
}

int report_conclusions(struct report *r, struct err *e)
{
	struct listing l = { .r = r };
	char name[LABEL_SIZE], caveat[CAVEAT_SIZE];

	(void)e;
	fputs("<h2>Conclusions</h2>\n", r->f);
	conclusions(r->s, r->m, put_sentence, &l);
	fputs(l.subject ? "</ul>\n"
			: "<p>This run has no two ways to compare in what people ask for first: a "
			  "system call, a start, one more instance; the sections below have what "
			  "it "
			  "measured.</p>\n",
		r->f);
	html_print(r->f, "<p class=\"soft\">%s Ratios are to %s.</p>\n", text_caveat(r->s, caveat),
		text_baseline(r->s, name));
	return 0;
}
