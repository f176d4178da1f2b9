/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The section "Kernels and system calls" of report.html: the matrix of "bench demo versions", where
 * it was recorded into the run's folder ("bench demo versions --record RUN/demo").
 */
#include <errno.h>
#include <string.h>

#include "base/util.h"
#include "results/demo_versions.h"
#include "results/html.h"
#include "results/report_parts.h"

#define RECORDING "demo" /* folder in that of the run */
#define MAX_SIDES 10     /* columns that a page is wide enough for */

/* As the demonstration's page has them (runner/demo/messages/versions.def). */
static const struct {
	const char *text, *class, *means;
} cells[] = {
	[CALL_UNKNOWN] = { "-", " class=\"soft\"", "the side did not answer" },
	[CALL_THERE] = { "yes", "", "the call exists" },
	[CALL_NOT_YET] = { "ENOSYS", " class=\"bad\"",
		"the kernel answers that it has no such call, being older" },
	[CALL_LEFT_OUT] = { "left out", " class=\"soft\"",
		"the kernel is new enough, but was built without the call" },
	[CALL_EARLY] = { "backport", "",
		"the kernel is older than the call, but its distributor has put it in" },
	[CALL_LOST] = { "missing", " class=\"bad\"",
		"the kernel is new enough, and answers that it has no such call" },
};

struct matrix {
	const struct demo_facts *facts;
	const char *sides[MAX_SIDES];
	size_t n;
	bool used[ARRAY_SIZE(cells)];
};

static void find_sides(struct matrix *m, const struct demo_facts *f)
{
	const char *side;

	*m = (struct matrix){ .facts = f };
	for (size_t i = 0; (side = demo_side(f, i)) && m->n < MAX_SIDES; i++) {
		if (!demo_missing(f, side))
			m->sides[m->n++] = side;
	}
}

/* "vm:distro-6.12" as "vm (distro-6.12)", which is how the other tables name a way. */
static void put_side(FILE *f, const char *side)
{
	const char *kernel = strchr(side, ':');
	cleanup_free char *runtime = strndup(side, kernel ? (size_t)(kernel - side) : strlen(side));

	html_print(f, kernel ? "%s (%s)" : "%s", runtime ? runtime : "", kernel ? kernel + 1 : "");
}

static void put_head(const struct matrix *m, FILE *f)
{
	fputs("<div class=\"wide\"><table>\n<thead><tr><th scope=\"col\">call</th><th "
	      "scope=\"col\">since</th>",
		f);
	for (size_t i = 0; i < m->n; i++) {
		fputs("<th class=\"text\" scope=\"col\">", f);
		put_side(f, m->sides[i]);
		fputs("</th>", f);
	}
	fputs("</tr></thead>\n<tbody>\n<tr><th scope=\"row\">kernel</th><td></td>", f);
	for (size_t i = 0; i < m->n; i++) {
		const char *release = demo_get(m->facts, m->sides[i], "kernel.release");
		char version[24];

		versions_short(release ? release : "", version, sizeof(version));
		fputs("<td data-l=\"", f);
		put_side(f, m->sides[i]);
		html_print(f, "\">%s</td>", version);
	}
	fputs("</tr>\n", f);
}

static void put_call(struct matrix *m, const char *call, FILE *f)
{
	html_print(f, "<tr><th scope=\"row\"><code>%s</code></th><td data-l=\"since\">%s</td>",
		call, versions_since(m->facts, call));
	for (size_t i = 0; i < m->n; i++) {
		enum call_state state = versions_state(m->facts, m->sides[i], call);

		m->used[state] = true;
		fprintf(f, "<td%s data-l=\"", cells[state].class);
		put_side(f, m->sides[i]);
		fprintf(f, "\">%s</td>", cells[state].text);
	}
	fputs("</tr>\n", f);
}

static void put_legend(const struct matrix *m, FILE *f)
{
	const char *side, *why, *between = "<p class=\"soft\">";

	for (size_t i = 0; i < ARRAY_SIZE(cells); i++) {
		if (!m->used[i])
			continue;
		fprintf(f, "%s%s: %s", between, cells[i].text, cells[i].means);
		between = "; ";
	}
	fputs(".</p>\n", f);
	for (size_t i = 0; (side = demo_side(m->facts, i)); i++) {
		why = demo_missing(m->facts, side);
		if (!why)
			continue;
		fputs("<p class=\"soft\">Without ", f);
		put_side(f, side);
		html_print(f, ": %s.</p>\n", why);
	}
}

static const char *about(const struct demo_facts *f, const char *key)
{
	const char *text = demo_get(f, DEMO_ABOUT, key);

	return text ? text : MANIFEST_UNKNOWN;
}

static void put_matrix(const struct demo_facts *facts, FILE *f)
{
	struct matrix m;
	const char *call;

	find_sides(&m, facts);
	html_print(f,
		"<p>Which kernel has which system call: each call was made directly, with "
		"arguments that are refused. A container has the host's kernel, and so the host's "
		"answers; what a guest has depends on its own. Recorded on %s, host kernel %s, "
		"machine: %s.</p>\n",
		about(facts, "time"), about(facts, "release"), about(facts, "machine"));
	put_head(&m, f);
	for (size_t i = 0; (call = versions_call(facts, i)); i++)
		put_call(&m, call, f);
	fputs("</tbody>\n</table></div>\n", f);
	put_legend(&m, f);
}

/* A recording that is none is said to be there: the run's own figures stand without it. */
int report_versions(struct report *r, struct err *e)
{
	cleanup_free char *dir = format_text("%s/" RECORDING, r->dir);
	struct demo_facts *facts = NULL;
	struct err why = { 0 };
	int ret;

	if (!dir)
		return err_set(e, -ENOMEM, "report", "out of memory");
	ret = demo_facts_read(dir, VERSIONS_DEMO, &facts, &why);
	if (ret == -ENOENT)
		return 0;
	if (ret && ret != -EINVAL)
		return err_set(e, ret, "report", "%s", why.message);
	fputs("<h2>Kernels and system calls</h2>\n", r->f);
	if (ret)
		html_print(r->f,
			"<p class=\"mark\">'%s' is not a recording of ours, and is left "
			"out; <code>bench demo " VERSIONS_DEMO " --record RUN/" RECORDING
			"</code> makes one.</p>\n",
			RECORDING "/" VERSIONS_DEMO ".json");
	else
		put_matrix(facts, r->f);
	demo_facts_free(facts);
	return 0;
}
