/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The section "Claims" of report.html: what this run alone says of them. */
#include <stdio.h>
#include <string.h>

#include "results/claims.h"
#include "results/figures.h"
#include "results/html.h"
#include "results/report_parts.h"
#include "results/text.h"

static void write_part(const struct report *r, const struct part_result *p)
{
	char text[SENTENCE_SIZE];

	html_print(r->f, "<dt>%s: %s</dt>\n<dd>%s. ", p->part->name,
		claim_verdict_names[p->verdict], p->part->says);
	html_print(r->f, "<span class=\"soft\">Test: %s.</span>\n", claim_test_text(p->part, text));
	if (claim_part_tells(p))
		html_print(r->f, "<br>%s\n", p->reason);
	if (!p->n) {
		fputs("</dd>\n", r->f);
		return;
	}
	fputs("<ul>\n", r->f);
	for (size_t i = 0; i < p->n; i++)
		html_print(r->f, "<li>%s</li>\n", claim_sentence(p->part, &p->list[i], true, text));
	fputs("</ul>\n", r->f);
	claim_checked(
		p->list[0].run, p->list[0].of, p->list[0].to, p->part->needs, text, sizeof(text));
	if (*text)
		html_print(r->f, "<span class=\"soft\">Checked: %s.</span>\n", text);
	fputs("</dd>\n", r->f);
}

/* What could not be tested is folded: a browser needs no script for that. */
static void write_claim(
	const struct report *r, const struct claim *claim, const struct claim_result *result)
{
	html_print(r->f, "<details%s>\n<summary><strong>%s: %s</strong>. %s</summary>\n<dl>\n",
		result->verdict == CLAIM_UNTESTABLE ? "" : " open", claim->id,
		claim_verdict_names[result->verdict], claim->says);
	for (size_t i = 0; i < CLAIMS_MAX_PARTS && result->parts[i].part; i++)
		write_part(r, &result->parts[i]);
	fputs("</dl>\n</details>\n", r->f);
}

static void write_overview(const struct report *r, const struct ledger *l)
{
	fputs("<div class=\"wide\"><table>\n<thead><tr><th scope=\"col\">claim</th><th "
	      "class=\"left\" scope=\"col\">verdict</th><th class=\"left\" scope=\"col\">of its "
	      "parts</th></tr></thead>\n<tbody>\n",
		r->f);
	for (size_t i = 0; i < n_claims; i++) {
		const struct claim_result *result = &l->results[i];
		char text[SENTENCE_SIZE] = "";

		if (!claim_has_data(result))
			continue;
		if (claim_parts_differ(result))
			claim_parts_text(result, text);
		html_print(r->f,
			"<tr><th scope=\"row\">%s</th><td class=\"left%s\">%s</td><td class=\"left "
			"text soft\">%s</td></tr>\n",
			claims[i].id, result->verdict == CLAIM_REFUTED ? " bad" : "",
			claim_verdict_names[result->verdict], text);
	}
	fputs("</tbody>\n</table></div>\n", r->f);
}

static void write_figure(const struct report *r, const struct figure_result *f)
{
	char published[96], ours[TEXT_SIZE], ratio[TEXT_SIZE];

	html_print(r->f,
		"<tr><th scope=\"row\">%s</th><td data-l=\"published\">%s</td><td "
		"data-l=\"here\">%s</td><td data-l=\"ratio\">%s</td><td data-l=\"in\">%s</td>"
		"<td class=\"left text soft\">%s</td></tr>\n",
		f->figure->what, figure_published(f->figure, true, published),
		figure_ours(f, true, ours), figure_ratio(f, ratio), f->way, f->figure->set_up);
}

static void write_figures(const struct report *r, const struct figure_results *f)
{
	if (!f->n)
		return;
	fputs("<h3>Beside what has been published</h3>\n<div class=\"wide\"><table>\n<thead><tr>"
	      "<th scope=\"col\">figure</th><th scope=\"col\">published</th><th "
	      "scope=\"col\">here</th><th scope=\"col\">ratio</th><th scope=\"col\">in</th><th "
	      "class=\"left\" scope=\"col\">set-up</th></tr></thead>\n<tbody>\n",
		r->f);
	for (size_t i = 0; i < f->n; i++)
		write_figure(r, &f->list[i]);
	html_print(r->f, "</tbody>\n</table></div>\n<p class=\"soft\">%s</p>\n", FIGURES_REMARK);
}

static void write_section(
	const struct report *r, const struct ledger *l, const struct figure_results *f)
{
	size_t told = 0;

	for (size_t i = 0; i < n_claims; i++)
		told += claim_has_data(&l->results[i]);
	if (!told && !f->n)
		return;
	html_print(r->f,
		"<h2>Claims</h2>\n<p>What the literature says of containers and VMs, held against "
		"this run. %s</p>\n",
		told < n_claims ? "Claims that need other suites are left out: bench claims joins "
				  "the runs of a host."
				: "");
	if (told)
		write_overview(r, l);
	for (size_t i = 0; i < n_claims; i++) {
		if (claim_has_data(&l->results[i]))
			write_claim(r, &claims[i], &l->results[i]);
	}
	write_figures(r, f);
}

int report_claims(struct report *r, struct err *e)
{
	const struct claims_run run = { r->dir, r->s, r->m };
	struct ledger l;
	struct figure_results f = { 0 };
	int ret;

	if (manifest_merged(r->m))
		return 0;
	ret = ledger_make(&l, &run, 1, e);
	if (!ret)
		ret = figures_make(&f, &run, 1, e);
	if (!ret)
		write_section(r, &l, &f);
	figures_free(&f);
	ledger_free(&l);
	return ret;
}
